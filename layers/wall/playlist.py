"""The playlist of a city's wall: which scenes it can show, why not the others, and the answer for one scene."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from layers import availability, freshness, registry
from layers.access import STAFF, Actor, require_area
from layers.products import Products
from layers.text import catalogue, has, pick, text
from layers.wall import housing, migration, overview, pulse, risk, roads, warnings
from layers.wall.places import offered
from layers.wall.scene import THEMES, View
from models.errors import ConfigError, RequestError, UnknownNameError
from models.profile import City
from models.profile.wall import WALL_FILE, SceneSpec, Wall, load_wall

BUILDERS: Mapping[str, ModuleType] = {
    "overview": overview, "migration": migration, "pulse": pulse, "roads": roads, "risk": risk, "warnings": warnings,
    "housing": housing,
}  # fmt: skip
"""Builder of each kind: ``NEEDS`` (products), ``LAYERS`` (candidates of the map) and ``build(view)``."""
STATES = {"ok": "ok", "late": "amber", "old": "red"}
WORDS = "wall_ui."
"""Texts that the scripts of the display write themselves; they fill the placeholders."""


class Walls:
    """The wall of one city: its playlist, read and checked once, and the scenes made from the live build.

    Raises
    ------
    ConfigError : ``wall.toml`` is not valid, or names a layer that there is not or that shows single firms
    """

    def __init__(self, store: Any, city: City) -> None:
        self.store, self.city, self.wall = store, city, load_wall(city)
        _refuse_layers(city, self.wall)

    @property
    def layers(self) -> frozenset[str]:
        """Ids of every layer that a scene may draw: what a kiosk may fetch."""
        named = {name for scene in self.wall.scene for name in scene.layers}
        own = {name for scene in self.wall.scene if not scene.layers for name in _candidates(scene.kind)}
        return frozenset(named | own)

    def chosen(self, wanted: str | None) -> tuple[list[SceneSpec], list[dict[str, str]]]:
        """The scenes an address asks for, by id or by number from 1, and what there is not."""
        every = {scene.id: scene for scene in self.wall.scene}
        if not wanted:
            return list(every.values()), []
        numbered = {str(i): scene for i, scene in enumerate(self.wall.scene, 1)}
        names = [name.strip() for name in wanted.split(",") if name.strip()]
        found = {name: every.get(name) or numbered.get(name) for name in dict.fromkeys(names)}
        unknown = [name for name, scene in found.items() if scene is None]
        scenes = {scene.id: scene for scene in found.values() if scene is not None}
        return list(scenes.values()), [{"id": name[:40], "title": name[:40]} for name in unknown]

    def playlist(
        self, actor: Actor, lang: str, *, scenes: str | None, dwell: int | None, today: dt.date
    ) -> dict[str, Any]:
        """The answer of ``/api/wall/playlist``."""
        require_wall(actor)
        products = Products.live(self.store)
        shown, unknown = self.chosen(scenes)
        left = [{**row, "why": text("wall.why.unknown", lang, ids=", ".join(s.id for s in self.wall.scene))}
                for row in unknown]  # fmt: skip
        entries = []
        for spec in shown:
            if why := self.why_not(spec, products, lang):
                left.append({"id": spec.id, "title": title_of(spec, lang), "why": why})
            else:
                seconds = dwell or self.wall.dwell_of(spec)
                entries.append({"id": spec.id, "kind": spec.kind, "title": title_of(spec, lang), "dwell_s": seconds})
        fresh = freshness.freshness(products.manifest, today, ageless=self.city.demo)
        number = self.city.map_approval_no or text("note.approval_open", lang)
        return {
            "build_id": products.build_id, "city": pick(self.city.name, lang), "demo": self.city.demo, "lang": lang,
            "as_of": fresh.date if fresh else None, "freshness": STATES[fresh.state] if fresh else "ok",
            "scenes": entries, "left_out": left, "places": offered(products, lang),
            "dwell_s": dwell or self.wall.dwell_s, "poll_s": self.wall.poll_s,
            "approval": text("note.approval", lang, number=number),
            "attribution": _attribution(self.city, lang),
            "words": {key.removeprefix(WORDS): said for key, said in catalogue(lang).items() if key.startswith(WORDS)},
        }  # fmt: skip

    def why_not(self, spec: SceneSpec, products: Products, lang: str) -> str:
        """Why a scene cannot be shown, in a sentence; "" where it can."""
        builder = BUILDERS[spec.kind]
        if missing := [name for name in builder.NEEDS if not products.has(name)]:
            names = text("note.source_join", lang).join(name_of(name, lang) for name in missing)
            return text("wall.why.products", lang, names=names)
        wanted = spec.layers or builder.LAYERS
        if not any(availability.available(registry.layer(name), products, self.city) for name in wanted):
            return (
                availability.why_not(registry.layer(wanted[0]), products, self.city, lang)
                if wanted
                else text("wall.why.layer", lang)
            )
        return ""

    def scene(self, scene_id: str, actor: Actor, lang: str, theme: str, today: dt.date) -> dict[str, Any]:
        """The answer of ``/api/wall/scene/<id>``.

        Raises
        ------
        UnknownNameError : the playlist has no such scene
        NotBuiltError : what it shows is not there; says what is missing
        """
        require_wall(actor)
        spec = next((s for s in self.wall.scene if s.id == scene_id), None)
        if spec is None:
            known = ", ".join(s.id for s in self.wall.scene)
            raise UnknownNameError(f"The wall of {self.city.id} has no scene {scene_id[:40]!r}; it has {known}")
        products = Products.live(self.store)
        products.require(BUILDERS[spec.kind].NEEDS, f"Scene {spec.id}")
        view = View(self.store, self.city, actor, products, spec, lang, theme, today)
        made = BUILDERS[spec.kind].build(view)
        texts = made.map["spec"]["texts"]
        foot = " · ".join([*texts["attribution"], made.map["spec"]["approval"]])
        return {
            "id": spec.id, "kind": spec.kind, "title": title_of(spec, lang), "build_id": products.build_id,
            "lang": lang, "freshness": self.freshness_of(spec, made.tables, made.as_of, products, today),
            **made.as_dict(), "foot": foot,
        }  # fmt: skip

    def freshness_of(
        self, spec: SceneSpec, tables: tuple[str, ...], as_of: str, products: Products, today: dt.date
    ) -> str:
        """How old a scene's data are: "ok", "amber" after two of its cycles, "red" after four.

        The cycle is the ``cadence`` of wall.toml where given, else that of the newest source of ``tables``; without one
        the data are never late, and neither are those of a generated city.
        """
        if self.city.demo:
            return "ok"
        if spec.cadence is not None:
            own = {"sources": [{"table": "wall", "vintage": as_of, "cadence": spec.cadence}]}
            found = freshness.freshness(own, today)
        else:
            sources = [s for s in products.manifest.get("sources", ()) if s.get("table") in tables]
            found = freshness.freshness({**products.manifest, "sources": sources}, today)
        return STATES[found.state] if found else "ok"


def require_wall(actor: Actor) -> None:
    """Refuse whoever may not see the whole city.

    Raises
    ------
    AccessDeniedError : with the rule that decided
    """
    require_area(actor, None, STAFF, "the wall")


def title_of(spec: SceneSpec, lang: str) -> str:
    """Title of a scene: the one of wall.toml, else that of its kind."""
    return pick(spec.title, lang) if spec.title else text(f"wall.kind.{spec.kind}", lang)


def name_of(product: str, lang: str) -> str:
    """A product or table in words."""

    for group in ("data.product_of", "data.table_of"):
        if has(f"{group}.{product}", lang):
            return text(f"{group}.{product}", lang)
    return product


def known_theme(theme: str | None) -> str:
    """The theme of the display.

    Raises
    ------
    RequestError : it is not one of `layers.wall.scene.THEMES`
    """
    if (theme or THEMES[0]) not in THEMES:
        raise RequestError(f"theme is {str(theme)[:40]!r}; allowed: {', '.join(THEMES)}")
    return theme or THEMES[0]


def _candidates(kind: str) -> tuple[str, ...]:
    candidates: tuple[str, ...] = BUILDERS[kind].LAYERS
    return candidates


def _refuse_layers(city: City, wall: Wall) -> None:
    """A layer of a scene must exist, have colours, and show areas, hexagons or roads: a point is a single firm."""
    file: Path = city.folder / WALL_FILE
    every = registry.layers()
    fit = [
        key for key, layer in every.items() if layer.measure is not None and layer.support.kind not in ("point", "od")
    ]
    for place, scene in enumerate(wall.scene):
        for name in scene.layers:
            if name not in fit:
                raise ConfigError(file, f"scene.{place}.layers", name, fit)


def _attribution(city: City, lang: str) -> list[str]:
    return list(dict.fromkeys(pick(source.attribution, lang) for source in city.sources))


__all__ = ["BUILDERS", "Walls", "known_theme", "require_wall", "title_of"]
