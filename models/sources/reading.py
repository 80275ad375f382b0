"""Reads one source: rows on contract, every other row in quarantine, an account that adds up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from models import contracts
from models.errors import SourceError
from models.profile import City, Source
from models.settings import Settings
from models.sources import datum_check
from models.sources.canonical import canonical_texts, selected, typed
from models.sources.columnar import read_parquet
from models.sources.csv_text import read_csv
from models.sources.districts import Districts
from models.sources.expansion import FILE, LINE, expanded
from models.sources.files import FoundFile, find_files, sha256
from models.sources.geometry import coordinates, from_wkt, points, to_degrees, usable
from models.sources.ledger import Ledger
from models.sources.legal_reading import read_legal_persons
from models.sources.nested import read_json
from models.sources.person_columns import without_persons
from models.sources.raw import BadRecord, RawRows, naming_headers
from models.sources.record_rules import refuse_broken
from models.sources.records import completed, prepared
from models.sources.result import Progress, ShareRead, SourceFile, SourceResult
from models.sources.road_graph import read_road_graph
from models.sources.shapes import read_shapes
from models.sources.workbook import read_workbook

READERS: dict[str, Callable[[FoundFile, Source, ShareRead | None], RawRows]] = {
    "csv": read_csv,
    "xlsx": read_workbook,
    "parquet": read_parquet,
    "vector": read_shapes,
    "graphml": read_road_graph,
    "json": read_json,
}
_NAMES_DISTRICTS = ("towns", "facilities", "housing_projects", "places", "premises")


@dataclass(frozen=True)
class _Gathered:
    """Rows of all files: text by header, ``source_file`` and ``source_row``, the records that are no rows."""

    raw: pd.DataFrame
    rows: pd.DataFrame
    bad: list[tuple[str, BadRecord]]
    crs: str | None
    notes: list[str]
    files: tuple[SourceFile, ...]
    skipped: int
    source: Source


def read_source(
    city: City,
    source: Source,
    settings: Settings,
    *,
    on_progress: Progress | None = None,
    as_of: dt.date | None = None,
) -> SourceResult:
    """Read all files of one source.

    Parameters
    ----------
    city, source : the profile and one of its sources
    settings : where the files are and which key hashes persons
    on_progress : called with the share of the bytes and the rows read so far
    as_of : day against which dates are judged; today where none is given

    Returns
    -------
    Rows on the contract of ``source.table`` and quarantine rows; ``read == len(frame) + rejected`` always.

    Raises
    ------
    SourceError : a file as a whole cannot be read; the text names file, fault and what to try
    ConfigError : the manifest and the file do not fit together
    """
    gathered = _gather(city, source, settings, on_progress)
    ledger = Ledger(source.id, gathered.rows, _without_persons(gathered))
    notes = list(gathered.notes)
    if source.table == "legal_persons":
        texts = canonical_texts(gathered.raw, gathered.source)
        frame = read_legal_persons(texts, city, gathered.source, settings, ledger, as_of=as_of or dt.date.today())
    else:
        districts = _districts(city, settings) if source.table in _NAMES_DISTRICTS else None
        frame = _records(gathered, city, settings, ledger, districts, notes=notes)
    broken = contracts.rejects(source.table, frame.drop(index=ledger.rejected().intersection(frame.index)))
    ledger.take(broken.assign(raw=ledger.texts(broken.index), **ledger.rows.loc[broken.index]))
    rejected = ledger.rejected()
    loaded = contracts.conform(source.table, frame.drop(index=rejected.intersection(frame.index)))
    loaded = loaded.reset_index(drop=True)
    contracts.check(source.table, loaded)
    read = len(gathered.rows) + len(gathered.bad)
    lost = read - len(loaded) - len(rejected) - len(gathered.bad)
    if lost:
        raise SourceError(source.id, f"{lost} of {read} rows are neither loaded nor in quarantine; nothing was loaded")
    return SourceResult(
        frame=loaded,
        rejects=ledger.quarantine(gathered.bad),
        read=read,
        rejected=len(rejected) + len(gathered.bad),
        files=gathered.files,
        skipped=gathered.skipped,
        notes=tuple(notes),
    )


def _gather(city: City, source: Source, settings: Settings, on_progress: Progress | None) -> _Gathered:
    found = find_files(city, source, settings)
    sizes = [f.path.stat().st_size for f in found]
    parts, files = [], []
    bad: list[tuple[str, BadRecord]] = []
    notes: list[str] = []
    systems: set[str | None] = set()
    done, skipped = 0, 0
    for file, size in zip(found, sizes, strict=True):
        part = READERS[source.format](file, source, _scaled(on_progress, done, size, sum(sizes)))
        keep = selected(part.frame, source)
        skipped += int((~keep).sum())
        frame = part.frame[keep].copy()
        frame[FILE], frame[LINE] = (
            pd.Series(file.label, index=frame.index, dtype="str"),
            part.lines[keep.to_numpy()],
        )
        frame, manifest = expanded(frame, source)
        parts.append(frame)
        bad += [(file.label, record) for record in part.bad]
        notes += part.notes
        systems.add(part.crs)
        files.append(SourceFile(file.label, sha256(file.path), size, len(frame) + len(part.bad)))
        done += size
    if not bad and not any(len(p) for p in parts):
        raise SourceError(source.files[0], "the files hold no row of this source", needed="at least one row")
    if len(systems) > 1:
        raise SourceError(source.id, f"its files have several reference systems: {', '.join(map(str, systems))}")
    joined = pd.concat(parts, ignore_index=True)
    rows = pd.DataFrame({"source_file": joined.pop(FILE).astype("str"), "source_row": joined.pop(LINE)})
    return _Gathered(joined, rows, bad, systems.pop(), notes, tuple(files), skipped, manifest)


def _scaled(on_progress: Progress | None, before: int, size: int, total: int) -> ShareRead | None:
    if on_progress is None:
        return None
    return lambda share: on_progress(before + int(share * size), total)


def _without_persons(gathered: _Gathered) -> pd.DataFrame:
    hidden = [c for c in (*naming_headers(gathered.source), "geometry") if c in gathered.raw.columns]
    return gathered.raw.drop(columns=hidden)


def _records(
    gathered: _Gathered,
    city: City,
    settings: Settings,
    ledger: Ledger,
    districts: Districts | None,
    *,
    notes: list[str],
) -> pd.DataFrame:
    source = gathered.source
    texts = prepared(canonical_texts(gathered.raw, source), source, ledger)
    texts = without_persons(texts, source.table, settings.person_key)
    if districts is not None and "district_code" in texts:
        texts = texts.assign(district_code=districts.resolve(texts["district_code"], ledger))
    wkt = texts.pop("wkt") if "wkt" in texts else None
    frame = typed(texts, source, ledger).assign(source_id=source.id, **gathered.rows)
    frame["source_id"] = frame["source_id"].astype("str")
    if {"lon", "lat"} <= set(frame.columns):
        frame = coordinates(frame, city, source, ledger)
        if districts is not None and "district_code" in frame:
            compared = frame["lon"], frame["lat"], frame["district_code"]
            notes.append(datum_check.agreement(*compared, source.datum or "WGS84", districts).text())
    if contracts.contract(source.table).spatial:
        frame, found = _with_geometry(frame, gathered, wkt, city, ledger)
        notes += found
        if source.table == "premises":
            notes.append(f"{int(frame['geometry'].isna().sum())} of {len(frame)} rows have no coordinates: no point")
    refuse_broken(frame, source.table, ledger)
    kept = frame.drop(index=ledger.rejected())
    made = completed(kept, city, source, districts)
    made = made[[c for c in contracts.columns(source.table) if c in made]]
    return gpd.GeoDataFrame(made, geometry="geometry", crs="EPSG:4326") if "geometry" in made else made


def _with_geometry(
    frame: pd.DataFrame, gathered: _Gathered, wkt: pd.Series | None, city: City, ledger: Ledger
) -> tuple[pd.DataFrame, list[str]]:
    source = gathered.source
    if "geometry" in gathered.raw:
        shapes = to_degrees(gathered.raw["geometry"].to_numpy(dtype=object), gathered.crs or "WGS84")
    elif wkt is not None:
        shapes = to_degrees(from_wkt(wkt, ledger), source.datum or "WGS84")
    elif {"lon", "lat"} <= set(frame.columns):
        shapes = points(frame)
    else:
        shapes = np.full(len(frame), None, dtype=object)
    geometry, notes = usable(pd.Series(shapes, index=frame.index, dtype=object), city, source, ledger)
    return frame.assign(geometry=geometry), notes


def _districts(city: City, settings: Settings) -> Districts | None:
    sources = city.sources_of("districts")
    if not sources:
        return None
    frames = [read_source(city, s, settings).frame for s in sources]
    changes = [read_source(city, s, settings).frame for s in city.sources_of("area_changes")]
    joined = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs="EPSG:4326")
    return Districts.build(joined, pd.concat(changes) if changes else contracts.empty("area_changes"))
