"""Shoot the wall for docs/img: its scenes as pictures, and a day and a breath of the arcs as one moving picture.

    cityhex serve demo --port 8081 &
    python tools/screenshots/wall.py http://127.0.0.1:8081
    python tools/screenshots/wall.py http://127.0.0.1:8081 --only wall-overview-3840
    cityhex serve chongqing --port 8082 &
    python tools/screenshots/wall.py http://127.0.0.1:8082 --city chongqing

Scenes are shot at the size of a wall and stored at half of it. The moving picture (``wall.webp``) is made frame by
frame: the display is told the hour and the moment of the breath, so that it looks the same on every machine. Where
``pngquant`` is installed pictures are reduced to 256 colours. Chromium, Playwright and Pillow are needed.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright
from shoot import ARGS, CHROMIUM, OUT, PATIENCE_MS

WIDE, ONE, TALL = (3840, 1080), (1920, 1080), (3840, 2160)
MOVING = (1920, 540)
MOVING_OUT = (1280, 360)
BREATH_FRAMES, BREATH_MS, HOUR_MS = 20, 350, 625
QUALITY = 62
ZH, EN = "lang=zh-Hans", "lang=en"


class Shot(NamedTuple):
    """One picture: scene, size of the wall, its address, and the hour where the scene has hours."""

    scene: str
    size: tuple[int, int]
    query: str
    hour: int | None = None


SHOTS = {
    "wall-overview-3840": Shot("overview", WIDE, ZH),
    "wall-migration-3840": Shot("migration", WIDE, ZH),
    "wall-roads-3840": Shot("roads", WIDE, ZH, 8),
    "wall-risk-3840-light": Shot("risk", WIDE, f"{EN}&theme=light"),
    "wall-migration-2160": Shot("migration", TALL, ZH),
    "wall-pulse-1920": Shot("pulse", ONE, ZH, 13),
    "wall-warnings-1920-en": Shot("warnings", ONE, EN),
}

CHONGQING = {"wall-chongqing-3840": Shot("overview", WIDE, ZH)}


def open_scene(browser: Any, base: str, shot: Shot, faults: list[str]) -> Any:
    """A page on which the scene stands still and alone.

    Raises
    ------
    RuntimeError : the page reported an error
    """
    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(f"{base}/wall?scenes={shot.scene}&{shot.query}&dwell=600")
    page.wait_for_function("() => window.__wall && window.__wall.playlist.changes > 0")
    page.evaluate("() => { window.__wall.motion.stop(); }")
    if shot.hour is not None:
        at_hour(page, shot.hour)
    page.wait_for_timeout(800)
    if faults:
        raise RuntimeError(f"{shot.scene}: {faults[0]}")
    return page


def at_hour(page: Any, hour: int) -> None:
    """Set the display to an hour and wait until the map shows it."""
    page.evaluate(f"() => window.__wall.motion.seek({hour})")
    page.wait_for_function(f"() => window.__map.drawn.some((d) => String(d.period).endsWith('-{hour:02d}'))")
    page.wait_for_timeout(250)


def still(browser: Any, base: str, name: str, shot: Shot, out: Path) -> Path:
    """Take one picture at half the size of its wall; a wall of 1920 keeps its size."""
    page = open_scene(browser, base, shot, [])
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.context.close()
    if picture.width > ONE[0]:
        picture = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
    file = out / f"{name}.png"
    picture.save(file, optimize=True)
    if shutil.which("pngquant"):
        quantise = ["pngquant", "--force", "--skip-if-larger", "--speed", "1", "--output", str(file), "256", str(file)]
        subprocess.run(quantise, check=False)  # noqa: S603 - a fixed command
    return file


def moving(browser: Any, base: str, out: Path) -> Path:
    """The breath of the arcs, then the day, as one animated WebP."""
    frames: list[Image.Image] = []
    times: list[int] = []

    def take(page: Any, ms: int) -> None:
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        frames.append(picture.resize(MOVING_OUT, Image.Resampling.LANCZOS))
        times.append(ms)

    page = open_scene(browser, base, Shot("migration", MOVING, ZH), [])
    for i in range(BREATH_FRAMES):
        page.evaluate(f"() => window.__wall.stage.map.breathe({i / BREATH_FRAMES})")
        page.wait_for_timeout(120)
        take(page, BREATH_MS)
    page.context.close()
    page = open_scene(browser, base, Shot("pulse", MOVING, ZH, 0), [])
    for hour in range(24):
        at_hour(page, hour)
        take(page, HOUR_MS)
    page.context.close()
    file = out / "wall.webp"
    frames[0].save(file, save_all=True, append_images=frames[1:], duration=times, loop=0, quality=QUALITY, method=6)
    return file


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Shoot the wall for docs/img.")
    parser.add_argument("base", help="address of the running server, such as http://127.0.0.1:8081")
    parser.add_argument("--city", choices=("demo", "chongqing"), default="demo")
    parser.add_argument("--only", action="append", help="name of a picture, or wall for the moving one")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        base = asked.base.rstrip("/")
        for name, shot in (SHOTS if asked.city == "demo" else CHONGQING).items():
            if not asked.only or name in asked.only:
                file = still(browser, base, name, shot, asked.out)
                print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")  # noqa: T201 - the answer of a command
        if asked.city == "demo" and (not asked.only or "wall" in asked.only):
            file = moving(browser, base, asked.out)
            print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")  # noqa: T201 - the answer of a command
        browser.close()


if __name__ == "__main__":
    main()
