"""My grid at full size: first paint, map, list and the panel of a press, on the server and in a browser.

``python -m benchmarks.supervise --subjects 1000000`` makes a city of products, serves it on a loopback port and prints
one table. The browser draws without a graphics card where there is none, which is the slowest it can be.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import socket
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from benchmarks import supervise_city
from benchmarks.measure import table
from layers import board, pages
from layers.access import LOCAL
from layers.api import errors, map_data, security
from layers.pages import supervise, supervise_card, supervise_list, supervise_wiring
from layers.pages.context import Context
from layers.products import Products
from models.store import Store

FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
LANG = "zh-Hans"


def statements(store: Store, act: Callable[[], object]) -> int:
    """SQL statements that an act takes."""
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(store._engine, "before_cursor_execute", count)
    act()
    sa.event.remove(store._engine, "before_cursor_execute", count)
    return sum(statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT")) for statement in seen)


def timed(act: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """Milliseconds of the first run and the median of the others."""
    took = []
    for _ in range(runs):
        started = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - started))
    return took[0], statistics.median(took[1:])


def server_side(context: Context, code: str) -> list[list[str]]:
    """Rows of the table for what the server does."""
    products = Products.live(context.store)
    params = {"area": code}
    rows = board.board(products, code)
    cell = f"{int(rows['h3_r9'].iloc[0]):x}"
    asked = {"startRow": 0, "endRow": 50, "sortModel": []}
    acts: dict[str, Callable[[], object]] = {
        "page with counts and warnings": lambda: supervise.layout_for(context, LANG, "light", params),
        "map specification and legend": lambda: supervise_wiring.drawn(context, code, "risk-density", LANG, "light"),
        "50 rows with reasons": lambda: supervise_list.shown(
            context, supervise_list.in_order(supervise_list.filtered(context, code, {}), asked).iloc[:50], LANG
        ),
        "press on a hexagon": lambda: supervise_card.chosen(context, code, f"cell:{cell}", LANG),
        "press on a subject": lambda: supervise_card.chosen(context, code, f"subject:{rows['uscc'].iloc[0]}", LANG),
    }
    found = []
    for name, act in acts.items():
        first, usual = timed(act)
        found.append(
            [f"server: {name}", f"{len(rows):,}", f"{first:,.0f}", f"{usual:,.0f}", str(statements(context.store, act))]
        )
    return found


def serve(context: Context, port: int) -> None:
    """Serve the pages of the city until the process ends."""
    server = Flask("cityhex", static_folder=None)
    routes = map_data.blueprint(store=context.store, city=context.city, actor_of=context.actor_of)
    server.register_blueprint(routes)
    errors.register(server)
    app = pages.mount(
        server, store=context.store, city=context.city, actor_of=context.actor_of, settings=context.settings
    )
    security.protect(server, script_hashes=app.csp_hashes())
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    make_server("127.0.0.1", port, server, threaded=True).serve_forever()


@contextmanager
def serving(context: Context) -> Iterator[str]:
    """The pages of the city on a loopback port, in a process of their own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    child = multiprocessing.get_context("fork").Process(target=serve, args=(context, port), daemon=True)
    child.start()
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/healthz"):
                break
        except OSError:
            time.sleep(0.1)
    yield address
    child.terminate()
    child.join()


def browser_side(address: str, code: str, subjects: int) -> list[list[str]]:
    """Rows of the table for what a person waits for, milliseconds."""
    plain, paint, listed, presses = [], [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        for _ in range(5):
            page = browser.new_context(viewport={"width": 1600, "height": 1000}).new_page()
            started = time.perf_counter()
            page.goto(f"{address}/data?lang={LANG}", wait_until="commit")
            page.wait_for_selector(".datapage")
            plain.append(1000 * (time.perf_counter() - started))
            started = time.perf_counter()
            page.goto(f"{address}/supervise?area={code}&lang={LANG}", wait_until="commit")
            page.wait_for_selector(".level-chip")
            paint.append(1000 * (time.perf_counter() - started))
            page.wait_for_selector("#supervise-list .ag-row .ag-cell")
            listed.append(1000 * (time.perf_counter() - started))
            page.wait_for_function("() => window.__map && window.__map.ready", timeout=60_000)
            page.wait_for_timeout(1500)
            box = page.locator("#map").bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
            x, y = box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2
            started = time.perf_counter()
            page.mouse.click(x, y)
            page.wait_for_selector(".chosen", timeout=20_000)
            presses.append(1000 * (time.perf_counter() - started))
            page.context.close()
        browser.close()
    rows = {
        "the plainest page, new browser profile": plain,
        "my grid: strip, counts, warnings": paint,
        "my grid: rows of the list": listed,
        "press on the map until the panel stands": presses,
    }
    return [
        [f"browser: {name}", f"{subjects:,}", f"{took[0]:,.0f}", f"{statistics.median(took[1:]):,.0f}", "–"]
        for name, took in rows.items()
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store, city, settings = supervise_city.publish(wanted.subjects, Path(folder))
        context = Context(store, city, lambda: LOCAL, settings)
        firms = Products.live(store).frame("subjects", board.SUBJECT_COLUMNS)
        cell = str(firms["grid_code"].value_counts().index[0])
        with serving(context) as address:
            rows = browser_side(address, cell, int((firms["grid_code"] == cell).sum()))
        rows += server_side(context, cell) + server_side(context, str(firms["district_code"].value_counts().index[0]))
        store.close()
    head = ["step", "subjects of the area", "first ms", "median ms", "SQL"]
    print(f"A city of {wanted.subjects:,} subjects, 10,000 grid cells, 10 districts.\n")
    print(table(head, rows))


if __name__ == "__main__":
    main()
