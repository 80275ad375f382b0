"""Checks of a frame against its contract: all failures at once, or the failing rows as quarantine rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from models.contracts.column import Column, Contract, Rule
from models.errors import CityhexError

EXAMPLES = 3


class ContractError(CityhexError):
    """A frame breaks its contract; ``failures`` lists every way in which it does."""

    def __init__(self, name: str, failures: list[str]) -> None:
        listed = "\n".join(f"  - {f}" for f in failures)
        super().__init__(f"{name}: {len(failures)} failure(s) against the contract:\n{listed}")
        self.name, self.failures = name, failures


def check_contract(contract: Contract, frame: pd.DataFrame) -> None:
    """Raise ContractError with every failure of ``frame`` (n rows) against ``contract``."""
    failures = [f"column {c} is not part of the contract" for c in frame.columns if c not in contract.names()]
    failures += [
        f"column {c.name} is missing; it holds {c.description}"
        for c in contract.columns
        if not c.nullable and c.name not in frame.columns
    ]
    failures += [
        f"column {c.name} has dtype {frame[c.name].dtype}; needed: {c.dtype}" for c in _misfits(contract, frame)
    ]
    if contract.spatial and "geometry" in frame.columns:
        failures += _crs_failures(frame)
    sound = tuple(c.name for c in _sound(contract, frame))
    try:
        _schema(contract, sound).validate(frame.loc[:, list(sound)], lazy=True)
    except SchemaErrors as error:
        failures += _describe(error)
    failures += _key_failures(contract, frame)
    if failures:
        raise ContractError(contract.name, failures)


def row_failures(contract: Contract, frame: pd.DataFrame) -> Iterator[tuple[Column, str, pd.Series]]:
    """Yield (column, reason, mask of failing rows) for every row-level rule that fails somewhere.

    Columns of a wrong dtype are a matter of the whole frame and raise in `check_contract` instead.
    """
    for column in _sound(contract, frame):
        values = frame[column.name]
        missing = values.isna()
        if not column.nullable and missing.any():
            yield column, "must not be missing", missing
        present = values[~missing]
        for rule in column.rules():
            failing = ~rule.passes(present)
            if failing.any():
                yield column, rule.reason, failing.reindex(frame.index, fill_value=False)
    if contract.key and set(contract.key) <= set(frame.columns):
        repeated = frame.duplicated(subset=list(contract.key), keep="first")
        if repeated.any():
            yield contract.column(contract.key[0]), f"repeats the key {' + '.join(contract.key)}", repeated


def _sound(contract: Contract, frame: pd.DataFrame) -> list[Column]:
    return [c for c in contract.columns if c.name in frame.columns and c.fits_dtype(frame[c.name])]


def _misfits(contract: Contract, frame: pd.DataFrame) -> list[Column]:
    return [c for c in contract.columns if c.name in frame.columns and not c.fits_dtype(frame[c.name])]


def _crs_failures(frame: pd.DataFrame) -> list[str]:
    crs = getattr(frame, "crs", None)
    if crs is None or crs.to_epsg() != 4326:
        return [f"geometry has the CRS {crs}; needed: EPSG:4326"]
    return []


def _key_failures(contract: Contract, frame: pd.DataFrame) -> list[str]:
    if not contract.key or not set(contract.key) <= set(frame.columns):
        return []
    repeated = frame.duplicated(subset=list(contract.key), keep="first")
    if not repeated.any():
        return []
    first = frame.loc[repeated, list(contract.key)].iloc[0].to_dict()
    return [f"key {' + '.join(contract.key)} is repeated in {int(repeated.sum())} row(s), first {first}"]


@lru_cache(maxsize=64)
def _schema(contract: Contract, names: tuple[str, ...]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema({n: _schema_column(contract.column(n)) for n in names})


def _schema_column(column: Column) -> pa.Column:
    checks = [pa.Check(_aligned(rule), error=rule.reason, n_failure_cases=EXAMPLES) for rule in column.rules()]
    if not column.nullable:
        checks.append(pa.Check(_present, error="must not be missing", n_failure_cases=EXAMPLES, ignore_na=False))
    return pa.Column(None, checks=checks, nullable=True)


def _present(values: pd.Series) -> pd.Series:
    return values.notna()


def _aligned(rule: Rule) -> Callable[[pd.Series], pd.Series]:
    def passes(values: pd.Series) -> pd.Series:
        missing = values.isna()
        if not missing.any():
            return rule.passes(values)
        return rule.passes(values[~missing]).reindex(values.index, fill_value=True)

    return passes


def _describe(error: SchemaErrors) -> list[str]:
    described = []
    for (column, reason), cases in error.failure_cases.groupby(["column", "check"], sort=False):
        shown = ", ".join(
            f"{str(v)[:60]!r} in row {i}" for v, i in zip(cases["failure_case"], cases["index"], strict=True)
        )
        described.append(f"column {column} {reason}; found {shown}")
    return described
