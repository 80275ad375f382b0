"""How often the 90 % intervals of shown flows hold where the truth is known: commuters, moves, visitors.

Flows of nobody are held against the truth like others: where no device was seen, somebody may still be there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.signaling.evaluation import Figure

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]

COLUMNS = ("kind", "flow", "persons", "devices", "low", "high", "true")
BAR = 0.85
LEAST_FLOWS = 5
"""Flows of a kind whose sum says something of the method; that of fewer is chance."""
NAMES = {
    "commute": "commuters between towns",
    "commute_own": "commuters within their town",
    "move": "moves by class",
    "visitor": "visitors from elsewhere",
    "visitor_intra_city": "visitors from the city",
}
"""Name of the figure of each kind of flow; column ``flow`` tells whose model error of `uncertainty.FLOWS` it has."""


def commuters_beside(flows: pd.DataFrame, truth: Floats, towns: tuple[str, ...]) -> pd.DataFrame:
    """Shown flows between towns beside their truth: `COLUMNS`.

    Parameters
    ----------
    flows : product ``commute_flows``
    truth : (towns, towns) persons by home and workplace
    """
    at = pd.Index(towns)
    rows = flows[flows["from_code"].isin(at) & flows["to_code"].isin(at) & (flows["area_level"] == "town")]
    true = truth[at.get_indexer(pd.Index(rows["from_code"])), at.get_indexer(pd.Index(rows["to_code"]))]
    kind = np.where(rows["from_code"] == rows["to_code"], "commute_own", "commute")
    return _shown(rows, kind, true)


def moves_beside(flows: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Shown moves of one pair of periods by town or city, direction and class beside their truth: `COLUMNS`.

    Parameters
    ----------
    flows : product ``migration_flows``
    truth : town, direction, origin_class, persons
    """
    by = ["area_code", "direction", "origin_class"]
    towns = truth.rename(columns={"town": "area_code"})
    sums = pd.concat([towns, towns.assign(area_code="city")]).groupby(by)["persons"].sum()
    true = sums.reindex(pd.MultiIndex.from_frame(flows[by]), fill_value=0.0).to_numpy()
    return _shown(flows, "move", true, np.where(flows["area_code"] == "city", "move", "move_town"))


def visitors_beside(visitors: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Shown visitors by town and class of origin beside their truth: `COLUMNS`.

    Parameters
    ----------
    visitors : product ``visitors``
    truth : town, origin_class, persons on a mean day
    """
    sums = truth.groupby(["town", "origin_class"])["persons"].sum()
    at = pd.MultiIndex.from_frame(visitors[["area_code", "origin_class"]])
    kind = np.where(visitors["origin_class"] == "intra_city", "visitor_intra_city", "visitor")
    return _shown(visitors, kind, sums.reindex(at, fill_value=0.0).to_numpy())


def _shown(rows: pd.DataFrame, kind: str | Names, true: Floats, flow: Names | None = None) -> pd.DataFrame:
    beside = rows.assign(kind=kind, flow=kind if flow is None else flow, true=true)[~rows["suppressed"].to_numpy(bool)]
    return beside[list(COLUMNS)].astype({"persons": "float64", "devices": "float64"}).reset_index(drop=True)


def holds(beside: pd.DataFrame) -> pd.Series:
    """Whether the interval of each flow holds the truth."""
    return (beside["low"] <= beside["true"]) & (beside["true"] <= beside["high"])


def interval_figures(beside: pd.DataFrame) -> list[Figure]:
    """How often the intervals hold, by kind of flow; kinds without a shown flow are left out."""
    held, kinds = holds(beside), beside["kind"]
    return [
        Figure("flows", f"90 % interval holds the truth, {name}", float(own.mean()), BAR, tested=len(own))
        for name, own in ((name, held[kinds == kind]) for kind, name in NAMES.items())
        if len(own)
    ]


def total_figures(beside: pd.DataFrame, least: int = LEAST_FLOWS) -> list[Figure]:
    """Sum of the shown flows of each kind over what they truly are; kinds with fewer flows than that are left out."""
    found = []
    for kind, name in NAMES.items():
        own = beside[beside["kind"] == kind]
        estimated, true = (float(own[column].sum()) for column in ("persons", "true"))
        if true > 0 and len(own) >= least:
            found.append(Figure("flows", f"{name}, estimated to true", estimated / true, tested=len(own)))
    return found
