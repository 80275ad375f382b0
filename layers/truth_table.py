"""The figures of an evaluation as a table: on the screen, and between two markers of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.table import Table

from models.errors import StoreError
from models.evaluate import Evaluation
from models.settings import PROJECT_ROOT
from models.signaling.evaluation import Figure

PAGE = PROJECT_ROOT / "docs" / "truth.md"
MARKERS = ("<!-- signaling -->", "<!-- /signaling -->")


def on_screen(found: Sequence[Evaluation]) -> Table:
    """One row per figure, one column per evaluation."""
    table = Table(title="Signaling against the truth", title_justify="left", box=None, pad_edge=False)
    for name in ("", "figure"):
        table.add_column(name)
    for one in found:
        table.add_column(f"{one.name} ({one.period})", justify="right")
    table.add_column("bar", justify="right")
    part = ""
    for row in _rows(found):
        first = row[0]
        values = [f"[{'green' if f.met else 'red' if f.met is False else 'default'}]{_value(f)}[/]" for f in row]
        table.add_row(first.part if first.part != part else "", first.name, *values, _bar(first))
        part = first.part
    return table


def as_markdown(found: Sequence[Evaluation]) -> str:
    """The table for the documentation; a bar that is missed is marked."""
    head = ["", "figure", *(one.name for one in found), "bar"]
    lines = [_line(head), _line(["---", "---", *["---:"] * (len(found) + 1)])]
    part = ""
    for row in _rows(found):
        first = row[0]
        values = [_value(f) + (" **missed**" if f.met is False else "") for f in row]
        lines.append(_line([first.part if first.part != part else "", first.name, *values, _bar(first)]))
        part = first.part
    devices = ", ".join(f"{one.devices:,} on {one.name}" for one in found)
    return f"Period {found[0].period}; devices with a known truth: {devices}.\n\n" + "\n".join(lines)


def confusion_as_markdown(one: Evaluation) -> str:
    """Devices by true class and named kind of resident."""
    names = [str(name) for name in one.confusion.columns]
    lines = [_line(["class", *names]), _line(["---", *["---:"] * len(names)])]
    lines += [
        _line([str(k), *(f"{n:,}" for n in row)])
        for k, row in zip(one.confusion.index, one.confusion.to_numpy(), strict=True)
    ]
    return f"Devices by true class and the kind of resident they are named, {one.name}:\n\n" + "\n".join(lines)


def write(found: Sequence[Evaluation], page: Path) -> None:
    """Put the tables between the markers of a page.

    Raises
    ------
    StoreError : the page lacks one of the markers
    """
    before, opened, rest = page.read_text(encoding="utf-8").partition(MARKERS[0])
    _, closed, after = rest.partition(MARKERS[1])
    if not (opened and closed):
        raise StoreError(f"{page} lacks {' or '.join(MARKERS)}, between which the table belongs")
    text = "\n\n".join([as_markdown(found), *(confusion_as_markdown(one) for one in found if one.name != "easy")])
    page.write_text(f"{before}{MARKERS[0]}\n{text}\n{MARKERS[1]}{after}", encoding="utf-8")


def _rows(found: Sequence[Evaluation]) -> list[list[Figure]]:
    """The figures side by side; one that an evaluation had nobody to test on is missing there."""
    named = [{(figure.part, figure.name): figure for figure in one.figures} for one in found]
    parts = list(dict.fromkeys(part for one in named for part, _ in one))
    keys = sorted(dict.fromkeys(key for one in named for key in one), key=lambda key: parts.index(key[0]))
    known = {key: figure for one in reversed(named) for key, figure in one.items()}
    return [[one.get(key, replace(known[key], value=float("nan"), tested=0)) for one in named] for key in keys]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _value(figure: Figure) -> str:
    if np.isnan(figure.value):
        return "none tested"
    return f"{round(figure.value, 3) + 0.0:.3f}"  # no minus before a zero


def _bar(figure: Figure) -> str:
    if figure.bar is None:
        return ""
    return f"{'at least' if figure.at_least else 'at most'} {figure.bar:g}"
