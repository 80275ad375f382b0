"""The signaling of a build: each period from its deliveries to protected products, then what two periods say together.

Per-user rows stay in the work area below the city's home and are deleted when the retention time is over; a step of the
build keeps protected frames only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models import contracts
from models.build.steps import Outcome, Progress, StepRunner, rules_hash
from models.errors import SourceError
from models.fusion.hexes import cells_of
from models.profile import City
from models.profile.signaling import Period as PeriodSettings
from models.profile.signaling import Signaling, load_signaling, resolve
from models.settings import Settings
from models.signaling import flows, places, release
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days
from models.signaling.network import Network, load_network
from models.signaling.pipeline import Period, Raw, people_of, sum_up
from models.signaling.profiles import load_profile
from models.signaling.weighting import weigh
from models.signaling.weights import Weighted
from models.signaling.work_area import WorkArea
from models.signaling.zones import Zones, town_of_hexes

RESOLUTIONS = (7, 8)
"""Resolutions of the products: cells of half a kilometre of error do not justify finer ones (hangzhou, measured)."""
PRODUCTS = (
    "present_by_hour", "residents_by_hex", "coverage_quality", "signaling_quality", "commute_flows", "jobs_housing",
    "visitors", "trips_by_hour",
)  # fmt: skip
CODE = ("models/signaling", "models/disclosure.py", "models/build/signaling.py", "models/contracts")

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Ground:
    """What every period stands on: cells of the city, its supervision grid, and places where people may live."""

    cells: pd.DataFrame
    grids: pd.DataFrame
    places: pd.DataFrame


@dataclass(frozen=True)
class Measured:
    """One period as computed, before anything is protected: for the build and for `models.evaluate` only.

    Attributes
    ----------
    period : settings of the period
    people, fitted : user table with weights, and what the raking says
    raw, zones, network : sums, hexagons and towns, network table
    addresses : weight of the addresses by hexagon
    share : market share by town
    key : key of the period's pseudonyms
    fine_k : threshold of sums by hour or class
    """

    period: PeriodSettings
    people: pd.DataFrame
    fitted: Weighted | None
    raw: Raw
    zones: Zones
    network: Network
    addresses: pd.Series
    share: pd.Series
    key: bytes
    fine_k: int


@dataclass(frozen=True)
class _City:
    """The city, where its files are, and what it decided about its signaling."""

    city: City
    settings: Settings
    spec: Signaling

    def path(self, name: str) -> Path:
        """Where a file of the settings lies."""
        return resolve(self.city, name, self.settings)

    def area(self, period: PeriodSettings) -> WorkArea:
        """Work area of a period."""
        return WorkArea(self.settings.city_home(self.city.id) / "signaling" / period.name)

    def table(self, name: str, **dtypes: str) -> pd.DataFrame:
        """One of the small tables."""
        return pd.read_csv(self.path(name), dtype=dtypes)


def signaling_steps(
    city: City, settings: Settings, ground: Callable[[], Ground], keys: list[str], runner: StepRunner
) -> dict[str, tuple[Outcome, str]]:
    """Run the step of every period, and join the periods.

    Parameters
    ----------
    ground : reads what the periods stand on, when a step has to run
    keys : keys of the steps that made it

    Returns
    -------
    Product name -> outcome and frame; empty where the city has no signaling, or no period's folder is there yet.

    Raises
    ------
    SourceError : a date of a period has no file
    """
    spec = load_signaling(city)
    if spec is None:
        return {}
    own = _City(city, settings, spec)
    if not any(own.path(period.events).is_dir() for period in spec.periods):
        runner.watch(Progress("signaling", "skip", note="no deliveries"))
        return {}
    made = []
    for period in spec.periods:
        files = _files(own, period)
        prints = [_print(path) for path in (*files.values(), *(own.path(name) for name in _tables(spec, period)))]
        name = f"signaling {period.name}"

        def work(
            period: PeriodSettings = period, files: dict[dt.date, Path] = files, name: str = name
        ) -> tuple[Frames, Mapping[str, Any]]:
            return _compute(own, period, files, ground(), lambda k, n: runner.watch(Progress(name, "progress", k, n)))

        inputs = [*keys, *prints, rules_hash("standards")]
        made.append(runner.run(name, work, inputs=inputs, params=_params(own, period), code=CODE))
    whole = runner.run(
        "signaling", lambda: _joined(made), inputs=[step.key for step in made], code=("models/build/signaling.py",)
    )
    if spec.retention_days == 0:
        WorkArea(settings.city_home(city.id) / "signaling").purge()
    return {name: (whole, name) for name in PRODUCTS}


def _joined(made: list[Outcome]) -> tuple[Frames, Mapping[str, Any]]:
    joined = {name: pd.concat([step.frame(name) for step in made], ignore_index=True) for name in PRODUCTS}
    for name, frame in joined.items():
        contracts.check(name, frame)
    return joined, {"rows": {name: len(frame) for name, frame in joined.items()}}


def _params(own: _City, period: PeriodSettings) -> dict[str, Any]:
    """What a period depends on besides files: not how many cores compute it, nor how long its rows are kept."""
    apart = {"periods", "workers", "memory_mb", "retention_days"}
    return {
        "spec": own.spec.model_dump(mode="json", exclude=apart),
        "period": period.model_dump(mode="json"),
        "k": own.city.disclosure_k,
        "crs": own.city.crs,
        "timezone": own.city.timezone,
    }


def _tables(spec: Signaling, period: PeriodSettings) -> list[str]:
    return [name for name in (period.network, spec.market_share, spec.residents, spec.workdays) if name]


def _files(own: _City, period: PeriodSettings) -> dict[dt.date, Path]:
    """The file of every date of a period."""
    folder = own.path(period.events)
    found = {}
    days = (period.last - period.first).days
    for date in (period.first + dt.timedelta(days=k) for k in range(days + 1)):
        options = [folder / f"date={date.isoformat()}{ending}" for ending in (".parquet", ".csv")]
        there = next((path for path in options if path.is_file()), None)
        if there is None:
            raise SourceError(
                f"{period.events}/date={date.isoformat()}.parquet",
                f"the period {period.name} of {own.city.id} has no file for this date",
                needed="one Parquet or CSV file of events for every date of the period",
                hint="The demo city's files are written by: cityhex demo" if own.city.demo else "",
            )
        found[date] = there
    return found


def _print(path: Path) -> str:
    """Stands for a file without reading it: a delivery has terabytes, and days are told apart by content later."""
    status = path.stat()
    return f"{path.name}:{status.st_size}:{status.st_mtime_ns}"


def measure(city: City, settings: Settings, ground: Ground, told: Callable[[int, int], None]) -> Measured:
    """Compute the last period anew, for whoever holds it against a truth; the caller deletes the work area.

    Parameters
    ----------
    settings : their home holds the deliveries and gets the work area

    Raises
    ------
    SourceError : the city has no signaling, or a date has no file
    """
    spec = load_signaling(city)
    if spec is None:
        raise SourceError(city.folder, f"{city.id} has no signaling", needed="signaling.toml")
    own = _City(city, settings, spec)
    return _measured(own, spec.periods[-1], _files(own, spec.periods[-1]), ground, told)


def _compute(
    own: _City, period: PeriodSettings, files: dict[dt.date, Path], ground: Ground, told: Callable[[int, int], None]
) -> tuple[Frames, Mapping[str, Any]]:
    city, spec = own.city, own.spec
    made = _measured(own, period, files, ground, told)
    frames = _released(
        made.raw, made.zones, made.fitted, release.Rules(city.disclosure_k, spec.fine_k), city.disclosure_k
    )
    named = {name: contracts.conform(name, frame.assign(period=period.name)) for name, frame in frames.items()}
    uncovered = len(made.zones.allocation.uncovered_cells)
    digests = {"rules": load_rules().digest, "profile": load_profile(spec.profile).digest}
    return named, digests | {"uncovered_cells": uncovered}


def _measured(
    own: _City, period: PeriodSettings, files: dict[dt.date, Path], ground: Ground, told: Callable[[int, int], None]
) -> Measured:
    city, spec = own.city, own.spec
    network = load_network(own.path(period.network), city.crs)
    addresses = _addresses(ground)
    zones = _zones(city, network, period, ground, addresses)
    rules, profile = load_rules(), load_profile(spec.profile)
    deliveries = PeriodFiles(files, city.timezone, _workdays(own))
    key = hashlib.blake2b(f"{city.id} {period.name}".encode(), key=own.settings.person_key()[:64]).digest()
    area, workers = own.area(period), spec.workers or os.cpu_count() or 1
    compute_days(deliveries, network, rules, area, key, workers=workers, on_day=told)
    whole = Period(deliveries, network, rules, profile, area, spec.home_province, spec.memory_mb)
    share = own.table(spec.market_share, town_code="str").set_index("town_code")["share"]
    people, fitted = weigh(
        people_of(whole), zones, share, _residents(own, period),
        deduplication=spec.deduplication, most_persons=spec.most_persons,
    )  # fmt: skip
    raw = sum_up(whole, people, zones.town_of_cell)
    return Measured(period, people, fitted, raw, zones, network, addresses, share, key, spec.fine_k)


def _released(raw: Raw, zones: Zones, fitted: Weighted | None, limits: release.Rules, k: int) -> Frames:
    quality = dict(raw.quality)
    if fitted is not None:
        quality |= {
            "design_effect": fitted.design_effect,
            "effective_devices": fitted.effective_n,
            "dropped_strata": float(len(fitted.dropped)),
            "unmet_margins": float(len(fitted.unmet)),
        }
    return {
        "present_by_hour": release.present_by_hour(raw, zones, limits, RESOLUTIONS),
        "residents_by_hex": release.residents_by_hex(raw, zones, limits, RESOLUTIONS),
        "coverage_quality": release.coverage(zones, RESOLUTIONS),
        "signaling_quality": release.figures(quality, k),
        "commute_flows": flows.commute_flows(raw, zones, limits),
        "jobs_housing": flows.jobs_housing(raw, zones, limits),
        "visitors": flows.visitors(raw, zones, limits),
        "trips_by_hour": flows.trips_by_hour(raw, zones, limits),
    }


def _addresses(ground: Ground) -> pd.Series:
    """Where people may live: weight of the addresses by hexagon; a village stands for forty of them."""
    lived = ground.places[ground.places["kind"].isin(("address", "village", "poi"))].dropna(subset=["lon", "lat"])
    cells = pd.Series(cells_of(lived["lon"].to_numpy(), lived["lat"].to_numpy(), RESOLUTIONS[-1]))
    weight = lived["kind"].map({"address": 1.0, "poi": 1.0, "village": 40.0}).to_numpy()
    return pd.Series(weight).groupby(cells).sum()


def _zones(city: City, network: Network, period: PeriodSettings, ground: Ground, addresses: pd.Series) -> Zones:
    """Footprints of the network on the first day of the period, over the hexagons of the city."""
    hexes = np.sort(ground.cells.loc[ground.cells["resolution"] == RESOLUTIONS[-1], "h3"].to_numpy("uint64"))
    sites = network.sites
    likelihood = places.footprints(network, network.active_on(period.first), hexes, city.crs)
    prior = places.built_up_prior(hexes, addresses)
    allocation = places.one_bayes_step(likelihood, prior, hexes, "footprint", np.c_[sites.x, sites.y])
    return Zones(allocation, *town_of_hexes(ground.cells, ground.grids, hexes))


def _workdays(own: _City) -> dict[dt.date, bool]:
    if not own.spec.workdays:
        return {}
    table = own.table(own.spec.workdays, date="str")
    return {dt.date.fromisoformat(date): bool(work) for date, work in zip(table["date"], table["workday"], strict=True)}


def _residents(own: _City, period: PeriodSettings) -> pd.Series | None:
    if not own.spec.residents:
        return None
    table = own.table(own.spec.residents, town_code="str", year="str")
    mine = table[table["year"] == period.name]
    return None if mine.empty else mine.set_index("town_code")["residents"].astype("float64")
