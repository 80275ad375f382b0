"""The classified subjects with everything that is recorded about them, made ready for a look at any day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.analysis.classification import relations
from models.analysis.classification.events import NEVER, Events, Floats, Ints, days, events_of
from models.analysis.classification.visits import visit_events, visit_table
from models.analysis.warnings.address_keys import Lawful

WISHES = (
    "inspections",
    "findings",
    "penalties",
    "complaints",
    "listings",
    "licences",
    "annual_reports",
    "changes",
    "investments",
    "credit_repairs",
    "confirmed_warnings",
)
"""Record tables the indicators read where a city has them."""


@dataclass(frozen=True)
class Subjects:
    """The classified subjects and all their records, in the order of ``ids``; made once by `prepare`.

    Attributes
    ----------
    ids : their ids
    established : day of establishment, `NEVER` where it is not known
    living : False for those whose status says that they are gone
    capital, capital_ratio, risk_words, revoked : of the register as it stands
    building, representative : numbers of the groups, -1 for none
    clusters : lawful clusters among the buildings: which subjects, first and last day
    events : record kind -> events
    weights : weight of an event by its age in years
    first_report : first year about which the city holds annual reports
    """

    ids: pd.Index
    established: Ints
    living: npt.NDArray[np.bool_]
    capital: Floats
    capital_ratio: Floats
    risk_words: Floats
    revoked: npt.NDArray[np.bool_]
    building: Ints
    representative: Ints
    clusters: tuple[tuple[npt.NDArray[np.bool_], int, int], ...]
    events: Mapping[str, Events]
    weights: tuple[float, ...]
    first_report: int

    @property
    def n(self) -> int:
        """Number of subjects."""
        return len(self.ids)

    def existing(self, day: int) -> npt.NDArray[np.bool_]:
        """Which subjects exist on a day; those without a day of establishment always do."""
        found: npt.NDArray[np.bool_] = (self.established <= day) | (self.established == NEVER)
        return found


def prepare(
    subjects: pd.DataFrame,
    records: Mapping[str, pd.DataFrame],
    weights: Sequence[float],
    risk_words: Mapping[str, Sequence[str]] | None = None,
    whitelist: Sequence[Lawful] = (),
) -> Subjects:
    """Return everything the indicators of any day are computed from.

    Parameters
    ----------
    subjects : n rows of ``subjects``, or of ``premises`` brought into its columns (`of_premises`)
    records : tables of `WISHES` by name; an empty one means that the city does not record the kind
    weights : weight of an event in its first, second, ... year
    risk_words : group of trades -> words in the business scope
    whitelist : lawful clusters; while one is permitted, its subjects have no neighbours that count
    """
    ids = pd.Index(subjects["uscc"], name="subject_id")
    status = subjects["status"].astype("str").fillna("")
    capital = subjects["capital_cny"].to_numpy(np.float64)
    usable = (subjects["capital_flag"] == "ok").fillna(False).to_numpy(bool) & (capital > 0)
    capital = np.where(usable, capital, np.nan)
    reports = records["annual_reports"]
    building, keys = relations.building_codes(subjects)
    return Subjects(
        ids=ids,
        established=days(subjects["established_on"]),
        living=~status.str.contains("注销|吊销", regex=True).to_numpy(bool),
        capital=capital,
        capital_ratio=_against_peers(capital, subjects["industry_section"]),
        risk_words=_words(subjects["scope_text"], risk_words or {}),
        revoked=status.str.contains("吊销", regex=False).to_numpy(bool),
        building=building,
        clusters=tuple(
            ((keys == one.key).to_numpy(bool), _day(one.valid_from), _day(one.valid_to)) for one in whitelist
        ),
        representative=relations.group_codes(subjects["representative_key"]),
        events=_events(records, ids),
        weights=tuple(weights),
        first_report=int(reports["report_year"].min()) if len(reports) else 0,
    )


def of_premises(premises: pd.DataFrame) -> pd.DataFrame:
    """Return places of business in the columns of subjects; what a register would know stays missing."""
    own = premises[["premises_id", "name", "address", "district_code"]]
    known = own.rename(columns={"premises_id": "uscc"})
    texts = ("status", "capital_flag", "industry_section", "scope_text", "representative_key", "place_id")
    blank = {text: pd.Series(None, index=known.index, dtype="str") for text in texts}
    blank["established_on"] = pd.Series(pd.NaT, index=known.index, dtype="datetime64[s]")
    blank["capital_cny"] = pd.Series(np.nan, index=known.index)
    blank["match_level"] = pd.Series(pd.NA, index=known.index, dtype="Int64")
    return known.assign(**blank)


def _day(date: dt.date) -> int:
    return (date - dt.date(1970, 1, 1)).days


def _against_peers(capital: Floats, section: pd.Series) -> Floats:
    median = pd.Series(capital).groupby(section.to_numpy(object)).transform("median").to_numpy(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = np.log10(capital / median)
    return ratio


def _words(scope: pd.Series, groups: Mapping[str, Sequence[str]]) -> Floats:
    """Number of groups with a word in the scope; NaN where no scope is known or no words are asked for."""
    text = pa.array(scope.astype("str"), type=pa.string(), from_pandas=True)
    found = np.zeros(len(scope)) if groups else np.full(len(scope), np.nan)
    for words in groups.values():
        hit = [pc.fill_null(pc.match_substring(text, word), False).to_numpy(zero_copy_only=False) for word in words]
        found += np.any(hit, axis=0)
    return np.where(scope.isna().to_numpy(), np.nan, found)


def _events(records: Mapping[str, pd.DataFrame], ids: pd.Index) -> dict[str, Events]:
    inspections, findings = records["inspections"], records["findings"]
    listings, penalties, complaints = records["listings"], records["penalties"], records["complaints"]
    visits = visit_table(inspections, findings)
    looked = len(inspections) > 0
    high = findings["severity"] == "high"
    listed = events_of(listings, ids, "listed_on", ("removed_on", "list", "removal"))
    abnormal, serious = (listed.only(listed.values["list"] == name) for name in ("abnormal", "serious"))
    ended = events_of(listings[listings["removed_on"].notna()], ids, "removed_on", ("list", "removal"))
    rejected = complaints["closed_on"].where(complaints["outcome"] == "rejected")
    repairs = records["credit_repairs"]
    licences = records["licences"]
    kinds, _ = pd.factorize(licences["kind"])
    return {
        "visits": visit_events(visits, ids, recorded=looked),
        "checks": events_of(inspections, ids, "inspected_on"),
        "unreachable": _of(inspections, inspections["result"] == "unreachable", ids, "inspected_on"),
        "findings": _of(findings, findings["severity"].notna(), ids, "found_on", recorded=looked),
        "findings_high": _of(findings, high, ids, "found_on", recorded=looked),
        "penalties": events_of(penalties, ids, "decided_on"),
        "revocations": _of(penalties, penalties["kind"] == "revocation", ids, "decided_on"),
        "complaints": events_of(complaints.assign(rejected=rejected), ids, "received_on", ("rejected",)),
        "abnormal": abnormal,
        "serious": serious,
        "abnormal_ended": Events(ended.pos, ended.day, ended.values, listed.recorded).only(
            (ended.values["list"] == "abnormal") & (ended.values["removal"] != "correction")
        ),
        "licences": events_of(licences.assign(code=kinds), ids, "issued_on", ("expires_on", "revoked_on", "code")),
        "reports": events_of(records["annual_reports"], ids, "filed_on", ("report_year", "paid_in_cny")),
        "changes": events_of(records["changes"], ids, "changed_on"),
        "holdings": relations.holdings(records["investments"], ids),
        "repairs": _of(repairs, repairs["result"] == "accepted", ids, "decided_on"),
        "warnings": events_of(records["confirmed_warnings"], ids, "closed_on"),
    }


def _of(frame: pd.DataFrame, rows: pd.Series, ids: pd.Index, dated: str, *, recorded: bool | None = None) -> Events:
    """Events of some rows; none of them is not the same as not recorded."""
    found = events_of(frame[rows.fillna(False).to_numpy(bool)], ids, dated)
    return Events(found.pos, found.day, found.values, len(frame) > 0 if recorded is None else recorded)
