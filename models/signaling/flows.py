"""Protected flows between towns and between districts: commuters, journeys, jobs and housing, visitors.

Persons of a town are those of the network cells by their share in it, commuters by the share of both their cells
(`models.signaling.commuting`); devices are counted whole in the town with the
largest share of their cell. Where row and column totals are published, cells of the table are hidden until no single
hidden one can be had by subtraction (`protected_table`); `models.signaling.audit` proves what an attacker can bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models import disclosure
from models.signaling import attack
from models.signaling.commuting import pairs_of_towns
from models.signaling.flow_intervals import interval
from models.signaling.pipeline import Raw
from models.signaling.release import Rules
from models.signaling.zones import Zones

OUTSIDE = "outside"
"""Code of everything beyond the towns of the city."""

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def town_shares(zones: Zones, *, work: bool = False) -> tuple[list[str], sp.csr_matrix, npt.NDArray[np.int64]]:
    """Codes of the towns and of outside, share of each network cell in each, and the one that counts its devices.

    Parameters
    ----------
    work : of the workplaces, not of the homes
    """
    inside, town = (zones.works_by_town, zones.town_of_work) if work else (zones.by_town, zones.town_of_cell)
    rest = 1.0 - np.asarray(inside.sum(axis=1)).ravel()
    soft = sp.hstack([inside, sp.csr_matrix(np.clip(rest, 0.0, 1.0)[:, None])]).tocsr()
    hard = np.where(town < 0, len(zones.towns), town)
    return [*zones.towns, OUTSIDE], sp.csr_matrix(soft), hard


def protected_table(devices: npt.NDArray[np.integer], k: int) -> Mask:
    """Which cells of a table with published row and column totals are hidden.

    Hides every count of 1 to k - 1, then in every row and column with hidden cells the smallest others, until what is
    hidden there is at least two cells and k devices; repeated until both directions hold.

    Parameters
    ----------
    devices : (r, c) distinct devices
    """
    counts = devices.astype(np.float64)
    rows, columns = (index.ravel().astype(np.int64) for index in np.indices(counts.shape))
    hidden = disclosure.small(counts, k).ravel()
    while True:
        more = disclosure.complementary(hidden, counts.ravel(), rows, k)
        more = disclosure.complementary(more, counts.ravel(), columns, k)
        if (more == hidden).all():
            return hidden.reshape(counts.shape)
        hidden = more


@dataclass(frozen=True)
class Hidden:
    """What is hidden of the commuters of a period: pairs, totals by home and by workplace, pairs of districts."""

    pairs: Mask
    homes: Mask
    works: Mask
    districts: Mask


def hidden_commuters(raw: Raw, zones: Zones, rules: Rules) -> Hidden:
    """Hide pairs of towns until nobody who solves the published totals bounds one within k devices.

    First by `protected_table`, then by `attack.proven_persons` with the sums of towns and of pairs of districts as one
    system; of what lies outside no total is published, and pairs without devices are not listed. A total by workplace
    that is hidden here must be hidden wherever workers are published, on hexagons too.
    """
    codes, persons, devices, _ = commuters(raw, zones)
    n, member = len(codes), in_districts(zones)
    weighted, sums = attack.with_blocks(persons, *attack.two_way(persons), member)
    counts, _ = attack.with_blocks(devices, *attack.two_way(devices), member)
    whole = (n + 1) ** 2
    hidden, apart = np.zeros(len(counts), bool), np.zeros(len(counts), bool)
    hidden[: n * n] = protected_table(devices, rules.k).ravel()
    hidden[whole:] = disclosure.small(counts[whole:], rules.k)
    apart[: n * n] = (devices == 0).ravel()
    apart[[n * n + n - 1, n * n + 2 * n - 1, whole - 1]] = True
    apart[whole:] = counts[whole:] == 0
    hidden = attack.proven_persons(weighted, counts, hidden, sums, n * n, rules.k, apart)
    homes, works, blocks = np.split(hidden[n * n :], [n, 2 * n])
    groups = member.shape[1]
    return Hidden(hidden[: n * n].reshape(n, n), homes, works, blocks[1:].reshape(groups, groups))


def in_districts(zones: Zones) -> sp.csr_matrix:
    """(towns and outside, districts) of 0 and 1; outside is in none, and nothing is where nobody asks for districts."""
    if not zones.districts:
        return sp.csr_matrix((len(zones.towns) + 1, 0))
    _, member = zones.district_member
    return sp.csr_matrix(sp.vstack([member, sp.csr_matrix((1, member.shape[1]))]))


def commuters(raw: Raw, zones: Zones) -> tuple[list[str], Floats, npt.NDArray[np.int64], Floats]:
    """Raw table of residents by town of home and town of work: codes, persons, devices, and persons x metres."""
    (codes, soft, hard), (_, at_work, hard_at_work) = town_shares(zones), town_shares(zones, work=True)
    rows = raw.people[raw.people["resident_class"] == "resident"].dropna(subset=["home_cell", "work_cell"])
    home, work = (rows[name].to_numpy(np.int64) for name in ("home_cell", "work_cell"))
    number = rows["persons"].to_numpy(np.float64)
    persons = pairs_of_towns((soft, at_work), home, work, number, _centres(soft, zones, home, number))
    devices = np.zeros((len(codes), len(codes)), np.int64)
    np.add.at(devices, (hard[home], hard_at_work[work]), rows["devices"].to_numpy(np.int64))
    return codes, persons, devices, np.array([home, work, rows["persons"]], dtype=np.float64)


def _centres(soft: sp.csr_matrix, zones: Zones, home: npt.NDArray[np.int64], persons: Floats) -> Floats:
    """(places, 2) mean position of the homes in each town, metres; nan where nobody lives, and outside."""
    living = np.bincount(home, persons, soft.shape[0])
    weight = soft.multiply(living[:, None]).tocsr()
    total = np.asarray(weight.sum(axis=0)).ravel()[:, None]
    summed = weight.T @ zones.allocation.centres
    centres = np.divide(summed, total, out=np.full(summed.shape, np.nan), where=total > 0)
    centres[-1] = np.nan
    return np.asarray(centres)


def commute_flows(raw: Raw, zones: Zones, rules: Rules, found: Hidden | None = None) -> pd.DataFrame:
    """Product ``commute_flows`` without its period, of towns and of districts; pairs without anybody are left out.

    Districts are sums of all their towns, hidden ones too; how many of a district work outside is not told.

    Parameters
    ----------
    found : `hidden_commuters`, where it is known already
    """
    codes, persons, devices, _ = commuters(raw, zones)
    known, member = found or hidden_commuters(raw, zones, rules), in_districts(zones)
    frames = [_pairs(codes, persons, devices, known.pairs, rules).assign(area_level="town")]
    if member.shape[1]:
        above, behind = (np.asarray(member.T @ (member.T @ table.T).T) for table in (persons, devices))
        districts = _pairs(list(zones.district_member[0]), above, behind, known.districts, rules)
        frames.append(districts.assign(area_level="district"))
    return pd.concat(frames, ignore_index=True)


def _pairs(
    codes: list[str], persons: Floats, devices: npt.NDArray[np.int64], hidden: Mask, rules: Rules
) -> pd.DataFrame:
    a, b = np.nonzero((devices > 0) | hidden)
    own = np.eye(len(codes), dtype=bool)
    low, high = interval(persons, devices, np.where(own, rules.error("commute_own"), rules.error("commute")))
    frame = pd.DataFrame(
        {
            "from_code": np.array(codes, dtype=object)[a],
            "to_code": np.array(codes, dtype=object)[b],
            "persons": persons[a, b],
            "low": low[a, b],
            "high": high[a, b],
            "devices": pd.array(devices[a, b], "Int64"),
            "suppressed": hidden[a, b],
        }
    )
    hide = ["persons", "low", "high", "devices"]
    frame[hide] = frame[hide].mask(frame["suppressed"])
    return frame


def jobs_housing(raw: Raw, zones: Zones, rules: Rules, found: Hidden | None = None) -> pd.DataFrame:
    """Product ``jobs_housing`` without its period, for towns: ratios of the protected table and its totals.

    Jobs are those held by residents of the city: who commutes in from outside is not seen as a resident anywhere.
    """
    codes, persons, devices, pairs = commuters(raw, zones)
    known = found or hidden_commuters(raw, zones, rules)
    hidden, towns = known.pairs, len(zones.towns)
    sites = zones.allocation.centres
    home, work = pairs[0].astype(np.int64), pairs[1].astype(np.int64)
    inside = (zones.town_of_cell[home] >= 0) & (zones.town_of_work[work] >= 0)
    way = np.hypot(*(sites[home] - sites[work]).T) / 1_000
    total = np.bincount(zones.town_of_cell[home[inside]], (pairs[2] * way)[inside], towns)
    weight = np.bincount(zones.town_of_cell[home[inside]], pairs[2][inside], towns)
    working, jobs, both = persons.sum(axis=1)[:towns], persons.sum(axis=0)[:towns], persons.diagonal()[:towns]
    behind = np.minimum(devices.sum(axis=1), devices.sum(axis=0))[:towns]
    frame = pd.DataFrame(
        {
            "area_code": codes[:towns],
            "area_level": "town",
            "working_residents": working,
            "jobs": jobs,
            "both": np.where(hidden.diagonal()[:towns], np.nan, both),
            "jobs_housing_ratio": np.divide(jobs, working, out=np.full(towns, np.nan), where=working > 0),
            "mean_distance_km": np.divide(total, weight, out=np.full(towns, np.nan), where=weight > 0),
            "devices": pd.array(behind, "Int64"),
            "suppressed": (behind < rules.k) | known.homes[:towns] | known.works[:towns],
        }
    )
    frame["self_containment"] = (frame["both"] / frame["working_residents"]).clip(upper=1.0)
    frame["job_self_sufficiency"] = (frame["both"] / frame["jobs"]).clip(upper=1.0)
    hide = [c for c in frame.columns if c not in ("area_code", "area_level", "suppressed")]
    frame[hide] = frame[hide].mask(frame["suppressed"])
    return frame


def visitors(raw: Raw, zones: Zones, rules: Rules) -> pd.DataFrame:
    """Product ``visitors`` without its period: by town and origin class; k is that of sums by class.

    Visitors stay for hours or weeks, so n devices tell less than n: the interval counts the effective number
    ``(sum x)^2 / sum x^2`` (Kish 1965), x the persons of a mean day that each device stands for.
    """
    rows = raw.visits
    hidden = disclosure.small(rows["devices"].to_numpy(np.float64), rules.fine_k)
    nearby = rows["origin"].astype(str) == "intra_city"
    error = np.where(nearby, rules.error("visitor_intra_city"), rules.error("visitor"))
    counted = rows["persons"] ** 2 / rows["squares"] if "squares" in rows else rows["devices"]
    low, high = interval(rows["persons"], counted, error)
    frame = pd.DataFrame(
        {
            "area_code": np.array(zones.towns, dtype=object)[rows["zone"].to_numpy(np.int64)],
            "area_level": "town",
            "origin_class": rows["origin"].astype(str),
            "persons": rows["persons"],
            "low": low,
            "high": high,
            "devices": rows["devices"].astype("Int64"),
            "suppressed": hidden,
        }
    )
    hide = ["persons", "low", "high", "devices"]
    frame[hide] = frame[hide].mask(frame["suppressed"])
    return frame


def trips_by_hour(raw: Raw, zones: Zones, rules: Rules) -> pd.DataFrame:
    """Product ``trips_by_hour`` without its period: journeys between towns, no totals of which are published."""
    codes = np.array([*zones.towns, OUTSIDE], dtype=object)
    by = ["from_zone", "to_zone", "hour", "purpose", "daytype"]
    rows = raw.journeys.groupby(by, observed=True)[["persons", "devices"]].agg({"persons": "sum", "devices": "max"})
    rows = rows.reset_index()
    hidden = disclosure.small(rows["devices"].to_numpy(np.float64), rules.fine_k)
    return pd.DataFrame(
        {
            "from_code": codes[rows["from_zone"].to_numpy(np.int64)],
            "to_code": codes[rows["to_zone"].to_numpy(np.int64)],
            "area_level": "town",
            "daytype": rows["daytype"].astype(str),
            "hour": rows["hour"].astype("int64"),
            "purpose": rows["purpose"].astype(str),
            "persons": rows["persons"].mask(hidden),
            "devices": rows["devices"].astype("Int64").mask(hidden),
            "suppressed": hidden,
        }
    )
