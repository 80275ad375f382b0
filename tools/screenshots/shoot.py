"""Shoot the pictures of docs/img from running servers, the same way every time.

Start the servers, then name the pictures or take all of a city::

    cityhex serve demo --port 8081 &
    python tools/screenshots/shoot.py demo http://127.0.0.1:8081
    cityhex serve chongqing --port 8082 &
    python tools/screenshots/shoot.py chongqing http://127.0.0.1:8082
    python tools/screenshots/shoot.py demo http://127.0.0.1:8081 --only queue-zh-light

Pictures are 1600 x 1000 pixels. Where ``pngquant`` is installed they are reduced to 256 colours. Chromium is
needed; Playwright comes with `make test`. The pictures of Chongqing show aggregates only: its register may be
used, but the names of its firms may not be published.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import sync_playwright

OUT = Path(__file__).resolve().parents[2] / "docs" / "img"
WIDTH, HEIGHT = 1600, 1000
CHROMIUM = "/usr/bin/chromium"
ARGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]  # fmt: skip
READY = "() => window.__map && window.__map.ready && window.__map.seq > 0 && window.__map.labels.length > 0"
RESTED = "() => { const now = window.__map.seq, same = window.shotSeq === now; window.shotSeq = now; return same; }"
PATIENCE_MS = 90_000


class Shot(NamedTuple):
    """One picture: address, what is done before it is taken, and whether a map is there before and after that."""

    path: str
    act: Callable[[Any], None]
    map_before: bool = True
    map_after: bool = True


def nothing(_page: Any) -> None:
    """The page as it opens."""


def charted(page: Any) -> None:
    """Wait for the numbers and charts of the chosen place."""
    page.wait_for_selector("#panel-close")
    page.wait_for_selector("#panel .js-plotly-plot .bars")


def choose(row: str, wait: str = "#queue-choices .candidate") -> Callable[[Any], None]:
    """Filter the queue, choose its first firm and its first candidate."""

    def act(page: Any) -> None:
        page.wait_for_selector("#queue-list .ag-row .ag-cell")
        page.locator("#queue-search").fill(row)
        page.locator("#queue-list .ag-row", has_text=row).first.click()
        page.wait_for_selector(wait)
        page.locator(wait).first.click()
        page.wait_for_selector("#queue-choices .candidate.on")
        page.mouse.move(2, 2)

    return act


def period(steps: int) -> Callable[[Any], None]:
    """Move the time bar back by some steps."""

    def act(page: Any) -> None:
        page.wait_for_selector("#timebar:not([hidden])")
        page.locator("#timebar [role=slider]").focus()
        for _ in range(steps):
            page.keyboard.press("ArrowLeft")
        page.evaluate("() => document.activeElement.blur()")

    return act


def lists(page: Any) -> None:
    """Wait for the lists of the data page."""
    page.wait_for_selector("#sources-list .ag-row .ag-cell")
    page.wait_for_selector("#quarantine-list .ag-row .ag-cell")


def first_warning(page: Any) -> None:
    """Open the first burst of the list and wait for its evidence."""
    page.wait_for_selector("#warning-list .wrow")
    page.locator("#warning-list .wrow", has_text="同一栋楼").first.click()
    page.wait_for_selector("#warning-evidence .js-plotly-plot .bars .point")


def first_subject(page: Any) -> None:
    """Go from the first row of my grid to its panorama."""
    page.wait_for_selector(".ag-row .ag-cell")
    code = page.locator(".ag-row .ag-cell[col-id=uscc]").first.inner_text()
    page.goto(page.url.split("/supervise")[0] + f"/subject?{ZH}&id={code}")
    page.wait_for_selector(".frow.ft")


def workbench(page: Any) -> None:
    """The rules as they can be edited."""
    page.get_by_text("Rule workbench").first.click()
    page.wait_for_timeout(3_000)


ZH, EN = "lang=zh-Hans&theme=light", "lang=en&theme=dark"
SHOTS: dict[str, dict[str, Shot]] = {
    "demo": {
        "explore-zh-light": Shot(f"/?{ZH}", nothing),
        "explore-en-dark": Shot(f"/?{EN}", nothing),
        "inspect-zh-light": Shot(
            f"/?{ZH}&layers=subjects,subject-density&lon=106.660&lat=29.028&z=12.8&sel=cell:8940198cb2fffff",
            charted,
        ),
        "queue-zh-light": Shot(f"/queue?{ZH}", choose("万盛区")),
        "data-zh-light": Shot(f"/data?{ZH}", lists, map_before=False, map_after=False),
        "population-zh-light": Shot(f"/?{ZH}&layers=present-population,district-outlines", nothing),
        "residents-zh-light": Shot(
            f"/?{ZH}&layers=residents-signaling,district-outlines&lon=106.65&lat=29.02&z=12.6", nothing
        ),
        "roads-en-dark": Shot(
            f"/?{EN}&layers=road-travel-time-index,district-outlines&lon=106.70&lat=28.95&z=10.5&period=workday-18",
            nothing,
        ),
        "supervise-zh-light": Shot(f"/supervise?{ZH}", nothing),
        "warning-zh-light": Shot(f"/warning?{ZH}", first_warning),
        "subject-zh-light": Shot(f"/supervise?{ZH}", first_subject, map_after=False),
        "manage-en-dark": Shot(f"/manage?{EN}", workbench, map_before=False, map_after=False),
        "time-zh-light": Shot(f"/?{ZH}&layers=registrations,district-outlines", period(12)),
    },
    "chongqing": {
        "chongqing-zh-light": Shot(f"/?{ZH}&lon=107.75&lat=30.15&z=7.75", nothing),
    },
}


def settle(page: Any) -> None:
    """Wait until the map is at rest, so that names and colours are the last ones."""
    page.wait_for_function(READY, timeout=PATIENCE_MS)
    page.wait_for_function(RESTED, polling=900, timeout=PATIENCE_MS)


def shoot(page: Any, base: str, name: str, shot: Shot, out: Path) -> Path:
    """Take one picture.

    Raises
    ------
    RuntimeError : the page reported an error while it was open
    """
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(base + shot.path)
    if shot.map_before:
        settle(page)
    if page.locator("#panel-head").count():
        page.wait_for_selector("#panel-head .ptitle")
    shot.act(page)
    if shot.map_after:
        settle(page)
    page.wait_for_timeout(600)  # cross-fades of 220 ms and counts of the legend
    if faults:
        raise RuntimeError(f"{name}: {faults[0]}")
    file = out / f"{name}.png"
    page.screenshot(path=file)
    if shutil.which("pngquant"):
        quantise = ["pngquant", "--force", "--skip-if-larger", "--speed", "1", "--output", str(file), "256", str(file)]
        subprocess.run(quantise, check=False)  # noqa: S603 - a fixed command
    return file


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Shoot the pictures of docs/img.")
    parser.add_argument("city", choices=sorted(SHOTS))
    parser.add_argument("base", help="address of the running server, such as http://127.0.0.1:8081")
    parser.add_argument("--only", action="append", help="name of a picture; may be given more than once")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        for name, shot in SHOTS[asked.city].items():
            if asked.only and name not in asked.only:
                continue
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", reduced_motion="reduce"
            )
            context.set_default_timeout(PATIENCE_MS)
            file = shoot(context.new_page(), asked.base.rstrip("/"), name, shot, asked.out)
            print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")  # noqa: T201 - the answer of a command
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
