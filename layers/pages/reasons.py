"""Reason codes of the address matcher in words, and the address with its recognised parts marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import html

from layers.text import has, text


def words(code: str, lang: str) -> str:
    """One reason in words; what stands after a colon (an old name, a zone, rows of all rows) follows in brackets."""
    name, _, detail = code.partition(":")
    key = f"reason.{name}"
    said = text(key, lang) if has(key, lang) else text("reason.unknown", lang, code=name)
    return text("reason.with", lang, reason=said, detail=detail) if detail else said


def listed(codes: str | None, lang: str) -> list[str]:
    """All reasons of a row (codes joined by ";"), each in words, none twice."""
    return list(dict.fromkeys(words(code, lang) for code in (codes or "").split(";") if code))


def named(codes: str | None, name: str) -> str | None:
    """What stands after the colon of one code, or None where the row does not carry it."""
    found = (code.partition(":") for code in (codes or "").split(";"))
    return next((detail for key, _, detail in found if key == name and detail), None)


def marked(address: str, parts: Iterable[str | None]) -> list[Any]:
    """The address with every recognised part marked, longest first, without overlaps."""
    taken = [False] * len(address)
    spans: list[tuple[int, int]] = []
    for part in sorted({p for p in parts if p and len(p) > 1}, key=len, reverse=True):
        at = address.find(part)
        if at >= 0 and not any(taken[at : at + len(part)]):
            taken[at : at + len(part)] = [True] * len(part)
            spans.append((at, at + len(part)))
    found: list[Any] = []
    last = 0
    for start, end in sorted(spans):
        found += [address[last:start], html.Mark(address[start:end])]
        last = end
    return [piece for piece in [*found, address[last:]] if piece != ""]
