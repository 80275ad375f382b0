"""The catalogue as documentation: ``docs/layers.md`` is made from the declarations by ``python -m layers.describe``."""

from __future__ import annotations

from layers import registry
from layers.access import EVERYONE
from layers.layer import Layer
from layers.legends import unit
from layers.provenance import SIGNALING
from layers.text import text
from models.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "layers.md"
_HEAD = """# Layers

Made from the declarations under `layers/catalogue/` by `python -m layers.describe`; a test fails where it is
out of date.

A layer is one file. To add one on a product that exists, write `layers/catalogue/<theme>/<name>.py` with a `LAYER`
and its texts under `[layer.<id>]` in each language of `layers/locales`; menu, map, legend, table, export, `/api/layers`
and this page follow, and so do the tests of contract, access and texts. Values leave the server through
`layers.serve.serve` only.

Raw counts never colour areas. Zero, suppressed and no data are three states. Class breaks are the
same for every period. A density keeps its zeros in a class of their own below the others. Hexagons finer
than their subjects are located (mean error radius above twice the circumradius) are drawn as estimates.
"""


def page() -> str:
    """The text of the page."""
    layers = list(registry.layers().values())
    return "\n".join([_HEAD, *_table(layers), "", *(part for layer in layers for part in _section(layer))])


def _table(layers: list[Layer]) -> list[str]:
    rows = [
        "| id | title | 名称 | support | measure | unit | time | seen by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for layer in layers:
        kind = layer.measure.kind if layer.measure else "outline"
        on = layer.support.kind + (" " + ", ".join(layer.support.resolutions) if layer.support.kind != "point" else "")
        names = [text(f"{layer.text_key}.title", lang) for lang in ("en", "zh-Hans")]
        seen = "everyone" if layer.audience == EVERYONE else ", ".join(sorted(layer.audience))
        cells = [f"`{layer.id}`", *names, on, kind, unit(layer, "en") or "–", layer.time.kind, seen]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _section(layer: Layer) -> list[str]:
    legend = layer.legend
    lines = [f"## `{layer.id}`", "", text(f"{layer.text_key}.description", "en"), ""]
    lines.append(f"- Method: {text(f'{layer.text_key}.method', 'en')}")
    signaling = ["the signaling"] if SIGNALING & set(layer.reads) else []
    tables = [f"the tables {', '.join(layer.tables)}"] if layer.tables else []
    lines.append(
        f"- Reads: {', '.join(f'`{name}`' for name in layer.reads)}; from {' and '.join([*signaling, *tables])}."
    )
    if legend is not None:
        breaks = f" at {', '.join(f'{b:g}' for b in legend.breaks)}" if legend.breaks else ""
        scheme = "by category" if layer.measure and layer.measure.categories else f"{legend.scheme}{breaks}"
        lines.append(f"- Classes: {scheme}; palette {legend.palette}.")
    guard = f"k on `{layer.disclosure.observed}`" if layer.disclosure else "none (no personal observations behind it)"
    lines.append(f"- Sensitivity: {layer.sensitivity}. Small-count protection: {guard}.")
    return [*lines, ""]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
