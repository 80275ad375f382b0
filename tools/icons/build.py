"""Bake the Tabler outline icons in use into ``assets/icons.css`` as masks: no icon font, no request, any colour.

For maintainers only: ``cd tools/icons && npm install --ignore-scripts && python build.py``. The result is committed.
An optional argument names another ``node_modules`` folder.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "assets" / "icons.css"
NAMES = (HERE / "names.txt").read_text("utf-8").split()
STROKE = "1.75"
SAFE = " =:/,;()'"
BASE = (
    ".i{display:inline-block;width:18px;height:18px;flex:none;background:currentColor;"
    "-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat}"
)


def rule(name: str, svg: str) -> str:
    """One CSS rule that holds the icon as a data address."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r'(?<![-\w])(?:class|width|height)="[^"]*"', "", svg, count=3)
    svg = svg.replace('stroke-width="2"', f'stroke-width="{STROKE}"').replace("currentColor", "#000")
    svg = re.sub(r"\s+", " ", svg).replace('"', "'").replace(" >", ">").replace("> <", "><").strip()
    return f'.i-{name}{{--i:url("data:image/svg+xml,{quote(svg, safe=SAFE)}")}}'


def main(modules: Path) -> None:
    """Write the style sheet."""
    folder = modules / "@tabler" / "icons"
    head = "/* Tabler Icons 3.51.0, MIT licence, Copyright (c) 2020-2026 Pawel Kuna; made by tools/icons/build.py */"
    rules = [rule(name, (folder / "icons" / "outline" / f"{name}.svg").read_text("utf-8")) for name in NAMES]
    TARGET.write_text("\n".join([head, BASE, *rules]) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "node_modules")
