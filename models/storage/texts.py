"""The text a search looks in: name, code and address of a legal person, case-folded, in one string."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

SEARCHED = ("name", "uscc", "address")


def search_texts(columns: dict[str, pa.Array]) -> list[str]:
    """Join the searched columns, one line each.

    Parameters
    ----------
    columns : Arrow columns of the legal persons, n rows
    """
    filled = [pc.fill_null(columns[name], "") for name in SEARCHED]
    return [fold(text) for text in pc.binary_join_element_wise(*filled, "\n").to_pylist()]


def fold(text: str) -> str:
    """Form in which a text is stored and looked for, the same on every back end."""
    return text.casefold()
