"""Asks whether points lie in the district they name, in the declared datum and in the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from models.profile.manifest import DATUMS
from models.sources.datum import from_wgs84, to_wgs84
from models.sources.districts import Districts

# CGCS2000 and WGS84 agree within decimetres, which no district border can tell apart.
TESTED = tuple(d for d in DATUMS if d != "CGCS2000")
# McNemar's statistic for p = 0.001 with one degree of freedom.
_DECISIVE = 10.83


@dataclass(frozen=True)
class DatumAgreement:
    """Agreement of points with their districts, by datum.

    Attributes
    ----------
    declared : the datum the manifest declares
    shares : datum -> share of the points that lie in the district they name
    points : points compared
    proposed : the datum with the highest share where it is decisively better than the declared one,
        otherwise None
    """

    declared: str
    shares: dict[str, float]
    points: int
    proposed: str | None

    def text(self) -> str:
        """One sentence for a person."""
        shown = ", ".join(f"{share:.2%} as {datum}" for datum, share in self.shares.items())
        said = f"of {self.points} points, this share lies in the district it names: {shown}"
        if self.proposed is None:
            return f"{said}; nothing speaks against the declared {self.declared}"
        return f"{said}; the manifest declares {self.declared}, try datum = {self.proposed!r}"


def agreement(lon: pd.Series, lat: pd.Series, codes: pd.Series, declared: str, districts: Districts) -> DatumAgreement:
    """Compare the datums on n points.

    Parameters
    ----------
    lon, lat : degrees WGS84, as converted from ``declared``
    codes : code of the district that each point names; rows with a null are not compared
    declared : WGS84, CGCS2000, GCJ02, BD09 or EPSG:n
    districts : the city's districts

    Notes
    -----
    A datum is proposed where McNemar's test on the points that only one of the two gets right has p <
    0.001. Borders of another vintage than the points lower all shares alike.
    """
    known = (lon.notna() & lat.notna() & codes.notna()).to_numpy()
    named = codes[known].to_numpy(dtype=object)
    own = "WGS84" if declared == "CGCS2000" else declared
    x, y = from_wgs84(lon[known], lat[known], own)
    right: dict[str, np.ndarray] = {}
    for datum in (*TESTED, *(() if own in TESTED else (own,))):
        if own.startswith("EPSG:") and datum != own:
            shifted = to_wgs84(lon[known], lat[known], datum)
        else:
            shifted = to_wgs84(x, y, datum)
        found = districts.holding(np.asarray(shapely.points(*shifted), dtype=object))
        right[datum] = (found.to_numpy(dtype=object) == named) & found.notna().to_numpy()
    shares = {d: float(r.mean()) if len(r) else 0.0 for d, r in right.items()}
    best = max(shares, key=lambda d: shares[d])
    gained = int((right[best] & ~right[own]).sum())
    lost = int((right[own] & ~right[best]).sum())
    decisive = gained > lost and (gained - lost) ** 2 / (gained + lost) > _DECISIVE
    return DatumAgreement(declared, shares, int(known.sum()), best if decisive else None)
