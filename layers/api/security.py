"""Headers of every answer, and a door that is shut unless a rule opens it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, abort, request
from flask.sansio.app import App

_RULES = "cityhex.open"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def policy(script_hashes: Sequence[str]) -> str:
    """The content security policy: nothing from another host; inline scripts only by their hash."""
    scripts = " ".join(["'self'", *(f"'{h.strip(chr(39))}'" for h in script_hashes)])
    return "; ".join([
        "default-src 'self'", f"script-src {scripts}", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:",
        "worker-src 'self' blob:", "connect-src 'self'", "font-src 'self' data:", "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'", "form-action 'self'",
    ])  # fmt: skip


def allow(server: App, *rules: str) -> None:
    """Open paths: a rule that ends in / or - opens what begins with it (but "/" only itself), any other only itself.

    Whoever adds routes or pages opens them; what nobody opens stays shut.
    """
    server.extensions.setdefault(_RULES, set()).update(rules)


def is_open(server: App, path: str) -> bool:
    """Whether a rule opens the path."""
    rules: set[str] = server.extensions.get(_RULES, set())
    return any(path == rule or (rule[-1] in "/-" and rule != "/" and path.startswith(rule)) for rule in rules)


def protect(server: Flask, *, script_hashes: Sequence[str]) -> None:
    """Shut every path that no rule opens, refuse foreign writes, and put the headers on every answer.

    Parameters
    ----------
    server : application, its callbacks already registered: their inline scripts are among the hashes
    script_hashes : ``sha256-...`` of the inline scripts of the document, with or without quotes
    """
    csp = policy(script_hashes)

    @server.before_request
    def shut() -> None:
        if not is_open(server, request.path):
            abort(404)
        if request.method in SAFE_METHODS:
            return
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if site in ("cross-site", "same-site") or (origin is not None and not _own(origin)):
            abort(403)

    @server.after_request
    def head(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", csp)
        if request.path.startswith(("/_dash-update", "/api/")):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _own(origin: str | None) -> bool:
    return origin is not None and origin.split("://", 1)[-1] == request.host
