"""The register as a city sends it: four files in four forms, with labelled dirt, and the truth about each
firm."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from models.demo import dirt
from models.demo.files import TableFile, write_xlsx
from models.demo.firms import CHUNK, make_firms, siting
from models.demo.geography import GroundPlan
from models.demo.sites import Sites
from models.demo.streams import Streams
from models.sources.datum import from_wgs84

HEADERS = {
    "name": "企业名称",
    "uscc": "统一社会信用代码",
    "established_on": "成立日期",
    "entity_type": "企业类型",
    "representative": "法定代表人",
    "capital": "注册资本",
    "scope": "经营范围",
    "district": "所属区县",
    "address": "住所",
}
HISTORY, RECENT = "registers/register_1985_2009.csv", "registers/register_2010_2015.csv.gz"
INDIVIDUALS, SURVEYED = "registers/individual_businesses_2015.xlsx", "registers/surveyed_2015.csv"
INDIVIDUALS_MOST = 1_200
SURVEYED_MOST = 900
ONLINE = "registers/online_filings_2015.csv"
"""Firms that registered online; the planted episodes of supervision are among them (`models.demo.supervision`)."""
WRONG_DATUM = 110
KNOWN = ("representative", "capital", "scope", "address", "site")
"""What supervision needs to know of a firm besides its truth."""
TRUTH = ("uscc", "name", "established_on", "section", "kind", "town", "lon", "lat", "form")


class Progress(Protocol):
    """Told what is being written and which share (0..1) of the registers is done."""

    def __call__(self, share: float, what: str, /) -> None: ...


@dataclass
class Outcome:
    """What was written: one truth row per firm, one label per dirty row, and rows by file.

    ``drawn`` repeats the truth with the texts that supervision needs, where ``keep`` asks for it.
    """

    keep: bool = False
    firms: list[pd.DataFrame] = field(default_factory=list)
    drawn: list[pd.DataFrame] = field(default_factory=list)
    labels: list[pd.DataFrame] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def note(self, file: str, first_row: int, frame: pd.DataFrame, labels: pd.DataFrame) -> None:
        """Keep truth and labels of rows written to ``file`` from physical line ``first_row`` on."""
        rows = np.arange(first_row, first_row + len(frame))
        truth = frame[[*TRUTH, "grid_code"]].assign(file=file, row=rows)
        self.firms.append(truth)
        if self.keep:
            self.drawn.append(truth.assign(**{c: frame[c] for c in KNOWN}))
        self.label(file, first_row, labels)

    def label(self, file: str, first_row: int, labels: pd.DataFrame) -> None:
        """Keep labels whose positions count from ``first_row``."""
        if len(labels):
            self.labels.append(
                labels.drop(columns="position").assign(file=file, row=labels["position"].to_numpy() + first_row)
            )


def write_registers(
    folder: Path,
    sites: Sites,
    plan: GroundPlan,
    streams: Streams,
    *,
    firms: int,
    on_progress: Progress,
    keep: bool = False,
) -> Outcome:
    """Write the register files of ``firms`` firms under ``folder``, piece by piece, and return the truth.

    With ``keep`` the outcome holds every firm's texts too, for `models.demo.supervision`.
    """
    tables = siting(sites, streams)
    outcome = Outcome(keep)
    small: dict[str, list[pd.DataFrame]] = {INDIVIDUALS: [], SURVEYED: []}
    with ExitStack() as stack:
        history = stack.enter_context(TableFile(folder / HISTORY, "gb18030"))
        recent = stack.enter_context(TableFile(folder / RECENT))
        for first in range(0, firms, CHUNK):
            count = min(CHUNK, firms - first)
            frame = make_firms(sites, tables, streams, first=first, count=count, total=firms)
            frame["grid_code"] = plan.code_at(frame[["lon", "lat"]].to_numpy())
            rng = streams.of("delivery", first // CHUNK)
            parts = _parts(frame, small, rng)
            _deliver(history, HISTORY, parts[HISTORY], outcome, rng, cut=first == 0)
            _deliver(recent, RECENT, parts[RECENT], outcome, rng, again=parts[HISTORY])
            small[INDIVIDUALS].append(parts[INDIVIDUALS])
            small[SURVEYED].append(parts[SURVEYED])
            on_progress((first + count) / firms, "registers")
        outcome.rows |= {HISTORY: history.rows, RECENT: recent.rows}
    _individuals(folder, pd.concat(small[INDIVIDUALS], ignore_index=True), outcome, streams)
    _surveyed(folder, pd.concat(small[SURVEYED], ignore_index=True), outcome, streams)
    return outcome


def _parts(
    frame: pd.DataFrame, small: dict[str, list[pd.DataFrame]], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Share the firms among the files: by year, with two small files out of the last months."""
    day = frame["established_on"]
    draw = rng.random(len(frame))
    room = {
        name: most - sum(map(len, small[name]))
        for name, most in ((INDIVIDUALS, INDIVIDUALS_MOST), (SURVEYED, SURVEYED_MOST))
    }
    individual = frame["uscc"].str.startswith("92") & (day >= "2014-09") & (draw < 0.7)
    individual &= individual.cumsum() <= room[INDIVIDUALS]
    surveyed = ~individual & (day >= "2014-07") & (draw > 0.6)
    surveyed &= surveyed.cumsum() <= room[SURVEYED]
    target = np.select([individual, surveyed, day < "2010"], [INDIVIDUALS, SURVEYED, HISTORY], default=RECENT)
    return {name: frame[target == name].reset_index(drop=True) for name in (HISTORY, RECENT, INDIVIDUALS, SURVEYED)}


def _deliver(
    table: TableFile,
    file: str,
    frame: pd.DataFrame,
    outcome: Outcome,
    rng: np.random.Generator,
    *,
    cut: bool = False,
    again: pd.DataFrame | None = None,
) -> None:
    """Append a part of a register with its dirt, rows delivered twice and, on request, rows cut short."""
    if not len(frame):
        return
    dirty, labels = dirt.plant(frame, rng)
    first_row = table.rows + 2
    table.add(_columns(dirty))
    outcome.note(file, first_row, frame, labels)
    twice = dirt.doubled(frame, labels, rng)
    _add_again(table, file, dirty.iloc[twice], "delivered twice", outcome)
    if again is not None and len(again):
        pick = np.sort(rng.choice(len(again), max(len(again) // 700, 1), replace=False))
        _add_again(table, file, again.iloc[pick], "delivered in two files", outcome)
    if cut:
        for serial in range(4):
            row = table.rows + 2
            table.add_line(",".join(str(v) for v in _columns(frame).iloc[serial].head(3 + serial % 3)))
            reason = "columns where the header has"
            outcome.label(file, row, dirt.label(np.array([0]), "row cut short", "", dirt.QUARANTINED, reason))


def _add_again(table: TableFile, file: str, rows: pd.DataFrame, kind: str, outcome: Outcome) -> None:
    first_row = table.rows + 2
    table.add(_columns(rows))
    labels = dirt.label(np.arange(len(rows)), kind, "uscc", dirt.QUARANTINED, "the same code stands")
    outcome.label(file, first_row, labels)


def write_online(folder: Path, frame: pd.DataFrame, outcome: Outcome) -> None:
    """Write more firms in a register file of their own, without dirt, and note them in ``outcome``."""
    with TableFile(folder / ONLINE) as table:
        table.add(_columns(frame))
    outcome.note(ONLINE, 2, frame, dirt.label(np.array([], dtype=np.int64), "", "", "", ""))
    outcome.rows[ONLINE] = len(frame)


def _columns(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[list(HEADERS)].rename(columns=HEADERS)


def _individuals(folder: Path, frame: pd.DataFrame, outcome: Outcome, streams: Streams) -> None:
    """Write the workbook of individual businesses; it has dirt of its own."""
    dirty, labels = dirt.plant(frame, streams.of("individuals")) if len(frame) > 100 else (frame, frame.iloc[:0])
    write_xlsx(folder / INDIVIDUALS, _columns(dirty), "个体工商户")
    outcome.note(INDIVIDUALS, 2, frame, labels)
    outcome.rows[INDIVIDUALS] = len(frame)


def _surveyed(folder: Path, frame: pd.DataFrame, outcome: Outcome, streams: Streams) -> None:
    """Write the firms surveyed with coordinates: declared GCJ-02, but one batch was never shifted."""
    rng = streams.of("survey")
    lon, lat = from_wgs84(frame["lon"].to_numpy(), frame["lat"].to_numpy(), "GCJ02")
    batch = np.arange(len(frame)) >= len(frame) - min(WRONG_DATUM, len(frame) * 2 // 3)
    texts = pd.DataFrame(
        {
            "经度": np.where(batch, frame["lon"], lon).round(6).astype(str),
            "纬度": np.where(batch, frame["lat"], lat).round(6).astype(str),
        }
    )
    labels = [dirt.label(np.flatnonzero(batch), "batch in another datum", "lon", dirt.LOADED, "")]
    if len(frame) > 40:
        odd = np.sort(rng.choice(np.flatnonzero(~batch), 7, replace=False))
        texts.loc[odd[:3], "经度"] = "无信号"
        texts.loc[odd[3:], ["经度", "纬度"]] = "0.0"
        labels.append(dirt.label(odd[:3], "coordinate is no number", "lon", dirt.QUARANTINED, "not a number"))
        labels.append(dirt.label(odd[3:], "point far away", "lon", dirt.QUARANTINED, ""))
    with TableFile(folder / SURVEYED) as table:
        table.add(pd.concat([_columns(frame), texts], axis=1))
    outcome.note(SURVEYED, 2, frame, pd.concat(labels, ignore_index=True))
    outcome.rows[SURVEYED] = len(frame)
