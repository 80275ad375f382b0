"""What ties subjects to each other: the same building, the same representative, the same investor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.classification.events import DECIMALS, Events, days, events_of
from models.analysis.warnings.address_keys import address_keys, names_building

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def building_codes(subjects: pd.DataFrame) -> tuple[Codes, pd.Series]:
    """Return for n subjects a number that is equal for those in the same building, and the key behind it.

    The key is that of the warnings (`models.analysis.warnings.address_keys`), within a district: the address without
    the room. -1 where no address is known or it names no building but a village or a street.
    """
    keys = address_keys(subjects["address"])
    codes, _ = pd.factorize(subjects["district_code"].astype("str").fillna("") + "|" + keys, use_na_sentinel=True)
    return np.where(names_building(keys), codes, -1).astype(np.int64), keys


def group_codes(keys: pd.Series) -> Codes:
    """Return for n subjects a number that is equal for equal keys; -1 where there is none."""
    codes, _ = pd.factorize(keys.to_numpy(object), use_na_sentinel=True)
    return codes.astype(np.int64)


def others_of(codes: Codes, living: npt.NDArray[np.bool_]) -> Floats:
    """Return for n subjects how many other living ones share their code; NaN where the code is not known."""
    known = codes >= 0
    size = np.bincount(codes[known & living], minlength=int(codes.max(initial=-1)) + 1)
    found = np.full(codes.size, np.nan)
    found[known] = size[codes[known]] - living[known]
    return found


def holdings(investments: pd.DataFrame, ids: pd.Index) -> Events:
    """Return the holdings as events with ``investor`` (number of the investor) and ``ended`` (last day)."""
    investor = investments["investor_key"].astype("str").fillna(investments["investor_id"].astype("str"))
    named = investments.assign(investor=group_codes(investor), ended=days(investments["ended_on"]))
    found = events_of(named, ids, "invested_on", ("investor", "ended"))
    return found.only(found.values["investor"].astype(np.int64) >= 0)


def related_sum(own: Floats, representative: Codes, held: Events, day: int) -> Floats:
    """Return for n subjects the sum of a quantity over the others of the same representative or investor.

    Parameters
    ----------
    own : the quantity of each subject
    representative : number of the representative, -1 for none
    held : holdings; those that last on ``day`` count

    Notes
    -----
    One who is tied both by representative and by investor counts twice.
    """
    n = own.size
    known = representative >= 0
    groups = int(representative.max(initial=-1)) + 1
    total = np.bincount(representative[known], weights=own[known], minlength=groups)
    found = np.zeros(n)
    found[known] = total[representative[known]] - own[known]
    until = held.until(day)
    lasting = held.values["ended"][until].astype(np.int64) > day
    subject, investor = held.pos[until][lasting], held.values["investor"][until][lasting].astype(np.int64)
    if subject.size:
        of_investor = np.bincount(investor, weights=own[subject])
        found += np.bincount(subject, weights=of_investor[investor] - own[subject], minlength=n)
    return np.round(found, DECIMALS)
