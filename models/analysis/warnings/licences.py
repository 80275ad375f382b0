"""Tags of licences and lists that come and go by themselves (许可到期、列入异常名录将满三年)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, frame_of
from models.analysis.warnings.concentration import members_of, rows_of
from models.rules.warning_rules import WarningRule

NEVER = np.int64(2**19)


def licence_expiring(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Licences that end within ``days_before``: from that day to the renewal, the revocation or the end."""
    held = _licences(inputs)
    expires, renewed, revoked = (held[c].to_numpy(np.int64) for c in ("expires", "renewed", "revoked"))
    began = np.maximum(expires - rule.days("days_before"), spells.days_of(held["issued_on"].to_numpy()))
    over = np.minimum(np.minimum(renewed, revoked), expires + 1)
    reason = np.where(over == renewed, "renewed", np.where(over == revoked, "revoked", "expired"))
    return _tags(inputs, rule, held, (began, over, reason), "licences")


def licence_expired(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Licences that have ended and were not renewed: from the day after, for ``days_shown`` or until renewed."""
    held = _licences(inputs)
    expires, renewed, revoked = (held[c].to_numpy(np.int64) for c in ("expires", "renewed", "revoked"))
    began = expires + 1
    over = np.minimum(np.minimum(renewed, revoked), began + rule.days("days_shown"))
    reason = np.where(over == renewed, "renewed", np.where(over == revoked, "revoked", "time_passed"))
    return _tags(inputs, rule, held, (began, over, reason), "licences")


def listing_three_years(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Entries of the abnormal list that reach ``listed_days`` (three years) in ``days_before`` (60) days.

    Ends when the entry is removed, or when the three years are full and the serious list is the next step.
    """
    listings = inputs.record("listings", "listed_on")
    listings = listings[listings["list"] == "abnormal"].reset_index(drop=True)
    full = spells.days_of(listings["listed_on"].to_numpy()) + rule.days("listed_days")
    removed = _or_never(listings["removed_on"])
    held = listings.assign(expires=full, id=listings["listing_id"])
    over = np.minimum(removed, full)
    reason = np.where(removed < full, "removed_from_list", "three_years_reached")
    return _tags(inputs, rule, held, (full - rule.days("days_before"), over, reason), "listings")


def _or_never(dates: pd.Series) -> spells.Ints:
    return np.where(dates.isna(), NEVER, spells.days_of(dates.to_numpy()))


def _licences(inputs: Inputs) -> pd.DataFrame:
    """Licences that end one day, with the day of their revocation and of the next licence of the same kind.

    A renewal that takes effect on the day after the end, or in the future, was granted in advance: such a licence was
    renewed all along.
    """
    licences = inputs.records["licences"]
    licences = licences.assign(
        expires=_or_never(licences["expires_on"]),
        issued=spells.days_of(licences["issued_on"].to_numpy()),
        revoked=_or_never(licences["revoked_on"].where(licences["revoked_on"] <= inputs.as_of)),
        id=licences["licence_id"],
    ).sort_values(["subject_id", "kind", "issued", "expires"], ignore_index=True)
    follows = licences[["subject_id", "kind"]].shift(-1).eq(licences[["subject_id", "kind"]]).all(axis=1)
    longer = licences["expires"].shift(-1) > licences["expires"]
    following = licences["issued"].shift(-1).where(follows & longer, NEVER).astype("int64")
    advance = (following < NEVER) & ((following == licences["expires"] + 1) | (following > inputs.today))
    licences["renewed"] = following.where(~advance, licences["issued"])
    shown = (licences["expires"] < NEVER) & (licences["issued"] <= inputs.today)
    return licences[shown].reset_index(drop=True)


Spell = tuple[spells.Ints, spells.Ints, npt.NDArray[np.str_]]


def _tags(inputs: Inputs, rule: WarningRule, held: pd.DataFrame, spell: Spell, source: str) -> Candidates:
    """Tags from ``began`` to ``over``; none where it was over before it began or begins after the business date."""
    began, over, reason = spell
    rows = rows_of(inputs, held["subject_id"])
    at = np.flatnonzero((rows >= 0) & (began <= inputs.today) & (over > began))
    ended = np.where(over[at] <= inputs.today, over[at], -1)
    ids = inputs.subjects["uscc"].to_numpy()[rows[at]]
    left = held["expires"].to_numpy(np.int64)[at] - inputs.today
    frame = {
        "target": held["id"].astype("str").iloc[at].reset_index(drop=True),
        "subject_id": ids,
        "began_on": spells.dates_of(began[at]),
        "ended_on": spells.dates_of(ended, ended),
        "end_reason": pd.Series(reason[at], dtype="str").where(pd.Series(ended >= 0)),
        "window_from": spells.dates_of(began[at]),
        "window_to": spells.dates_of(np.maximum(began[at], np.minimum(over[at], inputs.today))),
        "observed": left.astype(float),
        "strength": np.zeros(at.size),
    }
    facts = (
        Fact(
            "days_left",
            left.astype(float),
            None,
            "day",
            source,
            spells.dates_of(held["expires"].to_numpy(np.int64)[at]),
        ),
    )
    return Candidates(rule, frame_of(frame), facts, members_of(inputs, np.arange(at.size, dtype=np.int64), rows[at]))
