"""Contracts of every frame: which columns, their dtypes and units, what may be missing, who may see what.

`check` lists every failure of a frame at once, `rejects` turns row-level failures into quarantine rows and
`conform` brings a frame into the canonical column order and dtypes. A nullable column may also be absent.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from models.contracts.checking import ContractError, check_contract, row_failures
from models.contracts.clusters import CLUSTERS
from models.contracts.column import Column, Contract, Rule
from models.contracts.levels import LEVEL_PRODUCTS
from models.contracts.population import POPULATION_PRODUCTS
from models.contracts.premises import PREMISES_PRODUCTS
from models.contracts.products import LAYERS, PRODUCTS
from models.contracts.records import RECORDS
from models.contracts.roads import ROAD_PRODUCTS
from models.contracts.tables import TABLES
from models.contracts.warnings import PRODUCTS as WARNING_PRODUCTS
from models.errors import UnknownNameError

__all__ = [
    "CONTRACTS",
    "Column",
    "Contract",
    "ContractError",
    "Rule",
    "check",
    "columns",
    "conform",
    "contract",
    "empty",
    "raw_text",
    "rejects",
]

CONTRACTS: dict[str, Contract] = {
    c.name: c
    for c in (
        *TABLES,
        *RECORDS,
        *PREMISES_PRODUCTS,
        *PRODUCTS,
        *LEVEL_PRODUCTS,
        *POPULATION_PRODUCTS,
        *ROAD_PRODUCTS,
        *CLUSTERS,
        *WARNING_PRODUCTS,
        *LAYERS,
    )
}
_RAW_LIMIT = 2000


def contract(name: str) -> Contract:
    """Return the contract of that name; UnknownNameError lists those that exist."""
    if name not in CONTRACTS:
        raise UnknownNameError(f"no frame is called {name!r}; there are {', '.join(CONTRACTS)}")
    return CONTRACTS[name]


def columns(name: str) -> tuple[str, ...]:
    """Column names of the frame ``name`` in canonical order."""
    return contract(name).names()


def check(name: str, frame: pd.DataFrame) -> None:
    """Raise ContractError listing every failure of ``frame`` against the contract ``name``.

    Vectorised: a million legal persons take a few seconds.
    """
    check_contract(contract(name), frame)


def empty(name: str) -> pd.DataFrame:
    """Return a frame on contract without rows; a GeoDataFrame in EPSG:4326 where it has a geometry."""
    return conform(name, pd.DataFrame())


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with the canonical columns, order and dtypes; absent nullable columns become null.

    Raises
    ------
    ContractError : a column that is not nullable is absent (unless the frame has no rows), or cannot be cast
    """
    promised = contract(name)
    data: dict[str, pd.Series] = {}
    failures: list[str] = []
    for column in promised.columns:
        try:
            data[column.name] = _cast(column, frame)
        except (KeyError, TypeError, ValueError) as error:
            failures.append(f"column {column.name} cannot become {column.dtype}: {error}")
    if failures:
        raise ContractError(name, failures)
    if not promised.spatial:
        return pd.DataFrame(data, index=frame.index)
    geometry = data.pop("geometry")
    crs = getattr(frame, "crs", None) if len(frame) else "EPSG:4326"
    framed: pd.DataFrame = gpd.GeoDataFrame(data, index=frame.index, geometry=gpd.GeoSeries(geometry, crs=crs))
    return framed


def rejects(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the row-level failures of ``frame`` as quarantine rows, one per row and failed rule.

    ``source_id``, ``source_file`` and ``source_row`` are taken from the frame where it has them. The index
    of the result is that of the failing rows, so ``frame.drop(result.index.unique())`` is what may be loaded.
    """
    promised = contract(name)
    parts = []
    for column, reason, failing in row_failures(promised, frame):
        rows = frame.loc[failing]
        parts.append(
            pd.DataFrame(
                {
                    "source_id": rows.get("source_id", name),
                    "source_file": rows.get("source_file", name),
                    "source_row": rows.get("source_row", pd.NA),
                    "column": column.name,
                    "found": None
                    if column.sensitivity == "restricted"
                    else rows[column.name].astype(str).str.slice(0, 200),
                    "reason": reason,
                    "raw": raw_text(rows, promised.restricted()),
                },
                index=rows.index,
            )
        )
    return conform("quarantine", pd.concat(parts)) if parts else empty("quarantine")


def raw_text(rows: pd.DataFrame, restricted: frozenset[str]) -> pd.Series:
    """Return each row as ``column=value`` text, without ``restricted`` columns and empty values."""
    kept = [c for c in rows.columns if c not in restricted]
    records = rows[kept].astype(object).where(rows[kept].notna(), None).itertuples(index=False, name=None)
    texts = ["; ".join(f"{c}={v}" for c, v in zip(kept, r, strict=True) if v is not None)[:_RAW_LIMIT] for r in records]
    return pd.Series(texts, index=rows.index, dtype="str")


def _cast(column: Column, frame: pd.DataFrame) -> pd.Series:
    values: pd.Series
    if column.name not in frame.columns:
        if not column.nullable and len(frame):
            raise KeyError("it is absent")
        nothing = [None] * len(frame)
        if column.kind == "geometry":
            values = gpd.GeoSeries(nothing, index=frame.index, crs="EPSG:4326")
        else:
            values = pd.Series(nothing, index=frame.index, dtype=column.dtype)
        return values
    values = frame[column.name]
    if not column.fits_dtype(values):
        values = values.astype(column.dtype)  # type: ignore[call-overload]
    return values
