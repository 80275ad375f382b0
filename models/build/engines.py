"""The two engines of signaling behind one call: all cores of this machine, or a Spark cluster."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.build.deliveries import Given, key_of, users_file
from models.errors import ConfigError
from models.profile.signaling import SIGNALING_FILE
from models.profile.signaling import Period as PeriodSettings
from models.signaling.drives import Matching
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days
from models.signaling.network import Network
from models.signaling.night_coverage import NightCoverage, load_night_rule
from models.signaling.pipeline import Period, Raw, people_of, sum_up
from models.signaling.profiles import load_profile
from models.signaling.roads import Parts, Roads, parts_of, road_frames
from models.signaling.weighting import CellWeights, homes_of
from models.signaling.weights import Weighted

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """One period to compute.

    Attributes
    ----------
    own, period : the city's signaling, and which of its periods
    network, deliveries : network table and files of the days
    links : name -> key of each pair of periods that this one belongs to
    columns : of the user table that is kept in the work area
    zone : (cells) zone of each network cell, -1 outside
    weigh : weights from the number of resident devices by home cell
    roads : main roads whose speeds are measured, None for none
    """

    own: Given
    period: PeriodSettings
    network: Network
    deliveries: PeriodFiles
    links: Mapping[str, bytes]
    columns: tuple[str, ...]
    zone: npt.NDArray[np.int64]
    weigh: Callable[[pd.Series], CellWeights]
    roads: Roads | None = None

    @property
    def matching(self) -> Matching | None:
        """What the days need of the roads."""
        return None if self.roads is None else self.roads.matching

    def road_frames(self, parts: Parts) -> dict[str, pd.DataFrame]:
        """Protected products of the roads from the drives of all groups of users; empty without roads."""
        if self.roads is None:
            return {}
        return road_frames(parts, self.deliveries.days, self.roads, self.own.spec.fine_k, self.own.city.crs)


@dataclass(frozen=True)
class Computed:
    """What an engine gives back.

    Attributes
    ----------
    people : user table with weights; empty where a cluster keeps it
    fitted : what the raking says
    raw : sums
    night : how the period is observed by night
    roads : protected products of the roads
    """

    people: pd.DataFrame
    fitted: Weighted | None
    raw: Raw
    night: NightCoverage
    roads: Mapping[str, pd.DataFrame]


def on_this_machine(task: Task, told: Told) -> Computed:
    """Compute a period on all cores of this machine."""
    spec, area = task.own.spec, task.own.area(task.period)
    rules, key = load_rules(), key_of(task.own, task.period)
    workers = spec.workers or os.cpu_count() or 1
    compute_days(
        task.deliveries, task.network, rules, area, key, links=task.links, matching=task.matching, workers=workers,
        memory_mb=spec.memory_mb, on_day=told,
    )  # fmt: skip
    profile = load_profile(spec.profile)
    whole = Period(
        task.deliveries, task.network, rules, profile, area, spec.home_province, spec.memory_mb, None, workers
    )
    people = people_of(whole)
    weights = task.weigh(homes_of(people))
    people = people.assign(weight=weights.of(people))
    kept = [name for name in task.columns if name in people]
    file = users_file(task.own, task.period)
    shutil.rmtree(file, ignore_errors=True)  # a cluster leaves a folder of that name
    people[kept].to_parquet(file, index=False)
    roads = task.road_frames(lambda: parts_of(area, whole.groups(), task.deliveries.days))
    return Computed(people, weights.fitted, sum_up(whole, people, task.zone), whole.night, roads)


def on_cluster(task: Task, told: Told) -> Computed:
    """Compute a period on the cluster of the settings; rows of people stay in the work area that all machines share.

    Raises
    ------
    ConfigError : no cluster is named, it does not answer, or its machines do not share the work area
    """
    from models.signaling import bucket_tasks, spark  # noqa: PLC0415 - only cities with a cluster

    own, spec = task.own, task.own.spec
    master = own.settings.spark
    if master is None:
        raise ConfigError(
            own.city.folder / SIGNALING_FILE, "engine", spec.engine, "spark only with an address in CITYHEX_SPARK"
        )
    job = bucket_tasks.Job(
        task.deliveries, task.network, load_rules(), load_profile(spec.profile), own.area(task.period).folder,
        key_of(own, task.period), dict(task.links), spec.buckets, spec.home_province, spec.memory_mb,
        load_night_rule(), matching=task.matching,
    )  # fmt: skip
    with spark.connected(master) as session:
        spark.compute_days(session, job, told)
        target = users_file(own, task.period)
        raw, weights, night = spark.sum_up(session, job, task.weigh, task.zone, task.columns, target)
        roads = task.road_frames(lambda: bucket_tasks.chain_parts(job))
    return Computed(pd.DataFrame(), weights.fitted, raw, night, roads)
