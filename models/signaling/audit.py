"""Audit of what was published: every shown value has its devices, and no hidden one can be had from published sums.

The attacker reads products only. What he may know of a hidden value is bounded in persons and said in devices by the
persons that one shown device stands for in the same table; within plus or minus ``k`` devices it counts as recovered.
Checked: devices behind every shown value, resolutions of the hexagons against each other, in sum and hexagon by
hexagon, towns against districts and the city, hidden totals of towns and districts against the hexagons that lie in
them, commuter flows against workers and jobs of the towns and what hexagons say of those, and moves against the totals
of towns, of classes and of the city.

Not accounted for: differences between builds, and what an attacker knows from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.fusion.hexes import parents
from models.signaling import attack, audit_hexagons
from models.signaling.finding import Finding
from models.signaling.flows import OUTSIDE

Floats = npt.NDArray[np.float64]

LEAST_DEVICES = {
    "present_by_hour": "fine", "residents_by_hex": "k", "people_by_area": "k", "jobs_housing": "k",
    "commute_flows": "k", "visitors": "fine",
    "trips_by_hour": "fine", "migration_flows": "fine", "migration_origins": "fine", "road_speeds": "fine",
}  # fmt: skip
"""Product -> threshold of the devices behind each of its shown values."""
PRODUCTS = (*LEAST_DEVICES, "migration_balance", "cells", "grids")
KEYS = ("period", "role", "daytype", "hour")
"""Columns that part one hexagon's values."""
WHOLE = 8
"""Finest resolution that is shown everywhere; finer hexagons only where the network tells them apart."""
CONSERVED = 1e-9
"""Relative error up to which a sum counts as that of its parts."""


def audit(frames: Mapping[str, pd.DataFrame], k: int, fine_k: int) -> list[Finding]:
    """Run every check that the products of a build allow.

    Parameters
    ----------
    frames : products by name; those that are absent are not checked
    k, fine_k : thresholds for sums of a period, and by hour or class
    """
    found = []
    for name, kind in LEAST_DEVICES.items():
        if name in frames:
            found.append(_devices(name, frames[name], k if kind == "k" else fine_k))
    found += [_resolutions(name, frames[name]) for name in ("present_by_hour", "residents_by_hex") if name in frames]
    found += [_parents(n, frames[n]) for n in ("present_by_hour", "residents_by_hex") if "h3" in frames.get(n, ())]
    if "people_by_area" in frames and "residents_by_hex" in frames:
        found.append(_areas(frames["people_by_area"], frames["residents_by_hex"]))
    known = audit_hexagons.said(frames)
    found += audit_hexagons.totals(frames, known, k)
    if "commute_flows" in frames and "jobs_housing" in frames:
        for period, own in frames["commute_flows"].groupby("period"):
            jobs = frames["jobs_housing"][frames["jobs_housing"]["period"] == period]
            found.append(commuters(own, jobs, k, str(period), audit_hexagons.most_jobs(jobs, known, str(period))))
    if "migration_flows" in frames and "migration_balance" in frames:
        balances = frames["migration_balance"]
        for pair, own in frames["migration_flows"].groupby(["period_from", "period_to", "direction"]):
            mine = balances[(balances["period_from"] == pair[0]) & (balances["period_to"] == pair[1])]
            found.append(moves(own, mine, str(pair[2]), k, " ".join(map(str, pair))))
    if "migration_flows" in frames and "migration_origins" in frames:
        found.append(rests(frames["migration_flows"], frames["migration_origins"], fine_k))
    return found


def rests(flows: pd.DataFrame, origins: pd.DataFrame, least: int) -> Finding:
    """What subtraction leaves of a class of the city when its regions are taken away: nobody, or enough devices."""
    by = ["period_from", "period_to", "direction", "origin_class"]
    city = flows[(flows["area_level"] == "city") & ~flows["suppressed"].astype(bool)].set_index(by)["devices"]
    rest = city.astype("Float64") - origins.groupby(by)["devices"].sum().astype("Float64")
    rest = rest.dropna()
    return Finding("migration_origins", "all", "rest", len(rest), int(((rest != 0) & (rest < least)).sum()))


def _devices(name: str, frame: pd.DataFrame, least: int) -> Finding:
    shown = frame[~frame["suppressed"].astype(bool)] if "suppressed" in frame else frame
    value = next(column for column in ("persons", "working_residents", "speed_kmh") if column in shown)
    devices = shown["devices"].astype("Float64").fillna(0).to_numpy(np.float64)
    bad = (shown[value].fillna(0).to_numpy(np.float64) > 0) & (devices < least)
    return Finding(name, "all", "devices", len(shown), int(bad.sum()))


def _resolutions(name: str, frame: pd.DataFrame) -> Finding:
    """Where two resolutions show everything, they have the same sum."""
    by = [c for c in KEYS if c in frame]
    frame = frame[frame["resolution"] <= WHOLE]
    whole = frame.groupby([*by, "resolution"])["persons"].sum().unstack("resolution")
    hidden = frame.groupby(by)["suppressed"].any().reindex(whole.index)
    spread = (whole.max(axis=1) - whole.min(axis=1)) / whole.max(axis=1).clip(lower=1.0)
    bad = (spread > 1e-6) & ~hidden
    return Finding(name, "all", "resolutions", len(whole), int(bad.sum()))


def _parents(name: str, frame: pd.DataFrame) -> Finding:
    """Every hexagon whose parts are shown is the sum of its parts."""
    by, tested, broken = [c for c in KEYS if c in frame], 0, 0
    for resolution in sorted(set(frame["resolution"]))[1:]:
        parts = frame[frame["resolution"] == resolution]
        parts = parts.assign(h3=parents(parts["h3"].to_numpy(np.uint64), resolution - 1))
        summed = parts.groupby(["h3", *by], observed=True).agg({"persons": "sum", "suppressed": "any"})
        above = frame[frame["resolution"] == resolution - 1].set_index(["h3", *by]).reindex(summed.index)
        shown = ~(summed["suppressed"].astype(bool) | above["suppressed"].eq(True))
        off = (summed["persons"] - above["persons"]).abs().fillna(np.inf)[shown]
        tested += len(off)
        broken += int((off > CONSERVED * above["persons"][shown].fillna(0.0).clip(lower=1.0)).sum())
    return Finding(name, "all", "parents", tested, broken)


def _areas(areas: pd.DataFrame, hexes: pd.DataFrame) -> Finding:
    """Districts are the sums of their towns, and the city that of all hexagons, where nothing is hidden."""
    by = ["period", "role"]
    sums = areas.groupby([*by, "area_level"])["persons"].sum().unstack("area_level")
    hidden = areas.groupby(by)["suppressed"].any() | hexes.groupby(by)["suppressed"].any()
    whole = hexes[hexes["resolution"] == WHOLE].groupby(by)["persons"].sum().reindex(sums.index)
    bad = (sums["town"] - sums["district"]).abs() > CONSERVED * sums["city"].clip(lower=1.0)
    bad |= (whole - sums["city"]).abs() > CONSERVED * sums["city"].clip(lower=1.0)
    return Finding("people_by_area", "all", "areas", len(sums), int((bad & ~hidden.reindex(sums.index)).sum()))


def _per_device(frame: pd.DataFrame) -> float:
    shown = frame[~frame["suppressed"].astype(bool)]
    devices = float(shown["devices"].astype("Float64").fillna(0).sum())
    return float(shown["persons"].sum()) / devices if devices else 1.0


def commuters(flows: pd.DataFrame, jobs: pd.DataFrame, k: int, where: str, most: pd.Series | None = None) -> Finding:
    """Attack the commuter flows of one period with the working residents and the jobs of the towns.

    Pairs that are not listed have no devices but may have persons, by the share of a cell in a neighbouring town; the
    attacker does not know them either, nor who lives or works outside. Pairs of districts are sums of those of the
    towns whose codes begin with theirs.

    Parameters
    ----------
    most : jobs at most by town, by the workers of its hexagons
    """
    level = flows.get("area_level", pd.Series("town", index=flows.index))
    flows, above = flows[level == "town"], flows[level == "district"]
    rows = sorted({*flows["from_code"], *jobs["area_code"], OUTSIDE})
    columns = sorted({*flows["to_code"], *jobs["area_code"], OUTSIDE})
    pairs = flows.set_index(["from_code", "to_code"])
    table = pairs["persons"].astype("float64").unstack("to_code").reindex(index=rows, columns=columns)
    hidden = pairs["suppressed"].astype("float64").unstack("to_code").reindex(index=rows, columns=columns)
    known = jobs.set_index("area_code")
    totals = (
        known["working_residents"].reindex(rows).to_numpy(np.float64),
        known["jobs"].reindex(columns).to_numpy(np.float64),
    )
    asked = (hidden == 1).to_numpy()
    values = table.to_numpy(np.float64)
    blocks = _blocks(above, rows, columns) if len(above) else None
    said = np.full(sum(values.shape), np.inf)
    if most is not None:
        said[len(rows) :] = np.maximum(most.reindex(columns).fillna(np.inf), np.nansum(values, axis=0))
    return _two_way("commute_flows", where, values, asked, totals, _per_device(flows), k, blocks=blocks, most=said)


def _blocks(above: pd.DataFrame, rows: list[str], columns: list[str]) -> tuple[Floats, Floats, sp.csr_matrix]:
    """Pairs of districts: persons (nan where hidden), whether they are asked, and (pairs, cells) what each sums up."""
    own, other = ({code: [c.startswith(code) for c in names] for code in {*above["from_code"], *above["to_code"]}}
                  for names in (rows, columns))  # fmt: skip
    member = [np.outer(own[a], other[b]).ravel() for a, b in zip(above["from_code"], above["to_code"], strict=True)]
    return (
        above["persons"].to_numpy(np.float64, na_value=np.nan), above["suppressed"].to_numpy(np.float64),
        sp.csr_matrix(np.array(member, np.float64)),
    )  # fmt: skip


def moves(flows: pd.DataFrame, balance: pd.DataFrame, direction: str, k: int, where: str) -> Finding:
    """Attack the moves of one direction between two periods with the totals of towns, of classes and of the city.

    Towns that are not broken down by class are unknown to the attacker; nothing is claimed of their classes.
    """
    town = flows[flows["area_level"] == "town"]
    cells = town.pivot(index="area_code", columns="origin_class", values="persons").astype("float64")
    totals = balance.set_index("area_code")[f"moved_{direction}"].astype("float64")
    listed = cells.index
    cells = cells.reindex(totals.index.drop("city"))
    whole = flows[flows["area_level"] == "city"].set_index("origin_class")["persons"].astype("float64")
    margins = tuple(np.array(m, dtype=np.float64) for m in (totals.reindex(cells.index), whole.reindex(cells.columns)))
    table = cells.to_numpy(np.float64)
    city = float(totals.get("city", np.nan))
    asked = np.isnan(table) & cells.index.isin(listed)[:, None]
    return _two_way("migration_flows", where, table, asked, margins, _per_device(town), k, city)


def _two_way(
    name: str,
    where: str,
    cells: Floats,
    asked: npt.NDArray[np.bool_],
    margins: tuple[Floats, ...],
    persons_per_device: float,
    k: int,
    whole: float = np.nan,
    blocks: tuple[Floats, Floats, sp.csr_matrix] | None = None,
    most: Floats | None = None,
) -> Finding:
    """Attack the asked cells of a table with its totals by row and column; what is missing is unknown.

    Parameters
    ----------
    blocks : further sums of the table as of `_blocks`
    most : what the margins are at most where they are hidden
    """
    _, sums = attack.two_way(np.zeros(cells.shape, np.int64))
    values = np.concatenate([cells.ravel(), *margins, [whole]])
    wanted = np.zeros(len(values), bool)
    wanted[: cells.size] = asked.ravel()
    if blocks is not None:
        persons, hidden_too, member = blocks
        more = len(persons)
        within = sp.hstack([member, sp.csr_matrix((more, len(values) - cells.size)), -sp.eye(more)])
        sums = sp.csr_matrix(sp.vstack([sp.hstack([sums, sp.csr_matrix((sums.shape[0], more))]), within]))
        values, wanted = np.concatenate([values, persons]), np.concatenate([wanted, hidden_too > 0])
    hidden, limits = np.isnan(values), np.full(len(values), np.inf)
    if most is not None:
        limits[cells.size : cells.size + len(most)] = most
    low, high = attack.bounds(np.nan_to_num(values), hidden, sums, wanted, limits)
    width = (high - low)[wanted] / persons_per_device
    narrowest = float(width.min()) if len(width) else float("nan")
    return Finding(name, where, "attack", int(wanted.sum()), int((width <= 2 * k).sum()), narrowest)
