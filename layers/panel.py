"""What is known about one hexagon, grid cell, district or subject: facts, composition, trend, locations, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layers import registry, roads_panel
from layers.access import STAFF, Actor, decide
from layers.facts import Fact, area_facts, premises_facts, subject_facts
from layers.masking import area_of
from layers.numbers import percent
from layers.present import People, people_at
from layers.products import Products, Store
from layers.provenance import SourceLine, of_signaling, of_tables
from layers.targets import Target
from layers.text import has, text
from models.errors import AccessDeniedError
from models.profile import City

COLUMNS = (
    "h3_r7", "h3_r8", "h3_r9", "grid_code", "district_code", "located", "industry_section", "established_on",
    "match_level", "capital_cny",
)  # fmt: skip
YEARS = 25
VAGUE_LEVEL = 5
VAGUE_SHARE = 0.3


@dataclass(frozen=True)
class Share:
    """One part of a whole: key (section letter, level), its label, count, share 0..1."""

    key: str
    label: str
    count: int
    share: float


@dataclass(frozen=True)
class Trend:
    """Counts by period, oldest first, with the label of the chart and the unit of its values."""

    label: str
    unit: str
    periods: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Panel:
    """The panel of one target; every text is in the language of the page.

    Attributes
    ----------
    title, subtitle : name; id and area
    facts : the numbers, most important first
    composition : subjects by industry section, the most frequent first
    trend : new registrations by year, None where nothing has a date
    location : subjects by level of location, exact first
    provenance : one line per source, then the build
    notes : cautions for the reader
    where : keyword arguments of `models.store.SubjectFilter` for the list below; empty for a subject
    subjects : how many the list holds
    people : of a hexagon, where the city has signaling and the reader may see it
    days : of a road section: its speed by hour of each type of day
    """

    title: str
    subtitle: str
    facts: tuple[Fact, ...]
    composition: tuple[Share, ...]
    trend: Trend | None
    location: tuple[Share, ...]
    provenance: tuple[str, ...]
    notes: tuple[str, ...]
    where: Mapping[str, Any]
    subjects: int
    people: People | None = None
    days: tuple[Trend, ...] = ()


def panel(store: Store, city: City, actor: Actor, target: Target, lang: str) -> Panel:
    """Tell what is known about a target.

    Raises
    ------
    AccessDeniedError : the actor may not see it
    NotBuiltError : the build has no subjects
    """
    products = Products.live(store)
    if target.kind == "premises":
        return _of_premises(products, city, actor, target, lang)
    if target.kind == "road":
        return _of_road(products, city, target, lang)
    people = people_at(products, actor, target, lang)
    if people is not None and not products.has("subjects"):
        lines = _provenance(city, products, (), lang, people)
        return Panel(target.title, _subtitle(target, lang), (), (), None, (), lines, (), {}, 0, people)
    products.require(("subjects",), "The panel")
    area = None if target.kind == "cell" else _area(products, target) if target.kind == "subject" else target.id
    layer_id = {"subject": "subjects", "cell": "subject-density"}.get(target.kind, "subject-density-grid")
    decision = decide(actor, registry.layer(layer_id), area)
    if not decision.allowed:
        raise AccessDeniedError(decision.why)
    if target.kind == "subject":
        return _of_subject(products, city, target, lang)
    rows, where = _rows(products, target)
    facts = area_facts(products, target, rows, lang)
    location = _levels(rows, lang)
    return Panel(
        target.title, _subtitle(target, lang), facts, _sections(rows, lang), _trend(rows, lang), location,
        _provenance(city, products, ("legal_persons", "districts", "census_values"), lang, people),
        _notes(products, target, location, lang),
        where if actor.has(STAFF) else {}, len(rows), people,
    )  # fmt: skip


def _area(products: Products, target: Target) -> str | None:
    """The smallest area a subject lies in."""
    rows = products.frame("subjects", ("uscc", "grid_code", "district_code"))
    return area_of(rows.loc[rows["uscc"] == target.id].iloc[0])


def _of_subject(products: Products, city: City, target: Target, lang: str) -> Panel:
    frame = products.frame("subjects")
    row = frame.loc[frame["uscc"] == target.id].iloc[0]
    provenance = _provenance(city, products, ("legal_persons",), lang)
    return Panel(target.title, target.id, subject_facts(products, row, lang), (), None, (), provenance, (), {}, 1)


def _of_premises(products: Products, city: City, actor: Actor, target: Target, lang: str) -> Panel:
    layer = registry.layer("premises")
    products.require(layer.reads, "A place of business")
    frame = products.frame("premises_checks")
    checks = frame.loc[frame["premises_id"] == target.id].iloc[0]
    decision = decide(actor, layer, area_of(checks))
    if not decision.allowed:
        raise AccessDeniedError(decision.why)
    known = products.frame("premises", ("premises_id", "address"))
    address = known.loc[known["premises_id"] == target.id, "address"].iloc[0]
    facts = premises_facts(checks, address, lang)
    lines = _provenance(city, products, layer.tables, lang)
    return Panel(target.title, target.id, facts, (), None, (), lines, (), {}, 1)


def _of_road(products: Products, city: City, target: Target, lang: str) -> Panel:
    facts, notes = roads_panel.facts(products, target.id, lang)
    hours = tuple(f"{hour:02d}:00" for hour in range(24))
    unit = text("unit.km_per_h", lang)
    days = tuple(Trend(label, unit, hours, values) for label, values in roads_panel.days(products, target.id, lang))
    lines = tuple(
        text("note.provenance", lang, **source.said(lang))
        for source in (*of_tables(city, ("roads",)), *of_signaling(city))
    )
    build = text("note.build", lang, build=products.build_id)
    subtitle = text("roads.section_id", lang, code=target.id)
    return Panel(target.title, subtitle, facts, (), None, (), (*lines, build), notes, {}, 0, days=days)


def _rows(products: Products, target: Target) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The subjects of a target, and the filter that lists them."""
    frame = products.frame("subjects", COLUMNS)
    if target.kind == "cell":
        cell = int(target.id, 16)
        mask = frame[f"h3_r{target.resolution}"] == cell
        return frame[mask.fillna(False).to_numpy(bool)], {"h3": cell, "resolution": target.resolution}
    column = "district_code" if target.kind == "district" else "grid_code"
    mask = (frame[column] == target.id).fillna(False).to_numpy(bool) & frame["located"].to_numpy(bool)
    return frame[mask], {column: target.id, "located": True}


def _subtitle(target: Target, lang: str) -> str:
    return f"H3 {target.id}" if target.kind == "cell" else f"{text(f'search.{target.kind}', lang)} {target.id}"


def _sections(rows: pd.DataFrame, lang: str) -> tuple[Share, ...]:
    counts = rows["industry_section"].value_counts()
    unknown = len(rows) - int(counts.sum())
    found = [
        Share(str(key), text(f"section.{key}", lang), int(n), int(n) / len(rows))
        for key, n in sorted(counts.items(), key=lambda item: (-int(item[1]), str(item[0])))
    ]
    if unknown:
        found.append(Share("", text("section.unknown", lang), unknown, unknown / len(rows)))
    return tuple(found)


def _trend(rows: pd.DataFrame, lang: str) -> Trend | None:
    years = rows["established_on"].dropna().dt.year.to_numpy(np.int64)
    if not len(years):
        return None
    last = int(years.max())
    first = max(int(years.min()), last - YEARS + 1)
    counts = np.bincount(years[years >= first] - first, minlength=last - first + 1)
    periods = tuple(str(year) for year in range(first, last + 1))
    return Trend(text("fact.trend", lang), text("unit.subjects", lang), periods, tuple(float(n) for n in counts))


def _levels(rows: pd.DataFrame, lang: str) -> tuple[Share, ...]:
    counts = rows["match_level"].dropna().astype("int64").value_counts().sort_index()
    total = int(counts.sum())
    return tuple(
        Share(str(level), text(f"match_level.{level}", lang), int(n), int(n) / total) for level, n in counts.items()
    )


def _provenance(
    city: City, products: Products, tables: tuple[str, ...], lang: str, people: People | None = None
) -> tuple[str, ...]:
    def line(source: SourceLine) -> str:
        return text("note.provenance", lang, **source.said(lang))

    lines = [line(source) for source in of_tables(city, tables)]
    if people is not None:
        lines += [line(source) for source in of_signaling(city)]
    return (*lines, text("note.build", lang, build=products.build_id))


def _notes(products: Products, target: Target, location: tuple[Share, ...], lang: str) -> tuple[str, ...]:
    notes = []
    vague = sum(part.share for part in location if part.key.isdigit() and int(part.key) >= VAGUE_LEVEL)
    if vague >= VAGUE_SHARE:
        notes.append(text("note.vague", lang, share=percent(vague, lang, digits=0)))
    if target.kind == "grid":
        grids = products.frame("grids")
        row = grids[grids["grid_code"] == target.id]
        if len(row) and bool(row["derived"].iloc[0]):
            notes.append(text("note.derived_grid", lang))
    if target.kind == "district" and products.has("residents_change"):
        rows = products.frame("residents_change").set_index("area_code")
        if target.id in rows.index:
            notes += _change_note(rows.loc[target.id, "note"], bool(rows.loc[target.id, "comparable"]), lang)
    return tuple(notes)


def _change_note(note: Any, comparable: bool, lang: str) -> list[str]:
    """What the comparison of two censuses needed, or why there is none: a code and areas, joined by ";"."""
    code, *areas = str(note).split(";") if isinstance(note, str) else [""]
    if has(f"change.{code}", lang):
        return [text(f"change.{code}", lang, areas=text("note.source_join", lang).join(areas))]
    return [] if comparable else [text("note.not_comparable", lang)]
