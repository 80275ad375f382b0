"""The signaling of a build: each period from its deliveries to protected products, then what two periods say together.

Per-user rows stay in the work area below the city's home and are deleted when the retention time is over; a step of the
build keeps protected frames only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models import contracts
from models.build.deliveries import (
    CODE,
    Given,
    files_of,
    key_of,
    link_of,
    pairs_of,
    params_of,
    prints,
    residents_of,
    share_of,
    strata_of,
    users_file,
    workdays_of,
)
from models.build.engines import Task, on_cluster, on_this_machine
from models.build.privacy_ledger import PrivacyLedger
from models.build.steps import Outcome, Progress, StepRunner, rules_hash
from models.build.zoning import Ground, zones_of
from models.errors import SourceError
from models.profile import City
from models.profile.signaling import Period as PeriodSettings
from models.profile.signaling import load_signaling
from models.settings import Settings
from models.signaling import elsewhere, flows, migration, migration_origins, private, release, undetermined
from models.signaling.commute_figures import commute_figures
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles
from models.signaling.network import Network, load_network
from models.signaling.night_coverage import NightCoverage
from models.signaling.pipeline import Raw
from models.signaling.prior import houses_by_hex
from models.signaling.profiles import load_profile
from models.signaling.quality import figures
from models.signaling.road_rules import load_road_rules
from models.signaling.roads import roads_of
from models.signaling.uncertainty import load_doubts
from models.signaling.weighting import CellWeights, cell_weights
from models.signaling.weights import Weighted
from models.signaling.work_area import expire
from models.signaling.workplaces import WorkPlaces, density_of, with_workplaces
from models.signaling.zones import Zones

RESOLUTIONS = (7, 8)
"""Resolutions of what is told by hour. The finest, `Signaling.finest`, is told of residents and workers only."""
PRODUCTS = (
    "present_by_hour", "residents_by_hex", "people_by_area", "coverage_quality", "signaling_quality",
    "commute_flows", "jobs_housing", "visitors", "trips_by_hour", "weight_quality",
)  # fmt: skip
ROAD_PRODUCTS = ("road_sections", "road_speeds")
"""Made where the city's files hold main roads."""
PRIVATE_PRODUCTS = ("workers_private",)
"""Made where the city sets an epsilon."""
PAIR_PRODUCTS = ("migration_flows", "migration_balance", "migration_origins")
UNPEOPLED = ("coverage_quality", "signaling_quality")
"""Products that say nothing of people: the only ones of a period that was hardly observed by night."""
USER_COLUMNS = (
    "home_cell", "home_class", "resident_class", "days_here", "days_elsewhere", "elsewhere", "weight", "mcc",
)  # fmt: skip
"""What the user table of a period keeps, beside the hashes of its links; it never leaves the work area."""

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Measured:
    """One period as computed, before anything is protected: for the build and for `models.evaluate` only.

    Attributes
    ----------
    period : settings of the period
    people, fitted : user table with weights (empty: a cluster keeps it), and what the raking says
    raw, zones, network : sums, hexagons and towns, network table
    addresses : weight of the addresses by hexagon
    share : market share by town
    roads : products of the road speeds, protected; empty where there are no main roads
    key : key of the period's pseudonyms
    fine_k : threshold of sums by hour or class
    widest : hexagons over which a footprint may spread where the finest ones are shown
    night : whether people were observed by night, so that homes may be named
    """

    period: PeriodSettings
    people: pd.DataFrame
    fitted: Weighted | None
    raw: Raw
    zones: Zones
    network: Network
    addresses: pd.Series
    share: pd.Series
    roads: Frames
    key: bytes
    fine_k: int
    widest: float
    night: NightCoverage


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
    own = Given(city, settings, spec)
    if any(period.delivery is not None for period in spec.periods):
        runner.watch(Progress("signaling", "skip", note=f"raw files are read by: cityhex signaling {city.id}"))
        return {}
    if not any(own.path(period.events).is_dir() for period in spec.periods):
        runner.watch(Progress("signaling", "skip", note="no deliveries"))
        return {}
    made: dict[str, Outcome] = {}
    for period in spec.periods:
        name = f"signaling {period.name}"

        def work(period: PeriodSettings = period, name: str = name) -> tuple[Frames, Mapping[str, Any]]:
            return _compute(own, period, ground(), lambda k, n: runner.watch(Progress(name, "progress", k, n)))

        inputs = [*keys, *prints(own, period), rules_hash("standards")]
        made[period.name] = runner.run(name, work, inputs=inputs, params=params_of(own, period), code=CODE)
    pairs = []
    for before, after in pairs_of(spec):

        def moved(before: PeriodSettings = before, after: PeriodSettings = after) -> tuple[Frames, Mapping[str, Any]]:
            return _moved(own, before, after, ground())

        inputs = [made[before.name].key, made[after.name].key]
        pairs.append(runner.run(f"migration {before.name} {after.name}", moved, inputs=inputs, code=CODE))
    steps = [*made.values(), *pairs]
    whole = runner.run(
        "signaling",
        lambda: _joined(list(made.values()), pairs),
        inputs=[step.key for step in steps],
        code=("models/build/signaling.py",),
    )
    expire(settings.city_home(city.id) / "signaling", spec.retention_days, dt.datetime.now(dt.UTC))
    return {name: (whole, name) for name in whole.info["rows"]}


def _joined(made: list[Outcome], pairs: list[Outcome]) -> tuple[Frames, Mapping[str, Any]]:
    names = [*PRODUCTS, *(ROAD_PRODUCTS if all(step.info["roads"] for step in made) else ())]
    names += PRIVATE_PRODUCTS if all(step.info["private"] for step in made) else ()
    joined = {name: pd.concat([step.frame(name) for step in made], ignore_index=True) for name in names}
    if pairs:
        joined |= {name: pd.concat([step.frame(name) for step in pairs], ignore_index=True) for name in PAIR_PRODUCTS}
    for name, frame in joined.items():
        contracts.check(name, frame)
    return joined, {"rows": {name: len(frame) for name, frame in joined.items()}}


def measure(
    city: City, settings: Settings, ground: Ground, told: Callable[[int, int], None], back: int = 0
) -> Measured:
    """Compute a period anew on this machine, for whoever holds it against a truth; the caller deletes the work area.

    Parameters
    ----------
    settings : their home holds the deliveries and gets the work area
    back : 0 for the last period, 1 for the one before

    Raises
    ------
    SourceError : the city has no signaling, or a date has no file
    """
    spec = load_signaling(city)
    if spec is None:
        raise SourceError(city.folder, f"{city.id} has no signaling", needed="signaling.toml")
    own = Given(city, settings, spec.model_copy(update={"engine": "local"}))
    return _measured(own, spec.periods[-1 - back], ground, told)


def _compute(
    own: Given, period: PeriodSettings, ground: Ground, told: Callable[[int, int], None]
) -> tuple[Frames, Mapping[str, Any]]:
    city, spec = own.city, own.spec
    made = _measured(own, period, ground, told)
    doubts = load_doubts()
    limits = release.Rules(city.disclosure_k, spec.fine_k, doubts.by_role, spec.finest_breadth, doubts.by_flow)
    frames = _released(made.raw, made.zones, made.fitted, limits, city.disclosure_k)
    frames = {**frames, **{name: made.roads[name] for name in ROAD_PRODUCTS if name in made.roads}}
    if "road_figures" in made.roads:
        both = [frames["signaling_quality"], made.roads["road_figures"]]
        frames = {**frames, "signaling_quality": pd.concat(both, ignore_index=True)}
    if spec.private_epsilon:
        frames |= _private(own, period, made)
    if not made.night.sufficient:
        frames = {name: frame if name in UNPEOPLED else frame.iloc[:0] for name, frame in frames.items()}
    named = {name: contracts.conform(name, frame.assign(period=period.name)) for name, frame in frames.items()}
    uncovered = {
        "uncovered_cells": len(made.zones.allocation.uncovered_cells),
        "uncovered_hexes": int((~made.zones.allocation.covered).sum()),
    }
    digests = {"rules": load_rules().digest, "profile": load_profile(spec.profile).digest}
    digests["uncertainty"] = load_doubts().digest
    seen = {"night_share": made.night.share, "night_sufficient": made.night.sufficient}
    made_too = {"roads": bool(made.roads), "private": bool(spec.private_epsilon)}
    return named, digests | seen | made_too | uncovered


def _private(own: Given, period: PeriodSettings, made: Measured) -> Frames:
    """The table of workers with noise, entered in the ledger before it is drawn."""
    spec, ledger = own.spec, PrivacyLedger(own.settings.city_home(own.city.id) / "privacy_ledger.jsonl")
    name = PRIVATE_PRODUCTS[0]
    now = dt.datetime.now(dt.UTC)
    ledger.spend(period.name, name, spec.private_epsilon, budget=spec.private_budget, at=now)
    return {name: private.workers_by_town(made.raw.people, made.zones, spec.private_epsilon, own.city.disclosure_k)}


def _measured(own: Given, period: PeriodSettings, ground: Ground, told: Callable[[int, int], None]) -> Measured:
    city, spec = own.city, own.spec
    network = load_network(own.path(period.network), city.crs)
    addresses = houses_by_hex(ground.places, city.crs, spec.finest)
    zones, likelihood = zones_of(own, period, network, ground, addresses)
    deliveries = PeriodFiles(files_of(own, period), city.timezone, workdays_of(own))
    links = {link_of(a, b): key_of(own, a, b) for a, b in pairs_of(spec) if period in (a, b)}
    serving = network.active_on(period.first) & ~elsewhere.beyond_cells(network.table)
    roads = roads_of(ground.roads, spec.road_classes, network, serving, city.crs, load_road_rules())
    share = share_of(own)

    def weights(homes: pd.Series) -> CellWeights:
        return cell_weights(
            homes, zones, share, residents_of(own, period),
            deduplication=spec.deduplication, most_persons=spec.most_persons, by_stratum=strata_of(own, period),
        )  # fmt: skip

    kept = (*USER_COLUMNS, *links)
    task = Task(own, period, network, deliveries, links, kept, zones.town_of_cell, weights, roads)
    computed = (on_cluster if spec.engine == "spark" else on_this_machine)(task, told)
    named = WorkPlaces(likelihood, density_of(ground.places, city.crs, zones.allocation.hexes))
    zones = with_workplaces(zones, computed.raw.people, named)
    return Measured(
        period, computed.people, computed.fitted, computed.raw, zones, network, addresses, share, computed.roads,
        key_of(own, period), spec.fine_k, spec.finest_breadth, computed.night,
    )  # fmt: skip


def _moved(
    own: Given, before: PeriodSettings, after: PeriodSettings, ground: Ground
) -> tuple[Frames, Mapping[str, Any]]:
    """Moves between two periods; a period whose user table was deleted is computed from its files again."""
    link, lived = link_of(before, after), []
    for period in (before, after):
        file = users_file(own, period)
        if not file.exists():
            _measured(own, period, ground, lambda _done, _of: None)
        network = load_network(own.path(period.network), own.city.crs)
        days = (period.last - period.first).days + 1
        place = migration.Place(
            zones_of(own, period, network, ground, houses_by_hex(ground.places, own.city.crs, own.spec.finest))[0],
            network.sites,
            network.table["cell_id"].to_numpy(dtype=object),
            own.spec.home_province,
            load_profile(own.spec.profile).thresholds(days, days).min_observed_nights,
        )
        lived.append(migration.lives(pd.read_parquet(file), link, place))
    towns = place.zones.towns
    moves = migration.statuses(lived[0], lived[1], towns)
    limits = release.Rules(own.city.disclosure_k, own.spec.fine_k, errors=load_doubts().by_flow)
    released = migration.released(migration.totals(moves, len(towns)), towns, limits)
    origins = migration_origins.by_region(moves, released[0], limits)
    where = migration_origins.places(network.table).reindex(origins["region_code"])
    frames = (*released, origins.assign(lon=where["lon"].to_numpy(), lat=where["lat"].to_numpy()))
    names = {"period_from": before.name, "period_to": after.name}
    conformed = {
        name: contracts.conform(name, frame.assign(**names)) for name, frame in zip(PAIR_PRODUCTS, frames, strict=True)
    }
    counted = moves["status"].value_counts()
    return conformed, {"seen_in_both": int(counted.reindex(["stayer", "internal", "in", "out"]).sum())}


def _released(raw: Raw, zones: Zones, fitted: Weighted | None, limits: release.Rules, k: int) -> Frames:
    quality = raw.quality | {"undetermined_share": undetermined.share(raw.quality, k)}
    if fitted is not None:
        quality |= {
            "design_effect": fitted.design_effect,
            "effective_devices": fitted.effective_n,
            "dropped_strata": float(len(fitted.dropped)),
            "unmet_margins": float(len(fitted.unmet)),
        }
    hidden = flows.hidden_commuters(raw, zones, limits)
    commuters = flows.commute_flows(raw, zones, limits, hidden)
    quality |= commute_figures(commuters, zones)
    every = tuple(sorted({*RESOLUTIONS, zones.finest}))
    return {
        "present_by_hour": release.present_by_hour(raw, zones, limits, RESOLUTIONS),
        "residents_by_hex": release.residents_by_hex(raw, zones, limits, every, hidden.works),
        "people_by_area": release.people_by_area(raw, zones, limits, hidden.works),
        "coverage_quality": release.coverage(zones, every, limits.widest),
        "signaling_quality": figures(quality, k),
        "weight_quality": release.weight_quality(raw, zones, limits),
        "commute_flows": commuters,
        "jobs_housing": flows.jobs_housing(raw, zones, limits, hidden),
        "visitors": flows.visitors(raw, zones, limits),
        "trips_by_hour": flows.trips_by_hour(raw, zones, limits),
    }
