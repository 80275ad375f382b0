"""Which rows of casework lie in somebody's areas, as a condition of the database."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

EVERYWHERE = "*"
_PLACES = ("grid_code", "district_code", "area_code")


def in_areas(table: sa.Table, areas: Collection[str]) -> sa.ColumnElement[bool]:
    """Condition that a row lies in one of the areas.

    Parameters
    ----------
    table : with any of the columns grid_code, district_code and area_code
    areas : codes of districts, towns or grid cells; "*" is the whole city, no code at all is nowhere

    Notes
    -----
    Codes are hierarchical: a town's begins with that of its district, a grid cell's with that of its town and a dash.
    So a code of digits holds all that begin with it, and any other code itself and what follows it after a dash.
    A row without any code lies only in the whole city.
    """
    if EVERYWHERE in areas:
        return sa.true()
    columns = [table.c[name] for name in _PLACES if name in table.c]
    tests = [_under(column, code) for code in sorted(areas) for column in columns]
    return sa.or_(*tests) if tests else sa.false()


def _under(column: sa.Column[str], code: str) -> sa.ColumnElement[bool]:
    if code.isdigit():
        return column.startswith(code, autoescape=True)
    return sa.or_(column == code, column.startswith(f"{code}-", autoescape=True))


def lies_in(areas: Collection[str], *codes: str | None) -> bool:
    """The same test for codes at hand."""
    if EVERYWHERE in areas:
        return True
    return any(
        code is not None and (code.startswith(area) if area.isdigit() else code == area or code.startswith(f"{area}-"))
        for area in areas
        for code in codes
    )
