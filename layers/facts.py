"""The numbers of the panel, each with its label, its unit and a remark where one is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layers import frames
from layers.numbers import percent, wan
from layers.products import Products
from layers.reasons import listed
from layers.targets import Target
from layers.text import date, number, text


@dataclass(frozen=True)
class Fact:
    """One number or word: key, label, value as text, unit, remark."""

    key: str
    label: str
    value: str
    unit: str = ""
    note: str = ""


def area_facts(products: Products, target: Target, rows: pd.DataFrame, lang: str) -> tuple[Fact, ...]:
    """Facts of a hexagon, grid cell or district.

    Parameters
    ----------
    rows : its subjects, with capital_cny
    """
    size, others = _size(products, target)
    count = len(rows)
    density = count / size if size else None
    rank = ""
    if others is not None and density is not None and count:
        higher = int((others > density * (1 + 1e-9)).sum())
        rank = text("inspect.rank", lang, rank=number(higher + 1, lang), total=number(len(others), lang))
    capital = rows["capital_cny"].dropna()
    known = text("note.capital_known", lang, n=number(len(capital), lang))
    facts = [
        _fact("subjects", number(count, lang), lang, "subjects"),
        _fact("density", number(density, lang), lang, "subjects_per_km2", rank),
        _fact("area", number(size, lang), lang, "km2"),
        _fact("capital", wan(float(capital.sum()) if len(capital) else None, lang), lang, note=known),
        _fact("capital_median", wan(float(capital.median()) if len(capital) else None, lang), lang),
    ]
    if target.kind == "cell":
        facts += _error(products, target, lang)
    if target.kind == "district":
        facts += _district(products, target.id, count, lang)
    return tuple(facts)


def _fact(key: str, value: str, lang: str, unit: str = "", note: str = "") -> Fact:
    return Fact(key, text(f"fact.{key}", lang), value, text(f"unit.{unit}", lang) if unit else "", note)


def _size(products: Products, target: Target) -> tuple[float | None, Any]:
    """Area in km2, and the densities of all places of the kind that have subjects."""
    if target.kind == "cell":
        cells = frames.cells(products, str(target.resolution))
        place = int(np.searchsorted(cells["h3"].to_numpy(np.uint64), np.uint64(int(target.id, 16))))
        size = float(cells["area_km2"].iloc[place])
        rows = frames.by_cell(products, "subjects_by_cell", str(target.resolution))
    else:
        rows = frames.by_area(products, "subjects_by_area", target.kind)
        size = float(rows["area_km2"].get(target.id, np.nan))
    densities = (rows["subjects"] / rows["area_km2"]).to_numpy(np.float64)
    return (None if np.isnan(size) else size), densities[densities > 0]


def _error(products: Products, target: Target, lang: str) -> list[Fact]:
    rows = frames.by_cell(products, "subjects_by_cell", str(target.resolution))
    cell = int(target.id, 16)
    value = rows["mean_error_radius_m"].get(cell) if cell in rows.index else None
    if value is None or pd.isna(value):
        return []
    return [_fact("error", number(float(value), lang, digits=0), lang, "m")]


def _district(products: Products, code: str, count: int, lang: str) -> list[Fact]:
    facts = []
    share = _at(frames.by_area(products, "subjects_by_area", "district"), code, "located_share")
    if share is not None:
        facts.append(_fact("located", percent(share, lang), lang))
    if products.has("residents_by_area"):
        census = frames.latest_residents(products, "district")
        residents = _at(census, code, "residents")
        if residents is not None:
            note = date(census["reference_date"].loc[code].date(), lang)
            facts.append(_fact("residents", number(residents, lang), lang, "persons", note))
            if residents > 0:
                rate = number(count / residents * 1000, lang, digits=1)
                facts.append(_fact("rate", rate, lang, "subjects_per_1000"))
    if products.has("residents_change"):
        change = products.frame("residents_change").set_index("area_code")
        rate_of_change = _at(change[change["comparable"].astype(bool)], code, "change_rate")
        if rate_of_change is not None:
            shown = number(rate_of_change * 100, lang, digits=1, signed=True)
            facts.append(_fact("change", f"{shown} %", lang))
    return facts


def _at(rows: pd.DataFrame, code: str, column: str) -> float | None:
    """One number of a frame indexed by code; None where there is none."""
    return _number(rows[column].get(code)) if code in rows.index else None


def subject_facts(products: Products, row: pd.Series, lang: str) -> tuple[Fact, ...]:
    """Facts of one legal person from its row of the product subjects; what is missing is left out."""
    section = _text(row.get("industry_section"))
    level = row.get("match_level")
    radius = row.get("error_radius_m")
    words = _text(row.get("industry_words"))
    code = _text(row.get("district_code"))
    district = _text(frames.names(products, "district", lang).get(code, code)) if code else ""
    place = " · ".join(p for p in (district, _text(row.get("town"))) if p)
    established = row.get("established_on")
    pairs = [
        ("uscc", str(row["uscc"]), ""),
        ("established", date(established.date(), lang) if pd.notna(established) else "", ""),
        ("type", _text(row.get("entity_type")), ""),
        ("status", _text(row.get("status")), ""),
        ("section", f"{section} {text(f'section.{section}', lang)}" if section else "", words),
        ("capital_one", wan(_number(row.get("capital_cny")), lang), _text(row.get("capital_text"))),
        ("address", _text(row.get("address")), ""),
        ("scope", _text(row.get("scope_text")), ""),
        (
            "level",
            text(f"match_level.{int(level)}", lang) if pd.notna(level) else "",
            _text(row.get("matched_text")),
        ),
        ("radius", f"{number(float(radius), lang, digits=0)} m" if pd.notna(radius) else "", ""),
        ("reasons", text("note.source_join", lang).join(listed(_text(row.get("match_reasons")), lang)), ""),
        ("place", place, ""),
        ("grid", _text(row.get("grid_code")), ""),
    ]
    return tuple(_fact(key, value, lang, note=note) for key, value, note in pairs if value and value != "–")


def premises_facts(checks: pd.Series, address: Any, lang: str) -> tuple[Fact, ...]:
    """Facts of one place of business from its row of the product premises_checks; what is missing is left out."""
    worst = _text(checks["worst"])
    pairs = [
        ("premises_id", str(checks["premises_id"])),
        ("premises_address", _text(address)),
        ("worst", text(f"layer.premises.class.{worst}", lang) if worst else ""),
        ("last_routine_on", _day(checks["last_routine_on"], lang)),
        ("last_on", _day(checks["last_on"], lang)),
        ("inspections", number(int(checks["inspections"]), lang)),
    ]
    return tuple(_fact(key, value, lang) for key, value in pairs if value)


def _day(value: Any, lang: str) -> str:
    return date(value.date(), lang) if pd.notna(value) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
