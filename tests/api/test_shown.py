"""How values look to a person, where nothing of a request matters."""

from __future__ import annotations

import pytest

from api.pages.shown import file_size


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (0, "0 B"),
        (115, "115 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_449, "1.4 kB"),
        (20_000_000, "20.0 MB"),
        (3_200_000_000, "3.2 GB"),
        (4_100_000_000_000, "4100.0 GB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_fits(size: int, told: str) -> None:
    assert file_size(size) == told
