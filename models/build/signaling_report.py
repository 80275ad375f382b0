"""What a city's signaling deliveries hold, before anybody builds on them: every row accounted for, and what they bear.

The days are computed in a temporary work area that is deleted afterwards; only sums come back, and numbers of devices
below the city's k are missing.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from models.build.deliveries import Given, files_of, key_of, workdays_of
from models.errors import SourceError
from models.profile import City
from models.profile.delivery import Delivery
from models.profile.signaling import Period as PeriodSettings
from models.profile.signaling import load_signaling, resolve
from models.settings import Settings
from models.signaling.cell_spread import Spread
from models.signaling.delivery import Delivered, DeliveryAccount, read_delivery, write_delivered
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days
from models.signaling.network import Network, load_network
from models.signaling.night_coverage import NightCoverage
from models.signaling.pipeline import Period, people_of
from models.signaling.profiles import load_profile
from models.signaling.work_area import WorkArea

Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PeriodReport:
    """What one period's deliveries hold.

    Attributes
    ----------
    period : its settings
    account : rows of the raw files, read = used + set aside, the kernel's reasons included
    flags : flag -> events; their sum is ``account.used``
    cells, unplaced_cells : cells of the network table, and how many of them have no coordinates
    unplaced_events : used events of cells without coordinates
    night : how the period is observed over the day
    devices : label -> devices, None where fewer than the city's k: ``all``, ``with a home``, ``with a workplace``, and
        the kinds of stay
    spread : measured distance of devices from their cell, where true positions were recorded
    crowded_cells : cells of raw files that served at least k devices, None for deliveries in the house's own form
    """

    period: PeriodSettings
    account: DeliveryAccount
    flags: dict[str, int] = field(default_factory=dict)
    cells: int = 0
    unplaced_cells: int = 0
    unplaced_events: int = 0
    night: NightCoverage | None = None
    devices: dict[str, int | None] = field(default_factory=dict)
    spread: Spread | None = None
    crowded_cells: int | None = None

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        apart = sum(self.account.set_aside.values())
        return self.account.read == self.account.used + apart and self.account.used == sum(self.flags.values())


def report_signaling(city: City, settings: Settings, told: Told | None = None) -> list[PeriodReport]:
    """Read and compute every period of a city.

    Raises
    ------
    SourceError : the city has no signaling, or a period has no file
    """
    spec = load_signaling(city)
    if spec is None:
        raise SourceError(city.folder, f"{city.id} has no signaling", needed="signaling.toml")
    own, found = Given(city, settings, spec), []
    settings.home.mkdir(parents=True, exist_ok=True)
    for period in spec.periods:
        with tempfile.TemporaryDirectory(prefix="signaling-", dir=settings.home) as folder:
            found.append(_report(own, period, Path(folder), told))
    return found


def raw_files(own: Given, form: Delivery) -> list[Path]:
    """Files of a delivery, by name."""
    pattern = resolve(own.city, form.files, own.settings)
    return sorted(pattern.parent.glob(pattern.name))


def _report(own: Given, period: PeriodSettings, folder: Path, told: Told | None) -> PeriodReport:
    files, network, delivered = _given(own, period, folder)
    workdays = workdays_of(own)
    deliveries = PeriodFiles(files, own.city.timezone, workdays)
    area, rules = WorkArea(folder / "work"), load_rules()

    def on_day(done: int, of: int) -> None:
        if told is not None:
            told(period.name, done, of)

    workers = own.spec.workers or os.cpu_count() or 1
    compute_days(deliveries, network, rules, area, key_of(own, period), workers=workers, on_day=on_day)
    profile = load_profile(own.spec.profile)
    whole = Period(deliveries, network, rules, profile, area, own.spec.home_province, own.spec.memory_mb)
    people = people_of(whole)
    infos = [area.day(date).info() for date in sorted(files)]
    return PeriodReport(
        period=period,
        account=_account(infos, delivered),
        flags={name: sum(info["flags"][name] for info in infos) for name in infos[0]["flags"]},
        cells=len(network.table) + len(network.unplaced),
        unplaced_cells=len(network.unplaced),
        unplaced_events=sum(info["file"]["unplaced"] for info in infos),
        night=whole.night,
        devices=_devices(people, own.city.disclosure_k),
        spread=delivered.spread if delivered else None,
        crowded_cells=_crowded(delivered, own.city.disclosure_k) if delivered else None,
    )


def _given(own: Given, period: PeriodSettings, folder: Path) -> tuple[dict[dt.date, Path], Network, Delivered | None]:
    if period.delivery is None:
        return files_of(own, period), load_network(own.path(period.network), own.city.crs), None
    raw = raw_files(own, period.delivery)
    delivered = read_delivery(period.delivery, raw, own.city.timezone, (period.first, period.last))
    days = [period.first + dt.timedelta(days=k) for k in range((period.last - period.first).days + 1)]
    files = write_delivered(delivered, folder / "delivered", days)
    return files, load_network(folder / "delivered" / "network.csv", own.city.crs), delivered


def _account(infos: list[dict[str, dict[str, int]]], delivered: Delivered | None) -> DeliveryAccount:
    """One account from the raw rows to the events that the kernel saw."""
    account = DeliveryAccount(read=sum(info["file"]["read"] for info in infos))
    if delivered is not None:
        mine = delivered.account
        account = DeliveryAccount(mine.read, 0, dict(mine.set_aside), dict(mine.first))
    for info in infos:
        rejected: dict[str, int] = info["file"]["rejected"]  # type: ignore[assignment]
        for reason, rows in rejected.items():
            account.set_aside[reason] = account.set_aside.get(reason, 0) + rows
    account.used = sum(info["file"]["kept"] for info in infos)
    return account


def _crowded(delivered: Delivered, k: int) -> int:
    return int((delivered.events.groupby("cell")["user"].nunique() >= k).sum())


def _devices(people: pd.DataFrame, k: int) -> dict[str, int | None]:
    counts = {
        "all": len(people),
        "with a home": int(people["home_cell"].notna().sum()),
        "with a workplace": int(people["work_cell"].notna().sum()),
        **{str(name): int(count) for name, count in people["resident_class"].value_counts().items()},
    }
    return {name: None if 0 < count < k else count for name, count in counts.items()}
