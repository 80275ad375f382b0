"""Who may see which layer where, and the reason; what no rule allows is denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from models.errors import AccessDeniedError
from models.profile.staff import EVERYWHERE, ROLES

__all__ = [
    "EVERYONE", "EVERYWHERE", "LOCAL", "ROLES", "STAFF", "SUPERVISION", "Actor", "Decision", "Guarded", "decide",
    "lies_in", "require_area",
]  # fmt: skip
EVERYONE = frozenset(ROLES)
STAFF = frozenset(ROLES) - {"public"}
SUPERVISION = frozenset({"supervisor", "manager", "auditor", "admin"})
"""Roles that work with single subjects: they see names, levels and records inside their own areas."""


def lies_in(area: str, code: str) -> bool:
    """Whether an area is another or lies below it.

    A code of digits holds all that begin with it, as administrative codes do; any other holds itself and what follows
    it after a dash, so that ``south-1`` does not hold ``south-10``.
    """
    return area.startswith(code) if code.isdigit() else area == code or area.startswith(f"{code}-")


@dataclass(frozen=True)
class Actor:
    """Whoever asks.

    Attributes
    ----------
    id : name in the audit trail
    roles : any of `ROLES`
    areas : codes of districts, towns or grids the actor works in, each with all that lies below it; "*" is the city
    officer_id : the officer of the staff list that the actor is, None for people who do not inspect
    """

    id: str
    roles: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    officer_id: str | None = None

    def works_in(self, area: str | None) -> bool:
        """Whether an area (None is the whole city) lies inside the actor's own; codes are hierarchical."""
        if EVERYWHERE in self.areas:
            return True
        return area is not None and any(lies_in(area, code) for code in self.areas)

    def has(self, roles: frozenset[str]) -> bool:
        """Whether the actor has any of the roles."""
        return bool(self.roles & roles)

    @property
    def scope(self) -> str:
        """Text that is equal for actors who see the same: part of every cache key."""
        return f"{','.join(sorted(self.roles))}|{','.join(sorted(self.areas))}"


LOCAL = Actor("local", EVERYONE, frozenset({EVERYWHERE}))
"""The one person at this machine in embedded mode."""


class Guarded(Protocol):
    """What is needed of a layer to decide; `layers.layer.Layer` is one."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def audience(self) -> frozenset[str]:
        """Roles that may see it."""
        ...

    @property
    def sensitivity(self) -> str:
        """open, internal or restricted."""
        ...


@dataclass(frozen=True)
class Decision:
    """The answer of `decide` and the rule behind it."""

    allowed: bool
    why: str


def decide(actor: Actor, layer: Guarded, area: str | None = None) -> Decision:
    """Say whether the actor may see the layer in the area.

    Parameters
    ----------
    actor : who asks
    layer : what is asked for
    area : code of one district, town or grid; None is the whole city

    Notes
    -----
    A role of the layer's audience is always needed. An open layer may then be seen everywhere; an internal or
    restricted one only inside the areas of the actor. Codes are hierarchical: a grid begins with the code of its town.
    """
    shared = sorted(actor.roles & layer.audience)
    if not shared:
        roles = ", ".join(sorted(actor.roles)) or "none"
        needed = ", ".join(sorted(layer.audience))
        return Decision(False, f"{layer.id} is for {needed}; {actor.id} has the roles: {roles}")
    if layer.sensitivity == "open":
        return Decision(True, f"{layer.id} is open to the role {shared[0]}")
    if EVERYWHERE in actor.areas:
        return Decision(True, f"{actor.id} works as {shared[0]} in the whole city")
    if area is None:
        return Decision(False, f"{layer.id} is {layer.sensitivity}; {actor.id} may only ask for an area of their own")
    granted = next((code for code in sorted(actor.areas) if lies_in(area, code)), None)
    if granted is None:
        return Decision(False, f"{layer.id} is {layer.sensitivity} and area {area} is not one of {actor.id}'s areas")
    return Decision(True, f"area {area} lies in {granted}, where {actor.id} works as {shared[0]}")


def require_area(actor: Actor, area: str | None, roles: frozenset[str], what: str) -> None:
    """Refuse whoever has none of the roles, or works elsewhere.

    Parameters
    ----------
    area : code of one district, town or grid cell; None is the whole city
    what : what was asked for, for the sentence

    Raises
    ------
    AccessDeniedError : with the rule that decided
    """
    if not actor.has(roles):
        held, needed = ", ".join(sorted(actor.roles)) or "none", ", ".join(sorted(roles))
        raise AccessDeniedError(f"{what} is for {needed}; {actor.id} has the roles: {held}")
    if not actor.works_in(area):
        where = "the whole city" if area is None else f"area {area}"
        raise AccessDeniedError(f"{what}: {where} is not one of {actor.id}'s areas")
