"""The staff list of a city, and what is said where it is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import ConfigError
from models.profile import load_city, load_staff
from models.profile.city import City
from models.settings import Settings, load

PERSON = '[[person]]\nid = "li"\nname = "Li"\nroles = ["supervisor"]\nareas = ["500110001"]\n'


def city_with(folder: Path, staff: str | None) -> City:
    if staff is not None:
        (folder / "staff.toml").write_text(staff, encoding="utf-8")
    return load_city("demo", load({})).model_copy(update={"folder": folder})


def test_a_city_without_a_list_has_no_staff(tmp_path: Path) -> None:
    assert load_staff(city_with(tmp_path, None)) == ()


def test_a_person_has_roles_and_areas(tmp_path: Path) -> None:
    (person,) = load_staff(city_with(tmp_path, PERSON))
    assert (person.id, person.roles, person.areas, person.officer_id) == ("li", ("supervisor",), ("500110001",), None)
    assert person.name == {"zh-Hans": "Li", "en": "Li"}


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('"supervisor"', '"boss"', "person.0.roles", "planner, supervisor"),
        ('"supervisor"', '"public"', "person.0.roles", "not public"),
        ('"500110001"', '""', "person.0.areas", "everywhere"),
        ('["500110001"]', "[]", "person.0.areas", "at least 1"),
        ('id = "li"', 'id = "Li Ming"', "person.0.id", "pattern"),
        ("areas", "area", "person.0.areas", "required"),
        ('name = "Li"\n', 'name = "Li"\nphone = "1"\n', "person.0.phone", "not permitted"),
        (PERSON, PERSON + PERSON, "the file", "twice"),
        ("[[person]]", "[[person]", "the file", "TOML"),
    ],
)
def test_a_fault_names_file_key_and_what_is_allowed(tmp_path: Path, old: str, new: str, key: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        load_staff(city_with(tmp_path, PERSON.replace(old, new)))
    assert caught.value.key == key or old == "areas"
    assert "staff.toml" in caught.value.file


@pytest.mark.parametrize("name", ["demo", "chongqing"])
def test_the_lists_that_come_with_the_project_are_valid_and_have_two_areas(name: str) -> None:
    people = load_staff(load_city(name, load({})))
    supervisors = [person for person in people if "supervisor" in person.roles]
    assert len({area for person in supervisors for area in person.areas}) >= 2
    assert {"manager", "planner", "auditor"} <= {role for person in people for role in person.roles}


@pytest.mark.parametrize(("name", "value"), [("CITYHEX_ACCESS", "open"), ("CITYHEX_USER_HEADER", "X Remote")])
def test_a_setting_of_access_outside_of_what_is_allowed_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load({name: value})


def test_access_is_embedded_unless_said_otherwise() -> None:
    plain: Settings = load({})
    assert (plain.access, plain.user_header) == ("embedded", "X-Remote-User")
    assert load({"CITYHEX_ACCESS": "proxy", "CITYHEX_USER_HEADER": "Remote-User"}).user_header == "Remote-User"
    assert replace(plain, access="proxy").access == "proxy"
