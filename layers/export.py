"""Tables as files: CSV and XLSX with a readme sheet, and whole products for the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pyogrio.errors import DataSourceError

from layers import masking, registry, workbook
from layers.access import Actor
from layers.legends import of_served
from layers.products import Products, Store, to_frame
from layers.provenance import SourceLine, of_tables
from layers.requests import Request, Scheme
from layers.rows import named_rows
from layers.serve import serve
from layers.text import number, pick, text
from models import contracts
from models.errors import NotBuiltError, RequestError, StoreError, UnknownNameError
from models.perturbation import perturbed
from models.profile import City

Format = Literal["csv", "xlsx"]
Readme = Sequence[tuple[str, str]]
MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_ROWS = 1_048_575
PAGE_ROWS = 50_000
PRODUCT_FORMATS = (".csv", ".xlsx", ".parquet", ".gpkg")


def table(
    store: Store,
    city: City,
    actor: Actor,
    layer_id: str,
    *,
    resolution: str | None = None,
    period: str | None = None,
    scheme: Scheme | None = None,
    classes: int | None = None,
    area: str | None = None,
    lang: str,
    fmt: Format = "xlsx",
    leaving: Callable[[int], object] | None = None,
) -> tuple[bytes, str, str]:
    """The table of a layer as a file, with the ids and the order of the map.

    Parameters
    ----------
    leaving : told the number of rows before the file is handed out, to enter it in the access log

    Returns
    -------
    bytes, file name, media type

    Raises
    ------
    AccessDeniedError, UnknownNameError, RequestError, NotBuiltError : as `layers.serve.serve`
    """
    layer = registry.layer(layer_id)
    asked = Request(resolution or layer.support.reference, period, area=area, scheme=scheme, classes=classes)
    served = serve(layer, asked, actor, store=store, city=city)
    view = of_served(served, city, lang=lang, theme="light", opacity=100)
    filters = area or text("readme.all", lang)
    readme = [
        *head(city, view.title, view.description, filters, lang),
        (text("readme.resolution", lang), served.request.resolution),
        (text("readme.period", lang), served.request.period or "–"),
        (text("readme.unit", lang), view.unit or "–"),
        (text("readme.method", lang), view.method),
        (text("readme.flags", lang), text("readme.flags_text", lang)),
        *origin(served.provenance.sources, view.date, served.build_id, len(served.frame), lang),
    ]
    frame = named_rows(served, Products.live(store, served.build_id), lang)
    if leaving is not None:
        leaving(len(frame))
    parts = [city.id, layer_id, served.request.resolution, served.request.period, served.build_id]
    return file_of(frame, readme, "_".join(p for p in parts if p and p != "-"), fmt, lang)


def subjects(
    store: Any,
    city: City,
    actor: Actor,
    where: Any,
    *,
    lang: str,
    fmt: Format = "xlsx",
    filters: str = "",
    area: str | None = None,
    leaving: Callable[[int], object] | None = None,
) -> tuple[bytes, str, str]:
    """The list of subjects of a selection as a file, at most what one sheet holds.

    Parameters
    ----------
    store : `models.store.Store`
    where : `models.store.SubjectFilter`
    filters : the selection in words, for the readme
    area : area the selection lies in; needed of an actor who does not work in the whole city
    leaving : told the number of rows before the file is handed out, to enter it in the access log

    Raises
    ------
    AccessDeniedError : the actor may not see subjects
    """
    layer = registry.layer("subjects")
    served = serve(layer, Request(area=area, limit=1), actor, store=store, city=city)
    if area is not None:
        where = replace(where, areas=(area,))
    frame, total = _all_subjects(store, where)
    if leaving is not None:
        leaving(total)
    codes = frame["grid_code"].where(frame["grid_code"].notna(), frame["district_code"])
    rows = zip(frame["name"], frame["entity_type"], codes, strict=True)
    frame = frame.assign(name=masking.shown_names(rows, actor))
    hidden = contracts.contract("subjects").restricted() | {"representative_key"}
    frame = pd.DataFrame(frame.drop(columns=[*hidden, "geometry"], errors="ignore"))
    readme = [
        *head(city, text("search.subject", lang), text("layer.subjects.description", lang), filters, lang),
        (text("readme.method", lang), text("layer.subjects.method", lang)),
        *origin(served.provenance.sources, served.provenance.date, served.build_id, total, lang),
    ]
    return file_of(frame, readme, f"{city.id}_subjects_{served.build_id}", fmt, lang)


def _all_subjects(store: Any, where: Any) -> tuple[pd.DataFrame, int]:
    """Every subject of a filter by code, read in pages; refused beyond what a sheet holds."""
    first, total = store.subjects_page(where, "uscc", False, 0, PAGE_ROWS)
    if total > XLSX_ROWS:
        raise RequestError(f"{total:,} subjects; a list holds {XLSX_ROWS:,}. Choose a smaller area.")
    more = [store.subjects_page(where, "uscc", False, at, PAGE_ROWS)[0] for at in range(PAGE_ROWS, total, PAGE_ROWS)]
    return (pd.concat([first, *more], ignore_index=True) if more else first), int(total)


def head(city: City, title: str, description: str, filters: str, lang: str) -> list[tuple[str, str]]:
    """First lines of a readme: what it is, of which city, with which filter, under which map approval number."""
    rows = [(text("readme.city", lang), pick(city.name, lang)), (text("readme.title", lang), title)]
    rows += [
        (text("readme.description", lang), description),
        (text("readme.filter", lang), filters or text("readme.all", lang)),
        (text("readme.approval", lang), city.map_approval_no or text("note.approval_open", lang)),
    ]
    if city.demo:
        rows.insert(0, (text("readme.synthetic", lang), text("readme.synthetic_text", lang)))
    return rows


def origin(lines: Sequence[SourceLine], day: str, build_id: str, rows: int, lang: str) -> list[tuple[str, str]]:
    """Last lines of a readme: sources, licences, date, build, rows."""
    found = [(text("readme.source", lang), f"{pick(line.title, lang)} · {line.vintage}") for line in lines]
    found += [(text("readme.licence", lang), f"{pick(line.title, lang)}: {pick(line.licence, lang)}") for line in lines]
    return [
        *found,
        (text("readme.date", lang), day or "–"),
        (text("readme.build", lang), build_id),
        (text("readme.rows", lang), number(rows, lang, digits=0) if rows < 10_000 else f"{rows:,}"),
    ]


def file_of(frame: pd.DataFrame, readme: Readme, name: str, fmt: str, lang: str) -> tuple[bytes, str, str]:
    """A frame as a file: bytes, file name, media type; a workbook gets the readme as its first sheet.

    Raises
    ------
    RequestError : another format than csv and xlsx
    """
    if fmt == "csv":
        return csv_bytes(frame), f"{name}.csv", MIME["csv"]
    if fmt == "xlsx":
        return (
            xlsx_bytes(frame, readme, text("readme.sheet", lang), text("readme.data", lang)),
            f"{name}.xlsx",
            MIME["xlsx"],
        )
    raise RequestError(f"format is {fmt!r}; allowed: csv, xlsx")


def guarded(value: str) -> str:
    """A text that a spreadsheet will not run as a formula: an apostrophe goes before = + - @, tab and return."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as UTF-8 CSV with a byte order mark, quoted, texts guarded against formulas; missing is empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(list(frame.columns))
    writer.writerows(_records(frame, guard=True))
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def xlsx_bytes(frame: pd.DataFrame, readme: Readme, readme_name: str, data_name: str) -> bytes:
    """A workbook of two sheets: the readme, then the data; texts stay texts, so no guard changes them.

    Raises
    ------
    RequestError : more rows than a sheet holds
    """
    if len(frame) > XLSX_ROWS:
        raise RequestError(f"{len(frame):,} rows; a sheet holds {XLSX_ROWS:,}. Take CSV, or a smaller area.")
    head = [str(name) for name in frame.columns]
    return workbook.workbook([
        workbook.Sheet(readme_name, (), readme, widths=(18, 100), bold_first=True),
        workbook.Sheet(data_name, head, _records(frame, guard=False)),
    ])  # fmt: skip


def _records(frame: pd.DataFrame, *, guard: bool) -> Iterator[list[Any]]:
    """Rows as plain Python values: missing is None, dates are ISO text, integers beyond 2^53 are text."""
    columns = [_plain(frame[name], guard) for name in frame.columns]
    for row in zip(*columns, strict=True):
        yield list(row)


def _plain(values: pd.Series, guard: bool) -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return [None if pd.isna(v) else v.date().isoformat() for v in values]
    if str(values.dtype).lower() == "uint64":
        return [None if pd.isna(v) else f"{int(v):x}" for v in values]
    found: list[Any] = []
    for value in values.astype(object):
        if value is None or (not isinstance(value, (list, tuple)) and pd.isna(value)):
            found.append(None)
        elif isinstance(value, str):
            found.append(guarded(value) if guard else value)
        elif isinstance(value, (bool, np.bool_)):
            found.append(str(bool(value)).lower())
        elif isinstance(value, np.generic):
            found.append(value.item())
        else:
            found.append(value if isinstance(value, (int, float)) else str(value))
    return found


def write_product(
    store: Store, city: City, product: str, path: Path, *, noise_key: bytes | None = None
) -> int:
    """Write one product of the live build to a file; the ending says how.

    Columns that may not leave the store are left out. With a key, every count of people gets stable noise first.

    Returns
    -------
    int : rows written

    Raises
    ------
    NotBuiltError, UnknownNameError : no build, or no product of that name; the text lists what there is
    RequestError : the ending is none of .csv, .xlsx, .parquet, .gpkg, .gpkg was asked of a product without geometry, or
        noise of one that counts no people
    StoreError : the file cannot be written
    """
    ending = path.suffix.lower()
    if ending not in PRODUCT_FORMATS:
        raise RequestError(f"{path.name}: allowed endings are {', '.join(PRODUCT_FORMATS)}")
    if store.live_build() is None:
        raise NotBuiltError(f"{city.id} has not been built yet. Run: cityhex build {city.id}")
    products = Products.live(store)
    known = sorted(store.products(products.build_id))
    if product not in known:
        raise UnknownNameError(f"{city.id} has no product {product}; there are {', '.join(known)}")
    frame = to_frame(store.product(product, products.build_id))
    if noise_key is not None:
        try:
            frame = perturbed(product, frame, noise_key)
        except ValueError as error:
            raise RequestError(str(error)) from error
    hidden = contracts.CONTRACTS[product].restricted() if product in contracts.CONTRACTS else frozenset()
    frame = frame.drop(columns=[c for c in frame.columns if c in hidden])
    if ending == ".gpkg" and not isinstance(frame, gpd.GeoDataFrame):
        frame = _with_points(frame, product)
    try:
        _write(frame, path, city=city, product=product, build_id=products.build_id)
    except (OSError, DataSourceError) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreError(f"{path}: cannot be written ({why})") from error
    return len(frame)


def _with_points(frame: pd.DataFrame, product: str) -> gpd.GeoDataFrame:
    if not {"lon", "lat"} <= set(frame.columns):
        raise RequestError(f"{product} has no geometry; allowed endings for it: .csv, .xlsx, .parquet")
    wide = {str(name): "str" for name in frame.columns if str(frame[name].dtype).lower() == "uint64"}
    plain = frame.astype(wide)
    return gpd.GeoDataFrame(plain, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")


def _write(frame: pd.DataFrame, path: Path, *, city: City, product: str, build_id: str) -> None:
    ending = path.suffix.lower()
    if ending == ".parquet":
        frame.to_parquet(path, index=False)
    elif ending == ".gpkg" and isinstance(frame, gpd.GeoDataFrame):
        frame.to_file(path, layer=product, driver="GPKG")
    else:
        plain = pd.DataFrame(frame)
        if isinstance(frame, gpd.GeoDataFrame):
            plain = plain.assign(geometry=frame.geometry.to_wkt())
        lines = of_tables(city, ("legal_persons",))
        readme = [*head(city, product, "", "", "en"), *origin(lines, "", build_id, len(plain), "en")]
        body = csv_bytes(plain) if ending == ".csv" else xlsx_bytes(plain, readme, "Readme", "Data")
        path.write_bytes(body)
