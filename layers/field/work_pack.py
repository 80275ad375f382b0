"""The offline work pack (离线工作包): one HTML file with tasks, checklists and entry of results that needs no network.

Style, script and data stand in the file itself. A content security policy lets nothing else in or out: scripts only by
the hash of the one that is there, no connection, no form. What is entered stays in the browser of the device until it
is saved as a JSON file, which the tasks page merges (`models.casework.packs`).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from layers.field.paper import Stamp
from layers.field.sheets import Sheet, by_subject
from layers.text import HTML_LANG, catalogue, languages

FOLDER = Path(__file__).resolve().parent
GROUP = "pack."
FORMAT = "cityhex-pack/1"

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><h1 id="title"></h1><button type="button" id="lang"></button><p id="about"></p>
<p id="warn" class="error" role="alert" hidden></p></header>
<main id="visits"></main>
<footer><span id="count" role="status"></span><button type="button" id="save" class="main" disabled></button></footer>
<script type="application/json" id="pack">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def work_pack(sheets: Sequence[Sheet], pack_id: str, stamp: Stamp) -> str:
    """Make the file.

    Parameters
    ----------
    sheets : tasks, names as the actor may see them; nothing else of the city goes into the file
    pack_id : under which the results come back
    stamp : who, when, rules, first language; the other language is one press away
    """
    style, script = _part("work_pack.css"), _part("work_pack.js")
    data = {
        "format": FORMAT,
        "pack_id": pack_id,
        "actor": stamp.actor,
        "made_at": stamp.moment,
        "as_of": stamp.as_of,
        "rule_version": stamp.rule_version,
        "lang": stamp.lang,
        "tasks": [sheet.plain() for group in by_subject(sheets) for sheet in group],
        "words": {lang: words(lang) for lang in languages()},
    }
    return _PAGE.format(
        lang=HTML_LANG.get(stamp.lang, stamp.lang),
        policy=policy(style, script),
        title=words(stamp.lang)["title"],
        style=style,
        script=script,
        data=_inert(data),
    )


def words(lang: str) -> dict[str, str]:
    """Texts of the pack in one language, by their last name."""
    return {key.removeprefix(GROUP): said for key, said in catalogue(lang).items() if key.startswith(GROUP)}


def policy(style: str, script: str) -> str:
    """The content security policy: this style, this script, pictures within the file, nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _inert(data: dict[str, Any]) -> str:
    """JSON that cannot end the element it stands in, whatever a firm is called."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c").replace("\u2028", "\\u2028")


@cache
def _part(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
