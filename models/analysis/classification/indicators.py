"""Indicators of all subjects on any day, from records that were known by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from models.analysis.classification import relations
from models.analysis.classification.events import (
    DAYS_PER_YEAR,
    NEVER,
    Floats,
    counted,
    decayed,
    last_value,
    present,
)
from models.analysis.classification.population import Subjects

DAYS_PER_MONTH = DAYS_PER_YEAR / 12
REPORT_DUE = (6, 30)
"""Last month and day on which the annual report about the year before may be published (Order 68 of 2014)."""


def indicators(subjects: Subjects, day: int, names: Sequence[str]) -> pd.DataFrame:
    """Return indicators of all subjects on a day; n rows, one float column per name, NaN where not known.

    Only records dated on or before the day count; the register (`models.contracts.levels.UNDATED`) is taken as it is
    now.
    """
    return pd.DataFrame({name: INDICATORS[name](subjects, day) for name in names}, copy=False)


def _age(s: Subjects, day: int) -> Floats:
    return np.where(s.established == NEVER, np.nan, (day - s.established) / DAYS_PER_YEAR)


def _decayed(kind: str) -> Callable[[Subjects, int], Floats]:
    return lambda s, day: decayed(s.events[kind], day, s.weights, s.n)


def _last(name: str) -> Callable[[Subjects, int], Floats]:
    return lambda s, day: last_value(s.events["visits"], day, s.n, name)


def _complaints(s: Subjects, day: int) -> Floats:
    events = s.events["complaints"]
    return decayed(events.only(events.values["rejected"].astype(np.int64) > day), day, s.weights, s.n)


def _paid_in(s: Subjects, day: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        share: Floats = last_value(s.events["reports"], day, s.n, "paid_in_cny") / s.capital
    return share


def _reports_missing(s: Subjects, day: int) -> Floats:
    events = s.events["reports"]
    if not events.recorded:
        return np.full(s.n, np.nan)
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    last = date.year - 1 if (date.month, date.day) > REPORT_DUE else date.year - 2
    known = events.until(day)
    pos, years = events.pos[known], events.values["report_year"][known].astype(np.int64)
    missing = np.zeros(s.n)
    for year in range(max(last - 1, s.first_report), last + 1):
        filed = np.zeros(s.n, dtype=bool)
        filed[pos[years == year]] = True
        end = int(np.datetime64(f"{year}-12-31", "D").astype(np.int64))
        missing += s.existing(end) & ~filed
    return missing


def _licences_expired(s: Subjects, day: int) -> Floats:
    events = s.events["licences"]
    if not events.recorded:
        return np.full(s.n, np.nan)
    known = events.until(day)
    valid = events.values["revoked_on"][known].astype(np.int64) > day
    kind, ends = events.values["code"][known].astype(np.int64), events.values["expires_on"][known].astype(np.int64)
    pairs, group = np.unique(events.pos[known][valid] * (kind.max(initial=0) + 1) + kind[valid], return_inverse=True)
    latest = np.full(pairs.size, -NEVER)
    np.maximum.at(latest, group, ends[valid])
    owner = pairs[latest < day] // (kind.max(initial=0) + 1)
    return np.bincount(owner, minlength=s.n).astype(np.float64)


def _revoked(s: Subjects, day: int) -> Floats:
    found = s.revoked.astype(np.float64)
    events = s.events["licences"]
    known = events.until(day)
    found[events.pos[known][events.values["revoked_on"][known].astype(np.int64) <= day]] = 1.0
    revoked = s.events["revocations"]
    found[revoked.pos[revoked.until(day)]] = 1.0
    return found


def _mean_of(name: str) -> Callable[[Subjects, int], Floats]:
    """Mean of a value over the earlier visits that have one."""

    def mean(s: Subjects, day: int) -> Floats:
        events = s.events["visits"]
        known = events.until(day)
        value, pos = events.values[name][known].astype(np.float64), events.pos[known]
        has = ~np.isnan(value)
        count = np.bincount(pos[has], minlength=s.n).astype(np.float64)
        found = np.full(s.n, np.nan)
        np.divide(np.bincount(pos[has], weights=value[has], minlength=s.n), count, out=found, where=count > 0)
        return found

    return mean


def _since_inspection(s: Subjects, day: int) -> Floats:
    events = s.events["checks"]
    known = events.until(day)
    last = np.full(s.n, np.nan)
    last[events.pos[known]] = events.day[known]
    return (day - last) / DAYS_PER_MONTH


def _same_address(s: Subjects, day: int) -> Floats:
    found = relations.others_of(s.building, s.living & s.existing(day))
    for members, first, last in s.clusters:
        if first <= day <= last:
            found[members] = 0.0
    return found


def _related(s: Subjects, day: int) -> Floats:
    own = decayed(s.events["penalties"], day, s.weights, s.n)
    return relations.related_sum(own, s.representative, s.events["holdings"], day)


INDICATORS: Mapping[str, Callable[[Subjects, int], Floats]] = {
    "age_years": _age,
    "capital_ratio": lambda s, _: s.capital_ratio,
    "paid_in_share": _paid_in,
    "reports_missing": _reports_missing,
    "abnormal_now": lambda s, day: present(s.events["abnormal"], day, s.n, "removed_on"),
    "abnormal_past": _decayed("abnormal_ended"),
    "changes_12m": lambda s, day: counted(s.events["changes"], s.n, day - 364, day),
    "licences_expired": _licences_expired,
    "scope_risk_words": lambda s, _: s.risk_words,
    "findings": _decayed("findings"),
    "findings_high": _decayed("findings_high"),
    "penalties": _decayed("penalties"),
    "unreachable": _decayed("unreachable"),
    "warnings_confirmed": _decayed("warnings"),
    "serious_now": lambda s, day: present(s.events["serious"], day, s.n, "removed_on"),
    "revoked": _revoked,
    "months_since_inspection": _since_inspection,
    "visits": lambda s, day: counted(s.events["visits"], s.n, -int(NEVER), day),
    "fault_share": _mean_of("faults"),
    "serious_share": _mean_of("serious"),
    "last_score": _last("score"),
    "mean_score": _mean_of("score"),
    "last_findings": _last("findings"),
    "last_findings_high": _last("high"),
    "same_address": _same_address,
    "same_representative": lambda s, day: relations.others_of(s.representative, s.living & s.existing(day)),
    "related_penalised": _related,
    "complaints": _complaints,
    "repairs": _decayed("repairs"),
}
"""Indicator -> its values of all subjects on a day; the names are those of `models.contracts.levels.INDICATORS`."""
