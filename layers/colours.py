"""Palettes of the design as lists of colours per theme and class count."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "design"
SHAPES = ("circle", "square", "triangle", "diamond")
_DARK = ("dark", "wall")
_SHAPES_OF = {"levels": SHAPES, "findings": SHAPES}
_LETTERS_OF = {"levels": ("A", "B", "C", "D")}


@cache
def _palettes() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "palettes.json").read_text("utf-8"))
    loaded["qualitative"] = json.loads((FOLDER / "categories.json").read_text("utf-8"))["qualitative"]
    loaded["qualitative"]["levels"] = {
        shade: [loaded["levels"][shade]["colours"][letter] for letter in "ABCD"] for shade in ("light", "dark")
    }
    # From nothing found to serious: the colours and marks of the levels, without their letters.
    loaded["qualitative"]["findings"] = loaded["qualitative"]["levels"]
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


def shapes(palette: str, count: int) -> list[str]:
    """The mark of each class of a layer of points; circles first where the palette names none, again from the start
    where there are more classes than marks."""
    known = _SHAPES_OF.get(palette, ("circle", *SHAPES))
    return [known[i % len(known)] for i in range(count)]


def letters(palette: str) -> list[str]:
    """The letter that stands in each mark at close range; none for most palettes."""
    return list(_LETTERS_OF.get(palette, ()))


def states(theme: str) -> dict[str, Any]:
    """Looks of the states zero, suppressed, no_data and estimated."""
    found: dict[str, Any] = _palettes()["states"]["dark" if theme in _DARK else "light"]
    return found


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better on a fill (#rrggbb), by WCAG 2 contrast."""
    parts = (int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#10161f"
