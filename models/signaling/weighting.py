"""Weights of the people of one period: the operator's share of each town, raked to the residents a yearbook gives.

A device is weighted by the town of its home cell, but its people are shown in every town that the cell reaches; so the
targets of the raking are adjusted (t <- t * residents / shown) until the people shown in each town are its residents.
Where age and sex are delivered (`models.signaling.strata`), the share is that of the town, age and sex, and the census
margin of age x sex of the whole city is met too. Residents are weighted so; everybody else by the mean share of the
city, because nothing is known of who they stand for. A stratum dropped for its factor has nobody in any product, and
says so.

Not accounted for: people of an age without telephones; a stratum of the census without any device is listed as unmet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.signaling import strata
from models.signaling.weights import Weighted, rake, share_weights
from models.signaling.zones import Zones

ROUNDS = 50
"""Most times that the targets are adjusted."""
CLOSE = 1e-4
"""Largest relative difference of a town's people from its residents that needs no further round."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CellWeights:
    """Persons that a device stands for, by where its user lives and, where known, by age and sex.

    Attributes
    ----------
    by_cell : (cells) or (cells, `strata.NAMES`) for residents with their home there; nan where no town is reached
    elsewhere : for everybody else
    fitted : what the raking says, None without residents
    """

    by_cell: Floats
    elsewhere: float
    fitted: Weighted | None

    def of(self, people: pd.DataFrame) -> Floats:
        """Weight of every row of a user table."""
        cells = people["home_cell"].fillna(-1).to_numpy(np.int64)
        if self.by_cell.ndim == 1:
            found = np.append(self.by_cell, np.nan)[cells]
        else:
            nowhere = np.full((1, self.by_cell.shape[1]), np.nan)
            found = np.vstack([self.by_cell, nowhere])[cells, strata.codes_of(people)]
        living = (people["resident_class"] == "resident").to_numpy() & ~np.isnan(found)
        return np.where(living, found, self.elsewhere)


def homes_of(people: pd.DataFrame) -> pd.Series:
    """Devices of residents by home cell and stratum (`strata.packed`): all that weights need to know of people."""
    living = people[(people["resident_class"] == "resident") & people["home_cell"].notna()]
    number = strata.packed(living["home_cell"].to_numpy(np.int64), strata.codes_of(living))
    return pd.Series(number, name="home_cell").to_frame().groupby("home_cell").size().rename("devices")


def weigh(
    people: pd.DataFrame,
    zones: Zones,
    share: pd.Series,
    residents: pd.Series | None,
    *,
    deduplication: float,
    most_persons: float,
    by_stratum: pd.Series | None = None,
) -> tuple[pd.DataFrame, Weighted | None]:
    """Add the column ``weight`` to the user table of a period.

    Parameters
    ----------
    people : `pipeline.people_of`
    share, residents, deduplication, most_persons, by_stratum : see `cell_weights`

    Returns
    -------
    The table with ``weight``, and what the raking says (None without residents).
    """
    found = cell_weights(
        homes_of(people), zones, share, residents,
        deduplication=deduplication, most_persons=most_persons, by_stratum=by_stratum,
    )  # fmt: skip
    return people.assign(weight=found.of(people)), found.fitted


def cell_weights(
    homes: pd.Series,
    zones: Zones,
    share: pd.Series,
    residents: pd.Series | None,
    *,
    deduplication: float,
    most_persons: float,
    by_stratum: pd.Series | None = None,
) -> CellWeights:
    """Weights from the number of resident devices at each home cell.

    Parameters
    ----------
    homes : `homes_of`, of one or of the sum of many user tables
    share : share of the residents whose devices are delivered, by town code, or by town code and stratum
    residents : residents by town code, None where the city gives none; then only the share counts
    deduplication : persons per device of the operator
    most_persons : persons one device may stand for
    by_stratum : residents of the city by stratum, None where age and sex are not delivered or no census is given

    Raises
    ------
    ValueError : a town with residents among the devices has no share
    """
    cells, codes = strata.unpacked(homes.index.to_numpy(np.int64))
    town = zones.town_of_cell[cells]
    inside = town >= 0
    cells, codes, town, devices = cells[inside], codes[inside], town[inside], homes.to_numpy(np.float64)[inside]
    names = np.array(zones.towns, dtype=object)[town].astype(str)
    rows = pd.DataFrame({"town": names, "stratum": np.array(strata.NAMES)[codes]})
    weights = share_weights(rows, _shares(share), ["town", "stratum"], deduplication)
    fitted = None
    if residents is not None:
        shown = sp.csr_matrix(zones.by_town[cells])
        margin = residents.reindex(list(zones.towns)).fillna(0.0)
        fitted = _raked(rows, weights, devices, shown, (margin, by_stratum), most_persons)
        weights = fitted.weights
    by_cell = np.full((len(zones.town_of_cell), len(strata.NAMES)), np.nan)
    by_cell[cells, codes] = weights
    plain = np.full(len(zones.town_of_cell), np.nan)
    plain[cells] = weights
    return CellWeights(by_cell if codes.any() else plain, deduplication / float(share.mean()), fitted)


def _shares(share: pd.Series) -> pd.DataFrame:
    """Share by town and stratum; who is of unknown stratum, and all where no strata are given, has that of the town."""
    if share.index.nlevels == 1:
        parts = [share.rename_axis("town").rename("share").reset_index().assign(stratum=name) for name in strata.NAMES]
        return pd.concat(parts, ignore_index=True)
    known = share.rename_axis(["town", "stratum"]).rename("share").reset_index()
    mean = known.groupby("town")["share"].mean().reset_index()
    return pd.concat([known, mean.assign(stratum=strata.UNKNOWN)], ignore_index=True)


def _raked(
    rows: pd.DataFrame,
    start: Floats,
    devices: Floats,
    shown: sp.csr_matrix,
    margins: tuple[pd.Series, pd.Series | None],
    most_persons: float,
) -> Weighted:
    """Rake until the people shown in each town, by the share of the home cells in it, are its residents."""
    residents, by_stratum = margins
    target = residents.copy()
    for _ in range(ROUNDS):
        wanted_sums: dict[tuple[str, ...], pd.Series] = {("town",): target}
        if by_stratum is not None:
            wanted_sums[("stratum",)] = _of_known(rows, start * devices, by_stratum, float(target.sum()))
        fitted = rake(rows, start, wanted_sums, cap=most_persons, devices=devices)
        reached = shown.T @ (fitted.weights * devices)
        wanted = residents.to_numpy(np.float64)
        ratio = np.divide(wanted, reached, out=np.ones(len(wanted)), where=reached > 0)
        ratio[_with_dropped(fitted, residents.index)] = 1.0
        if np.abs(ratio - 1.0).max(initial=0.0) < CLOSE:
            break
        target = target * ratio
    return fitted


def _with_dropped(fitted: Weighted, towns: pd.Index[str]) -> npt.NDArray[np.bool_]:
    """Towns of which a stratum was dropped: the others are not asked to stand for it, so their target stays."""
    if fitted.dropped.empty:
        return np.zeros(len(towns), dtype=bool)
    return np.asarray(towns.isin(fitted.dropped["town"]))


def _of_known(rows: pd.DataFrame, persons: Floats, by_stratum: pd.Series, total: float) -> pd.Series:
    """Margin of the strata with the total of the towns; who is of unknown stratum keeps their share of the people."""
    unknown = float(persons[(rows["stratum"] == strata.UNKNOWN).to_numpy()].sum() / persons.sum())
    known = by_stratum * (total * (1.0 - unknown) / float(by_stratum.sum()))
    return pd.concat([known, pd.Series({strata.UNKNOWN: total * unknown})]) if unknown > 0 else known
