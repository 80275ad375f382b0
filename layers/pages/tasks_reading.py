"""What the sheets of the tasks page read: the business date, who may write, levels, names of places and items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from layers.access import EVERYWHERE
from layers.api.field_work import business_date
from layers.pages.context import Context
from layers.pages.permits import DESK
from layers.text import pick, text
from models.errors import AccessDeniedError, NotBuiltError
from models.rules.checklists import load_checklists

PLANNERS = frozenset({"manager", "admin"})
"""Roles that publish draws and write plans."""


def as_of(context: Context) -> dt.date:
    """The business date of the build that is shown."""
    return business_date(context.store)


def need(context: Context, roles: frozenset[str], what: str) -> None:
    """Refuse whoever has none of the roles; AccessDeniedError says which are needed."""
    if not context.actor.has(roles):
        raise AccessDeniedError(f"{what} is for {', '.join(sorted(roles))}; {context.actor.id} is none of them")


def may_plan(context: Context) -> bool:
    """Whether the actor may publish draws and write plans."""
    return context.actor.has(PLANNERS)


def may_write(context: Context) -> bool:
    """Whether the actor may take packs out and bring results in."""
    return context.actor.has(DESK)


def levels(context: Context) -> pd.DataFrame:
    """subject_id and level of every subject of the shown build; no rows where levels were not computed."""
    return _levels(context.store, context.build_id)


@lru_cache(maxsize=2)
def _levels(store: Any, build_id: str) -> pd.DataFrame:
    try:
        table = store.product("subject_levels", build_id, ["subject_id", "level"])
    except NotBuiltError:
        return pd.DataFrame({"subject_id": pd.Series(dtype="str"), "level": pd.Series(dtype="str")})
    found: pd.DataFrame = table.to_pandas()
    return found


def level_of(context: Context, ids: Iterable[str]) -> dict[str, str]:
    """Level of some subjects; those without one are left out."""
    known = levels(context)
    mine = known[known["subject_id"].isin(list(ids))]
    return dict(zip(mine["subject_id"], mine["level"], strict=True))


def places(context: Context, lang: str) -> list[dict[str, str]]:
    """Places the actor may draw in, for a list: the whole city, districts, towns and grid cells of the own areas."""
    areas = context.actor.areas
    found = [{"value": "*", "label": text("tasks.whole_city", lang)}] if EVERYWHERE in areas else []
    names: dict[str, str] = {}
    for table, key in (("districts", "district_code"), ("grids", "grid_code")):
        frame = context.store.frame(table, [key, "name"])
        for code, name in zip(frame[key], frame["name"], strict=True):
            names.setdefault(code, name)
    mine = sorted((code, name) for code, name in names.items() if context.actor.works_in(code))
    return [*found, *({"value": code, "label": f"{name} {code}"} for code, name in mine)]


def items(lang: str) -> list[dict[str, str]]:
    """Check items for a list."""
    return [{"value": i.code, "label": f"{i.code} {pick(i.name, lang)}"} for i in load_checklists().items]


def item_name(code: str | None, lang: str) -> str:
    """Code and name of a check item; what is not in the catalogue is shown as it is."""
    known: Mapping[str, Any] = {i.code: i for i in load_checklists().items}
    if not code:
        return "–"
    return f"{code} {pick(known[code].name, lang)}" if code in known else code
