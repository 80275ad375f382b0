"""Abnormal concentration (异常集聚): many firms at one address, of one person, of one contact."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.warnings import episodes as spells
from models.analysis.warnings.address_keys import names_building
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, excess, frame_of, nothing
from models.rules.warning_rules import WarningRule

Ints = npt.NDArray[np.int64]
NO_LONGER_TRADING = r"注销|吊销|撤销|迁出|停业|closed|cancel|revoked"
"""Statuses of firms that are no longer there."""


def address_burst(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Buildings in which ``min_firms`` firms were registered within ``window_days`` (批量注册).

    A building on the whitelist counts only firms registered after its permission ended. Addresses that name no building
    (a village, a street) are left to the scan of cells.
    """
    keys = inputs.keys
    return _bursts(inputs, rule, keys.where(names_building(keys) & ~inputs.lawful()), ("address", "firms_at_address"))


def person_burst(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Persons who became legal representative of ``min_firms`` new firms within ``window_days`` (一人多企).

    Rows without a person's key are left out: in real registers they are one in seven, and together would be the largest
    "person" of all. The key is restricted and is not part of the warning.
    """
    return _bursts(inputs, rule, inputs.subjects["representative_key"], ("person", "firms_of_person"))


def address_crowded(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Buildings whose living firms reached ``min_firms`` (一址多照), from the day of the firm that made it so.

    A lawful cluster is crowded from the day after its permission ends. The condition ends when firms leave and fewer
    are left; since the register does not say when, the end is the business date.
    """
    subjects, minimum = inputs.subjects, rule.days("min_firms")
    keys = inputs.keys
    living = ~subjects["status"].str.contains(NO_LONGER_TRADING, regex=True, na=False).to_numpy(bool)
    days = spells.days_of(subjects["established_on"].to_numpy())
    rows = np.flatnonzero(names_building(keys) & living & (days > 0) & (days <= inputs.today))
    group, names = pd.factorize(keys.iloc[rows])
    order = np.lexsort((days[rows], group))
    count = np.bincount(group, minlength=len(names))
    start = np.cumsum(count) - count
    full = np.flatnonzero(count >= minimum)
    began = days[rows[order[start[full] + minimum - 1]]]
    began = np.maximum(began, _after_permission(names[full], inputs))
    kept = began <= inputs.today
    full, began = full[kept], began[kept]
    owner, at = spells.positions(start[full], start[full] + count[full])
    members = rows[order[at]]
    first = days[rows[order[start[full]]]]
    frame = {
        "target": pd.Series("address:" + names[full].astype(str), dtype="str"),
        "began_on": spells.dates_of(began),
        "window_from": spells.dates_of(first),
        "window_to": spells.dates_of(days[rows[order[start[full] + count[full] - 1]]]),
        "observed": count[full].astype(float),
        "strength": excess(count[full], minimum),
    }
    facts = (Fact("living_firms_at_address", count[full].astype(float), minimum, "firm"),)
    return Candidates(rule, frame_of(frame), facts, members_of(inputs, owner, members))


def contact_burst(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Contacts (telephone or liaison person) that ``min_firms`` annual reports of ``window_days`` share (代办).

    Each firm counts once, on the day its first report with that contact was filed.
    """
    reports = inputs.record("annual_reports", "filed_on")
    reports = reports[reports["contact_key"].notna()].sort_values("filed_on", kind="stable")
    reports = reports.drop_duplicates(["contact_key", "subject_id"]).reset_index(drop=True)
    place = rows_of(inputs, reports["subject_id"])
    reports, place = reports[place >= 0], place[place >= 0]
    events = pd.DataFrame(
        {"key": reports["contact_key"].to_numpy(), "day": spells.days_of(reports["filed_on"].to_numpy()), "row": place}
    )
    return event_bursts(inputs, rule, events, ("contact", "firms_of_contact", "annual_reports"))


def _after_permission(names: pd.Index[str], inputs: Inputs) -> Ints:
    """First day without permission of each key; 0 where it never had one that holds or held until a later day."""
    free = np.zeros(len(names), np.int64)
    for entry in inputs.whitelist:
        free[np.asarray(names == entry.key)] = int(np.datetime64(entry.valid_to).astype(np.int64)) + 1
    return free


def _bursts(inputs: Inputs, rule: WarningRule, keys: pd.Series, words: tuple[str, str]) -> Candidates:
    days = spells.days_of(inputs.subjects["established_on"].to_numpy())
    rows = np.flatnonzero(keys.notna().to_numpy(bool) & (days > 0) & (days <= inputs.today)).astype(np.int64)
    events = pd.DataFrame({"key": keys.to_numpy()[rows], "day": days[rows], "row": rows})
    return event_bursts(inputs, rule, events, (*words, "legal_persons"))


def rows_of(inputs: Inputs, subject_ids: pd.Series) -> Ints:
    """Return the position of each id among the subjects, -1 where it is not one of them."""
    found: Ints = pd.Index(inputs.subjects["uscc"]).get_indexer(pd.Index(subject_ids)).astype(np.int64)
    return found


def event_bursts(
    inputs: Inputs, rule: WarningRule, events: pd.DataFrame, words: tuple[str, str, str], minimum_of: str = "min_firms"
) -> Candidates:
    """Return the episodes in which events of one key came thick.

    Parameters
    ----------
    events : key, day (since 1970), row (position of the subject)
    words : kind of target, key of the fact that counts them, source table
    minimum_of : parameter of the rule that says how many are a burst
    """
    if events.empty:
        return nothing(rule)
    kind, fact, source = words
    minimum, window = rule.days(minimum_of), rule.days("window_days")
    group, names = pd.factorize(events["key"])
    rows = events["row"].to_numpy(np.int64)
    found = spells.episodes(
        group.astype(np.int64),
        events["day"].to_numpy(np.int64),
        minimum=minimum,
        window_days=window,
        quiet_days=rule.days("quiet_days"),
        today=inputs.today,
    )
    owner, at = spells.positions(found.start, found.stop)
    frame = {
        "target": pd.Series(f"{kind}:" + names[found.group].astype(str), dtype="str"),
        "began_on": spells.dates_of(found.began),
        "ended_on": spells.dates_of(found.ended, found.ended),
        "end_reason": ended_because(found.ended, "burst_over"),
        "window_from": spells.dates_of(found.first_event),
        "window_to": spells.dates_of(found.last),
        "observed": found.peak.astype(float),
        "strength": excess(found.week_peak, minimum),
    }
    facts = (
        Fact(fact, found.peak.astype(float), minimum, "firm", source, spells.dates_of(found.last)),
        Fact("window_days", np.full(found.peak.size, float(window)), None, "day", source),
    )
    return Candidates(rule, frame_of(frame), facts, members_of(inputs, owner, rows[found.order[at]]))


def members_of(inputs: Inputs, owner: Ints, rows: Ints) -> pd.DataFrame:
    """Return the member table of `Candidates`: each subject once per candidate."""
    subjects = inputs.subjects
    listed = {
        "candidate": owner,
        "subject_id": subjects["uscc"].to_numpy()[rows],
        "day": subjects["established_on"].to_numpy()[rows],
    }
    return pd.DataFrame(listed).drop_duplicates(["candidate", "subject_id"], ignore_index=True)


def ended_because(ended: Ints, reason: str) -> pd.Series:
    """Return the reason where an episode has ended, missing elsewhere."""
    return pd.Series([reason if e >= 0 else None for e in ended.tolist()], dtype="str")
