"""Turns raw event files of other forms into the house's own: one Parquet a local date, and a network table.

Nothing is dropped in silence: rows read = rows used + rows set aside, by reason, with the first place of each reason.
Reasons: ``no_user``, ``bad_time`` (the text does not follow the format, such as one that lost its date and hour),
``no_cell``, ``other_date`` (outside of the period). Cells without a position stay in the network table without one.

Not accounted for: the end of a session; a row is one event at its start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import SourceError
from models.profile.delivery import Delivery
from models.signaling import cell_spread
from models.signaling.events import DICTIONARY_BYTES
from models.sources.datum import to_wgs84

REASONS = ("no_user", "bad_time", "no_cell", "other_date")


@dataclass
class DeliveryAccount:
    """What became of the rows of all files: read = used + those set aside.

    Attributes
    ----------
    read, used : rows
    set_aside : reason -> rows
    first : reason -> file, line and text of the first such row
    """

    read: int = 0
    used: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivered:
    """Raw files, read.

    Attributes
    ----------
    events : user, time (UTC seconds since 1970), date (local), cell
    network : `models.signaling.network.COLUMNS` without radius_m; lon and lat are missing where not delivered
    account : what became of the rows
    spread : measured distances between devices and cells, where true positions were recorded
    """

    events: pd.DataFrame
    network: pd.DataFrame
    account: DeliveryAccount
    spread: cell_spread.Spread | None


def read_delivery(form: Delivery, files: Sequence[Path], timezone: str, dates: tuple[dt.date, dt.date]) -> Delivered:
    """Read raw files.

    Parameters
    ----------
    files : CSV, plain or .gz, in the order of their recording
    timezone : IANA name of the clock that the files tell
    dates : first and last local date of the period

    Raises
    ------
    SourceError : there is no file, or one lacks a column
    """
    if not files:
        raise SourceError("the delivery", "no file follows its pattern", needed="at least one CSV file")
    account, parts = DeliveryAccount(), []
    for file in files:
        raw = _raw(form, file)
        parts.append(_events(form, raw, file, timezone, dates, account))
    rows = pd.concat(parts, ignore_index=True)
    if not form.user:
        rows["user"] = _traces(rows["time"], form.trace_gap_s)
    account.used = len(rows)
    return Delivered(rows[["user", "time", "date", "cell"]], _network(rows, dates[0]), account, _spread(form, rows))


def _raw(form: Delivery, file: Path) -> pd.DataFrame:
    raw = pd.read_csv(file, dtype="str", keep_default_na=False, encoding=form.encoding)
    if missing := [name for name in form.columns if name not in raw]:
        raise SourceError(
            file, f"the columns {', '.join(missing)} are missing", needed=", ".join(form.columns),
            hint="The names of the columns stand in the period's delivery in signaling.toml.",
        )  # fmt: skip
    return raw


def _events(
    form: Delivery,
    raw: pd.DataFrame,
    file: Path,
    timezone: str,
    dates: tuple[dt.date, dt.date],
    account: DeliveryAccount,
) -> pd.DataFrame:
    text = raw[form.time[0]].str.zfill(form.time_width.get(form.time[0], 0))
    for name in form.time[1:]:
        text = text + raw[name].str.zfill(form.time_width.get(name, 0))
    local = pd.to_datetime(text, format=form.time_format, errors="coerce")
    moment = local.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    cell = _cell_names(form, raw)
    within = (local.dt.date >= dates[0]) & (local.dt.date <= dates[1]) if local.notna().any() else local.notna()
    bad = {
        "no_user": (raw[form.user].str.strip() == "") if form.user else pd.Series(False, index=raw.index),
        "bad_time": moment.isna(),
        "no_cell": cell == "",
        "other_date": moment.notna() & ~within,
    }
    good = pd.Series(True, index=raw.index)
    account.read += len(raw)
    for reason in REASONS:
        apart = good & bad[reason]
        if apart.any():
            account.set_aside[reason] = account.set_aside.get(reason, 0) + int(apart.sum())
            at = int(np.flatnonzero(apart.to_numpy())[0])
            account.first.setdefault(reason, f"{file.name} line {at + 2}: {text.iloc[at]}")
        good &= ~apart
    rows = pd.DataFrame({"time": moment, "date": local.dt.date, "cell": cell})[good]
    if form.user:
        rows["user"] = raw.loc[good, form.user].str.strip()
    rows["time"] = rows["time"].dt.tz_convert("UTC").astype("datetime64[s, UTC]").astype("int64")
    return rows.join(_numbers(form, raw[good]))


def _cell_names(form: Delivery, raw: pd.DataFrame) -> pd.Series:
    names = form.cell or (form.cell_lat, form.cell_lon)
    parts = [raw[name].str.strip() for name in names]
    whole, there = parts[0], parts[0] != ""
    for part in parts[1:]:
        whole, there = whole + "-" + part, there & (part != "")
    return whole.where(there, "")


def _numbers(form: Delivery, raw: pd.DataFrame) -> pd.DataFrame:
    wanted = {"lon": form.cell_lon, "lat": form.cell_lat, "true_lon": form.position_lon, "true_lat": form.position_lat}
    nothing = pd.Series(np.nan, index=raw.index)
    found = {n: pd.to_numeric(raw[c], errors="coerce") if c else nothing for n, c in wanted.items()}
    lon, lat = to_wgs84(found["lon"].to_numpy("float64"), found["lat"].to_numpy("float64"), form.cell_datum)
    return pd.DataFrame(found).assign(lon=lon, lat=lat)


def _traces(time: pd.Series, gap_s: int) -> pd.Series:
    step = time.diff().fillna(0)
    return "trace-" + ((step < 0) | (step > gap_s)).cumsum().astype("str")


def _network(rows: pd.DataFrame, first: dt.date) -> pd.DataFrame:
    """One row a cell: its first position, all around, from the first day on."""
    cells = rows.drop_duplicates("cell").sort_values("cell")
    return pd.DataFrame(
        {
            "cell_id": cells["cell"],
            "station_id": cells["cell"],
            "lon": cells["lon"],
            "lat": cells["lat"],
            "azimuth_deg": 0,
            "beamwidth_deg": 360,
            "technology": "unknown",
            "valid_from": first.isoformat(),
            "valid_to": None,
        }
    ).reset_index(drop=True)


def _spread(form: Delivery, rows: pd.DataFrame) -> cell_spread.Spread | None:
    known = rows.dropna(subset=["lon", "lat", "true_lon", "true_lat"])
    if not form.position_lon or known.empty:
        return None
    return cell_spread.spread_of(
        cell_spread.measured(*(known[n].to_numpy("float64") for n in ("true_lon", "true_lat", "lon", "lat")))
    )


def write_delivered(delivered: Delivered, folder: Path, dates: Iterable[dt.date]) -> dict[dt.date, Path]:
    """Write one Parquet a date, also for a date without rows, and ``network.csv``; readable by their owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    delivered.network.to_csv(folder / "network.csv", index=False)
    days = dict(tuple(delivered.events.groupby("date")))
    return {date: _write_day(folder, date, days.get(date, delivered.events[:0])) for date in dates}


def _write_day(folder: Path, date: dt.date, rows: pd.DataFrame) -> Path:
    times: npt.NDArray[np.int64] = rows["time"].to_numpy("int64")
    order = np.argsort(times, kind="stable")
    table = pa.table(
        {
            "user": pa.array(rows["user"].to_numpy()[order], pa.string()),
            "time": pa.array(times[order], pa.timestamp("s", tz="UTC")),
            "cell": pa.array(rows["cell"].to_numpy()[order], pa.string()),
        }
    )
    file = folder / f"date={date.isoformat()}.parquet"
    pq.write_table(table, file, dictionary_pagesize_limit=DICTIONARY_BYTES)
    return file
