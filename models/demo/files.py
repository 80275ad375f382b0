"""Writes files whose bytes depend on their content only: no clock, no random ids, no machine in them."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import shapely

CLOCK = datetime(2015, 7, 1, tzinfo=UTC)
_ZIP_TIME = (2015, 7, 1, 0, 0, 0)


class TableFile:
    """A CSV file that grows piece by piece, gzipped where its name ends in .gz; use it with ``with``."""

    def __init__(self, path: Path, encoding: str = "utf-8") -> None:
        self.path, self.rows = path, 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._raw = path.open("wb")
        packed: Any = self._raw
        if path.suffix == ".gz":
            packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, mtime=0, compresslevel=5)
        self._text = io.TextIOWrapper(packed, encoding=encoding, newline="")

    def add(self, frame: pd.DataFrame) -> None:
        """Append the rows of ``frame``; the first piece brings the header."""
        frame.to_csv(self._text, index=False, header=self.rows == 0, lineterminator="\n")
        self.rows += len(frame)

    def add_line(self, line: str) -> None:
        """Append one line as it is; it counts as a row."""
        self._text.write(line + "\n")
        self.rows += 1

    def __enter__(self) -> TableFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()
        self._raw.close()


def write_csv(path: Path, frame: pd.DataFrame, encoding: str = "utf-8") -> None:
    """Write one table as CSV (gzipped where the name ends in .gz)."""
    with TableFile(path, encoding) as table:
        table.add(frame)


def write_xlsx(path: Path, frame: pd.DataFrame, sheet: str) -> None:
    """Write one table as a workbook with a header row."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        page.append([None if pd.isna(value) else value for value in row])
    packed = io.BytesIO()
    book.save(packed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(packed) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in sorted(before.namelist()):
            content = before.read(name)
            if name == "docProps/core.xml":
                content = _without_clock(content)
            after.writestr(zipfile.ZipInfo(name, _ZIP_TIME), content, zipfile.ZIP_DEFLATED)


def _without_clock(core: bytes) -> bytes:
    text = core.decode("utf-8")
    for tag in ("created", "modified"):
        start = text.index(">", text.index(f"<dcterms:{tag}")) + 1
        text = text[:start] + CLOCK.strftime("%Y-%m-%dT%H:%M:%SZ") + text[text.index("<", start) :]
    return text.encode("utf-8")


def write_geojson(path: Path, properties: pd.DataFrame, shapes: Sequence[Any]) -> None:
    """Write features with coordinates of six decimals in WGS84 (RFC 7946: longitude first)."""
    features = [
        {"type": "Feature", "properties": row, "geometry": shapely.geometry.mapping(shape)}
        for row, shape in zip(properties.to_dict("records"), shapes, strict=True)
    ]
    document = {"type": "FeatureCollection", "features": features}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def write_gpkg(path: Path, properties: pd.DataFrame, shapes: Sequence[Any], layer: str) -> None:
    """Write one layer of a GeoPackage in CGCS2000 (EPSG:4490), the system of Chinese government data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(properties, geometry=list(shapes), crs=4490)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": CLOCK.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
