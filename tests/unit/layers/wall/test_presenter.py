"""What a presenter chose: kept for every worker, per wall, and ended by time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from layers.wall.presenter import FOLDER, Presenters
from models.errors import RequestError

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
SCENES = ("overview", "pulse")
PLACE = {"name": "古南", "lon": 106.65, "lat": 29.02, "zoom": 12}


def minutes(n: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=n)


def test_another_process_reads_what_one_wrote_and_only_for_that_wall(tmp_path: Path) -> None:
    Presenters(tmp_path, 10).choose("hall", {"scene": "pulse"}, NOON, SCENES)
    other = Presenters(tmp_path, 10)
    assert other.now("hall", NOON).as_dict() == {"serial": 1, "scene": "pulse", "paused": False, "place": None}
    assert other.now("lobby", NOON) is None


def test_what_is_not_said_stays_and_the_serial_grows(tmp_path: Path) -> None:
    presenters = Presenters(tmp_path, 10)
    presenters.choose("hall", {"scene": "pulse"}, NOON, SCENES)
    presenters.choose("hall", {"place": PLACE}, minutes(1), SCENES)
    last = presenters.choose("hall", {"paused": True}, minutes(2), SCENES)
    assert (last.serial, last.scene, last.paused, dict(last.place)) == (3, "pulse", True, PLACE)
    back = presenters.choose("hall", {"scene": None, "place": None, "paused": False}, minutes(3), SCENES)
    assert (back.serial, back.scene, back.paused, back.place) == (4, None, False, None)


def test_a_choice_ends_ten_minutes_after_the_last_word(tmp_path: Path) -> None:
    presenters = Presenters(tmp_path, 10)
    presenters.choose("hall", {"scene": "pulse", "paused": True}, NOON, SCENES)
    presenters.choose("hall", {"paused": True}, minutes(8), SCENES)
    assert presenters.now("hall", minutes(18)) is not None
    assert presenters.now("hall", minutes(18.1)) is None
    fresh = presenters.choose("hall", {"scene": "overview"}, minutes(30), SCENES)
    assert (fresh.serial, fresh.paused) == (3, False)


@pytest.mark.parametrize(
    ("said", "needed"),
    [
        ({}, "nothing was said"),
        ({"speed": 2}, "scene, paused and place"),
        ({"scene": "secret"}, "overview, pulse"),
        ({"paused": "yes"}, "true, false"),
        ({"place": {"name": "x"}}, "degrees WGS84"),
        ({"place": {**PLACE, "zoom": 40}}, "zoom 3 to 16"),
        ({"place": {**PLACE, "lat": float("nan")}}, "degrees WGS84"),
        ({"place": "古南"}, "degrees WGS84"),
    ],
)
def test_anything_else_is_refused_and_changes_nothing(tmp_path: Path, said: dict, needed: str) -> None:
    presenters = Presenters(tmp_path, 10)
    with pytest.raises(RequestError, match=needed):
        presenters.choose("hall", said, NOON, SCENES)
    assert presenters.now("hall", NOON) is None


def test_a_damaged_file_is_no_choice(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "hall.json").write_text('{"serial": 1', encoding="utf-8")
    presenters = Presenters(tmp_path, 10)
    assert presenters.now("hall", NOON) is None
    assert presenters.choose("hall", {"paused": True}, NOON, SCENES).serial == 1
    assert [p.name for p in (tmp_path / FOLDER).iterdir()] == ["hall.json"]
