"""Reason codes of the address matcher in words."""

from __future__ import annotations

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
