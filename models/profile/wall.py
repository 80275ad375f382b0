"""A city's wall: which scenes a wall display shows, in which order, for how long, and when a sentence says what."""

from __future__ import annotations

import tomllib
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from models.errors import ConfigError
from models.profile.city import City, ProfileError, problems_of
from models.profile.manifest import Frozen, Texts

WALL_FILE = "wall.toml"
KINDS = ("overview", "migration", "pulse", "roads", "risk", "warnings", "housing")
"""Every kind of scene: 区情总览, 人口迁徙, 二十四小时, 道路拥堵, 市场风险, 预警处置, 住房与设施."""
THRESHOLDS: dict[str, dict[str, float]] = {
    "overview": {"steady_percent": 2.0},
    "migration": {"balanced_percent": 0.2},
    "pulse": {"flat_percent": 10.0},
    "roads": {"busy_index": 1.5, "jammed_index": 2.0},
    "risk": {"concentrated_percent": 33.0, "least_subjects": 100.0},
    "warnings": {"late_percent": 20.0},
    "housing": {"high_percent": 35.0, "low_percent": 15.0},
}
"""Thresholds of the sentence rules by kind, with the value that stands where wall.toml gives none.

``steady_percent``: a change of new registrations up to which they are called steady. ``balanced_percent``: net moves
over residents up to which coming and going are called balanced. ``flat_percent``: swing of people present over the
day, in percent of the mean, up to which a day is called even. ``busy_index``, ``jammed_index``: free-flow speed over
speed from which on roads are called busy, jammed. ``concentrated_percent``: share of the three areas with most key
subjects from which on they are called concentrated. ``least_subjects``: classified subjects an area needs to be ranked
by its share. ``late_percent``: share of open warnings past their date from which on the sentence asks for attention.
``high_percent``, ``low_percent``: share of unsold homes from which on, and up to which, stock is called high, low.
"""
Cadence = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "decennial"]


class SceneSpec(Frozen):
    """One scene of the playlist.

    Attributes
    ----------
    id : name in addresses; each once
    kind : one of `KINDS`
    title : language -> title; the name of the kind where not given
    layers : ids of layers of the map; the first that has data is drawn. Empty takes those of the kind
    top : places named on the map and rows of a chart
    flows : arcs of a scene of moves: "commute" draws where people go to work, "moves" the provinces and
        districts that people come from and go to, "none" draws none
    most_flows : arcs at most, the largest
    cadence : how often the data of the scene are renewed; that of its source where not given
    dwell_s : seconds on the screen; that of the playlist where not given
    thresholds : of the sentence rules, see `THRESHOLDS`
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    kind: Literal[KINDS]  # type: ignore[valid-type]
    title: Texts | None = None
    layers: tuple[str, ...] = ()
    top: int = Field(default=5, ge=1, le=8)
    flows: Literal["commute", "moves", "none"] = "commute"
    most_flows: int = Field(default=14, ge=1, le=20)
    cadence: Cadence | None = None
    dwell_s: int | None = Field(default=None, ge=10, le=600)
    thresholds: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_thresholds(self) -> SceneSpec:
        known = THRESHOLDS[self.kind]
        if unknown := sorted(set(self.thresholds) - set(known)):
            raise ValueError(f"thresholds of the kind {self.kind}: {', '.join(known)}; not {', '.join(unknown)}")
        return self

    def threshold(self, name: str) -> float:
        """A threshold of the sentence rules: the one given, else the one of `THRESHOLDS`."""
        return self.thresholds.get(name, THRESHOLDS[self.kind][name])


class Wall(Frozen):
    """The playlist of a city.

    Attributes
    ----------
    dwell_s : seconds a scene stays, 20 to 40 is what people can read
    poll_s : seconds between two questions whether there is something new
    presenter_minutes : minutes after which a presenter's choice ends by itself
    scene : the scenes in their order
    """

    dwell_s: int = Field(default=30, ge=10, le=600)
    poll_s: int = Field(default=5, ge=2, le=60)
    presenter_minutes: int = Field(default=10, ge=1, le=240)
    scene: tuple[SceneSpec, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Wall:
        if not self.scene:
            raise ValueError("at least one [[scene]]")
        ids = [scene.id for scene in self.scene]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"each id of a scene once; {', '.join(twice)} stands there twice")
        return self

    def dwell_of(self, scene: SceneSpec) -> int:
        """Seconds a scene stays on the screen."""
        return scene.dwell_s or self.dwell_s


DEFAULT = Wall(scene=tuple(SceneSpec(id=kind, kind=kind) for kind in KINDS))
"""The playlist of a city without ``wall.toml``: a scene of each kind; those without data are left out by themselves."""


def load_wall(city: City) -> Wall:
    """Read the playlist of a city; `DEFAULT` where the profile has none.

    Raises
    ------
    ConfigError : the file is no TOML, or values are not allowed; names file, key, what stands there and what may
    """
    file = city.folder / WALL_FILE
    if not file.is_file():
        return DEFAULT
    try:
        return Wall.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, "the file", str(error), "valid TOML") from error
    except ValidationError as error:
        found = problems_of(file, error, Wall)
        raise found[0] if len(found) == 1 else ProfileError(found) from error
