"""Palettes of the design as lists of colours per theme and class count."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "design"
SHAPES = ("circle", "square", "triangle", "diamond")
_DARK = ("dark", "wall")


@cache
def _palettes() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "palettes.json").read_text("utf-8"))
    loaded["qualitative"] = json.loads((FOLDER / "categories.json").read_text("utf-8"))["qualitative"]
    return loaded


def palette_names() -> tuple[str, ...]:
    """Names a legend may use: sequential, diverging and qualitative palettes."""
    loaded = _palettes()
    return (*loaded["sequential"], *loaded["diverging"], *loaded["qualitative"])


def is_diverging(palette: str) -> bool:
    """Whether the palette has a middle that stands for zero."""
    return palette in _palettes()["diverging"]


def colours(palette: str, count: int, theme: str) -> list[str]:
    """The ``count`` colours (#rrggbb) of a palette, low to high; the wall takes those of the dark theme.

    Two to four classes are taken evenly from the five of the palette, six from its seven: the ends stay the ends.

    Raises
    ------
    KeyError : there is no palette of that name
    """
    loaded = _palettes()
    shade = "dark" if theme in _DARK else "light"
    if palette in loaded["qualitative"]:
        found: list[str] = loaded["qualitative"][palette][shade]
        return found[:count]
    group = loaded["sequential"].get(palette) or loaded["diverging"][palette]
    if count == 1:
        return [str(group[shade]["5"][2])]
    ramp: list[str] = group[shade]["5" if count <= 5 else "7"]
    step = (len(ramp) - 1) / (count - 1)
    return [ramp[round(i * step)] for i in range(count)]


def states(theme: str) -> dict[str, Any]:
    """Looks of the states zero, suppressed, no_data and estimated."""
    found: dict[str, Any] = _palettes()["states"]["dark" if theme in _DARK else "light"]
    return found
