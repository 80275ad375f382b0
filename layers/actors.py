"""Who asks: the actor of the request at hand, from the staff list of the city.

Embedded mode (``CITYHEX_ACCESS=embedded``) has one person at one machine, who may look at the pages as anybody of the
staff list would see them: a cookie holds the choice. It is a convenience and no protection. Behind a reverse proxy
(``CITYHEX_ACCESS=proxy``) the proxy has asked for the login and names the person in one header; whoever is not on the
list is the public, and no cookie counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import flask

from layers.access import LOCAL, Actor
from models.profile import City, Person, load_staff
from models.settings import Settings

COOKIE = "cityhex_as"
PUBLIC = Actor("public", frozenset({"public"}))
"""Anybody: open layers only."""

ActorOf = Callable[[], Actor]


def actor(person: Person) -> Actor:
    """The actor that a person of the staff list is."""
    return Actor(person.id, frozenset(person.roles), frozenset(person.areas), person.officer_id)


def staff(city: City) -> dict[str, Person]:
    """The staff list of the city by id, in its own order."""
    return {person.id: person for person in load_staff(city)}


def actor_of(city: City, settings: Settings) -> ActorOf:
    """Make the function that says who asks in the request at hand.

    Parameters
    ----------
    city : its staff list is read once, here
    settings : ``access`` and ``user_header``

    Returns
    -------
    A function without arguments. Outside of a request it gives `layers.access.LOCAL` in embedded mode and the public
    behind a proxy.

    Raises
    ------
    ConfigError : the staff list is not valid
    """
    known = {name: actor(person) for name, person in staff(city).items()}
    if settings.access == "proxy":
        return lambda: _named(known, settings.user_header)
    return lambda: _chosen(known)


def _named(known: Mapping[str, Actor], header: str) -> Actor:
    """The person the reverse proxy names; everybody else is the public."""
    if not flask.has_request_context():
        return PUBLIC
    return known.get(flask.request.headers.get(header, "").strip(), PUBLIC)


def _chosen(known: Mapping[str, Actor]) -> Actor:
    """The person chosen in the header; an id that is not on the list is nobody's, so the local actor stays."""
    if not flask.has_request_context():
        return LOCAL
    return known.get(flask.request.cookies.get(COOKIE, ""), LOCAL)
