"""Whether two names look as if one were the other, misspelt."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+")
_SHORTEST, _SHORTEST_SWAP = 5, 4
_LONG = 9
"""Words of that length may differ in two letters."""


def alike(one: str, other: str) -> bool:
    """Names that differ in case or underscores only, or in letters inside one long word.

    Short words (``min``, ``max``), numbers (``rate1``, ``rate2``) and endings (``item``, ``items``; ``approved``,
    ``approver``) tell names apart on purpose, so such differences are no sign of a mistake.
    """
    if one == other:
        return False
    if one.replace("_", "").casefold() == other.replace("_", "").casefold():
        return True
    words, others = _words(one), _words(other)
    if len(words) != len(others):
        return False
    different = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    return len(different) == 1 and _misspelt(*different[0])


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORDS.findall(name)]


def _misspelt(one: str, other: str) -> bool:
    if one[-1] != other[-1] or one.isdigit() or other.isdigit():
        return False
    longest = max(len(one), len(other))
    steps = distance(one, other, 3)
    if steps == 1:
        swapped = len(one) == len(other) and sorted(one) == sorted(other)
        shortest = _SHORTEST_SWAP if swapped else _SHORTEST if len(one) != len(other) else _SHORTEST + 1
        return longest >= shortest
    return steps == 2 and longest >= _LONG and one[0] == other[0]


def distance(one: str, other: str, most: int) -> int:
    """Letters to insert, drop, replace or swap with a neighbour (optimal string alignment); at most ``most``."""
    if abs(len(one) - len(other)) >= most:
        return most
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        following = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        before, row = row, following
    return min(row[-1], most)
