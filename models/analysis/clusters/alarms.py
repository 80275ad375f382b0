"""Weeks in which an area registered more than it should: bounds of series by area and section, pooled upward.

A series is an area (city, district, town, grid cell) with one section, or with all. It is tested at the finest level
at which at least `LEAST_EXPECTED` registrations are expected; the levels above hold everything below them, so what is
too small to be tested alone is tested there together with its neighbours. An excess is said once: an alarm above is
dropped where an alarm below it, in the same week, holds most of the excess.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from models import contracts
from models.analysis.clusters.baselines import cusum, farrington
from models.analysis.clusters.calendar import Calendar, batch_weights
from models.analysis.clusters.hotspots import adjusted
from models.analysis.clusters.study import MEMBERS, day_numbers

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

LEAST_EXPECTED = 5.0
YEARS_BACK, WEEKS_AROUND, YEAR_WEEKS = 5, 3, 52
LEAST_REFERENCES = 14
LEVEL_WEEKS, LEVEL_GAP, LEVEL_LEAST_DAYS = 26, 4, 60.0
EARS_WEEKS, EARS_GAP, EARS_ALPHA = 7, 2, 0.001
LEAST_OPEN_DAYS = 2.0
LEVEL_Q = 0.01
CUSUM_H = 8.0
"""Of hundreds of series each raises one false alarm in about 19,000 weeks (Siegmund 1985); 5 would be one in 940."""
MOST_OF = 0.5
LEVELS = ("city", "district", "town", "grid")


@dataclass(frozen=True)
class Weeks:
    """Weeks that end with the business date, oldest first.

    Attributes
    ----------
    first : first day of each week; open : exposure, open days with quiet ones counted half
    quiet : share of quiet days
    level : registrations of the city per open day over the half year before, without the last weeks; 0 where unknown
    """

    first: Days
    open: Floats
    quiet: Floats
    level: Floats

    @classmethod
    def until(cls, last: int, count: int, calendar: Calendar) -> Weeks:
        """The ``count`` weeks that end with day ``last``."""
        first = last - 7 * np.arange(count, 0, -1) + 1
        days = first[:, None] + np.arange(7)
        works, quiet = calendar.open(days.ravel()).reshape(-1, 7), calendar.quiet(days.ravel()).reshape(-1, 7)
        exposure = (works * np.where(quiet, 0.5, 1.0)).sum(axis=1)
        return cls(first.astype(np.int64), exposure, quiet.mean(axis=1), np.zeros(count))

    def with_level(self, totals: Floats) -> Weeks:
        """Add the level of the city, whose weeks had ``totals`` registrations with batch excess out."""
        cases, days = (np.append(0.0, np.cumsum(v)) for v in (totals, np.where(totals > 0, self.open, 0.0)))
        end = np.maximum(np.arange(totals.size) - LEVEL_GAP, 0)
        start = np.maximum(end - LEVEL_WEEKS, 0)
        known = days[end] - days[start] >= LEVEL_LEAST_DAYS
        level = np.divide(cases[end] - cases[start], days[end] - days[start], out=np.zeros(totals.size), where=known)
        return replace(self, level=level)


def area_alarms(
    subjects: pd.DataFrame,
    members: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    weeks: int,
    calendar: Calendar,
    city: str = "city",
) -> pd.DataFrame:
    """Return the alarms of the last weeks.

    Parameters
    ----------
    subjects : n rows, subjects frame
    members : n rows with ``district``, ``town``, ``grid`` (codes, nullable); un-located subjects may carry a district
    as_of : last day of the last week
    weeks : weeks to test
    calendar : of the registry
    city : code of the whole city

    Returns
    -------
    ``area_alarms`` frame by week, then falling score. ``observed`` counts every registration, ``counted`` and all
    statistics take the excess of batch days out. Methods: ``farrington`` where the same weeks of at least two earlier
    years are known, else ``ears`` on the weeks before; ``cusum`` for a drift over the weeks. The false discovery rate
    is held at `LEVEL_Q` over all series tested in a week.
    """
    last = int(day_numbers(pd.Series([as_of]))[0])
    span = YEARS_BACK * YEAR_WEEKS + WEEKS_AROUND + weeks + LEVEL_WEEKS + LEVEL_GAP
    calendar_weeks = Weeks.until(last, span, calendar)
    events = _events(subjects, members, calendar_weeks, calendar, city)
    if events.empty:
        return contracts.empty("area_alarms")
    keys, counts, raw = _series(events, span, weeks)
    if keys.empty:
        return contracts.empty("area_alarms")
    whole = events[events["level"] == "city"]
    totals = np.bincount(whole["week"], weights=whole["weight"], minlength=span).astype(np.float64)
    covered, calendar_weeks = totals > 0, calendar_weeks.with_level(totals)
    parts = []
    residuals, expected = np.full((len(keys), weeks), np.nan), np.full((len(keys), weeks), np.nan)
    for back in range(weeks, 0, -1):
        t = span - back
        tested = _test(counts, t, calendar_weeks, covered)
        if tested is None:
            continue
        residuals[:, weeks - back], expected[:, weeks - back] = tested.pop("residual"), tested["expected"]
        parts.append(_alarms(keys, tested, raw[:, t], counts[:, t]).assign(at=t))
    parts.append(_drifts(keys, residuals, expected, counts, raw))
    found = pd.concat(parts, ignore_index=True)
    found = _once(found).sort_values(["at", "score"], ascending=[True, False], ignore_index=True)
    return _finish(found, events, calendar_weeks, subjects)


def _events(subjects: pd.DataFrame, members: pd.DataFrame, weeks: Weeks, calendar: Calendar, city: str) -> pd.DataFrame:
    """One row per subject and level: level, code, section, week, weight (below 1 on batch days), row."""
    used = subjects["established_on"].notna().to_numpy(bool)
    row = np.flatnonzero(used)
    day = day_numbers(subjects["established_on"][used])
    inside = (day >= weeks.first[0]) & (day <= weeks.first[-1] + 6)
    row, day = row[inside], day[inside]
    days = np.arange(weeks.first[0], weeks.first[-1] + 7)
    totals = np.bincount(day - days[0], minlength=days.size).astype(np.float64)
    weight = batch_weights(totals, days, calendar)[day - days[0]]
    section = subjects["industry_section"].to_numpy(object)[row]
    base = pd.DataFrame({"section": section, "week": (day - weeks.first[0]) // 7, "weight": weight, "row": row})
    codes = {"city": np.full(row.size, city, object)}
    codes |= {level: members[level].to_numpy(object)[row] for level in LEVELS[1:]}
    parts = [base.assign(level=level, code=code)[pd.notna(code)] for level, code in codes.items()]
    return pd.concat(parts, ignore_index=True)


def _series(events: pd.DataFrame, span: int, weeks: int) -> tuple[pd.DataFrame, Floats, Floats]:
    """Keys of the series that could alarm, their counts (series, weeks) with batch excess out, and all counts."""
    every = pd.concat([events.assign(section=None), events[events["section"].notna()]], ignore_index=True)
    numbers, names = pd.factorize(
        every["level"] + "|" + every["code"].astype(str) + "|" + every["section"].fillna("").astype(str)
    )
    recent = (every["week"] >= span - weeks).to_numpy(bool)
    flat = numbers[recent] * weeks + every["week"].to_numpy()[recent] - (span - weeks)
    weighted = np.bincount(flat, weights=every["weight"].to_numpy()[recent], minlength=len(names) * weeks)
    able = weighted.reshape(-1, weeks).max(axis=1) > LEAST_EXPECTED
    position = np.where(able, np.cumsum(able) - 1, -1)[numbers]
    kept = position >= 0
    flat = position[kept] * span + every["week"].to_numpy()[kept]
    size = int(able.sum()) * span
    counts: Floats = np.bincount(flat, weights=every["weight"].to_numpy()[kept], minlength=size).astype(np.float64)
    raw = np.bincount(flat, minlength=size).reshape(-1, span).astype(np.float64)
    keys = pd.DataFrame([name.split("|") for name in names[able]], columns=["level", "code", "section"])
    return keys, counts.reshape(-1, span), raw


def _test(counts: Floats, t: int, weeks: Weeks, covered: npt.NDArray[np.bool_]) -> dict[str, Floats] | None:
    """Bounds of week t for every series by the best method the past allows; None where it allows none."""
    if weeks.open[t] < LEAST_OPEN_DAYS:
        return None
    around = [t - YEAR_WEEKS * y + d for y in range(1, YEARS_BACK + 1) for d in range(-WEEKS_AROUND, WEEKS_AROUND + 1)]
    usable = covered & (weeks.open >= LEAST_OPEN_DAYS)
    reference = np.array(sorted(r for r in around if r >= 0 and usable[r]), np.int64)
    reference = reference[weeks.level[reference] > 0]
    if reference.size >= LEAST_REFERENCES and weeks.level[t] > 0:
        return _by_years(counts, t, reference, weeks)
    before = np.flatnonzero(usable[: max(t - EARS_GAP, 0)])[-EARS_WEEKS:]
    if before.size == EARS_WEEKS and before[0] >= t - 3 * EARS_WEEKS:
        return _by_weeks_before(counts, t, before, weeks)
    return None


def _by_years(counts: Floats, t: int, reference: Days, weeks: Weeks) -> dict[str, Floats]:
    columns = [np.ones(reference.size), (reference - t) / YEAR_WEEKS]
    now = [1.0, 0.0]
    if np.ptp(weeks.quiet[reference]) > 0:
        columns.append(weeks.quiet[reference])
        now.append(float(weeks.quiet[t]))
    bounds = farrington(
        counts[:, t],
        counts[:, reference],
        np.column_stack(columns),
        np.array(now),
        offset=np.log(weeks.open[reference] * weeks.level[reference]),
        offset_now=float(np.log(weeks.open[t] * weeks.level[t])),
        trend=1,
    )
    big = bounds.expected >= LEAST_EXPECTED
    enough = big & (counts[:, t - 3 : t + 1].sum(axis=1) >= LEAST_EXPECTED)
    return {
        "expected": bounds.expected,
        "upper": bounds.upper,
        "score": bounds.score,
        "p_value": np.where(enough, bounds.p_value, np.nan),
        "residual": np.where(big, (counts[:, t] - bounds.expected) / bounds.sd, np.nan),
        "method": np.zeros(len(counts)),
    }


def _by_weeks_before(counts: Floats, t: int, before: Days, weeks: Weeks) -> dict[str, Floats]:
    """EARS C2 on registrations per open day, with the spread of a Poisson count as the least."""
    scaled = counts[:, before] / weeks.open[before] * weeks.open[t]
    mean = scaled.mean(axis=1)
    sd = np.maximum(scaled.std(axis=1, ddof=1), np.sqrt(np.maximum(mean, 1.0))) * np.sqrt(1 + 1 / EARS_WEEKS)
    z = (counts[:, t] - mean) / sd
    critical = float(stats.t.isf(EARS_ALPHA, EARS_WEEKS - 1))
    big = mean >= LEAST_EXPECTED
    return {
        "expected": mean,
        "upper": mean + critical * sd,
        "score": z / critical,
        "p_value": np.where(big, stats.t.sf(z, EARS_WEEKS - 1), np.nan),
        "residual": np.full(len(counts), np.nan),
        "method": np.ones(len(counts)),
    }


def _alarms(keys: pd.DataFrame, tested: dict[str, Floats], raw: Floats, counted: Floats) -> pd.DataFrame:
    p = tested["p_value"]
    known = np.isfinite(p)
    q = np.full(p.size, np.nan)
    q[known] = adjusted(p[known])
    alarm = known & (tested["score"] > 1) & (q <= LEVEL_Q)
    names = np.where(tested["method"] == 0, "farrington", "ears")
    frame = keys.assign(
        observed=raw.astype(np.int64), counted=counted, expected=tested["expected"], upper=tested["upper"],
        score=tested["score"], p_value=p, q_value=q, method=names,
    )  # fmt: skip
    return frame[alarm]


def _drifts(keys: pd.DataFrame, residuals: Floats, expected: Floats, counts: Floats, raw: Floats) -> pd.DataFrame:
    """Alarms of the cumulative sum: weeks in which a slow drift has added up."""
    sums, alarms = cusum(residuals, h=CUSUM_H)
    series, at = np.nonzero(alarms)
    week = counts.shape[1] - residuals.shape[1] + at
    frame = keys.iloc[series].reset_index(drop=True)
    return frame.assign(
        observed=raw[series, week].astype(np.int64), counted=counts[series, week], expected=expected[series, at],
        upper=expected[series, at], score=sums[series, at] / CUSUM_H, at=week, method="cusum",
    )  # fmt: skip


def _once(found: pd.DataFrame) -> pd.DataFrame:
    """Drop an alarm where one below it, of the same week, section or part of it, holds most of the excess."""
    if found.empty:
        return found
    rank = found["level"].map({level: i for i, level in enumerate(LEVELS)}).to_numpy()
    excess = (found["counted"] - found["expected"]).to_numpy()
    section, code = found["section"].to_numpy(object), found["code"].to_numpy(object)
    kept = np.ones(len(found), bool)
    for (_, _), rows in found.reset_index(drop=True).groupby(["at", "method"]):
        at = rows.index.to_numpy()
        for i in at:
            finer = (rank[at] > rank[i]) & ((section[at] == section[i]) | (section[i] == ""))
            same_area = (rank[at] == rank[i]) & (code[at] == code[i])
            finer |= same_area & (section[i] == "") & (at != i)
            kept[i] = not (finer & (excess[at] >= MOST_OF * excess[i])).any()
    return found[kept]


def _finish(found: pd.DataFrame, events: pd.DataFrame, weeks: Weeks, subjects: pd.DataFrame) -> pd.DataFrame:
    codes = subjects["uscc"].to_numpy(object)
    texts = []
    for alarm in found.itertuples():
        own = (events["level"] == alarm.level) & (events["code"] == alarm.code) & (events["week"] == alarm.at)
        if alarm.section:
            own &= events["section"] == alarm.section
        texts.append(json.dumps(codes[events.loc[own, "row"].to_numpy()].tolist()[:MEMBERS]))
    first = weeks.first[found["at"].to_numpy(np.int64)].astype("datetime64[D]").astype("datetime64[s]")
    frame = found.assign(
        area_code=found["code"], area_level=found["level"], week=first,
        section=found["section"].where(found["section"] != "", None), subject_ids=texts,
    )  # fmt: skip
    return contracts.conform("area_alarms", frame[[c for c in contracts.columns("area_alarms") if c in frame]])
