"""Which roles may open which page; a page that is not named here is for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.access import EVERYONE, STAFF, SUPERVISION, Actor
from layers.pages.context import Context
from models.errors import AccessDeniedError

DESK = frozenset({"supervisor", "manager", "admin"})
"""Roles that write: they decide, take, record and plan."""
ROLES_OF: Mapping[str, frozenset[str]] = {
    "supervise": SUPERVISION,
    "subject": STAFF,
    "warning": SUPERVISION,
    "tasks": SUPERVISION,
    "manage": frozenset({"manager", "official", "auditor", "admin"}),
    "queue": DESK,
    "data": STAFF,
}

NEEDS: Mapping[str, str] = {"supervise": "subjects"}
"""Product without which a page has nothing to show, so that it gets no entry: a city without a register."""
OUTPUTS = (
    *((f"{name}-", name) for name in ROLES_OF),
    ("decided-", "queue"),
    ("quarantine-", "data"),
)
"""How the ids of a page's outputs begin, and the page: whoever may not open a page may not call what fills it."""


def may_open(actor: Actor, name: str) -> bool:
    """Whether a page is for one of the actor's roles."""
    return actor.has(ROLES_OF.get(name, EVERYONE))


def has_entry(context: Context, name: str) -> bool:
    """Whether the header names a page: it is for the actor, and the build holds what it shows."""
    needed = NEEDS.get(name)
    return may_open(context.actor, name) and (needed is None or needed in context.store.products())


def guard(context: Context, name: str, page: Any, params: Mapping[str, str]) -> None:
    """Refuse a page to whoever may not open it, or what its address asks for.

    A page may have a function ``guard(context, params)`` of its own that looks at what the address names.

    Raises
    ------
    AccessDeniedError : the actor has none of the page's roles, or works in other areas
    """
    actor = context.actor
    if not may_open(actor, name):
        held, needed = ", ".join(sorted(actor.roles)) or "none", ", ".join(sorted(ROLES_OF[name]))
        raise AccessDeniedError(f"/{name} is for {needed}; {actor.id} has the roles: {held}")
    own = getattr(page, "guard", None)
    if own is not None:
        own(context, params)


def guard_callback(actor: Actor, body: Any) -> None:
    """Refuse a callback of a page the actor may not open.

    Parameters
    ----------
    body : what the browser posted; its first output says whose callback it is

    Raises
    ------
    AccessDeniedError : the actor has none of the page's roles
    """
    output = str(body.get("output", "")) if isinstance(body, dict) else ""
    first = output.lstrip(".")
    name = next((page for prefix, page in OUTPUTS if first.startswith(prefix)), None)
    if name is not None and not may_open(actor, name):
        raise AccessDeniedError(f"{first[:40]} belongs to /{name}, which is not for the roles of {actor.id}")
