"""A dictionary of names that finds the longest one at a position of a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class NameTrie(Generic[Value]):
    """Names of two or more characters by their first two, the longest first: a shallow trie.

    Parameters
    ----------
    names : pairs of name and value; of two pairs with one name the later counts; shorter names are left out
    """

    __slots__ = ("_branches",)

    def __init__(self, names: Iterable[tuple[str, Value]]) -> None:
        values = {name: value for name, value in names if len(name) >= 2}
        branches: dict[str, list[tuple[str, int, Value]]] = {}
        for name in sorted(values, key=lambda n: (-len(n), n)):
            branches.setdefault(name[:2], []).append((name, len(name), values[name]))
        self._branches = {head: tuple(rest) for head, rest in branches.items()}

    def __len__(self) -> int:
        """Count the names."""
        return sum(map(len, self._branches.values()))

    def longest(self, text: str, start: int = 0) -> tuple[int, Value] | None:
        """Find the longest name that stands in ``text`` at ``start``.

        Returns
        -------
        (end, value) : position after the name, and its value; None when no name stands there
        """
        branch = self._branches.get(text[start : start + 2])
        if branch is not None:
            for name, length, value in branch:
                if text.startswith(name, start):
                    return start + length, value
        return None

    def first(self, text: str, start: int, stop: int) -> tuple[int, int, Value] | None:
        """Find the leftmost name that starts in ``start <= position < stop``, the longest there.

        Returns
        -------
        (begin, end, value) or None
        """
        branches = self._branches
        for begin in range(start, min(stop, len(text) - 1)):
            branch = branches.get(text[begin : begin + 2])
            if branch is not None:
                for name, length, value in branch:
                    if text.startswith(name, begin):
                        return begin, begin + length, value
        return None
