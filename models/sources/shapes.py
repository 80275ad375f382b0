"""Reads GeoJSON, GeoPackage and Shapefile: attributes as text, geometries in a declared reference."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataSourceError

from models.errors import SourceError
from models.profile import Source
from models.sources.files import FoundFile
from models.sources.raw import RawRows, needed_headers, require_headers
from models.sources.result import ShareRead
from models.sources.workbook import cell_text

# Suffix -> how such a file begins. Only these go to GDAL: other drivers read further files or addresses.
_MAGIC = {
    ".geojson": re.compile(rb"\s*(\xef\xbb\xbf)?\s*\{"),
    ".json": re.compile(rb"\s*(\xef\xbb\xbf)?\s*\{"),
    ".gpkg": re.compile(rb"SQLite format 3\x00"),
    ".shp": re.compile(rb"\x00\x00\x27\x0a"),
}
_DRIVERS = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}


def read_shapes(file: FoundFile, source: Source, on_progress: ShareRead | None = None) -> RawRows:
    """Read one vector file; a row's line is the number of the feature from 1.

    Raises
    ------
    SourceError : another format, damaged, several layers and none named, a needed column absent, or no
        reference system: neither the file nor the manifest's ``datum`` says what the coordinates mean
    """
    suffix = _checked_suffix(file)
    layer = _layer(file, source)
    try:
        frame = pyogrio.read_dataframe(
            file.path,
            layer=layer,
            encoding=source.encoding if suffix == ".shp" else None,
            on_invalid="ignore",
            force_2d=True,
        )
    except UnicodeDecodeError as error:
        raise SourceError(
            file.label,
            f"the attributes are not {source.encoding}: there are the bytes {_shown(error)}",
            hint="Declare another encoding in the manifest; Chinese shapefiles are often gb18030",
        ) from error
    except (DataSourceError, ValueError) as error:
        raise SourceError(
            file.label, f"cannot be read as {_DRIVERS[suffix]} ({error})", hint="Fetch it again"
        ) from error
    present = [str(c) for c in frame.columns if c != "geometry"]
    require_headers(file.label, source, present)
    crs = _reference(file, source, suffix, None if getattr(frame, "crs", None) is None else frame.crs.to_string())
    if on_progress is not None:
        on_progress(1.0)
    columns = {h: _texts(frame[h], source) for h in needed_headers(source)}
    geometry = np.asarray(frame["geometry"], dtype=object)
    data = pd.DataFrame({**columns, "geometry": geometry}, index=pd.RangeIndex(len(frame)))
    return RawRows(data, np.arange(1, len(frame) + 1, dtype=np.int64), (), crs)


def _shown(error: UnicodeDecodeError) -> str:
    return error.object[error.start : error.start + 8].hex(" ")


def _checked_suffix(file: FoundFile) -> str:
    suffix = file.path.suffix.lower()
    if suffix not in _MAGIC:
        raise SourceError(file.label, f"the ending {suffix!r} is not one of a vector file", needed=", ".join(_MAGIC))
    with file.path.open("rb") as handle:
        head = handle.read(64)
    if not head.strip():
        raise SourceError(file.label, "the file is empty", needed=f"a {_DRIVERS[suffix]} file")
    if not _MAGIC[suffix].match(head):
        raise SourceError(file.label, f"the file does not begin like a {_DRIVERS[suffix]} file")
    absent = [s for s in (".dbf", ".shx") if suffix == ".shp" and not file.path.with_suffix(s).is_file()]
    if absent:
        raise SourceError(file.label, f"its side file(s) {', '.join(absent)} are missing", needed=".shp, .shx and .dbf")
    return suffix


def _layer(file: FoundFile, source: Source) -> str:
    try:
        names = [str(name) for name in pyogrio.list_layers(file.path)[:, 0]]
    except DataSourceError as error:
        raise SourceError(file.label, f"cannot be opened ({error})", hint="Fetch it again") from error
    if source.layer is None and len(names) == 1:
        return names[0]
    if source.layer not in names:
        what = "no layer is named in the manifest" if source.layer is None else f"there is no layer {source.layer!r}"
        raise SourceError(file.label, f"{what}; the file has {', '.join(map(repr, names))}", needed="layer")
    return source.layer


def _reference(file: FoundFile, source: Source, suffix: str, declared: str | None) -> str:
    if source.datum is not None:
        return source.datum
    if suffix in (".geojson", ".json") and not _names_crs(file.path):
        declared = None
    if declared is None:
        raise SourceError(
            file.label,
            "the geometries carry no reference system and the manifest declares no datum",
            needed="datum: WGS84, CGCS2000, GCJ02, BD09 or EPSG:n",
        )
    return declared


def _names_crs(path: Path) -> bool:
    # GDAL reports EPSG:4326 for every GeoJSON, also for those that say nothing.
    return b'"crs"' in path.read_bytes()


def _texts(values: pd.Series, source: Source) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.dt.strftime("%Y-%m-%d")
    gone = values.isna()
    texts = [None if g else cell_text(v) for v, g in zip(values, gone, strict=True)]
    return pd.Series([None if t in source.nulls else t for t in texts], dtype="str")
