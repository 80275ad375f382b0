"""The playlist of a wall: what stands where nothing is said, and what is said where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import ConfigError
from models.profile import city_names, load_city
from models.profile.city import City, ProfileError
from models.profile.wall import DEFAULT, KINDS, THRESHOLDS, load_wall
from models.settings import load

SCENE = 'dwell_s = 20\n[[scene]]\nid = "now"\nkind = "pulse"\ntop = 3\nthresholds = { flat_percent = 5 }\n'


def city_with(folder: Path, text: str | None) -> City:
    if text is not None:
        (folder / "wall.toml").write_text(text, encoding="utf-8")
    return load_city("demo", load({})).model_copy(update={"folder": folder})


def test_a_city_without_a_playlist_has_a_scene_of_every_kind(tmp_path: Path) -> None:
    wall = load_wall(city_with(tmp_path, None))
    assert wall is DEFAULT
    assert [scene.kind for scene in wall.scene] == [scene.id for scene in wall.scene] == list(KINDS)
    assert set(THRESHOLDS) == set(KINDS)


def test_what_is_given_stands_and_what_is_not_has_its_own_value(tmp_path: Path) -> None:
    wall = load_wall(city_with(tmp_path, SCENE))
    (scene,) = wall.scene
    assert (wall.dwell_of(scene), wall.poll_s, scene.top) == (20, 5, 3)
    assert scene.threshold("flat_percent") == 5
    assert DEFAULT.scene[2].threshold("flat_percent") == THRESHOLDS["pulse"]["flat_percent"]


@pytest.mark.parametrize("name", city_names(load({})))
def test_every_city_has_a_valid_playlist(name: str) -> None:
    assert load_wall(load_city(name, load({}))).scene


@pytest.mark.parametrize(
    ("old", "new", "key", "found", "allowed"),
    [
        ('"pulse"', '"clock"', "scene.0.kind", "clock", "'overview', 'migration', 'pulse'"),
        ("dwell_s = 20", "dwell_s = 2", "dwell_s", "2", "greater than or equal to 10"),
        ("dwell_s = 20", "dwel_s = 20", "dwel_s", "20", "dwell_s, poll_s, presenter_minutes, scene"),
        ("top = 3", "top = 30", "scene.0.top", "30", "less than or equal to 8"),
        ("flat_percent = 5", "flat = 5", "scene.0", "flat", "flat_percent; not flat"),
        ("flat_percent = 5", "flat_percent = -5", "scene.0.thresholds.flat_percent", "-5", "or equal to 0"),
        ('"now"', '"Now!"', "scene.0.id", "Now!", "match pattern"),
        (SCENE, SCENE + SCENE.partition("\n")[2], "the file", "", "each id of a scene once; now stands there twice"),
        (SCENE, "dwell_s = 20\n", "scene", "missing", "required"),
        (SCENE, "scene = []\n", "the file", "", "at least one [[scene]]"),
        (SCENE, "dwell_s = = 20\n", "the file", "", "valid TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_file_key_value_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, key: str, found: str, allowed: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_wall(city_with(tmp_path, SCENE.replace(old, new)))
    said = caught.value
    assert said.file.endswith("wall.toml")
    assert said.key == key
    assert found in str(said)
    assert allowed in said.allowed


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    text = SCENE.replace("dwell_s = 20", "dwell_s = 2").replace('"pulse"', '"clock"')
    with pytest.raises(ProfileError, match="2 problems") as caught:
        load_wall(city_with(tmp_path, text))
    assert {problem.key for problem in caught.value.problems} == {"dwell_s", "scene.0.kind"}
