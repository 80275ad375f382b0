"""The two pages that the browser benchmark compares: this map, and plotly Choroplethmap changed with Patch.

Both are Dash apps with the same cells and the same 24 periods, prepared before the first request; a loopback port each,
started as ``python -m benchmarks.map_pages ours|plotly CELLS PORT``.
"""

from __future__ import annotations

import base64
import gzip
import json
import sys

import dash
import h3
import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
from dash import ClientsideFunction, Input, Output, Patch, dcc, html
from flask import Response, request
from h3ronpy import grid_disk
from h3ronpy.vector import cells_to_coordinates

from layers import wire
from layers.theme import tokens

LON, LAT, PERIODS = 106.6, 29.0, 24
BREAKS = (50.0, 150.0, 400.0, 900.0)
COLOURS = ("#f0f3d9", "#94d8cf", "#3e9dac", "#265a90", "#132656")


def disc(n: int, res: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The n cells nearest to the centre, ascending by id, with their centres."""
    rings = int(np.ceil((np.sqrt(12 * n - 3) - 3) / 6))
    centre = np.array([h3.str_to_int(h3.latlng_to_cell(LAT, LON, res))], np.uint64)
    cells = np.sort(np.asarray(pa.array(grid_disk(centre, rings, flatten=True))).astype(np.uint64))
    where = pa.record_batch(cells_to_coordinates(cells))
    lat, lon = np.asarray(where["lat"]), np.asarray(where["lng"])
    near = np.sort(np.argsort(np.hypot(0.87 * (lon - LON), lat - LAT), kind="stable")[:n])
    return cells[near], lon[near], lat[near]


def counts(lon: np.ndarray, lat: np.ndarray, period: int) -> np.ndarray:
    """Poisson counts on smooth bumps that move through the day."""
    swing = 1 + 0.6 * np.sin(2 * np.pi * (period - 8) / PERIODS)
    mean = 20 + 600 * swing * (0.5 + 0.5 * np.sin(40 * lon) * np.cos(37 * lat)) ** 3
    return np.random.default_rng(period).poisson(mean).astype(np.float64)


def packed(body: dict[str, bytes]) -> Response:
    """A stored answer in the encoding the browser takes, as the product sends it."""
    encoding = "br" if "br" in request.headers.get("Accept-Encoding", "") else "gzip"
    return Response(body[encoding], mimetype="application/octet-stream", headers={"Content-Encoding": encoding})


def ours(n: int, levels: tuple[int, ...] = (9,)) -> dash.Dash:
    """This map: geometry once, values by period, no callback in between."""
    app = dash.Dash(__name__, assets_folder="../assets", assets_ignore=r".*\.css|dashAg.*|pages.*")
    levels_cells = {res: disc(max(1, n // 7 ** (9 - res)), res) for res in levels}
    scale = wire.scale_for(0, 32000, whole=True)
    bodies: dict[str, dict[str, bytes]] = {}
    for res, (cells, lon, lat) in levels_cells.items():
        bodies[f"geometry/{res}"] = wire.compress(wire.encode_hexes(cells, lon, lat))
        for period in range(PERIODS):
            values = wire.encode_values(counts(lon, lat, period), np.zeros(len(lon), np.uint8), scale, BREAKS)
            bodies[f"values/{res}/{period}"] = wire.compress(values)

    @app.server.get("/data/cells/<path:key>")
    def data(key: str) -> Response:
        return packed(bodies[key])

    _, lon, lat = levels_cells[levels[-1]]
    layer = {
        "id": "cells", "kind": "hex", "resolutions": list(levels), "geometry": "/data/cells/geometry/{res}",
        "values": "/data/cells/values/{res}/{period}", "periods": [str(i) for i in range(PERIODS)], "breaks": BREAKS,
        "colours": COLOURS, "visible": True, "opacity": 0.9, "pick": True,
    }  # fmt: skip
    bounds = [float(v) for v in (lon.min(), lat.min(), lon.max(), lat.max())]
    spec = {
        "version": "1", "lang": "en", "theme": "light", "view": {"bounds": bounds, "t": 1}, "basemap": None,
        "approval": "", "style": {**tokens()["map"]["light"], "font": "sans-serif"}, "layers": [layer],
        "selection": None,
    }  # fmt: skip
    stores = ("map-spec", "map-period", "map-command", "map-click", "map-view", "map-status", "map-support")
    initial = {"map-spec": spec, "map-period": "8"}
    app.layout = html.Div(
        [html.Div(id="map", style={"height": "96vh"}), *(dcc.Store(id=s, data=initial.get(s)) for s in stores)]
    )
    for store, function in (("map-spec", "render"), ("map-period", "period"), ("map-command", "command")):
        app.clientside_callback(ClientsideFunction("cityhex", function), Output(store, "id"), Input(store, "data"))
    return app


def plotly(n: int) -> dash.Dash:
    """Plotly: polygons by address, a period changed by assigning typed values in a Patch."""
    app = dash.Dash(__name__, assets_ignore=".*")
    cells, lon, lat = disc(n)
    features = []
    for i, cell in enumerate(cells.tolist()):
        ring = [[round(x, 5), round(y, 5)] for y, x in h3.cell_to_boundary(h3.int_to_str(cell))]
        features.append(
            {"type": "Feature", "id": i, "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
        )
    shapes = gzip.compress(json.dumps({"type": "FeatureCollection", "features": features}).encode(), 6)

    @app.server.get("/cells.json")
    def geometry() -> Response:
        return Response(shapes, mimetype="application/json", headers={"Content-Encoding": "gzip"})

    periods = [counts(lon, lat, period).astype("<u2") for period in range(PERIODS)]
    trace = go.Choroplethmap(
        geojson="/cells.json", locations=np.arange(n), z=periods[8], zmin=0, zmax=1200,
        marker={"line": {"width": 0}, "opacity": 0.9}, showscale=False, hoverinfo="none",
    )  # fmt: skip
    zoom = float(np.log2(360 / 1.2 / 512 * 1200 / np.ptp(lon)))
    figure = go.Figure(trace).update_layout(
        map={"style": "white-bg", "center": {"lon": LON, "lat": LAT}, "zoom": zoom}, margin=dict.fromkeys("ltrb", 0)
    )
    app.layout = html.Div(
        [dcc.Graph(id="graph", figure=figure, style={"height": "96vh"}), dcc.Store(id="map-period", data=None)]
    )

    @app.callback(Output("graph", "figure"), Input("map-period", "data"), prevent_initial_call=True)
    def change(period: str) -> Patch:
        patch = Patch()
        raw = base64.b64encode(periods[int(period)].tobytes()).decode()
        patch["data"][0]["z"] = {"dtype": "u2", "bdata": raw}
        return patch

    return app


if __name__ == "__main__":
    kind, size, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    made = {"ours": lambda: ours(size), "levels": lambda: ours(size, (7, 8, 9)), "plotly": lambda: plotly(size)}[kind]()
    made.run(port=port, debug=False)
