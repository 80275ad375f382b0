"""The city at a glance (区情总览): residents, market subjects, new registrations, open warnings, where people live."""

from __future__ import annotations

from typing import Any

import pandas as pd

from layers import board, estimates, frames
from layers.products import Products
from layers.text import date, text
from layers.wall.drawing import draw, layer_of, named
from layers.wall.places import level_of, name_of, sizes, top
from layers.wall.scene import Kpi, Scene, View, kpi, levels, line, strip
from layers.worklist import ACTIVE
from models.casework.inbox import WarningFilter

NEEDS = ("subjects",)
LAYERS = ("residents-signaling", "subject-density", "subject-density-grid")
MONTHS = 12


def build(view: View) -> Scene:
    """The scene of the live build."""
    products = view.products
    residents, subjects = residents_of(view), board.counts(products, None)
    new, before = registered(products, view.as_of.isoformat()[:7])
    layer = layer_of(view, LAYERS)
    level = level_of(products)
    size, said = _sizes(view, level)
    picture, legend = draw(view, layer, labels=named(view, level, size, said))
    kpis = [*([residents] if residents else []), *_market(view, subjects.total, new), *_open(view)]
    return Scene(
        sentence(view, subjects.total, new, before, residents),
        tuple(kpis),
        (_composition(view, subjects), _by_month(view)),
        picture, legend, _strip(view, subjects, size, said), date(view.as_of, view.lang), view.as_of.isoformat(),
        ("legal_persons",),
    )  # fmt: skip


def sentence(view: View, subjects: int, new: int | None, before: int | None, residents: Kpi | None) -> str:
    """What the numbers mean: people, subjects, and whether more or fewer are registered than a year before.

    A change up to ``steady_percent`` is called steady. Where the register lacks a month of either year nothing is
    compared, and where it lacks one of the last twelve they are not added up.
    """
    unit = text("unit.subjects", view.lang)
    start = view.say("overview.people", n=f"{residents.value} {residents.unit}") if residents else ""
    if new is None:
        return start + view.say("overview.subjects_only", subjects=view.amount(subjects, unit))
    words = {"subjects": view.amount(subjects, unit), "new": view.amount(new, unit)}
    if not before:
        return start + view.say("overview.new_only", **words)
    change = 100 * (new - before) / before
    steady = abs(change) <= view.spec.threshold("steady_percent")
    rule = "steady" if steady else "more" if change > 0 else "fewer"
    return start + view.say(f"overview.{rule}", change=view.percent(abs(change)), **words)


def residents_of(view: View) -> Kpi | None:
    """Residents of the city from the signaling, else from the last census; None where neither is there.

    From the signaling the sum of the hexagons that are shown, as the map has it; compared with the earlier period where
    the balance of the city is published for both.
    """
    products, persons = view.products, text("unit.persons", view.lang)
    if products.has("residents_by_hex"):
        rows = estimates.people(products, "7", "resident")
        shown = float(rows["persons"].sum())
        if shown > 0:
            change, earlier = _change(products)
            note = view.say("note.than", period=earlier) if change is not None else view.say("note.signaling")
            said = view.percent(change, signed=True) if change is not None else None
            return kpi(view, "residents", round(shown), persons, change=said, note=note)
    if products.has("residents_by_area") and products.has("districts"):
        census = frames.latest_residents(products, "district")
        own = census.reindex(frames.areas(products, "district")["area_code"])["residents"]
        if len(own) and own.notna().all():
            day = pd.Timestamp(census["reference_date"].max()).date()
            note = view.say("note.census", year=day.year)
            return kpi(view, "residents", float(own.sum()), persons, note=note)
    return None


def _change(products: Products) -> tuple[float | None, str]:
    """Change of the residents in percent between the last two periods, and the earlier one's name."""
    if not products.has("migration_balance"):
        return None, ""
    rows = products.frame("migration_balance")
    rows = rows[(rows["area_level"] == "city") & ~rows["suppressed"].astype(bool)].sort_values("period_to")
    latest = products.frame("residents_by_hex", ("period",))["period"].max()
    rows = rows[rows["period_to"] == latest]
    if rows.empty or not rows["residents_from"].iloc[-1]:
        return None, ""
    last = rows.iloc[-1]
    return 100 * (float(last["residents_to"]) / float(last["residents_from"]) - 1), str(last["period_from"])


def registered(products: Products, month: str) -> tuple[int | None, int | None]:
    """Subjects registered in the twelve months up to a month and in the twelve before; None where a month lacks."""
    by_month = _monthly(products)
    new, before = (by_month.reindex(list(frames.window(last, MONTHS))) for last in (month, _year_before(month)))
    return (
        None if new.isna().any() else int(new.sum()),
        None if before.isna().any() else int(before.sum()),
    )


def _year_before(month: str) -> str:
    return f"{int(month[:4]) - 1}{month[4:]}"


def _monthly(products: Products) -> pd.Series:
    """Located registrations of all districts by month.

    A month without any in the whole city is lacking in the register and not a month of none.
    """
    if not products.has("registrations_by_area_month"):
        return pd.Series(dtype="int64")
    rows = products.frame("registrations_by_area_month")
    found: pd.Series = rows[rows["area_level"] == "district"].groupby("month")["subjects"].sum()
    return found


def _market(view: View, total: int, new: int | None) -> list[Kpi]:
    unit = text("unit.subjects", view.lang)
    note = view.say("note.new_subjects", n=view.amount(new, unit)) if new is not None else ""
    return [kpi(view, "subjects", total, unit, note=note)]


def _open(view: View) -> list[Kpi]:
    """Warnings that are not closed; the share of located subjects where the city has no warnings."""
    if view.products.has("warnings"):
        counted = [
            view.store.warnings_page(("*",), view.as_of, where, limit=0)[1]
            for where in (WarningFilter(states=ACTIVE), WarningFilter(states=ACTIVE, overdue=True))
        ]
        note = view.say("note.late", n=view.number(counted[1]))
        return [kpi(view, "open_warnings", counted[0], view.say("unit.items"), note=note)]
    found = board.counts(view.products, None)
    share = 100 * found.located / found.total if found.total else None
    return [kpi(view, "located", share, "%", digits=1, note=view.say("note.waiting", n=view.number(found.waiting)))]


def _sizes(view: View, level: str) -> tuple[pd.Series, dict[str, str]]:
    """The areas that are named on the map, with their residents, else their subjects."""
    values, unit = sizes(view.products, level)
    named_areas = top(values, view.spec.top)
    words = text(f"unit.{unit}", view.lang)
    return named_areas, {str(code): view.amount(round(v), words) for code, v in named_areas.items()}


def _composition(view: View, subjects: board.Counts) -> dict[str, object]:
    """Levels where subjects are classified, else the most frequent industry sections."""
    if sum(subjects.by_level.values()):
        return levels(view, subjects.by_level)
    sections = view.products.frame("subjects", ("industry_section",))["industry_section"].value_counts().head(5)
    rows = [{"label": text(f"section.{key}", view.lang), "value": int(n), "text": view.number(int(n))}
            for key, n in sections.items()]  # fmt: skip
    return {"kind": "bars", "title": view.say("chart.sections"), "unit": text("unit.subjects", view.lang),
            "colour": view.accent(), "rows": rows}  # fmt: skip


def _by_month(view: View) -> dict[str, object]:
    """Registrations of the last twelve months beside those of the twelve before; None where the register lacks one."""
    by_month, month = _monthly(view.products), view.as_of.isoformat()[:7]
    span = frames.window(month, MONTHS)
    names = text("date.months", view.lang).split()
    x = [names[int(m[5:]) - 1] for m in span]

    def values(months: tuple[str, ...]) -> list[int | None]:
        return [None if pd.isna(v) else int(v) for v in by_month.reindex(list(months))]

    series: list[dict[str, Any]] = [
        {"label": view.say("series.this_year"), "y": values(span), "colour": view.accent()},
        {"label": view.say("series.year_before"), "y": values(frames.window(_year_before(month), MONTHS)),
         "colour": view.muted(), "dash": True},
    ]  # fmt: skip
    return line(view, "chart.registrations", text("unit.subjects", view.lang), x, series)


def _strip(view: View, subjects: board.Counts, size: pd.Series, said: dict[str, str]) -> dict[str, object]:
    if sum(subjects.by_level.values()):
        items = [(level, f"{n:,}") for level, n in subjects.by_level.items()]
        return strip(view, "chart.levels", text("unit.subjects", view.lang), items)
    level = level_of(view.products)
    items = [(name_of(view.products, level, view.lang, code), said[str(code)]) for code in size.index[:3]]
    return strip(view, "chart.largest", "", items)
