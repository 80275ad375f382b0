"""The warnings somebody has to work off in an area, in words: what was seen, until when, where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from layers import board
from layers.masking import shown_name
from layers.products import Products
from layers.text import date, number, pick, text
from models.casework.inbox import WarningFilter
from models.rules.warning_rules import WarningRule, load_rules

ACTIVE = ("open", "taken", "on_site")
SHOWN = 1000
WEEK = 7


@dataclass(frozen=True)
class Item:
    """One warning of the list.

    Attributes
    ----------
    key, theme, severity, state : of the casework
    title : title of its rule in the language of the page
    line : whom it is about, and what was observed against what was expected
    raised_on, due_on : business dates
    late : due before the business date
    due : until when, in words
    subject_id, h3, lon, lat : where it is, as far as known
    """

    key: str
    theme: str
    severity: int
    state: str
    title: str
    line: str
    raised_on: dt.date
    due_on: dt.date
    late: bool
    due: str
    subject_id: str | None
    h3: int | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Worklist:
    """Warnings of an area that are not closed, what is most pressing first, and what the tiles say of them.

    Attributes
    ----------
    items : at most `SHOWN`
    total : all that are not closed
    new : raised within the seven days up to the business date
    late : due before the business date
    soon : due within the seven days from the business date on
    """

    items: tuple[Item, ...]
    total: int
    new: int
    late: int
    soon: int


@cache
def rules() -> Mapping[str, WarningRule]:
    """Every warning rule by id."""
    return {rule.id: rule for rule in load_rules()}


def title_of(rule_id: str, theme: str, lang: str) -> str:
    """Title of a rule; of its theme where the rule is no longer there."""
    rule = rules().get(rule_id)
    return pick(rule.title, lang) if rule else text(f"warning.theme.{theme}", lang)


def worklist(context: Any, code: str | None, lang: str) -> Worklist:
    """The open warnings of an area.

    Parameters
    ----------
    context : `layers.pages.context.Context`: store, actor, manifest
    code : area, None for the whole city

    Notes
    -----
    Two statements, whatever the number of warnings. A subject's name is masked where the actor may not see it.
    """
    as_of = board.business_date(context.manifest)
    areas = ("*",) if code is None else (code,)
    frame, total = context.store.warnings_page(areas, as_of, WarningFilter(states=ACTIVE), limit=SHOWN)
    items = items_of(context, frame, as_of, lang)
    week = dt.timedelta(days=WEEK)
    return Worklist(
        items,
        total,
        new=sum(as_of - week < item.raised_on <= as_of for item in items),
        late=sum(item.late for item in items),
        soon=sum(as_of <= item.due_on <= as_of + week for item in items),
    )


def items_of(context: Any, frame: pd.DataFrame, as_of: dt.date, lang: str) -> tuple[Item, ...]:
    """Rows of `models.store.Store.warnings_page` in words; names are masked where the actor may not see them."""
    products = Products.live(context.store)
    names = _subject_names(products, frame, context.actor)
    return tuple(_item(row, products, names, as_of, lang) for row in frame.to_dict("records"))


def _subject_names(products: Products, frame: pd.DataFrame, actor: Any) -> dict[str, str]:
    wanted = frame["subject_id"].dropna().unique()
    if not len(wanted):
        return {}
    rows = products.frame("subjects", board.SUBJECT_COLUMNS)
    rows = rows[rows["uscc"].isin(wanted)]
    found = {}
    for row in rows.to_dict("records"):
        area = next((row[c] for c in ("grid_code", "district_code") if isinstance(row[c], str)), None)
        kind = row["entity_type"] if isinstance(row["entity_type"], str) else None
        found[row["uscc"]] = shown_name(row["name"], kind, actor, area)
    return found


def _item(row: Mapping[Any, Any], products: Products, names: Mapping[str, str], as_of: dt.date, lang: str) -> Item:
    subject = row["subject_id"] if isinstance(row["subject_id"], str) else None
    due = pd.Timestamp(row["due_on"]).date()
    cell = row["h3_r8"]
    lon, lat = (None if pd.isna(row[c]) else float(row[c]) for c in ("lon", "lat"))
    return Item(
        key=row["warning_key"], theme=row["theme"], severity=int(row["severity"]), state=row["state"],
        title=title_of(row["rule_id"], row["theme"], lang),
        line=_line(row, _whom(row, subject, products, names, lang), lang),
        raised_on=pd.Timestamp(row["raised_on"]).date(), due_on=due, late=bool(row["overdue"]),
        due=due_words(due, as_of, lang), subject_id=subject, h3=None if pd.isna(cell) else int(cell), lon=lon, lat=lat,
    )  # fmt: skip


def _whom(row: Mapping[Any, Any], subject: str | None, products: Products, names: Mapping[str, str], lang: str) -> str:
    if subject is not None:
        return names.get(subject, subject)
    for column in ("area_code", "grid_code", "district_code"):
        code = row[column]
        if isinstance(code, str):
            return board.known_name(products, code, lang)
    return ""


def _line(row: Mapping[Any, Any], whom: str, lang: str) -> str:
    parts: Sequence[str] = [whom] if whom else []
    seen = text("worklist.observed", lang, n=number(float(row["observed"]), lang))
    if not pd.isna(row["expected"]):
        seen = text(
            "worklist.against", lang, n=number(float(row["observed"]), lang), m=number(float(row["expected"]), lang)
        )
    members = int(row["members"])
    return " · ".join([*parts, seen, *([text("worklist.members", lang, n=members)] if members > 1 else [])])


def due_words(due: dt.date, as_of: dt.date, lang: str) -> str:
    """Until when, counted from the business date; the date itself beyond a month."""
    days = (due - as_of).days
    if days < 0:
        return text("worklist.late", lang, n=-days)
    if days == 0:
        return text("worklist.today", lang)
    if days <= 31:
        return text("worklist.left", lang, n=days)
    return text("worklist.until", lang, date=date(due, lang))
