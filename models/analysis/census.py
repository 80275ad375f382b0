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
        after the last. One without a date is asked only for an area nothing else is known of
    indicator, level : which values

    Returns
    -------
    ``residents_change`` frame, one row for each area of the last census. ``note`` is a reason code, then the
    areas meant, joined by ";": ``merged`` and ``renamed`` (comparable), ``code_reused``, ``part_missing``,
    ``split`` and ``no_earlier_value`` (not comparable: residents_from, change and change_rate are null).
    """
    rows = _values(census_values, indicator)
    rows = rows[rows["area_level"] == level]
    first, last = rows["reference_date"].min(), rows["reference_date"].max()
    later = rows[rows["reference_date"] == last].sort_values("area_code")
    earlier = rows[(rows["reference_date"] == first) & (first < last)]
    forming = area_changes[area_changes["kind"].isin(_FORMING)]
    day = forming["valid_from"]
    dated, undated = forming[(day > first) & (day <= last)], forming[day.isna()]
    found = []
    for area in later.itertuples(index=False):
        before, note = _before(str(area.area_code), str(area.area_name), earlier, dated, undated)
        found.append((str(area.area_code), before, float(area.residents), note))
    return _changes(found)


def _before(
    code: str, name: str, earlier: pd.DataFrame, dated: pd.DataFrame, undated: pd.DataFrame
) -> tuple[float | None, str | None]:
    """Return the earlier residents of what is now one area, and the note that says how or why not."""
    own = earlier[(earlier["area_code"] == code) & (earlier["area_name"] == name)]
    steps = dated[dated["new_code"] == code]
    if own.empty and steps.empty:
        steps = undated[undated["new_code"] == code]
    before, missing = _formed_from(own, steps, earlier)
    labels = [_label(c, n) for c, n in zip(before["area_code"], before["area_name"], strict=True)]
    away = dated[dated["old_name"].isin([*before["area_name"], name]) & (dated["new_code"] != code)]
    if len(away):
        targets = [_label(c, n) for c, n in zip(away["new_code"], away["new_name"], strict=True)]
        return None, ";".join(["split", *targets])
    if before.empty:
        reused = earlier.loc[earlier["area_code"] == code, "area_name"]
        return None, f"code_reused;{_label(code, reused.iloc[0])}" if len(reused) else "no_earlier_value"
    if missing:
        return None, ";".join(["part_missing", *missing])
    if len(before) > 1:
        return float(before["residents"].sum()), ";".join(["merged", *labels])
    return float(before["residents"].iloc[0]), None if len(own) else ";".join(["renamed", *labels])


def _formed_from(own: pd.DataFrame, steps: pd.DataFrame, earlier: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the earlier rows of the area itself and of all it was formed from, and the parts without a row."""
    parts, missing = [own], []
    for old_code, old_name in zip(steps["old_code"], steps["old_name"], strict=True):
        match = earlier["area_name"] == old_name
        if not pd.isna(old_code):
            match &= earlier["area_code"] == old_code
        parts.append(earlier[match])
        if not match.any():
            missing.append(_label(old_code, old_name))
    return pd.concat(parts).drop_duplicates("area_code"), missing


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
    return frame[["area_code", "residents_from", "residents_to", "change", "change_rate", "comparable", "note"]]
