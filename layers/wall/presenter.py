"""What a presenter chose for a wall: a scene, a pause, a place; kept in a small file that every worker reads.

The choice ends by itself some minutes after the last word of the presenter, so that a forgotten pause does not leave a
wall standing for a week.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import os
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.errors import RequestError

FOLDER = "wall"
LONGEST_NAME = 60
ZOOM = (3.0, 16.0)
_KEYS = ("scene", "paused", "place")


@dataclass(frozen=True)
class Choice:
    """What a presenter chose.

    Attributes
    ----------
    serial : grows with every word of the presenter, also over a restart
    scene : id, None where the playlist runs
    paused : whether the scene stays
    place : name, lon, lat, zoom; None for the whole city
    at : moment of the last word, UTC
    """

    serial: int
    scene: str | None
    paused: bool
    place: Mapping[str, Any] | None
    at: str

    def as_dict(self) -> dict[str, Any]:
        """The part a display needs."""
        return {key: value for key, value in asdict(self).items() if key != "at"}


class Presenters:
    """The choices of the presenters of one city's walls.

    Parameters
    ----------
    home : folder of the city's state
    minutes : after which a choice ends
    """

    def __init__(self, home: Path, minutes: int) -> None:
        self._folder, self._minutes = home / FOLDER, minutes

    def now(self, wall: str, at: dt.datetime) -> Choice | None:
        """The choice that holds for a wall; None where there is none or it has ended."""
        last = self._last(wall)
        if last is None or at - dt.datetime.fromisoformat(last.at) > dt.timedelta(minutes=self._minutes):
            return None
        return last

    def choose(self, wall: str, said: Mapping[str, Any], at: dt.datetime, scenes: Collection[str]) -> Choice:
        """Change the choice of a wall; what is not said stays as it was, while that has not ended.

        Parameters
        ----------
        said : any of ``scene`` (id or None), ``paused`` and ``place`` (name, lon, lat, zoom, or None)
        scenes : ids there are

        Raises
        ------
        RequestError : something else is said, or a value is not allowed
        """
        given = _checked(said, scenes)
        before, last = self.now(wall, at), self._last(wall)
        kept: dict[str, Any] = {"scene": None, "paused": False, "place": None} if before is None else before.as_dict()
        kept |= given
        choice = Choice((last.serial if last else 0) + 1, kept["scene"], kept["paused"], kept["place"], at.isoformat())
        self._write(wall, choice)
        return choice

    def _last(self, wall: str) -> Choice | None:
        try:
            found = json.loads((self._folder / f"{wall}.json").read_text("utf-8"))
            return Choice(**found)
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, wall: str, choice: Choice) -> None:
        """Beside the file and then in its place, so that no reader ever sees half of it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".{wall}.{secrets.token_hex(4)}"
        try:
            beside.write_text(json.dumps(asdict(choice), ensure_ascii=False), "utf-8")
            os.replace(beside, self._folder / f"{wall}.json")  # noqa: PTH105 - atomic on every system
        finally:
            with contextlib.suppress(FileNotFoundError):
                beside.unlink()


def _checked(said: Mapping[str, Any], scenes: Collection[str]) -> dict[str, Any]:
    if unknown := sorted(set(said) - set(_KEYS)):
        raise RequestError(f"a presenter says scene, paused and place; not {', '.join(unknown)[:80]}")
    if not said:
        raise RequestError("nothing was said; a presenter says scene, paused or place")
    scene = said.get("scene")
    if scene is not None and scene not in scenes:
        raise RequestError(f"scene is {str(scene)[:40]!r}; allowed: {', '.join(scenes)}, or null for the playlist")
    if not isinstance(said.get("paused", False), bool):
        raise RequestError(f"paused is {str(said['paused'])[:40]!r}; allowed: true, false")
    found = dict(said)
    if said.get("place") is not None:
        found["place"] = _place(said["place"])
    return found


def _place(given: Any) -> dict[str, Any]:
    needed = "a place is {name, lon, lat, zoom}: degrees WGS84, zoom 3 to 16, or null for the whole city"
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str):
        raise RequestError(needed)
    try:
        lon, lat, zoom = (float(given[key]) for key in ("lon", "lat", "zoom"))
    except (KeyError, TypeError, ValueError) as error:
        raise RequestError(needed) from error
    if not (math.isfinite(zoom) and abs(lon) <= 180 and abs(lat) <= 85 and ZOOM[0] <= zoom <= ZOOM[1]):
        raise RequestError(needed)
    return {"name": given["name"][:LONGEST_NAME], "lon": lon, "lat": lat, "zoom": zoom}
