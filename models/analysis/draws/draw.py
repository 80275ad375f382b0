"""A double-random draw: objects by level ratios with a random control group, two officers for each.

Ratios apply to all eligible firms of a level, as local plans publish them (``data/rules/draws.toml``). The control
group is drawn first, from everybody, and counts towards the quota of its level: the draw keeps its ratios, and what
`selected_by` = random marks is a simple random sample of the whole population, from which a hit rate of each level can
be estimated without the level having chosen. Does not account for weights inside a level: there every firm has the same
chance.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from models.analysis.draws.officers import assign
from models.analysis.draws.tickets import ticket, tickets
from models.errors import RequestError

__all__ = ["DrawRequest", "DrawResult", "Item", "draw", "inputs_hash", "quota", "reproduces", "ticket"]

LEVELS = ("A", "B", "C", "D")
OBJECT_COLUMNS = ("subject_id", "level", "area_code", "libraries", "drawn_before")
OFFICER_COLUMNS = ("officer_id", "area_codes", "expertise", "certificate_until", "conflicts", "load")


@dataclass(frozen=True)
class Item:
    """One check item (抽查事项) and the library of objects it belongs to."""

    code: str
    library: str


@dataclass(frozen=True)
class DrawRequest:
    """What is drawn.

    Attributes
    ----------
    seed : text that decides the lots; published with the draw
    day : day of the draw; certificates must be valid on it, and its year is the year of no repeat
    items : check items; an object gets those whose library it belongs to
    shares : level -> share of its eligible firms, 0 < share <= 1
    control_share : share of the drawn objects that is taken whatever the level
    rule_version, scheme : where the shares come from
    officers_per_object : officers of one check
    part : part of the year's ratio that this draw takes, 0 < part <= 1
    """

    seed: str
    day: dt.date
    items: tuple[Item, ...]
    shares: Mapping[str, float]
    control_share: float
    rule_version: str
    scheme: str
    officers_per_object: int = 2
    part: float = 1.0

    def checked(self) -> DrawRequest:
        """Itself; raises RequestError where something is off."""
        if not self.seed:
            raise RequestError("a draw needs a seed; it is published so that anybody can draw again")
        if not self.items:
            raise RequestError("a draw needs at least one check item")
        bad = [level for level in LEVELS if not 0 < self.shares.get(level, 0) <= 1]
        if bad:
            raise RequestError(f"shares of level {', '.join(bad)}: needed is a number above 0 up to 1 for every level")
        if not 0 <= self.control_share <= 1 or not 0 < self.part <= 1 or self.officers_per_object < 1:
            raise RequestError("control share within 0 and 1, part above 0 up to 1, at least one officer per object")
        return self


@dataclass(frozen=True)
class DrawResult:
    """What came out.

    Attributes
    ----------
    objects : one row per drawn subject in the order of drawing: subject_id, level, area_code, selected_by (random |
        risk), ticket, position (1 = first), officers (ids joined by ;, "" where staff is missing), shortage
    pairs : one row per subject and item: subject_id, item_code
    counts : one row per level: level, eligible, earlier (drawn this year before), quota, drawn, random, short
    inputs_hash : sha256 of everything that went in but the seed
    """

    objects: pd.DataFrame
    pairs: pd.DataFrame
    counts: pd.DataFrame
    inputs_hash: str


def quota(share: float, eligible: int, part: float = 1.0) -> int:
    """Firms to draw of a level: the share rounded half up, at least 1 where there is any firm, at most all.

    Differs from the exact share by less than one firm; a level with firms is never left out (A included).
    """
    return min(eligible, max(1, math.floor(share * part * eligible + 0.5))) if eligible else 0


def draw(request: DrawRequest, objects: pd.DataFrame, officers: pd.DataFrame) -> DrawResult:
    """Draw objects and officers.

    Parameters
    ----------
    request : seed, day, items, ratios
    objects : eligible subjects: subject_id (unique str), level (A-D), area_code (str, "" where un-located), libraries
        (joined by ;), drawn_before (bool: drawn in the same year already)
    officers : staff: officer_id, area_codes, expertise, conflicts (each joined by ;), certificate_until (date or
        missing), load (open checks, 0 where absent)

    Raises
    ------
    RequestError : the request, a level or a repeated subject is off
    """
    request.checked()
    frame = _canonical(objects)
    free = frame[~frame["drawn_before"]]
    sizes = {level: int((frame["level"] == level).sum()) for level in LEVELS}
    quotas = {level: quota(request.shares[level], sizes[level], request.part) for level in LEVELS}
    control = _first(free, request.seed, "control", _control_size(sum(quotas.values()), request.control_share))
    chosen = [control.assign(selected_by="random")]
    rest = free[~free["subject_id"].isin(control["subject_id"])]
    for level in LEVELS:
        missing = quotas[level] - int((control["level"] == level).sum())
        chosen.append(_first(rest[rest["level"] == level], request.seed, "risk", missing).assign(selected_by="risk"))
    drawn = pd.concat(chosen, ignore_index=True).sort_values(["ticket", "subject_id"], ignore_index=True)
    drawn = drawn.assign(position=np.arange(1, len(drawn) + 1))
    staffed = assign(drawn, officers, request)
    kept = ["subject_id", "level", "area_code", "selected_by", "ticket", "position", "officers", "shortage"]
    return DrawResult(
        staffed[kept],
        _pairs(drawn, request.items),
        _counts(frame, drawn, quotas),
        inputs_hash(request, frame, officers),
    )


def reproduces(result: DrawResult, request: DrawRequest, objects: pd.DataFrame, officers: pd.DataFrame) -> bool:
    """Whether drawing again from the same inputs gives the same objects, officers, pairs and hash."""
    again = draw(request, objects, officers)
    same = [
        mine.reset_index(drop=True).equals(theirs.reset_index(drop=True))
        for mine, theirs in ((result.objects, again.objects), (result.pairs, again.pairs))
    ]
    return again.inputs_hash == result.inputs_hash and all(same)


def inputs_hash(request: DrawRequest, objects: pd.DataFrame, officers: pd.DataFrame) -> str:
    """sha256 over request (without its seed), objects and officers, whatever the order of rows and columns.

    Frames go in as CSV (UTF-8, line feed) in the order of `OBJECT_COLUMNS` and `OFFICER_COLUMNS`, sorted by id, missing
    values empty, days as YYYY-MM-DD, truth as 0 and 1.
    """
    asked = asdict(replace(request, seed="-")) | {"day": request.day.isoformat()}
    digest = hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode())
    people = objects.reindex(columns=list(OBJECT_COLUMNS)).sort_values("subject_id")
    people = people.assign(drawn_before=people["drawn_before"].astype(bool).astype(int))
    staff = officers.reindex(columns=list(OFFICER_COLUMNS)).sort_values("officer_id")
    until = pd.to_datetime(staff["certificate_until"]).dt.strftime("%Y-%m-%d")
    staff = staff.assign(certificate_until=until, load=staff["load"].fillna(0).astype(int))
    for frame in (people, staff):
        digest.update(frame.to_csv(index=False, lineterminator="\n", na_rep="").encode())
    return digest.hexdigest()


def _canonical(objects: pd.DataFrame) -> pd.DataFrame:
    twice = objects.loc[objects["subject_id"].duplicated(), "subject_id"].head(3).tolist()
    if twice:
        raise RequestError(f"a subject stands twice among the objects of a draw: {', '.join(twice)}")
    unknown = sorted(set(objects["level"].dropna()) - set(LEVELS)) + ["missing"] * bool(objects["level"].isna().any())
    if unknown:
        raise RequestError(f"levels of the objects of a draw: {', '.join(unknown)}; needed: {', '.join(LEVELS)}")
    frame = objects.reindex(columns=list(OBJECT_COLUMNS)).sort_values("subject_id", ignore_index=True)
    return frame.assign(area_code=frame["area_code"].fillna(""), drawn_before=frame["drawn_before"].astype(bool))


def _control_size(total: int, share: float) -> int:
    return min(total, max(1, math.floor(total * share + 0.5))) if total and share else 0


def _first(frame: pd.DataFrame, seed: str, purpose: str, size: int) -> pd.DataFrame:
    """The ``size`` rows with the lowest lots."""
    lots = frame.assign(ticket=np.array(tickets(seed, purpose, frame["subject_id"]), dtype=object))
    return lots.sort_values(["ticket", "subject_id"]).head(max(0, size))


def _pairs(drawn: pd.DataFrame, items: tuple[Item, ...]) -> pd.DataFrame:
    libraries = [str(text).split(";") for text in drawn["libraries"]]
    parts = [
        pd.DataFrame(
            {"subject_id": drawn.loc[[i.library in own for own in libraries], "subject_id"], "item_code": i.code}
        )
        for i in items
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["subject_id", "item_code"], ignore_index=True)


def _counts(frame: pd.DataFrame, drawn: pd.DataFrame, quotas: Mapping[str, int]) -> pd.DataFrame:
    def of(rows: pd.DataFrame) -> pd.Series:
        return rows["level"].value_counts().reindex(LEVELS, fill_value=0)

    found = pd.DataFrame(
        {
            "level": LEVELS,
            "eligible": of(frame).to_numpy(),
            "earlier": of(frame[frame["drawn_before"]]).to_numpy(),
            "quota": [quotas[level] for level in LEVELS],
            "drawn": of(drawn).to_numpy(),
            "random": of(drawn[drawn["selected_by"] == "random"]).to_numpy(),
        }
    )
    return found.assign(short=(found["quota"] - found["drawn"]).clip(lower=0))
