"""Licences and permits (行政许可) with their ends: most are renewed in time, some end soon, some have ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.demo.supervision.planted import ToldLicence
from models.demo.supervision.world import NO_DAY, TODAY, Days, Ints, World

HEADERS = {
    "licence_id": "许可证编号",
    "subject_id": "统一社会信用代码",
    "kind": "许可证名称",
    "library": "监管类别",
    "issued_on": "有效期自",
    "expires_on": "有效期至",
    "revoked_on": "吊销日期",
}
DAYS = ("issued_on", "expires_on", "revoked_on")
LIBRARIES = {"food": "食品", "drug": "药品", "quality": "产品质量", "special_equipment": "特种设备", "other": "其他"}
# Sections, words of the scope (any of them; "" for all), share, name, library, years of validity (0: without end).
KINDS = (
    ("H", "餐饮", 0.92, "餐饮服务许可证", "food", 3),
    ("FC", "食品|酒类|白酒", 0.9, "食品流通许可证", "food", 3),
    ("F", "药", 0.95, "药品经营许可证", "drug", 5),
    ("Q", "诊", 0.95, "医疗机构执业许可证", "other", 5),
    ("B", "", 0.9, "安全生产许可证", "other", 3),
    ("C", "建材|机械|铝", 0.2, "工业产品生产许可证", "quality", 5),
    ("CKH", "", 0.08, "特种设备使用登记证", "special_equipment", 0),
    ("R", "上网|歌舞", 0.9, "网络文化经营许可证", "other", 3),
)
CLOSE = 80
"""Most days before the end at which a firm gets its next licence; the fewest are 35."""
UNRENEWED = 0.05
"""Share of the licences near or past their end that were not renewed."""


def licences(world: World, told: list[ToldLicence], rng: np.random.Generator) -> pd.DataFrame:
    """Return the licences in the columns of `HEADERS`; ``told`` are those of planted episodes."""
    scope = world.firms["scope"].fillna("")
    spared = world.firms["uscc"].isin({t.code for t in told}).to_numpy()
    parts: list[pd.DataFrame] = []
    for sections, words, share, name, library, years in KINDS:
        has = world.section(sections) & (rng.random(len(world)) < share) & ~spared & ~world.dormant
        if words:
            has &= scope.str.contains(words).to_numpy()
        parts += _terms(np.flatnonzero(has), world, name, library, years=years, rng=rng)
    table = pd.concat(parts, ignore_index=True)
    table["subject_id"] = world.codes[table.pop("at").to_numpy()]
    rows = [(t.kind, t.library, t.issued, t.expires, np.datetime64("NaT"), t.code) for t in told]
    table = pd.concat([table, _frame(rows, list(table.columns))], ignore_index=True) if rows else table
    table = table.sort_values(["issued_on", "subject_id", "kind"], kind="stable", ignore_index=True)
    year = table["issued_on"].dt.year.astype(str)
    serial = table.groupby([table["kind"], year]).cumcount() + 1
    short = table["kind"].map({k[3]: n for k, n in zip(KINDS, "餐食药医安工特网", strict=True)})
    table["licence_id"] = "渝" + short + "500110" + year + serial.astype(str).str.zfill(5)
    table["library"] = table["library"].map(LIBRARIES)
    for column in DAYS:
        table[column] = table[column].dt.strftime("%Y-%m-%d")
    return table[list(HEADERS)].rename(columns=HEADERS)


def _terms(
    at: Ints, world: World, name: str, library: str, *, years: int, rng: np.random.Generator
) -> list[pd.DataFrame]:
    """Return the term that runs or ran last, and for the renewed ones the term before or after it."""
    first = np.maximum(world.day[at] + rng.integers(5, 60, len(at)), np.datetime64("1996-01-01"))
    at, first = at[first <= TODAY], first[first <= TODAY]
    if not years:
        return [_licence(at, name, library, (first, np.full(len(at), NO_DAY)), rng)]
    length = round(years * 365.25)
    passed = (TODAY - first).astype(int) // length
    start = first + passed * length
    end = start + length - 1
    # A firm applies in time and gets the next licence before the last one ends; both are valid for a while.
    early, late = rng.integers(35, CLOSE, (2, len(at)))
    again = (end + 1 - early <= TODAY) & (rng.random(len(at)) > UNRENEWED)
    # A firm whose term began lately may still be without it: the one before has just ended.
    fresh = (start > TODAY - CLOSE) & (passed > 0) & (rng.random(len(at)) < UNRENEWED)
    old = (passed > 0) & (start - length >= np.datetime64("2009-01-01"))
    late = np.where(fresh, 0, late)
    now = ~fresh
    again &= now
    return [
        _licence(at[now], name, library, (start[now], end[now]), rng),
        _licence(at[old], name, library, (start[old] - length, (start - 1 + late)[old]), rng, revoked=0.0),
        _licence(at[again], name, library, ((end + 1 - early)[again], (end - early + length)[again]), rng, revoked=0.0),
    ]


def _licence(
    at: Ints, name: str, library: str, term: tuple[Days, Days], rng: np.random.Generator, *, revoked: float = 0.004
) -> pd.DataFrame:
    issued, expires = term
    taken = TODAY - rng.integers(10, 600, len(at))
    gone = (rng.random(len(at)) < revoked) & (taken > issued)
    rows = {"kind": name, "library": library, "issued_on": issued, "expires_on": expires}
    frame = pd.DataFrame({**rows, "revoked_on": np.where(gone, taken, NO_DAY), "at": at})
    return frame.astype(dict.fromkeys(DAYS, "datetime64[s]"))


def _frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    names = ["kind", "library", "issued_on", "expires_on", "revoked_on", "subject_id"]
    frame = pd.DataFrame(rows, columns=names)
    return frame[columns].astype(dict.fromkeys(DAYS, "datetime64[s]"))
