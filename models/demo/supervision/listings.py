"""The abnormal-operations and serious-violation lists, by the rules of 2014, and the credit repairs that follow.

The statutory invariants hold: nobody is listed twice as unreachable nor twice for the report of one year, who stays on
the abnormal list for three years comes to the serious list, and the serials of an organ and year have no gaps. The
rules are applied to all years although the order took effect in October 2014.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.demo.supervision.world import NO_DAY, TODAY, Days, Flags, World

HEADERS = {
    "listing_id": "决定书文号",
    "subject_id": "统一社会信用代码",
    "list": "名单",
    "ground": "列入原因",
    "report_year": "年报年度",
    "listed_on": "列入日期",
    "removed_on": "移出日期",
    "removal": "移出方式",
}
LISTS = {"abnormal": "经营异常名录", "serious": "严重违法失信名单"}
GROUNDS = {
    "annual_report": "未按期公示年度报告",
    "disclosure_overdue": "未按责令期限公示信息",
    "false_disclosure": "公示信息隐瞒真实情况",
    "unreachable": "通过登记住所无法联系",
    "three_years": "列入经营异常名录满三年",
    "serious_violation": "严重违法",
}
REMOVALS = {"normal": "正常移出", "correction": "更正"}
REPORT_YEARS = (2010, 2011, 2012, 2013)
"""Years whose missing reports have been listed by the last day; that of 2014 was due on that very day."""
THREE_YEARS = np.timedelta64(1096, "D")


def report_listings(world: World, missing: dict[int, Flags], rng: np.random.Generator) -> pd.DataFrame:
    """Return the entries for missing annual reports; three in five are removed after the report was filed late."""
    parts = []
    for year in REPORT_YEARS:
        at = np.flatnonzero(missing[year])
        batches = np.array([f"{year + 1}-07-{d}" for d in ("08", "15", "22")], dtype="datetime64[D]")
        listed = rng.choice(batches, len(at))
        stay = world.dormant[at] | (rng.random(len(at)) < 0.12)
        removed = listed + (20 + 700 * rng.beta(1.1, 2.2, len(at))).astype(np.int64)
        parts.append(_entries(at, "annual_report", listed, np.where(stay, NO_DAY, removed), year))
    return pd.concat(parts, ignore_index=True)


def late_reports(entries: pd.DataFrame, count: int) -> dict[int, Days]:
    """Return by report year the day on which each of ``count`` firms filed late: two days before its removal."""
    found: dict[int, Days] = {}
    for year in REPORT_YEARS:
        days: Days = np.full(count, NO_DAY)
        of = entries[(entries["report_year"] == year) & (entries["ground"] == "annual_report")]
        removed = of["removed_on"].to_numpy("datetime64[D]")
        days[of["at"].to_numpy()] = np.where(removed <= TODAY, removed - 2, NO_DAY)
        found[year] = days
    return found


def other_listings(
    world: World, unreachable: tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Days], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the entries for other grounds.

    Parameters
    ----------
    unreachable : firms that an officer did not find at their address, and the day; the second letter goes out 20 days
        later, the entry follows within ten working days
    """
    firms, days = unreachable
    first = pd.Series(days, index=firms).groupby(level=0).min()
    at, listed = first.index.to_numpy(), first.to_numpy("datetime64[D]") + 34
    stay = world.dormant[at] | (rng.random(len(at)) < 0.5)
    removed = np.where(stay, NO_DAY, listed + rng.integers(15, 400, len(at)))
    parts = [_entries(at, "unreachable", listed, removed)]
    chance = np.exp(world.risk)
    for ground, share in (("disclosure_overdue", 0.0025), ("false_disclosure", 0.002)):
        old = np.flatnonzero((world.day < np.datetime64("2012-01-01")) & ~world.planted)
        count = max(round(share * len(world)), 2)
        pick = rng.choice(old, count, replace=False, p=chance[old] / chance[old].sum())
        listed = np.datetime64("2012-09-01") + rng.integers(0, 1000, count)
        removed = np.where(rng.random(count) < 0.35, NO_DAY, listed + rng.integers(15, 400, count))
        parts.append(_entries(pick, ground, listed, removed))
    return pd.concat(parts, ignore_index=True)


def serious_listings(abnormal: pd.DataFrame, severe: tuple[list[int], Days], rng: np.random.Generator) -> pd.DataFrame:
    """Return the serious list: three years on the abnormal list without removal, and severe violations."""
    listed = abnormal["listed_on"].to_numpy("datetime64[D]")
    removed = abnormal["removed_on"].to_numpy("datetime64[D]")
    due = listed + THREE_YEARS
    stays = np.isnat(removed) | (removed > due)
    rows = np.flatnonzero(stays & (due <= TODAY - 20))
    first = pd.Series(due[rows], index=abnormal["at"].to_numpy()[rows]).groupby(level=0).min()
    three = _entries(first.index.to_numpy(), "three_years", first.to_numpy("datetime64[D]") + 7, NO_DAY)
    at, decided = np.array(severe[0], dtype=np.int64), severe[1]
    since = decided + rng.integers(20, 60, len(at))
    return pd.concat([three, _entries(at, "serious_violation", since, NO_DAY)], ignore_index=True)


def listings(entries: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Return the lists in the columns of `HEADERS`, in order of decision, with gap-free serials per list and year."""
    known = entries[entries["listed_on"] <= TODAY].reset_index(drop=True)
    known["removed_on"] = known["removed_on"].where(known["removed_on"] <= TODAY)
    wrong = rng.random(len(known)) < 0.02
    known["removal"] = pd.Series(np.where(wrong, "correction", "normal")).where(known["removed_on"].notna().to_numpy())
    known["list"] = np.where(known["ground"].isin(["three_years", "serious_violation"]), "serious", "abnormal")
    known["subject_id"] = world.codes[known["at"].to_numpy()]
    known = known.sort_values(["listed_on", "subject_id", "ground"], kind="stable", ignore_index=True)
    year = known["listed_on"].dt.year
    serial = known.groupby([known["list"], year]).cumcount() + 1
    kind = known["list"].map({"abnormal": "异", "serious": "严"})
    known["listing_id"] = "綦市监" + kind + "〔" + year.astype(str) + "〕" + serial.astype(str) + "号"
    texts = {"list": LISTS, "ground": GROUNDS, "removal": REMOVALS}
    for column, words in texts.items():
        known[column] = known[column].map(words)
    for column in ("listed_on", "removed_on"):
        known[column] = known[column].dt.strftime("%Y-%m-%d")
    return known[list(HEADERS)].rename(columns=HEADERS)


def _entries(
    at: np.ndarray[tuple[int], np.dtype[np.int64]],
    ground: str,
    listed: Days,
    removed: Days | np.datetime64,
    year: int | None = None,
) -> pd.DataFrame:
    frame = pd.DataFrame({"at": at, "ground": ground, "listed_on": listed, "removed_on": removed})
    frame["report_year"] = pd.array([year] * len(at), dtype="Int64")
    return frame.astype({"listed_on": "datetime64[s]", "removed_on": "datetime64[s]"})
