"""Whatever no rule allows is denied, and every answer says why."""

from __future__ import annotations

import itertools

import pytest

from layers import registry
from layers.access import EVERYONE, LOCAL, ROLES, Actor, decide, lies_in

LAYERS = tuple(registry.layers().values())


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_an_actor_without_roles_sees_nothing(layer):
    decision = decide(Actor("nobody", areas=frozenset({"*"})), layer)
    assert not decision.allowed
    assert "roles: none" in decision.why


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_every_role_in_every_area_gets_what_the_rules_say_and_no_more(layer):
    grants, asked_for = [(), ("500110",), ("*",)], [None, "500110", "500110001", "500111"]
    for role, areas, asked in itertools.product(ROLES, grants, asked_for):
        decision = decide(Actor("a", frozenset({role}), frozenset(areas)), layer, asked)
        own = "*" in areas or (asked is not None and any(asked.startswith(code) for code in areas))
        assert decision.allowed == (role in layer.audience and (layer.sensitivity == "open" or own)), (
            role,
            areas,
            asked,
        )
        assert layer.id in decision.why or "a works as" in decision.why


def test_a_supervisor_of_one_district_cannot_ask_for_another_or_for_the_city():
    actor = Actor("zhang", frozenset({"supervisor"}), frozenset({"500110"}))
    subjects = registry.layer("subjects")
    assert decide(actor, subjects, "500110002").allowed
    assert "not one of" in decide(actor, subjects, "500111").why
    assert "area of their own" in decide(actor, subjects).why


def test_the_local_actor_sees_everything():
    assert all(decide(LOCAL, layer).allowed for layer in LAYERS)


def test_actors_who_see_the_same_share_a_scope_and_others_do_not():
    first, second = Actor("a", EVERYONE, frozenset({"1"})), Actor("b", EVERYONE, frozenset({"1"}))
    assert first.scope == second.scope
    assert first.scope != Actor("a", EVERYONE, frozenset({"2"})).scope


@pytest.mark.parametrize(
    ("area", "code", "inside"),
    [
        ("500110001", "500110", True), ("500110", "500110001", False), ("500110", "500110", True),
        ("south-1", "south", True), ("south-10", "south-1", False), ("south-1-2", "south-1", True),
        ("south", "sou", False),
    ],
)  # fmt: skip
def test_codes_of_digits_hold_what_begins_with_them_and_others_what_follows_a_dash(area, code, inside):
    assert lies_in(area, code) is inside
    assert Actor("a", areas=frozenset({code})).works_in(area) is inside
