"""Finds a text in the names, codes and addresses of all legal persons: every place it occurs, and the best of them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from models.storage.texts import Texts, fold

_BLOCK = 1 << 18
Integers = npt.NDArray[np.int64]


def rows_with(texts: Texts, wanted: str) -> tuple[Integers, Integers]:
    """Legal persons whose text holds another, and where it first stands in theirs.

    The rarest character is looked for block by block; only where it stands are the others compared.

    Parameters
    ----------
    wanted : any text; upper and lower case and space around it do not matter

    Returns
    -------
    fids, places : int64, one each per legal person found, in the order of the rows
    """
    units = np.frombuffer(fold(wanted.strip()).encode("utf-16-le", "surrogatepass"), dtype="<u2")
    if not len(units) or not units.all():
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    order = np.argsort(texts.common[units], kind="stable")
    rarest, characters = int(order[0]), texts.characters
    found = [
        np.flatnonzero(characters[at : at + _BLOCK] == units[rarest]) + (at - rarest)
        for at in range(0, len(characters), _BLOCK)
    ]
    places = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
    places = places[(places >= 0) & (places <= len(characters) - len(units))]
    for other in order[1:]:
        places = places[characters[places + other] == units[other]]
    rows = np.searchsorted(texts.starts, places, side="right") - 1
    first = np.ones(len(rows), dtype=bool)
    first[1:] = rows[1:] != rows[:-1]
    rows, places = rows[first], places[first]
    return texts.fids[rows], places - texts.starts[rows]


def best(texts: Texts, wanted: str, limit: int) -> list[int]:
    """Row ids of the legal persons that hold the text earliest (the name stands first), ties by row id.

    Returns
    -------
    At most ``limit`` row ids, best first
    """
    fids, places = rows_with(texts, wanted)
    keys = (places << 32) | fids
    if len(keys) > limit:
        keys = np.partition(keys, limit)[:limit]
    return (np.sort(keys) & 0xFFFFFFFF).tolist()  # type: ignore[no-any-return]


def among(connection: sa.Connection, column: Any, fids: list[int]) -> Any:
    """Test that a column holds one of any number of row ids, sent as one value."""
    if connection.dialect.name == "postgresql":
        return column == sa.any_(sa.bindparam(None, fids, sa.ARRAY(sa.BigInteger)))
    each = sa.func.json_each(json.dumps(fids)).table_valued("value")
    return column.in_(sa.select(each.c.value))
