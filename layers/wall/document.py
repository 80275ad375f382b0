"""The two small HTML documents of the wall: the display itself and the remote control of a presenter.

Neither is a Dash page: what they show comes over ``/api/wall`` and the data routes of the map, so that a display
outlives a restart of its server. They hold no inline script and link only to files of this host.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from layers.text import HTML_LANG, text
from models.settings import PROJECT_ROOT

__all__ = ["THEMES", "presenter", "wall"]

ASSETS = PROJECT_ROOT / "assets"
THEMES = ("wall", "light")
"""Looks of the wall: dark for a dim room, light for a bright one."""
MAP_SCRIPTS_LEFT_OUT = frozenset({"75-picture.js", "85-input.js", "90-dash.js"})
"""Scripts of the map that only the pages need: the export, pointer and keys, the seam to Dash."""

_DOCUMENT = """<!DOCTYPE html>
<html lang="{lang}" data-look="{theme}" data-language="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<title>{title}</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{styles}
</head>
<body class="{body}">
<noscript>{noscript}</noscript>
{scripts}
</body>
</html>
"""


def wall(lang: str, theme: str, title: str) -> str:
    """The document of a display.

    Parameters
    ----------
    lang : language with a catalogue
    theme : one of `THEMES`; any other is taken for the first
    title : title of the window

    Raises
    ------
    UnknownNameError : there is no catalogue of that language
    """
    vendor = sorted((ASSETS / "vendor").glob("deck-map.*.js"))
    engine = [path for path in sorted((ASSETS / "map").glob("*.js")) if path.name not in MAP_SCRIPTS_LEFT_OUT]
    own = sorted((ASSETS / "wall").glob("*.js"))
    return _document(lang, theme, title, "wall", [*sorted((ASSETS / "wall").glob("*.css")), *vendor, *engine, *own])


def presenter(lang: str, title: str, theme: str = "wall") -> str:
    """The document of a remote control for a display; parameters and errors as for `wall`."""
    folder = ASSETS / "wall" / "presenter"
    return _document(lang, theme, title, "remote", [*sorted(folder.glob("*.css")), *sorted(folder.glob("*.js"))])


def _document(lang: str, theme: str, title: str, body: str, files: Sequence[Path]) -> str:
    styles = [ASSETS / "00-tokens.css", *(path for path in files if path.suffix == ".css")]
    scripts = [path for path in files if path.suffix == ".js"]
    return _DOCUMENT.format(
        lang=HTML_LANG.get(lang, lang),
        language=lang,
        theme=theme if theme in THEMES else THEMES[0],
        title=escape(title),
        body=body,
        noscript=escape(text("wall_ui.noscript", lang)),
        styles="\n".join(f'<link rel="stylesheet" href="{_address(path)}">' for path in styles),
        scripts="\n".join(f'<script src="{_address(path)}"></script>' for path in scripts),
    )


def _address(path: Path) -> str:
    """Address of a file of the assets; the time of its last change makes a new version a new address."""
    return f"/assets/{path.relative_to(ASSETS).as_posix()}?m={int(path.stat().st_mtime)}"
