"""The look as data: design tokens turned into CSS variables, a Mantine theme, a chart template and a grid theme."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "design"
THEMES = ("light", "dark")
WALL = "wall"
_SELECTORS = {"light": ":root", "dark": '[data-mantine-color-scheme="dark"]', WALL: '[data-look="wall"]'}


@cache
def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


def tokens() -> dict[str, Any]:
    """``layers/design/tokens.json``; not to be changed by callers."""
    return _read("tokens")


def colours(theme: str) -> dict[str, str]:
    """Interface colours of a theme by token name."""
    found: dict[str, str] = tokens()["colour"][theme]
    return found


def mantine() -> dict[str, Any]:
    """The theme object of `dmc.MantineProvider`."""
    return copy.deepcopy(_read("mantine-theme"))


def chart_template(theme: str) -> dict[str, Any]:
    """The plotly template of a theme as a plain dictionary."""
    return copy.deepcopy(_read("plotly-template")[theme])


def grid_theme() -> dict[str, str]:
    """The theme of AG Grid as the function expression that dash-ag-grid evaluates."""
    return {"function": f"themeQuartz.withParams({json.dumps(tokens()['ag_grid'])})"}


def css_variables() -> str:
    """Every token of both themes and of the wall as custom properties: the text of ``assets/00-tokens.css``."""
    palettes = _read("palettes")
    lines = [
        "/* Made from layers/design by: python -m layers.theme */",
        f":root{{--font:{tokens()['font']['family']}}}",
    ]
    for theme in (*THEMES, WALL):
        shade = "dark" if theme == WALL else theme
        states = palettes["states"][shade]
        values = {f"c-{name}": colour for name, colour in colours(theme).items()}
        values |= {f"m-{name}": colour for name, colour in tokens()["map"][theme].items()}
        values |= {f"lv-{name}": colour for name, colour in palettes["levels"][shade]["colours"].items()}
        values |= {f"th-{name}": colour for name, colour in palettes["themes"][shade]["colours"].items()}
        values["sup-fill"] = states["suppressed"]["fill"]
        values["sup-hatch"] = states["suppressed"]["hatch"]
        values["nd-line"] = states["no_data"]["outline"]
        values["float"] = tokens()["elevation"][f"float-{shade}"]
        body = ";".join(f"--{name}:{value}" for name, value in values.items())
        lines.append(f"{_SELECTORS[theme]}{{{body}}}")
    return "\n".join(lines) + "\n"


def blend(colour: str, ground: str, opacity: float) -> str:
    """The colour that ``colour`` (#rrggbb) of the given opacity shows on ``ground``: legends match the map by it."""
    pairs = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(over * opacity + under * (1 - opacity)):02x}" for over, under in pairs)


if __name__ == "__main__":
    target = FOLDER.parents[1] / "assets" / "00-tokens.css"
    target.write_text(css_variables(), "utf-8")
