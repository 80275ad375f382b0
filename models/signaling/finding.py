"""What one check of an audit of disclosure found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One check of one table.

    Attributes
    ----------
    product, where : which table, such as ``commute_flows`` of ``2015``
    check : ``devices``, ``resolutions``, ``parents``, ``areas``, ``hexagons``, ``rest`` or ``attack``
    tested : values looked at
    broken : values that are wrong, or known to plus or minus k devices
    narrowest : width in devices of the narrowest interval of a hidden value; nan where nothing is hidden
    """

    product: str
    where: str
    check: str
    tested: int
    broken: int
    narrowest: float = float("nan")
