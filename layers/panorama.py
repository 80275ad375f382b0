"""Everything about one subject (主体全景): register, level with reasons, history, one timeline, warnings, measures."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from layers import board, explaining
from layers.access import STAFF, SUPERVISION, Actor, require_area
from layers.masking import area_of, is_personal, may_see_names, reaches, shown_name
from layers.products import Products
from layers.relations import Relations, relations
from layers.text import date, has, number, pick, text
from layers.worklist import due_words, title_of
from models.casework.inbox import WarningFilter
from models.errors import AccessDeniedError
from models.rules.measures import Measure, load_measures

NEAR_M = 200.0
MOST_EVENTS = 400
CONTESTED = frozenset(
    {"inspections", "findings", "penalties", "complaints", "listings", "licences", "changes", "annual_reports"}
)


@dataclass(frozen=True)
class Event:
    """One line of the timeline: day, sentence, level where it changed, table, record, source and import batch."""

    day: dt.date
    said: str
    level: str | None
    table: str
    record_id: str
    source: str
    build_id: str


@dataclass(frozen=True)
class Panorama:
    """One subject as its page shows it; every text is in the language of the page.

    Attributes
    ----------
    id, name : code and the name as the actor may see it
    row : the register's row
    level : row of subject_levels, empty where it is not classified
    reasons : why it has its score, None where it is not classified or the scorecard is no longer at hand
    changes : what would bring a better level, in sentences
    history : level_history, oldest first
    peers : number and median score of the classified subjects of its industry section
    events : one timeline, newest first
    warnings : those about the subject, in words: key, severity, title, line, due, late, raised_on, closed
    measures : prescribed for its level
    relations : subjects tied to it
    near : subjects of level C or D within `NEAR_M` metres, None without a place
    as_of : business date
    """

    id: str
    name: str
    row: Mapping[str, Any]
    level: Mapping[str, Any]
    reasons: explaining.Explanation | None
    changes: tuple[str, ...]
    history: pd.DataFrame
    peers: tuple[int, float] | None
    events: tuple[Event, ...]
    warnings: tuple[Mapping[str, Any], ...]
    measures: tuple[Measure, ...]
    relations: Relations
    near: int | None
    as_of: dt.date


def require(actor: Actor, row: Mapping[str, Any]) -> None:
    """Refuse whoever may not see the subject.

    Raises
    ------
    AccessDeniedError : none of the roles, or it lies in somebody else's area
    """
    area = area_of(row)
    if row.get("located") or not isinstance(row.get("district_code"), str):
        require_area(actor, area, STAFF, f"subject {row['uscc']}")
    elif not (actor.has(STAFF) and reaches(actor, row["district_code"])):
        raise AccessDeniedError(f"subject {row['uscc']} waits in district {row['district_code']}, not one of the areas")


def panorama(context: Any, ident: str, lang: str) -> Panorama:
    """All that is known about a subject.

    Parameters
    ----------
    context : `layers.pages.context.Context`
    ident : unified social credit code

    Raises
    ------
    UnknownNameError : there is no such subject
    AccessDeniedError : the actor may not see it
    """
    row = context.store.subject(ident)
    require(context.actor, row)
    products = Products.live(context.store)
    as_of = board.business_date(context.manifest)
    kind = row["entity_type"] if isinstance(row["entity_type"], str) else None
    level = _one(products, "subject_levels", ident)
    history = _history(products, ident)
    reasons = _reasons(products, context, ident, level, lang)
    letter = level.get("level")
    near, tied = _near(products, row), relations(context, row)
    warned = _warnings(context, ident, as_of, lang) if context.actor.has(SUPERVISION) else ()
    return Panorama(
        id=ident, name=shown_name(row["name"], kind, context.actor, area_of(row)), row=row, level=level,
        reasons=reasons, changes=_changes(products, context, level, lang), history=history,
        peers=_peers(products, row.get("industry_section")) if level else None,
        events=_events(context, ident, history, warned, lang), warnings=warned,
        measures=load_measures().of_level(letter) if isinstance(letter, str) else (),
        relations=tied, near=near, as_of=as_of,
    )  # fmt: skip


def log_view(context: Any, found: Panorama) -> None:
    """Keep in the access log who looked into a subject whose name is a person's, once per page view."""
    kind = found.row["entity_type"] if isinstance(found.row["entity_type"], str) else None
    if is_personal(kind) and may_see_names(context.actor, area_of(found.row)):
        context.store.log_access(context.actor.id, "view", f"subject {found.id}", 1, at=dt.datetime.now(dt.UTC))


def _one(products: Products, product: str, ident: str) -> dict[str, Any]:
    """The row of one subject, {} where there is none."""
    if not products.has(product):
        return {}
    table = products.store.product(product, products.build_id, None, [("subject_id", "=", ident)])
    rows = table.to_pandas().to_dict("records")
    return {str(k): v for k, v in rows[0].items()} if rows else {}


def _history(products: Products, ident: str) -> pd.DataFrame:
    if not products.has("level_history"):
        return pd.DataFrame(columns=["as_of", "level", "rule_score", "rule_version"])
    table = products.store.product("level_history", products.build_id, None, [("subject_id", "=", ident)])
    rows: pd.DataFrame = table.to_pandas()
    return rows.sort_values("as_of", ignore_index=True)


def _reasons(
    products: Products, context: Any, ident: str, level: Mapping[str, Any], lang: str
) -> explaining.Explanation | None:
    rows = explaining.indicators_of(products, [ident]) if level else pd.DataFrame()
    if rows.empty:
        return None
    values = {str(k): v for k, v in rows.iloc[0].items()}
    return explaining.explained(products, context.city, values, str(level["rule_version"]), lang)


def _changes(products: Products, context: Any, level: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    """What would bring a better level, as sentences."""
    card = explaining.scorecard_of(products, context.city, str(level.get("rule_version"))) if level else None
    if card is None:
        return ()
    known = {indicator.code: indicator for indicator in card.indicator}
    fixed = {veto.code: veto for veto in card.veto}
    found = []
    for entry in json.loads(level["would_change"] or "[]"):
        code = entry["indicator"]
        if code == "veto":
            veto = fixed.get(entry["from"])
            found.append(text("subject.change_veto", lang, name=pick(veto.name, lang) if veto else entry["from"]))
        elif code == "hysteresis":
            found.append(text("subject.change_wait", lang, level=entry["level"]))
        elif code in known:
            indicator = known[code]
            bound = explaining.written(indicator.source_field, entry["to"], lang)
            sign = "≥" if indicator.direction == "down" else "<"
            points = number(float(entry["points"]), lang, digits=0, signed=True)
            said = {"name": pick(indicator.name, lang), "to": f"{sign} {bound}", "level": entry["level"]}
            found.append(text("subject.change_to", lang, points=points, **said))
    return tuple(found)


@lru_cache(maxsize=4)
def _medians(products: Products) -> dict[str, tuple[int, float]]:
    """Number and median score of the classified subjects of each industry section."""
    sections = products.frame("subjects", ("uscc", "industry_section")).set_index("uscc")["industry_section"]
    scores = products.frame("subject_levels", ("subject_id", "rule_score")).set_index("subject_id")["rule_score"]
    grouped = scores.groupby(sections.reindex(scores.index).to_numpy(object))
    return {str(key): (len(part), float(part.median())) for key, part in grouped}


def _peers(products: Products, section: Any) -> tuple[int, float] | None:
    return _medians(products).get(section) if isinstance(section, str) else None


def _near(products: Products, row: Mapping[str, Any]) -> int | None:
    """Other subjects of level C or D within 200 m, in metres on a plane about the subject (good to 0.1 % there)."""
    if not row.get("located") or row.get("lon") is None or not products.has("subjects"):
        return None
    code = area_of(row)
    rows = board.board(products, code[:6] if code else None)
    dx = (rows["lon"].to_numpy(np.float64) - float(row["lon"])) * 111_320 * np.cos(np.radians(float(row["lat"])))
    dy = (rows["lat"].to_numpy(np.float64) - float(row["lat"])) * 110_574
    close = (np.hypot(dx, dy) <= NEAR_M) & rows["level"].isin(["C", "D"]).to_numpy()
    return int((close & (rows["uscc"] != row["uscc"]).to_numpy()).sum())


def _warnings(context: Any, ident: str, as_of: dt.date, lang: str) -> tuple[Mapping[str, Any], ...]:
    where = WarningFilter(subject_id=ident)
    frame, _ = context.store.warnings_page(("*",), as_of, where, limit=50)
    found = []
    for row in frame.to_dict("records"):
        due = pd.Timestamp(row["due_on"]).date()
        closed = row["state"] == "closed"
        outcome = text(f"subject.outcome_{row['outcome']}", lang) if closed else None
        found.append(
            {
                "key": row["warning_key"],
                "severity": int(row["severity"]),
                "title": title_of(row["rule_id"], row["theme"], lang),
                "line": text("worklist.observed", lang, n=number(float(row["observed"]), lang)),
                "due": outcome or due_words(due, as_of, lang),
                "late": bool(row["overdue"]),
                "raised_on": pd.Timestamp(row["raised_on"]).date(),
            }
        )
    return tuple(found)


def _events(
    context: Any, ident: str, history: pd.DataFrame, warned: tuple[Mapping[str, Any], ...], lang: str
) -> tuple[Event, ...]:
    """Records, changes of level and warnings in one line of time, newest first; each once."""
    told = [_recorded(row, lang) for row in context.store.timeline(ident).to_dict("records")]
    build = context.build_id
    before: str | None = None
    for row in history.to_dict("records"):
        day, level = pd.Timestamp(row["as_of"]).date(), str(row["level"])
        score = number(float(row["rule_score"]), lang, digits=0)
        key = "subject.level_first" if before is None else "subject.level_changed"
        said = text(key, lang, score=score, before=before or "", level=level)
        if level != before:
            told.append(Event(day, said, level, "level_history", level, str(row["rule_version"]), build))
        before = level
    for warning in warned:
        said = text("subject.warned", lang, title=warning["title"])
        told.append(Event(warning["raised_on"], said, None, "warnings", warning["key"], "", build))
    return tuple(sorted(told, key=lambda event: event.day, reverse=True)[:MOST_EVENTS])


def _recorded(row: Mapping[Any, Any], lang: str) -> Event:
    table, event = str(row["table"]), str(row["event"])
    what = text(f"data.table_of.{table}", lang)
    did = text(f"data.column_of.{event}", lang) if has(f"data.column_of.{event}", lang) else event
    kind = row["kind"] if isinstance(row["kind"], str) else ""
    key = f"event_kind.{table}.{kind}"
    said = text(key, lang) if kind and has(key, lang) else kind
    day = pd.Timestamp(row["happened_on"]).date()
    place = f"{row['source_file']}:{row['source_row']}" if isinstance(row["source_file"], str) else ""
    source = " · ".join(p for p in (str(row["source_id"]), place) if p)
    sentence = text("subject.event", lang, table=what, event=did, kind=said) if said else f"{what} · {did}"
    batch = row["build_id"] if isinstance(row["build_id"], str) else ""
    return Event(day, sentence, None, table, str(row["record_id"]), source, batch)


def shown_day(value: Any, lang: str) -> str:
    """A day of the register, or an en dash."""
    return "–" if value is None or pd.isna(value) else date(str(value)[:10], lang)
