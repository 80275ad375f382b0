"""What the manager's page shows, as plain rows: coverage and workload by area, areas compared, measures, bins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from layers.access import Actor
from models.errors import NotBuiltError
from models.rules.scorecard import Scorecard, load_scorecard, parse_scorecard

KIND = "scorecard"
"""Kind under which drafts of scorecards are kept."""
LEVEL = "town"
"""Level of the areas that are compared; districts where a city has no towns."""


def product(store: Any, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A product of the live build, or some of its columns, as a frame; empty where the build has none."""
    try:
        frame: pd.DataFrame = store.product(name, columns=columns).to_pandas()
    except NotBuiltError:
        return pd.DataFrame()
    return frame


def area_names(store: Any) -> dict[str, str]:
    """Names of all supervision cells and districts by code."""
    grids = store.frame("grids", ["grid_code", "name"])
    districts = store.frame("districts", ["district_code", "name"])
    return dict(zip(districts["district_code"], districts["name"], strict=True)) | dict(
        zip(grids["grid_code"], grids["name"], strict=True)
    )


def compared(store: Any, actor: Actor) -> pd.DataFrame:
    """Rows of ``area_comparison`` of one level inside the actor's areas, with ``name`` and ``risk_share``."""
    frame = product(store, "area_comparison")
    if frame.empty:
        return frame
    level = LEVEL if (frame["area_level"] == LEVEL).any() else "district"
    rows = frame[(frame["area_level"] == level) & frame["area_code"].map(actor.works_in)]
    levels = product(store, "levels_by_area")
    shares = levels.set_index("area_code")["risk_share"] if len(levels) else pd.Series(dtype="float64")
    names = area_names(store)
    return rows.assign(
        name=rows["area_code"].map(names).fillna(rows["area_code"]), risk_share=rows["area_code"].map(shares)
    ).reset_index(drop=True)


@dataclass(frozen=True)
class Workload:
    """Tasks by area: ``table`` with area_code, open, overdue, done; ``elsewhere`` those of no listed area."""

    table: pd.DataFrame
    elsewhere: dict[str, int]

    @property
    def totals(self) -> dict[str, int]:
        """Open, overdue and done over all areas and elsewhere."""
        return {name: int(self.table[name].sum()) + self.elsewhere[name] for name in ("open", "overdue", "done")}


def workload(store: Any, actor: Actor, codes: list[str], as_of: dt.date) -> Workload:
    """Count the tasks of some areas.

    Parameters
    ----------
    codes : codes of areas of one level; a task belongs to the one its grid cell lies in
    as_of : business date; overdue is an open task that was due before

    Notes
    -----
    Over all areas and elsewhere every task the actor may see is counted once.
    """
    tasks = store.tasks(sorted(actor.areas), as_of)
    place = tasks["grid_code"].fillna(tasks["district_code"]).astype("str").fillna("")
    owner = place.map(lambda code: next((c for c in codes if code == c or code.startswith(f"{c}-")), ""))
    running = tasks["state"].isin(("open", "follow_up"))
    marks = {"open": running, "overdue": running & tasks["overdue"].astype(bool), "done": tasks["state"] == "done"}
    counts = pd.DataFrame({name: mark.groupby(owner).sum() for name, mark in marks.items()}, dtype="int64")
    table = counts.reindex(codes, fill_value=0).rename_axis("area_code").reset_index()
    rest = counts.reindex([""], fill_value=0)
    return Workload(table, {name: int(rest[name].iloc[0]) for name in marks})


def measure_table(measures: pd.DataFrame, split: str) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Measures of one split: model -> metric -> (value, low, high), NaN where there is none."""
    rows = measures[measures["split"] == split] if len(measures) else measures
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    for row in rows.astype({"value": "float64", "low": "float64", "high": "float64"}).to_dict("records"):
        found.setdefault(str(row["model"]), {})[str(row["metric"])] = (row["value"], row["low"], row["high"])
    return found


def level_changes(history: pd.DataFrame) -> pd.DataFrame:
    """Return by month end how many subjects changed their level, and as a share of those classified by then.

    Parameters
    ----------
    history : ``level_history``; the first row of a subject is its beginning, not a change

    Returns
    -------
    as_of, changed, share; ascending, without the first month.
    """
    rows = history.sort_values(["subject_id", "as_of"])
    first = ~rows["subject_id"].duplicated()
    months = pd.Index(sorted(rows["as_of"].unique()), name="as_of")
    changed = rows.loc[~first].groupby("as_of").size().reindex(months, fill_value=0)
    known = rows.loc[first].groupby("as_of").size().reindex(months, fill_value=0).cumsum()
    return pd.DataFrame({"changed": changed, "share": changed / known}).iloc[1:].reset_index()


def live_card(store: Any, name: str | None) -> Scorecard | None:
    """The scorecard that the next build uses: the published version, else the file; None for a city without one."""
    if name is None:
        return None
    published = store.published_rule(KIND, name)
    return parse_scorecard(published["content"], f"published rule {name}") if published else load_scorecard(name)


def built_version(levels: pd.DataFrame) -> str | None:
    """Version of the scorecard the live build used."""
    return str(levels["rule_version"].iloc[0]) if len(levels) else None


def bin_rows(card: Scorecard, counts: Mapping[str, list[int]], lang: str) -> list[dict[str, Any]]:
    """Rows of the workbench's table: one per indicator and bin, the bin of missing values last.

    Each row has code, bin, group, name, low, below, points, missing and the number of subjects in it.
    """
    rows = []
    for indicator in card.indicator:
        bounds = (None, *indicator.bounds)
        for number, of_bin in enumerate(indicator.bins):
            rows.append(
                {"id": f"{indicator.code}-{number}", "code": indicator.code, "bin": number, "group": indicator.group,
                 "name": indicator.name[lang], "low": bounds[number], "below": of_bin.below, "points": of_bin.points,
                 "missing": False, "n": counts[indicator.code][number]}
            )  # fmt: skip
        last = len(indicator.bins)
        rows.append(
            {"id": f"{indicator.code}-{last}", "code": indicator.code, "bin": last, "group": indicator.group,
             "name": indicator.name[lang], "low": None, "below": None, "points": indicator.missing, "missing": True,
             "n": counts[indicator.code][last]}
        )  # fmt: skip
    return rows
