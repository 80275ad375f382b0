"""Who asks: a cookie in embedded mode, a header behind a proxy, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import flask
import pytest

from layers import actors
from layers.access import LOCAL
from models.profile import load_city
from models.settings import load

APP = flask.Flask("test")


@pytest.fixture(scope="module")
def demo():
    return load_city("demo", load({}))


def asked(who, **request):
    with APP.test_request_context("/", **request):
        return who()


def cookie(value):
    return {"headers": {"Cookie": f"{actors.COOKIE}={value}"}}


def test_the_local_actor_asks_in_embedded_mode_unless_somebody_of_the_list_was_chosen(demo):
    who = actors.actor_of(demo, load({}))
    assert who() is LOCAL
    assert asked(who) is LOCAL
    assert asked(who, **cookie("zhang")).areas == {"500110003"}
    assert asked(who, **cookie("nobody")) is LOCAL
    assert asked(who, headers={"X-Remote-User": "zhang"}) is LOCAL


def test_behind_a_proxy_only_its_header_counts_and_strangers_are_the_public(demo):
    who = actors.actor_of(demo, replace(load({}), access="proxy"))
    assert who() is actors.PUBLIC
    assert asked(who) is actors.PUBLIC
    assert asked(who, **cookie("zhang")) is actors.PUBLIC
    assert asked(who, headers={"X-Remote-User": "stranger"}) is actors.PUBLIC
    assert asked(who, headers={"X-Remote-User": "local"}) is actors.PUBLIC
    assert asked(who, headers={"X-Remote-User": "chen"}).roles == {"manager"}


def test_the_name_of_the_header_is_a_setting(demo):
    who = actors.actor_of(demo, replace(load({}), access="proxy", user_header="Remote-User"))
    assert asked(who, headers={"Remote-User": "chen"}).id == "chen"
    assert asked(who, headers={"X-Remote-User": "chen"}) is actors.PUBLIC


def test_actors_of_different_areas_never_share_a_scope(demo):
    everyone = [actors.actor(person) for person in actors.staff(demo).values()]
    scopes = [one.scope for one in everyone]
    assert len(set(scopes)) == len({(one.roles, one.areas) for one in everyone}) == len(everyone)
