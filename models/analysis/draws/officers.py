"""Officers of a draw: only valid certificates, the right expertise, the own area, no conflict; work spread evenly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.analysis.draws.tickets import ticket

if TYPE_CHECKING:
    from models.analysis.draws.draw import DrawRequest

EVERYWHERE = "*"
SHORTAGES = ("certificate", "expertise", "area", "conflict")
"""Why too few are left, in the order in which officers drop out; ``staff`` where there were too few to begin with."""


@dataclass(frozen=True)
class Officer:
    """One officer as a draw sees them."""

    id: str
    areas: tuple[str, ...]
    expertise: frozenset[str]
    until: dt.date | None
    conflicts: frozenset[str]
    load: int

    def serves(self, area_code: str) -> bool:
        """Whether the place lies in an area served: codes are hierarchical, "*" is the whole city."""
        return any(area == EVERYWHERE or (area_code != "" and area_code.startswith(area)) for area in self.areas)


def qualified(
    officers: Iterable[Officer],
    *,
    day: dt.date,
    libraries: frozenset[str],
    area_code: str,
    subject_id: str,
    needed: int = 2,
) -> tuple[list[Officer], str]:
    """Officers who may check a subject, and what took away the last of the others.

    Parameters
    ----------
    day : day of the draw; a certificate that ends on it is still valid, a missing one never is
    libraries : libraries of the items to check; an officer needs all of them
    area_code : code of the place of the subject, "" where it is not located
    subject_id : the subject, looked up in each officer's list of conflicts
    needed : officers of one check

    Returns
    -------
    Officers left, and the first of `SHORTAGES` that left fewer than needed ("" where enough are left).
    """
    left = list(officers)
    reason = "staff" if len(left) < needed else ""
    steps: tuple[Callable[[Officer], bool], ...] = (
        lambda o: o.until is not None and o.until >= day,
        lambda o: libraries <= o.expertise,
        lambda o: o.serves(area_code),
        lambda o: subject_id not in o.conflicts,
    )
    for name, passes in zip(SHORTAGES, steps, strict=True):
        left = [o for o in left if passes(o)]
        if len(left) < needed and not reason:
            reason = name
    return left, reason


def assign(drawn: pd.DataFrame, officers: pd.DataFrame, request: DrawRequest) -> pd.DataFrame:
    """Give every drawn object its officers.

    Objects with the smallest choice come first; each takes the officers with the least work so far, lots deciding
    between equals. Where everybody may check everything no two officers differ by more than one check.

    Returns
    -------
    ``drawn`` with ``officers`` (ids joined by ;, sorted; "" where fewer than needed are left) and ``shortage`` (why,
    or missing).
    """
    staff = [_officer(row) for row in officers.to_dict("records")]
    needs = _needs(drawn, request)
    choices = {
        str(subject): qualified(
            staff,
            day=request.day,
            libraries=need,
            area_code=str(area),
            subject_id=str(subject),
            needed=request.officers_per_object,
        )
        for subject, area, need in zip(drawn["subject_id"], drawn["area_code"], needs, strict=True)
    }
    load = {officer.id: officer.load for officer in staff}
    given: dict[str, str] = {}
    for subject in sorted(choices, key=lambda s: (len(choices[s][0]), ticket(request.seed, "turn", s))):
        may = choices[subject][0]
        if len(may) < request.officers_per_object:
            given[subject] = ""
            continue
        ranked = sorted(may, key=lambda o: (load[o.id], ticket(request.seed, "officer", subject, o.id)))
        team = sorted(o.id for o in ranked[: request.officers_per_object])
        for name in team:
            load[name] += 1
        given[subject] = ";".join(team)
    ids = drawn["subject_id"]
    why = [None if given[s] else choices[s][1] for s in ids]
    return drawn.assign(
        officers=pd.Series([given[s] for s in ids], index=drawn.index, dtype="str"),
        shortage=pd.Series(why, index=drawn.index, dtype="str"),
    )


def _needs(drawn: pd.DataFrame, request: DrawRequest) -> list[frozenset[str]]:
    asked = {item.library for item in request.items}
    return [frozenset(asked & set(str(own).split(";"))) for own in drawn["libraries"].fillna("")]


def _officer(row: dict[Any, Any]) -> Officer:
    until = row.get("certificate_until")
    load = row.get("load")
    return Officer(
        str(row["officer_id"]),
        _listed(row.get("area_codes")),
        frozenset(_listed(row.get("expertise"))),
        None if until is None or pd.isna(until) else pd.Timestamp(until).date(),
        frozenset(_listed(row.get("conflicts"))),
        0 if load is None or pd.isna(load) else int(load),
    )


def _listed(value: Any) -> tuple[str, ...]:
    if value is None or (isinstance(value, float) and pd.isna(value)) or value is pd.NA:
        return ()
    return tuple(part for part in str(value).split(";") if part)
