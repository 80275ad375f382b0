"""An address with its recognised parts marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import html


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
