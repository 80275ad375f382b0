"""The words AG Grid says by itself."""

from __future__ import annotations

from layers.text import text

KEYS = (
    "noRowsToShow",
    "loadingOoo",
    "ariaSearch",
    "ariaSortableColumn",
    "ariaRowSelect",
    "ariaRowDeselect",
    "ariaLabelLoading",
)


def grid_words(lang: str) -> dict[str, str]:
    """``localeText`` of a grid in the language of the page."""
    return {key: text(f"grid.{key}", lang) for key in KEYS}
