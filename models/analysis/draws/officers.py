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
    officers: Iterable[Officer], *, day: dt.date, libraries: frozenset[str], area_code: str, needed: int = 2
) -> tuple[list[Officer], str]:
    """Officers who may check subjects of some libraries at a place, conflicts aside, and why they are too few.

    Parameters
    ----------
    day : day of the draw; a certificate that ends on it is still valid, a missing one never is
    libraries : libraries of the items to check; an officer needs all of them
    area_code : code of the place of the subject, "" where it is not located
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
    )
    for name, passes in zip(SHORTAGES, steps, strict=False):
        left = [o for o in left if passes(o)]
        if len(left) < needed and not reason:
            reason = name
    return left, reason


def assign(drawn: pd.DataFrame, officers: pd.DataFrame, request: DrawRequest) -> pd.DataFrame:
    """Give every drawn object its officers.

    Objects with the smallest choice come first; each takes the officers with the least work so far. Between equals its
    lot decides: the number ``lot mod n`` of the n equals in the order of their ids, once for every officer of the team.
    Where everybody may check everything no two officers differ by more than one check.

    Returns
    -------
    ``drawn`` with ``officers`` (ids joined by ;, sorted; "" where fewer than needed are left) and ``shortage`` (why,
    or missing).
    """
    needed = request.officers_per_object
    staff = sorted((_officer(row) for row in officers.to_dict("records")), key=lambda o: o.id)
    barred = {subject: {o.id for o in staff if subject in o.conflicts} for o in staff for subject in o.conflicts}
    known: dict[tuple[frozenset[str], str], tuple[list[str], str]] = {}
    choices: dict[str, tuple[list[str], str]] = {}
    for subject, area, need in zip(drawn["subject_id"], drawn["area_code"], _needs(drawn, request), strict=True):
        if (need, area) not in known:
            able, why = qualified(staff, day=request.day, libraries=need, area_code=area, needed=needed)
            known[need, area] = [o.id for o in able], why
        may, why = known[need, area]
        free = [name for name in may if name not in barred[subject]] if subject in barred else may
        choices[subject] = free, why or ("conflict" if len(free) < needed else "")
    load = {officer.id: officer.load for officer in staff}
    given: dict[str, str] = {}
    for subject in sorted(choices, key=lambda s: (len(choices[s][0]), ticket(request.seed, "turn", s))):
        given[subject] = ";".join(sorted(_team(choices[subject][0], load, request, subject)))
    ids = drawn["subject_id"]
    return drawn.assign(
        officers=pd.Series([given[s] for s in ids], index=drawn.index, dtype="str"),
        shortage=pd.Series([None if given[s] else choices[s][1] for s in ids], index=drawn.index, dtype="str"),
    )


def _team(may: list[str], load: dict[str, int], request: DrawRequest, subject: str) -> list[str]:
    """The officers of one check; counts it as work of theirs. Nobody where fewer than needed may go."""
    team: list[str] = []
    if len(may) < request.officers_per_object:
        return team
    for turn in range(request.officers_per_object):
        left = [name for name in may if name not in team]
        least = min(load[name] for name in left)
        equals = [name for name in left if load[name] == least]
        lot = int(ticket(request.seed, "officer", subject, str(turn)), 16)
        team.append(equals[lot % len(equals)])
    for name in team:
        load[name] += 1
    return team


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
