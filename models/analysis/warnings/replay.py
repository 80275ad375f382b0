"""The warnings of the last weeks, replayed: every build finds the same episodes on the same days.

Each detector dates its candidates by the records alone, so what was raised in a week does not depend on when a build
ran.
A warning's key is the hash of its rule, its target and the first day of its episode: the same episode is one warning,
however often it is computed; another episode of the same target is another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models import contracts
from models.analysis.warnings import episodes as spells
from models.analysis.warnings.budget import allot
from models.analysis.warnings.candidates import Candidates, Inputs
from models.analysis.warnings.evidence import evidence_of
from models.analysis.warnings.explained import unexplained
from models.rules.warning_rules import Budget

NEVER = 2**31


def replay(
    found: Sequence[Candidates], inputs: Inputs, *, alerts_per_week: int, lookback_weeks: int, budget: Budget
) -> pd.DataFrame:
    """Return the ``warnings`` product.

    Parameters
    ----------
    found : candidates of every rule
    inputs : what the detectors looked at, for the places of subjects
    alerts_per_week, lookback_weeks : of the city
    budget : how they compete

    Returns
    -------
    Frame on contract, by week, lane and rank: what was raised in the last ``lookback_weeks``, and what was raised
    before and still holds or ended since. Candidates of twice these weeks compete, so the first weeks shown had their
    usual rivals. Tags and data faults (lane "own") are listed without competing, ranked after the others of their week.
    """
    found = unexplained(found, budget.explained_share)
    pool = _pool(found)
    if pool.empty:
        return contracts.empty("warnings")
    last = spells.iso_week_end(np.array([inputs.today], np.int64))[0] // 7
    weeks = np.arange(last - 2 * lookback_weeks + 1, last + 1, dtype=np.int64)
    since = weeks[lookback_weeks]
    recent = pool["ended_week"] >= since
    own = pool["own"] & ((pool["week"] >= since) | recent)
    competing = pool[~pool["own"] & pool["week"].between(weeks[0], weeks[-1])]
    ranked = allot(competing, alerts_per_week=alerts_per_week, budget=budget, weeks=weeks)
    ranked = ranked[(ranked["raised_week"] >= since) | recent.loc[ranked.index]]
    tags = pool[own].sort_values(["week", "score", "key"], ascending=[True, False, True])
    after = ranked.groupby("raised_week")["rank"].max().reindex(tags["week"], fill_value=0).to_numpy()
    tags = tags.assign(raised_week=tags["week"], rank=after + tags.groupby("week").cumcount().to_numpy() + 1)
    kept = pd.concat([pool.loc[ranked.index].assign(**ranked), tags])
    return _finish(kept, found, inputs)


def _pool(found: Sequence[Candidates]) -> pd.DataFrame:
    """All candidates in one frame, with where they come from, score, weeks and key."""
    parts = [
        c.frame.assign(
            source=i,
            position=np.arange(len(c)),
            rule_id=c.rule.id,
            rule_version=c.rule.version,
            theme=c.rule.theme,
            severity=c.rule.severity,
            data_fault=c.rule.data_fault,
            own=c.rule.lane == "own",
            score=c.rule.severity * (1.0 + c.frame["strength"].fillna(0.0)),
        )
        for i, c in enumerate(found)
        if len(c)
    ]
    if not parts:
        return pd.DataFrame()
    pool = pd.concat(parts, ignore_index=True)
    began = spells.days_of(pool["began_on"].to_numpy())
    ended = spells.days_of(pool["ended_on"].to_numpy())
    pool["week"] = spells.iso_week_end(began) // 7
    pool["ended_week"] = np.where(pool["ended_on"].isna(), NEVER, spells.iso_week_end(ended) // 7)
    days = np.datetime_as_string(spells.dates_of(began), unit="D")
    pool["key"] = [
        hashlib.sha256(f"{rule}\n{target}\n{day}".encode()).hexdigest()[:16]
        for rule, target, day in zip(pool["rule_id"].tolist(), pool["target"].tolist(), days.tolist(), strict=True)
    ]
    return pool.drop_duplicates("key", ignore_index=True)


def week_names(week_numbers: npt.NDArray[np.int64]) -> list[str]:
    """Return YYYY-Www of ISO weeks given as their Sunday's day number // 7."""
    sundays = pd.Series((week_numbers * 7 + 3).astype("datetime64[D]").astype("datetime64[s]"))
    parts = sundays.dt.isocalendar()
    return [f"{y}-W{w:02d}" for y, w in zip(parts["year"].tolist(), parts["week"].tolist(), strict=True)]


def _finish(kept: pd.DataFrame, found: Sequence[Candidates], inputs: Inputs) -> pd.DataFrame:
    """Add places, members and evidence to the raised candidates and bring them on contract."""
    kept = kept.sort_values(["raised_week", "rank", "key"], ignore_index=True)
    monday = spells.dates_of((kept["raised_week"].to_numpy(np.int64) * 7 + 3) - 6)
    began = kept["began_on"].to_numpy()
    kept["raised_on"] = np.where(kept["raised_week"] == kept["week"], began, monday)
    kept["window_from"] = np.minimum(kept["window_from"].to_numpy(), kept["window_to"].to_numpy())
    kept["warning_key"] = kept["key"].astype("str")
    kept["week"] = pd.Series(week_names(kept["raised_week"].to_numpy(np.int64)), dtype="str")
    groups = kept.groupby("source", sort=True).indices
    parts = [evidence_of(found[int(str(i))], kept.iloc[at], inputs) for i, at in groups.items()]
    described = pd.concat(parts).loc[kept.index]
    for column in described.columns:
        known = described[column]
        kept[column] = kept[column].where(kept[column].notna(), known) if column in kept else known
    return contracts.conform("warnings", kept[[c for c in contracts.columns("warnings") if c in kept]])
