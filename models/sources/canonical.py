"""Turns text by header into canonical columns: constants, code lists, units, dates, numbers; faults with a reason."""

from __future__ import annotations

import h3
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.contracts import CONTRACTS, Column
from models.profile import Source
from models.profile.units import factor
from models.sources.ledger import Ledger

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_TRUE = ("true", "1", "yes", "y", "t", "是", "True")
_FALSE = ("false", "0", "no", "n", "f", "否", "False")
ANY_OTHER = "*"
_DEFAULT_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日")


def canonical_texts(raw: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return the canonical columns as text: the manifest's columns, constants and code lists applied.

    A value that is not in the code list of its column stays as it is, or becomes the value of ``*`` where
    the list has one; the contract decides whether it may stay.
    """
    columns: dict[str, pd.Series] = {name: raw[header] for name, header in source.columns.items()}
    for name, value in source.constants.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        given = columns.get(name)
        columns[name] = pd.Series(text, index=raw.index, dtype="str") if given is None else given.fillna(text)
    for name, listed in source.values.items():
        given = columns[name]
        mapped = given.map({k: v for k, v in listed.items() if k != ANY_OTHER})
        other = given.where(given.isna(), listed[ANY_OTHER]) if ANY_OTHER in listed else given
        columns[name] = mapped.where(mapped.notna(), other).astype("str")
    return pd.DataFrame(columns, index=raw.index)


def typed(texts: pd.DataFrame, source: Source, ledger: Ledger) -> pd.DataFrame:
    """Return ``texts`` in the dtypes of the source's table; what cannot be read goes to the ledger."""
    contract = CONTRACTS[source.table]
    done: dict[str, pd.Series] = {}
    for name in texts.columns:
        values = texts[name]
        if name in ("lon", "lat"):
            done[name] = numbers(values, name, 1.0, ledger)
            continue
        column = contract.column(name) if name in contract.names() else Column(name, "str", name)
        if column.kind in ("float", "int"):
            scale = factor(source.units[name]) if name in source.units else 1.0
            read = numbers(values, name, scale, ledger)
            done[name] = whole(read, values, name, ledger) if column.kind == "int" else read
        elif column.kind == "uint64":
            done[name] = cells(values, name, ledger)
        elif column.kind == "date":
            done[name] = dates(values, name, source.dates.get(name, _DEFAULT_DATES), ledger)
        elif column.kind == "bool":
            done[name] = booleans(values, name, ledger)
        else:
            done[name] = values
    return pd.DataFrame(done, index=texts.index)


def numbers(values: pd.Series, name: str, scale: float, ledger: Ledger) -> pd.Series:
    """Read numbers, thousands commas allowed, as float64 times ``scale``; others are rejected."""
    plain = pa.array(values.str.replace(",", "", regex=False).str.replace("，", "", regex=False), pa.string())
    readable = pc.fill_null(pc.match_substring_regex(plain, _NUMBER), False)
    read = pc.cast(pc.if_else(readable, plain, pa.scalar(None, pa.string())), pa.float64())
    result = pd.Series(read.to_numpy(zero_copy_only=False), index=values.index, dtype="float64")
    ledger.reject(values.notna() & result.isna(), name, values, "not a number")
    return result * scale


def whole(read: pd.Series, values: pd.Series, name: str, ledger: Ledger) -> pd.Series:
    """Return the numbers as whole ones (Int64); a fraction beyond rounding noise is rejected."""
    rounded = read.round()
    broken = (read - rounded).abs() > 1e-6
    ledger.reject(broken, name, values, "not a whole number")
    return rounded.mask(broken).astype("Int64")


def cells(values: pd.Series, name: str, ledger: Ledger) -> pd.Series:
    """Read H3 cells, written as hexadecimal (15 or 16 digits) or decimal (17 to 20), as UInt64; others are
    rejected."""
    texts = values.str.strip().str.lower()
    decimal, short = texts.str.fullmatch(r"\d{17,20}"), texts.str.fullmatch(r"[0-9a-f]{15,16}")
    distinct = texts[decimal.fillna(False) | short.fillna(False)].drop_duplicates()
    read = {text: int(text, 10 if len(text) > 16 else 16) for text in distinct}
    valid = {text: cell for text, cell in read.items() if cell < 2**63 and h3.is_valid_cell(f"{cell:x}")}
    result = pd.Series(pd.array([valid.get(t, pd.NA) for t in texts], dtype="UInt64"), index=values.index)
    ledger.reject(values.notna() & result.isna(), name, values, "not an H3 cell")
    return result


def dates(values: pd.Series, name: str, formats: tuple[str, ...], ledger: Ledger) -> pd.Series:
    """Read dates in any of ``formats``; a text that two of them read as different days is rejected as
    ambiguous."""
    result = pd.Series(pd.NaT, index=values.index, dtype="datetime64[s]")
    ambiguous = pd.Series(False, index=values.index)
    for pattern in formats:
        read = pd.to_datetime(values, format=pattern, errors="coerce").astype("datetime64[s]")
        ambiguous |= read.notna() & result.notna() & (read != result)
        result = result.where(result.notna(), read)
    shown = " or ".join(formats)
    ledger.reject(ambiguous, name, values, f"day and month can be read in two ways with the formats {shown}")
    ledger.reject(values.notna() & result.isna(), name, values, f"not a date written as {shown}")
    return result.mask(ambiguous)


def booleans(values: pd.Series, name: str, ledger: Ledger) -> pd.Series:
    """Read yes and no in their usual spellings as nullable booleans; others are rejected."""
    lowered = values.str.lower()
    result = pd.Series(pd.NA, index=values.index, dtype="boolean")
    result[lowered.isin(_TRUE)] = True
    result[lowered.isin(_FALSE)] = False
    ledger.reject(values.notna() & result.isna(), name, values, f"not one of {', '.join((*_TRUE[:5], *_FALSE[:5]))}")
    return result


def selected(raw: pd.DataFrame, source: Source) -> pd.Series:
    """Booleans: the rows that the manifest's ``where`` makes part of the source."""
    keep = pd.Series(True, index=raw.index)
    for header, allowed in source.where.items():
        values = raw[header].fillna("")
        starts = tuple(a[1:] for a in allowed if a.startswith("^"))
        exact = [a for a in allowed if not a.startswith("^")]
        matched = values.isin(exact)
        if starts:
            matched |= values.str.startswith(starts)
        keep &= matched
    return keep
