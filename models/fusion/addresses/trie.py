"""A dictionary of names that finds the longest one at a position of a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class NameTrie(Generic[Value]):
    """Names of two or more characters: a trie of two steps, its first by the first two characters.

    The second step is a look-up by length, longest first, so a branch with thousands of names costs as many
    look-ups as it has lengths.

    Parameters
    ----------
    names : pairs of name and value; of two pairs with one name the later counts; shorter names are left out
    """

    __slots__ = ("_lengths", "_values")

    def __init__(self, names: Iterable[tuple[str, Value]]) -> None:
        self._values = {name: value for name, value in names if len(name) >= 2}
        lengths: dict[str, set[int]] = {}
        for name in self._values:
            lengths.setdefault(name[:2], set()).add(len(name))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    def __len__(self) -> int:
        """Count the names."""
        return len(self._values)

    def __contains__(self, name: str) -> bool:
        """Say whether the name is known."""
        return name in self._values

    def longest(self, text: str, start: int = 0) -> tuple[int, Value] | None:
        """Find the longest name that stands in ``text`` at ``start``.

        Returns
        -------
        (end, value) : position after the name, and its value; None when no name stands there
        """
        lengths = self._lengths.get(text[start : start + 2])
        if lengths is not None:
            values = self._values
            for length in lengths:
                name = text[start : start + length]
                if name in values:
                    return start + len(name), values[name]
        return None

    def first(self, text: str, start: int, stop: int) -> tuple[int, int, Value] | None:
        """Find the leftmost name that starts in ``start <= position < stop``, the longest there.

        Returns
        -------
        (begin, end, value) or None
        """
        lengths = self._lengths
        for begin in range(start, min(stop, len(text) - 1)):
            if text[begin : begin + 2] in lengths:
                hit = self.longest(text, begin)
                if hit is not None:
                    return begin, hit[0], hit[1]
        return None
