"""Moves into and out of the whole city by the province or district at the other end (迁入来源, 迁出去向).

The classes of the city are published, so what is told of their regions must not leave a rest below the threshold: the
regions with enough devices are told, and the smallest of them join the rest until that has enough devices too, or
nobody. Every group of devices an attacker can form from totals and regions is then empty or has at least `fine_k`.

Not accounted for: moves whose class is hidden, which are not told by region at all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.signaling.flow_intervals import interval
from models.signaling.release import Rules

ENDS = {"in": "weight_to", "out": "weight_from"}
"""Direction, which is the status of the mover too, and the weight that counts in it."""
COLUMNS = ("direction", "origin_class", "region_code", "persons", "low", "high", "devices")


def told(devices: pd.Series, least: int) -> list[str]:
    """The regions of one class that may be told.

    Parameters
    ----------
    devices : distinct devices by region, all regions of the class; "" is the one that nobody knows
    least : smallest count of a group
    """
    named = devices[devices.index != ""]
    order = named[named >= least].sort_values(ascending=False, kind="stable")
    for count in range(len(order), 0, -1):
        rest = int(devices.sum() - order.iloc[:count].sum())
        if rest == 0 or rest >= least:
            return [str(region) for region in order.index[:count]]
    return []


def by_region(moves: pd.DataFrame, flows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Product ``migration_origins`` of a pair, without the names of its periods and without positions.

    Parameters
    ----------
    moves : `migration.statuses`
    flows : `migration.released`, which says which classes of the city are published

    Returns
    -------
    ``direction``, ``origin_class``, ``region_code``, ``persons``, ``low``, ``high`` (90 %) and ``devices``; the
    largest first.
    """
    city = flows[(flows["area_level"] == "city") & ~flows["suppressed"].astype(bool)]
    found = [pd.DataFrame(columns=list(COLUMNS))]
    for direction, weight in ENDS.items():
        for origin_class in city.loc[city["direction"] == direction, "origin_class"]:
            rows = moves[(moves["status"] == direction) & (moves["origin_class"] == origin_class)]
            sums = rows.groupby("region")[weight].agg(["size", "sum"])
            own = sums.loc[told(sums["size"], rules.fine_k)]
            low, high = interval(own["sum"], own["size"], rules.error("move"))
            found.append(
                pd.DataFrame(
                    {
                        "direction": direction,
                        "origin_class": origin_class,
                        "region_code": own.index.to_numpy(object),
                        "persons": own["sum"].to_numpy(np.float64),
                        "low": low,
                        "high": high,
                        "devices": pd.array(own["size"], dtype="Int64"),
                    }
                )
            )
    rows = pd.concat([part for part in found if len(part)] or found, ignore_index=True)
    return rows.sort_values(["direction", "persons"], ascending=[True, False], ignore_index=True)


def places(table: pd.DataFrame) -> pd.DataFrame:
    """Where the regions lie: mean position of the rows of the network table that stand for each.

    Parameters
    ----------
    table : network table with ``cell_id`` (X and the code of GB/T 2260), ``lon``, ``lat`` in degrees

    Returns
    -------
    Index region code, both of the province (two digits) and of the region (six); ``lon``, ``lat``.
    """
    own = table[table["cell_id"].astype(str).str.fullmatch(r"X\d{6}.*")]
    codes = own["cell_id"].astype(str).str[1:7]
    parts = [own[["lon", "lat"]].groupby(codes.str[:digits].to_numpy(object)).mean() for digits in (2, 6)]
    return pd.concat(parts)
