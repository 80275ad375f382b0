"""Residents (常住人口) by area at each census, and their change where both censuses describe the same area.

The trap this module is about: a code may stand for another area ten years later. 500110 was 万盛区 in 2010
and is 綦江区 since 2011, when 綦江县 (500222) and 万盛区 were merged. Joined by code, 255,776 residents would
become 1,011,334.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

RESIDENTS = "residents"
"""Indicator of census_values that counts residents."""
_FORMING = ("merge", "rename", "split")
"""Kinds of area changes that decide what an area contains; a zone is a label on top of districts."""


def residents_by_area(census_values: pd.DataFrame, *, indicator: str = RESIDENTS) -> pd.DataFrame:
    """Return the residents of each area at each census, with what the area contained then.

    Where several sources give a value for one area and day, the one of the latest vintage is kept.

    Returns
    -------
    ``residents_by_area`` frame ascending by level, code, date.
    """
    rows = _values(census_values, indicator)
    keys = ["area_level", "area_code", "reference_date"]
    kept = ["area_code", "area_level", "residents", "reference_date", "area_definition"]
    return rows.sort_values(keys, ignore_index=True)[kept]


def residents_change(
    census_values: pd.DataFrame,
    area_changes: pd.DataFrame,
    *,
    indicator: str = RESIDENTS,
    level: str = "district",
) -> pd.DataFrame:
    """Return the change of residents from the first to the last census of a level, for the areas of the last.

    Two values are compared only if they describe the same area. An area is the same if code and name are, or
    if the dated crosswalk names all areas it was formed from between the two days and each has a value, which
    are then added up. An area part of which went elsewhere in between is not comparable.

    Parameters
    ----------
    census_values : census values; ``area_name`` tells areas apart that share a code over time
    area_changes : dated crosswalk; a change counts if its valid_from lies after the first census and not
        after the last,
        or is unknown
    indicator, level : which values

    Returns
    -------
    ``residents_change`` frame, one row for each area of the last census. ``note`` is a reason code, then the
    areas meant,
    joined by ";": ``merged`` and ``renamed`` (comparable), ``code_reused``, ``part_missing``, ``split`` and
    ``no_earlier_value`` (not comparable: residents_from, change and change_rate are null).
    """
    rows = _values(census_values, indicator)
    rows = rows[rows["area_level"] == level]
    if rows.empty:
        return _changes([])
    first, last = rows["reference_date"].min(), rows["reference_date"].max()
    earlier = rows[rows["reference_date"] == first]
    since = area_changes["valid_from"].isna() | (
        (area_changes["valid_from"] > first) & (area_changes["valid_from"] <= last)
    )
    steps = area_changes[since & area_changes["kind"].isin(_FORMING)]
    later = rows[rows["reference_date"] == last].sort_values("area_code")
    found = []
    for area in later.itertuples(index=False):
        before, note = _before(str(area.area_code), str(area.area_name), earlier, steps)
        found.append((str(area.area_code), before, float(area.residents), note))
    return _changes(found)


def _before(
    code: str, name: str, earlier: pd.DataFrame, steps: pd.DataFrame
) -> tuple[float | None, str | None]:
    """Return the earlier residents of what is now one area, and the note that says how or why not."""
    own = earlier[(earlier["area_code"] == code) & (earlier["area_name"] == name)]
    formed = steps[steps["new_code"] == code]
    formed = formed[
        ~((formed["old_name"] == name) & (formed["old_code"].isna() | (formed["old_code"] == code)))
    ]
    parts = [own] if len(own) else []
    missing = []
    for old_code, old_name in zip(formed["old_code"], formed["old_name"], strict=True):
        match = earlier["area_name"] == old_name
        if not pd.isna(old_code):
            match &= earlier["area_code"] == old_code
        parts.append(earlier[match])
        if not match.any():
            missing.append(_label(old_code, old_name))
    before = pd.concat(parts).drop_duplicates("area_code") if parts else earlier.iloc[:0]
    labels = [_label(c, n) for c, n in zip(before["area_code"], before["area_name"], strict=True)]
    elsewhere = steps[steps["old_name"].isin([*before["area_name"], name]) & (steps["new_code"] != code)]
    if len(elsewhere):
        return None, ";".join(["split", *(_label(s.new_code, s.new_name) for s in elsewhere.itertuples())])
    if missing:
        return None, ";".join(["part_missing", *missing])
    if before.empty:
        reused = earlier[earlier["area_code"] == code]
        if len(reused):
            return None, ";".join(["code_reused", _label(code, reused["area_name"].iloc[0])])
        return None, "no_earlier_value"
    if len(before) > 1:
        return float(before["residents"].sum()), ";".join(["merged", *labels])
    return float(before["residents"].iloc[0]), None if len(own) else ";".join(["renamed", *labels])


def _values(census_values: pd.DataFrame, indicator: str) -> pd.DataFrame:
    rows = census_values[census_values["indicator"] == indicator]
    rows = rows.assign(area_name=rows["area_name"].str.strip()).rename(columns={"value": "residents"})
    newest = rows.sort_values(["vintage", "source_id"], kind="stable")
    return newest.drop_duplicates(["area_level", "area_code", "reference_date"], keep="last")


def _label(code: Any, name: Any) -> str:
    return str(name) if pd.isna(code) else f"{code} {name}"


def _changes(found: list[tuple[str, float | None, float, str | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(found, columns=["area_code", "residents_from", "residents_to", "note"]).astype(
        {"area_code": "str", "residents_from": "float64", "residents_to": "float64", "note": "str"}
    )
    change = frame["residents_to"] - frame["residents_from"]
    rate = change / frame["residents_from"].where(frame["residents_from"] > 0)
    frame = frame.assign(change=change, change_rate=rate, comparable=frame["residents_from"].notna())
    return frame[
        ["area_code", "residents_from", "residents_to", "change", "change_rate", "comparable", "note"]
    ]
