"""The compiled scan behind `industry`: leftmost-longest terms of a trie, weighted by where they stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

SECTIONS = "ABCDEFGHIJKLMNOPQRST"
KEPT_WORDS = 4
NAME_FACTOR = 1.5
"""How much more a name tells than a scope, fitted with the two fades below on hand-labelled scopes."""
CLAUSE_FADE = 0.55
ITEM_FADE = 0.22
MADE_HERE = 0.3
"""Weight left to trade words in a clause that already named making: "生产、销售" sells what it makes."""
BRACKET_LIMIT = 160
"""Characters after which an unclosed bracket is taken as closed, so that it cannot swallow the rest."""
_OPEN = "([{<〔【『「《〈"
_CLOSE = ")]}>〕】』」》〉"
_MANUFACTURING, _TRADE = 2, 5
_CLAUSE = ";。*★!\n"
_ITEM = "、,,"
CLASS_OPEN, CLASS_CLOSE, CLASS_CLAUSE, CLASS_ITEM = 1, 2, 3, 4


@cache
def plain_characters() -> npt.NDArray[np.uint16]:
    """Return a table of 65,536 code points: each character to its one-character NFKC, upper case."""
    table = np.arange(65536, dtype=np.uint16)
    for code in (*range(32, 127), *range(0xFF01, 0xFF5F), *range(0x3000, 0x3020)):
        plain = unicodedata.normalize("NFKC", chr(code)).upper()
        if len(plain) == 1:
            table[code] = ord(plain)
    return table


@cache
def character_classes() -> npt.NDArray[np.uint8]:
    """Return the class (bracket, clause or item mark, 0 for text) of each plain character, shape (65536,)."""
    table = np.zeros(65536, dtype=np.uint8)
    for text, kind in ((_OPEN, 1), (_CLOSE, 2), (_CLAUSE, 3), (_ITEM, 4)):
        for character in text:
            table[plain_characters()[ord(character)]] = kind
    return table


def encode(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
    """Return (plain code points of all texts joined, offsets of shape (n + 1,)); astral characters become
    0."""
    lengths = np.fromiter((len(t) for t in texts), dtype=np.int64, count=len(texts))
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    folded = plain_characters()[np.where(points < 65536, points, 0)]
    return folded, np.concatenate([[0], np.cumsum(lengths)])


def build_trie(
    terms: Sequence[str],
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Return (letter id of each code point, next state by [state, letter], term by state); -1 where there is
    none."""
    folded = [plain_characters()[[ord(c) for c in term]] for term in terms]
    alphabet = np.unique(np.concatenate(folded))
    letters = np.full(65536, -1, dtype=np.int16)
    letters[alphabet] = np.arange(len(alphabet))
    states = 1 + sum(len(term) for term in terms)
    follow = np.full((states, len(alphabet)), -1, dtype=np.int16)
    term_at = np.full(states, -1, dtype=np.int16)
    used = 1
    for position, codes in enumerate(folded):
        state = 0
        for letter in letters[codes]:
            if follow[state, letter] < 0:
                follow[state, letter] = used
                used += 1
            state = follow[state, letter]
        term_at[state] = position
    return letters, follow[:used].copy(), term_at[:used].copy()


@njit(cache=True)
def _longest(  # noqa: PLR0917
    text: Any, start: int, stop: int, letters: Any, follow: Any, term_at: Any
) -> tuple[int, int]:  # pragma: no cover - compiled
    state, found, length = 0, -1, 0
    for i in range(start, stop):
        letter = letters[text[i]]
        if letter < 0:
            break
        state = follow[state, letter]
        if state < 0:
            break
        if term_at[state] >= 0:
            found, length = term_at[state], i - start + 1
    return found, length


@njit(cache=True)
def scan_scopes(  # noqa: PLR0917
    text: Any, offsets: Any, classes: Any, letters: Any, follow: Any, term_at: Any, section: Any, weight: Any
) -> tuple[Any, Any]:  # pragma: no cover - compiled
    """Return (score by [row, section], first matched terms by [row, section, word]); brackets are skipped."""
    n = len(offsets) - 1
    score = np.zeros((n, 20), dtype=np.float64)
    words = np.full((n, 20, KEPT_WORDS), -1, dtype=np.int16)
    for row in range(n):
        i, stop = offsets[row], offsets[row + 1]
        depth, opened, clause, item = 0, 0, 0, 0
        making = False
        while i < stop:
            kind = classes[text[i]]
            if kind == CLASS_OPEN:
                depth += 1
                opened = i
            elif kind == CLASS_CLOSE:
                depth = max(depth - 1, 0)
            if depth > 0 and i - opened < BRACKET_LIMIT:
                i += 1
                continue
            if kind == CLASS_CLAUSE:
                clause, item, making = clause + 1, 0, False
            elif kind == CLASS_ITEM:
                item += 1
            step = 1
            if kind == 0:
                term, length = _longest(text, i, stop, letters, follow, term_at)
                if term >= 0:
                    step = length
                    if section[term] >= 0:
                        gain = weight[term] / ((1 + CLAUSE_FADE * clause) * (1 + ITEM_FADE * item))
                        if section[term] == _MANUFACTURING:
                            making = True
                        elif making and section[term] == _TRADE:
                            gain *= MADE_HERE
                        _add(score, words, row, section[term], gain, term)
            i += step
    return score, words


@njit(cache=True)
def scan_names(  # noqa: PLR0917
    text: Any,
    offsets: Any,
    letters: Any,
    follow: Any,
    term_at: Any,
    section: Any,
    weight: Any,
    score: Any,
    words: Any,
) -> None:  # pragma: no cover - compiled
    """Add the names to ``score`` and ``words`` in place; a term counts more the nearer it stands to the
    end."""
    for row in range(len(offsets) - 1):
        start, stop = offsets[row], offsets[row + 1]
        i = start
        while i < stop:
            term, length = _longest(text, i, stop, letters, follow, term_at)
            if term >= 0 and section[term] >= 0:
                share = (i + length - start) / (stop - start)
                _add(score, words, row, section[term], NAME_FACTOR * weight[term] * (0.4 + 0.6 * share), term)
            i += max(length, 1)


@njit(cache=True)
def _add(  # noqa: PLR0917
    score: Any, words: Any, row: int, section: int, gain: float, term: int
) -> None:  # pragma: no cover - compiled
    score[row, section] += gain
    for k in range(KEPT_WORDS):
        if words[row, section, k] == term:
            return
        if words[row, section, k] < 0:
            words[row, section, k] = term
            return
