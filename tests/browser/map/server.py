"""A page with the map and nothing else: the product's assets and security policy, answers from a dict."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ASSETS = Path(__file__).parents[3] / "assets"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'"
)
TYPES = {".js": "text/javascript", ".json": "application/json", ".html": "text/html; charset=utf-8"}
BOOT = """
window.cityhexSaid = [];
window.cityhexTell = (store, data) => window.cityhexSaid.push({store, data});
fetch('/spec.json').then((r) => r.json()).then(({spec, period}) => {
  window.spec = spec;
  if (period) window.dash_clientside.cityhex.period(period);
  window.dash_clientside.cityhex.render(spec);
});
"""


def page(cards: str = "") -> str:
    """The HTML: vendor bundle, the scripts of assets/map in their order, the map, cards over it."""
    vendor = next((ASSETS / "vendor").glob("deck-map.*.js")).name
    names = [f"vendor/{vendor}", *(f"map/{p.name}" for p in sorted((ASSETS / "map").glob("*.js")))]
    scripts = "".join(f'<script src="/assets/{name}"></script>' for name in names)
    return (
        "<!doctype html><html lang='zh-Hans'><meta charset='utf-8'><title>map</title><link rel='icon' href='data:,'>"
        "<style>body{margin:0}#map{position:absolute;inset:0}</style>"
        f"<main><div id='map'></div>{cards}</main>{scripts}<script src='/boot.js'></script></html>"
    )


class MapServer:
    """Serves ``answers`` (path -> bytes, JSON value or status) on a loopback port; ``asked`` lists the data paths."""

    def __init__(
        self, spec: object, answers: Mapping[str, object], *, period: str | None = None, cards: str = ""
    ) -> None:
        self.answers = dict(answers)
        self.answers["/spec.json"] = {"spec": spec, "period": period}
        self.answers["/boot.js"] = BOOT.encode()
        self.answers["/"] = page(cards).encode()
        self.asked: list[str] = []
        self.gates: dict[str, threading.Event] = {}
        """Paths that are answered only once their event is set."""
        self.held: list[str] = []
        """Paths whose question stands before its gate, or did."""
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/"

    def close(self) -> None:
        for gate in self.gates.values():
            gate.set()
        self.http.shutdown()
        self.http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                gate = server.gates.get(path)
                if gate is not None:
                    server.held.append(path)
                    gate.wait()
                status, body, kind = server.find(path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CSP)
                if status >= 400:
                    self.send_header("X-Request-Id", "7F3A")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Silence: the tests read ``asked``."""

        return Handler

    def find(self, path: str) -> tuple[int, bytes, str]:
        """Status, body and type of a path."""
        if path.startswith("/assets/"):
            file = ASSETS / path.removeprefix("/assets/")
            return (200, file.read_bytes(), TYPES[file.suffix]) if file.is_file() else (404, b"", "text/plain")
        if path.startswith("/data/"):
            self.asked.append(path)
        answer = self.answers.get(path, 404)
        if isinstance(answer, int):
            return answer, b"", "text/plain"
        if isinstance(answer, bytes):
            kind = TYPES[".html"] if path == "/" else TYPES.get(Path(path).suffix, "application/octet-stream")
            return 200, answer, "application/json" if answer[:1] == b"{" else kind
        return 200, json.dumps(answer, ensure_ascii=False).encode(), TYPES[".json"]
