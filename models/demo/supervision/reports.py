"""Annual reports (年度报告) for 2012 to 2014: who filed when, claimed staff, money, and whom to call."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.supervision.planted import ToldReport
from models.demo.supervision.world import NO_DAY, TODAY, Days, Flags, Floats, World, iso

Texts = npt.NDArray[np.object_]
YEARS = (2012, 2013, 2014)
HEADERS = {
    "subject_id": "统一社会信用代码",
    "report_year": "报告年度",
    "filed_on": "公示日期",
    "staff": "从业人数",
    "revenue_cny": "营业总收入(元)",
    "tax_cny": "纳税总额(元)",
    "paid_in_cny": "实缴资本(元)",
    "contact": "联系电话",
}
AGENTS = 70
"""Bookkeeping agents, each of whom lawfully answers for many firms of all ages."""


def missing_reports(world: World, rng: np.random.Generator) -> dict[int, Flags]:
    """Return by report year which firms failed to file although they had to: dormant ones, and risky ones now and
    then."""
    chance = 1 / (1 + np.exp(-(-4.2 + 1.0 * world.risk)))
    found = {}
    asleep_since = rng.choice(np.arange(2010, 2015), len(world), p=[0.05, 0.07, 0.2, 0.3, 0.38])
    for year in (2010, 2011, *YEARS):
        draw = rng.random(len(world))
        asleep = world.dormant & (asleep_since <= year)
        found[year] = _due(world, year) & (asleep | (draw < chance)) & ~world.planted
    return found


def annual_reports(
    world: World,
    missing: dict[int, Flags],
    late: dict[int, Days],
    told: dict[str, ToldReport],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return one row per report in the columns of `HEADERS`.

    Parameters
    ----------
    missing : by report year, which firms did not file in time
    late : by report year, the day on which a firm filed all the same; NaT where it did not
    told : what planted firms say for 2014, by code
    """
    contact = _contacts(world, rng)
    growth = np.exp(rng.normal(0, 0.3, len(world)))
    never = np.full(len(world), NO_DAY)
    parts = [
        _year(world, year, missing[year], late.get(year, never), contact=contact, growth=growth, rng=rng)
        for year in YEARS
    ]
    table = pd.concat(parts, ignore_index=True)
    place = world.positions()
    rows = table.index[table["report_year"] == YEARS[-1]]
    at = dict(zip(table.loc[rows, "subject_id"], rows, strict=True))
    for code, report in told.items():
        if code not in place or code not in at:
            continue
        row = at[code]
        table.loc[row, "filed_on"] = report.filed_on
        table.loc[row, "contact"] = report.contact or table.loc[row, "contact"]
        staff, paid = report.staff, report.paid_in
        table.loc[row, "staff"] = table.loc[row, "staff"] if staff is None else staff
        table.loc[row, "paid_in_cny"] = table.loc[row, "paid_in_cny"] if paid is None else paid
    ordered = table.sort_values(["filed_on", "subject_id"], kind="stable", ignore_index=True)
    ordered["filed_on"] = iso(ordered["filed_on"].to_numpy("datetime64[D]"))
    return ordered[list(HEADERS)].rename(columns=HEADERS)


def _due(world: World, year: int) -> Flags:
    """Return which firms had to report on a year: those registered before its end."""
    result: Flags = world.day <= np.datetime64(f"{year}-12-31")
    return result


def _year(
    world: World,
    year: int,
    missing: Flags,
    late: Days,
    *,
    contact: Texts,
    growth: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:
    at = np.flatnonzero((_due(world, year) & ~missing) | ~np.isnat(late))
    staff = np.maximum(np.round(world.staff[at] * np.exp(rng.normal(-0.05, 0.12, len(at)))), 0)
    per_head = 90_000 * np.exp(rng.normal(0, 0.6, len(at))) * growth[at] ** (year - 2012)
    revenue = np.round(staff * per_head, -2)
    capital = world.capital_cny[at]
    filed = np.where(np.isnat(late[at]), _filing_days(year + 1, world.day[at], rng), late[at])
    paid = np.round(np.where(world.individual[at], np.nan, capital * rng.beta(2.2, 1.6, len(at))), -3)
    return pd.DataFrame(
        {
            "subject_id": world.codes[at],
            "report_year": year,
            "filed_on": filed,
            "staff": pd.array(staff, dtype="Int64"),
            "revenue_cny": pd.Series(revenue).mask(rng.random(len(at)) < 0.05),
            "tax_cny": np.round(revenue * rng.uniform(0.005, 0.05, len(at)), 0),
            "paid_in_cny": paid,
            "contact": contact[at],
        }
    )


def _filing_days(year: int, since: Days, rng: np.random.Generator) -> Days:
    """Return days from 1 January to 30 June of a year; most firms file late."""
    days = (180 * rng.beta(3.2, 1.5, len(since))).astype(np.int64)
    found = np.datetime64(f"{year}-01-01") + days
    result: Days = np.minimum(np.maximum(found, since + 1), min(np.datetime64(f"{year}-06-30"), TODAY))
    return result


def _contacts(world: World, rng: np.random.Generator) -> Texts:
    """Return a telephone number per firm: its own, or that of an agent for one small firm in eight."""
    # No telephone number of the country starts with 10 and has eleven digits.
    own = 10_000_000_000 + (np.arange(len(world)) * 7_919 + int(rng.integers(10**6))) % 999_999_937
    numbers = own.astype("U11").astype(object)
    agents = np.array([f"023-4801{n:04d}" for n in range(AGENTS)], dtype=object)
    share = np.exp(rng.normal(0, 0.8, AGENTS))
    served = (rng.random(len(world)) < 0.12) & (world.staff < 12)
    numbers[served] = rng.choice(agents, int(served.sum()), p=share / share.sum())
    return numbers
