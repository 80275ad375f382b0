"""Tokens of displays: bound to city, wall and key; and who a display is."""

from __future__ import annotations

import datetime as dt

import pytest

from layers.access import STAFF, require_area
from layers.wall import kiosk
from models.errors import AccessDeniedError, RequestError

KEY, DAY = b"key", dt.date(2026, 3, 1)


def test_a_token_opens_the_wall_it_was_made_for() -> None:
    token = kiosk.verify("cq", kiosk.sign("cq", "hall", KEY), KEY, today=DAY)
    assert token == kiosk.Token("hall", None)
    who = kiosk.actor(token)
    assert kiosk.is_kiosk(who)
    require_area(who, None, STAFF, "the wall")


@pytest.mark.parametrize(
    ("city", "key", "change"),
    [
        ("demo", KEY, lambda t: t),
        ("cq", b"other", lambda t: t),
        ("cq", KEY, lambda t: t.replace("hall", "town")),
        ("cq", KEY, lambda t: t.replace(".0.", ".20990101.")),
        ("cq", KEY, lambda t: t[:-1]),
        ("cq", KEY, lambda t: ""),
        ("cq", KEY, lambda t: "hall.0.中文"),
    ],
)
def test_any_other_city_key_wall_or_date_is_refused(city, key, change) -> None:
    with pytest.raises(AccessDeniedError, match="cityhex wall-token"):
        kiosk.verify(city, change(kiosk.sign("cq", "hall", KEY)), key, today=DAY)


def test_a_token_is_good_on_its_last_day_and_not_after() -> None:
    token = kiosk.sign("cq", "hall", KEY, until=DAY)
    assert kiosk.verify("cq", token, KEY, today=DAY).until == DAY
    with pytest.raises(AccessDeniedError, match="was good until 2026-03-01"):
        kiosk.verify("cq", token, KEY, today=DAY + dt.timedelta(days=1))


@pytest.mark.parametrize("name", ["Hall", "a b", "../etc", "a" * 33, "hall.0", "-a"])
def test_the_name_of_a_wall_is_small_letters_digits_and_dashes(name: str) -> None:
    with pytest.raises(RequestError, match="small letters"):
        kiosk.known_wall(name)
    assert kiosk.known_wall(None) == kiosk.MAIN
