"""Open data: the catalogue of layers and the rows of each, made from the registry and served through the one door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from layers import availability, registry
from layers.access import Actor, decide
from layers.api import security
from layers.export import csv_bytes
from layers.layer import Layer
from layers.legends import unit
from layers.products import Products, Store
from layers.requests import MAX_ROWS, Request
from layers.rows import named_rows
from layers.serve import periods, serve
from layers.text import languages, text
from models.errors import RequestError
from models.profile import City

DEFAULT_ROWS = 1000


def blueprint(*, store: Store, city: City, actor_of: Callable[[], Actor]) -> Blueprint:
    """Make ``/api/layers``, ``/api/layers/<id>/rows`` and ``/api/build`` (the build that is shown now) of one city."""
    routes = Blueprint("open_data", __name__)
    routes.record_once(lambda state: security.allow(state.app, "/api/"))

    @routes.get("/api/layers")
    def catalogue() -> Response:
        lang, actor = _language(), actor_of()
        seen = [layer for layer in registry.layers().values() if decide(actor, layer).allowed]
        build = Products.live(store)
        return jsonify(
            city=city.id, build=build.build_id, layers=[describe(layer, store, city, lang) for layer in seen]
        )

    @routes.get("/api/build")
    def live() -> Response:
        build = store.live_build()
        answer = jsonify(city=city.id, build=build.build_id if build else None)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.get("/api/layers/<layer_id>/rows")
    def rows(layer_id: str) -> Response:
        layer, lang = registry.layer(layer_id), _language()
        form = request.args.get("format", "json")
        if form not in ("json", "csv"):
            raise RequestError(f"format is {form[:40]!r}; allowed: json, csv")
        asked = Request(
            request.args.get("res", layer.support.reference), request.args.get("period"), bounds=_bounds(),
            area=request.args.get("area"), limit=_whole("limit", DEFAULT_ROWS), offset=_whole("offset", 0),
        )  # fmt: skip
        served = serve(layer, asked, actor_of(), store=store, city=city)
        table = named_rows(served, Products.live(store, served.build_id), lang)
        if form == "csv":
            return Response(csv_bytes(table), mimetype="text/csv", headers={"X-Total-Count": str(served.total)})
        origin = served.provenance
        return jsonify(
            layer=layer.id, build=served.build_id, resolution=served.request.resolution, period=served.request.period,
            unit=unit(layer, lang), total=served.total, limit=asked.limit, offset=asked.offset,
            source=[line.said(lang) for line in origin.sources], date=origin.date, synthetic=origin.synthetic,
            rows=_records(table),
        )  # fmt: skip

    return routes


def describe(layer: Layer, store: Store, city: City, lang: str) -> dict[str, Any]:
    """What the catalogue says about one layer."""
    missing = availability.why_not(layer, Products.live(store), city, lang) or None
    known = None if missing else periods(layer, store)
    return {
        "id": layer.id, "theme": layer.theme, "title": text(f"{layer.text_key}.title", lang),
        "description": text(f"{layer.text_key}.description", lang), "method": text(f"{layer.text_key}.method", lang),
        "support": layer.support.kind, "resolutions": list(layer.support.resolutions),
        "measure": layer.measure.kind if layer.measure else None, "unit": unit(layer, lang),
        "periods": list(known) if known else None, "sensitivity": layer.sensitivity, "missing": missing,
        "rows": f"/api/layers/{layer.id}/rows",
    }  # fmt: skip


def _records(table: Any) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    found: list[dict[str, Any]] = plain.to_dict("records")
    return found


def _language() -> str:
    asked = request.args.get("lang", "en")
    if asked not in languages():
        raise RequestError(f"lang is {asked[:40]!r}; allowed: {', '.join(languages())}")
    return asked


def _whole(name: str, default: int) -> int:
    given = request.args.get(name, str(default))
    if not given.isdigit():
        raise RequestError(f"{name} is {given[:40]!r}; allowed: 0 to {MAX_ROWS}")
    return int(given)


def _bounds() -> tuple[float, float, float, float] | None:
    given = request.args.get("bbox")
    if given is None:
        return None
    try:
        west, south, east, north = (float(part) for part in given.split(","))
    except ValueError as error:
        raise RequestError(f"bbox is {given[:80]!r}; needed: west,south,east,north in degrees") from error
    return west, south, east, north
