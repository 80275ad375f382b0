"""What one column and one frame promise: the words the contracts are written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd
import shapely

Kind = Literal["str", "float", "int", "bool", "date", "uint64", "geometry"]
Sensitivity = Literal["open", "internal", "restricted"]
FrameKind = Literal["table", "product", "layer"]

_CAST = {
    "str": "str",
    "float": "float64",
    "bool": "boolean",
    "date": "datetime64[s]",
    "int": "Int64",
    "uint64": "UInt64",
}


@dataclass(frozen=True)
class Rule:
    """One row-level test of a column.

    ``passes`` takes the n non-null values and returns n booleans; ``reason`` says what was needed.
    """

    reason: str
    passes: Callable[[pd.Series], pd.Series]


@dataclass(frozen=True)
class Column:
    """One column of a frame.

    Attributes
    ----------
    name : column name, snake_case, with the unit where it is not a count
    kind : str, float, int, bool, date (datetime64), uint64 (H3 index), geometry
    description : what a value means, in a sentence
    unit : unit of the values, "" where there is none
    nullable : True where a value may be missing; the column itself may then be absent as well
    sensitivity : open, internal or restricted; restricted columns never reach the quarantine's raw text
    allowed : closed list of values; empty for any
    pattern : regular expression that the whole text must match; None for any
    minimum, maximum : inclusive bounds of numbers; None for none
    geometry_types : allowed geometry types; empty for any
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    nullable: bool = False
    sensitivity: Sensitivity = "open"
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    geometry_types: tuple[str, ...] = ()

    @property
    def dtype(self) -> str:
        """Canonical pandas dtype of the column ("geometry" for geometries)."""
        if self.kind == "geometry":
            return "geometry"
        if not self.nullable:
            return {"bool": "bool", "int": "int64", "uint64": "uint64"}.get(self.kind, _CAST[self.kind])
        return _CAST[self.kind]

    def fits_dtype(self, values: pd.Series) -> bool:
        """Whether the dtype of ``values`` can hold this kind without loss."""
        types = pd.api.types
        dtype = values.dtype
        fits = {
            "str": isinstance(dtype, pd.StringDtype),
            "float": types.is_float_dtype(dtype),
            "bool": types.is_bool_dtype(dtype),
            "date": types.is_datetime64_any_dtype(dtype),
            "int": types.is_integer_dtype(dtype),
            "uint64": str(dtype).lower() == "uint64",
            "geometry": str(dtype) == "geometry",
        }
        return bool(fits[self.kind])

    def rules(self) -> tuple[Rule, ...]:
        """Row-level tests of this column, apart from the null test."""
        found: list[Rule] = []
        if self.allowed:
            allowed = self.allowed
            found.append(Rule(f"must be one of {', '.join(allowed)}", lambda v: v.isin(allowed)))
        if self.pattern is not None:
            pattern = self.pattern
            found.append(Rule(f"must match {pattern}", lambda v: v.str.fullmatch(pattern).astype(bool)))
        if self.minimum is not None:
            low = self.minimum
            found.append(Rule(f"must be at least {low:g}{self._unit()}", lambda v: (v >= low).astype(bool)))
        if self.maximum is not None:
            high = self.maximum
            found.append(Rule(f"must be at most {high:g}{self._unit()}", lambda v: (v <= high).astype(bool)))
        if self.kind == "geometry":
            found.extend(self._geometry_rules())
        return tuple(found)

    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def _geometry_rules(self) -> list[Rule]:
        rules = [Rule("must be a valid geometry", lambda v: pd.Series(shapely.is_valid(v.to_numpy()), index=v.index))]
        if self.geometry_types:
            codes = [shapely.GeometryType[t.upper()].value for t in self.geometry_types]
            rules.append(
                Rule(
                    f"must be a {' or '.join(self.geometry_types)}",
                    lambda v: pd.Series(shapely.get_type_id(v.to_numpy()), index=v.index).isin(codes),
                )
            )
        return rules


@dataclass(frozen=True)
class Contract:
    """What one frame promises.

    Attributes
    ----------
    name : name of the table, product or layer frame
    kind : table (what the city records), product (what is computed) or layer (what goes to a browser)
    description : what one row is
    columns : the columns in their canonical order; no others may appear
    key : columns that together are unique; empty where rows may repeat
    """

    name: str
    kind: FrameKind
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({c.name: c for c in self.columns})

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError where there is none."""
        return self._by_name[name]

    def names(self) -> tuple[str, ...]:
        """Column names in canonical order."""
        return tuple(self._by_name)

    def restricted(self) -> frozenset[str]:
        """Names of the columns that may not leave the store."""
        return frozenset(c.name for c in self.columns if c.sensitivity == "restricted")

    @property
    def spatial(self) -> bool:
        """Whether the frame carries geometries."""
        return any(c.kind == "geometry" for c in self.columns)
