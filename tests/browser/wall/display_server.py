"""A server of one wall: the product's document and assets, an invented city's map data, scenes from `scenes`.

It can fail a scene, offer a new build, be presented to, be stopped, and be started again on the same port.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from layers.text import catalogue
from layers.theme import tokens
from layers.wall import document

HERE = Path(__file__).parent
ASSETS = document.ASSETS
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
HOURS = [f"workday-{hour:02d}" for hour in range(24)]


def sibling(name: str, folder: Path = HERE) -> ModuleType:
    """A module of the tests' folders; tests are not a package."""
    spec = importlib.util.spec_from_file_location(f"{folder.name}_{name}", folder / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def words(lang: str) -> dict[str, str]:
    """Every word the browser's part writes."""
    return {key.removeprefix("wall_ui."): said for key, said in catalogue(lang).items() if key.startswith("wall_ui.")}


class DisplayServer:
    """Serves until `stop`; `broken` holds ids of scenes that fail, `posted` what presenters sent, `looked` how often
    each wall has asked for its status."""

    def __init__(self, *, dwell_s: float = 30, poll_s: float = 5, resume_s: float = 60) -> None:
        self.city, self.scenes = sibling("city", HERE.parent / "map"), sibling("scenes")
        self.dwell_s, self.poll_s, self.resume_s = dwell_s, poll_s, resume_s
        self.build, self.broken = "b-1", set[str]()
        self.presenters: dict[str, Any] = {}
        self.posted: list[Any] = []
        self.looked: Counter[str] = Counter()
        self.made: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.data = self.city.answers()
        self.port = 0
        self.start()

    def start(self) -> None:
        """Begin to answer, on the port of the last time if there was one."""
        self.http = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self.http.daemon_threads = True
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Answer no more: connections are refused."""
        self.http.shutdown()
        self.http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spec(self, lang: str, theme: str) -> dict[str, Any]:
        """The engine's spec with the hours of a workday as periods; every hour has the same values."""
        made: dict[str, Any] = self.city.spec("dark" if theme == "wall" else theme, lang)
        made["style"] |= tokens()["map"][theme]
        made["layers"][0] |= {"periods": HOURS, "start": HOURS[0]}
        return made

    def scene(self, name: str, lang: str, theme: str) -> dict[str, Any]:
        """One scene of the build at hand; a later build has another first number."""
        key = (lang, theme, self.build)
        if key not in self.made:
            box = self.city.outline().bounds
            self.made[key] = self.scenes.scenes(self.spec(lang, theme), box, lang, theme, self.build)
        made = self.made[key][name]
        if self.build != "b-1":
            made["kpis"][0]["value"] = "91.7"
        return dict(made)

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, Any]:
        """Status and JSON value of an address under /api/wall."""
        lang, theme, wall = asked.get("lang", "zh-Hans"), asked.get("theme", "wall"), asked.get("wall", "main")
        if path == "/api/wall/playlist":
            made = self.scenes.playlist(words(lang), lang, self.build, dwell_s=self.dwell_s, poll_s=self.poll_s)
            wanted = [name for name in asked.get("scenes", "").split(",") if name]
            chosen = [s for s in made["scenes"] if not wanted or s["id"] in wanted]
            return 200, made | {"scenes": chosen, "resume_s": self.resume_s}
        if path.startswith("/api/wall/scene/"):
            name = path.rsplit("/", 1)[1]
            return (503, {"error": "no data"}) if name in self.broken else (200, self.scene(name, lang, theme))
        if path == "/api/wall/status":
            self.looked[wall] += 1
            return 200, {"build_id": self.build, "at": "", "presenter": self.presenters.get(wall)}
        return 404, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def send(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CSP)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
                lang, theme = asked.get("lang", "zh-Hans"), asked.get("theme", "wall")
                if parts.path.startswith("/assets/"):
                    file = ASSETS / parts.path.removeprefix("/assets/")
                    self.send(200, file.read_bytes(), TYPES[file.suffix])
                elif parts.path == "/wall":
                    self.send(200, document.wall(lang, theme, "Wall").encode(), "text/html; charset=utf-8")
                elif parts.path == "/wall/presenter":
                    self.send(200, document.presenter(lang, "Wall").encode(), "text/html; charset=utf-8")
                elif parts.path.startswith("/data/"):
                    self.data(parts.path)
                else:
                    status, value = server.answer(parts.path, asked)
                    self.send(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")

            def data(self, path: str) -> None:
                for hour in HOURS:
                    path = path.replace(hour, "2015-06")
                found = server.data.get(path)
                if isinstance(found, bytes):
                    kind = "application/json" if found[:1] == b"{" else "application/octet-stream"
                    self.send(200, found, kind)
                elif isinstance(found, dict):
                    self.send(200, json.dumps(found).encode(), "application/json")
                else:
                    self.send(404, b"", "text/plain")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                wall = parse_qs(urlsplit(self.path).query).get("wall", ["main"])[0]
                server.posted.append(body)
                old = server.presenters.get(wall)
                server.presenters[wall] = {"serial": old["serial"] + 1 if old else 1, **body}
                self.send(200, json.dumps({"presenter": server.presenters[wall]}).encode(), "application/json")

            def log_message(self, *args: object) -> None:
                """Silence."""

        return Handler
