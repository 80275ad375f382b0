"""From error class to HTTP status: a wrong question gets a sentence, a fault of ours an id and a log line."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from models.errors import CityhexError

log = logging.getLogger("cityhex.api")
SERVER_FAULT = 500


def register(server: Flask) -> None:
    """Answer errors as JSON ``{error, id}``; pages and their callbacks answer for themselves."""
    server.register_error_handler(CityhexError, _expected)
    server.register_error_handler(HTTPException, _http)
    server.register_error_handler(Exception, _unexpected)
    server.before_request(_name)
    server.after_request(_say)


def status_of(error: CityhexError) -> int:
    """The HTTP status of an expected error, as its class says."""
    return int(error.status)


def _name() -> None:
    g.request_id = secrets.token_hex(3).upper()


def _say(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    return response


def _expected(error: CityhexError) -> tuple[Response, int]:
    status = status_of(error)
    if status >= SERVER_FAULT:
        log.error("id %s: %s %s: %s", g.get("request_id"), request.method, request.path, error)
    return jsonify(error=str(error), id=g.get("request_id")), status


def _http(error: HTTPException) -> Response | tuple[Response, int]:
    if error.response is not None:
        found = error.get_response()
        return Response(found.response, found.status, found.headers) if not isinstance(found, Response) else found
    return jsonify(error=f"{error.name}. {error.description}", id=g.get("request_id")), error.code or SERVER_FAULT


def _unexpected(error: Exception) -> tuple[Response, int]:
    log.error("id %s: %s %s", g.get("request_id"), request.method, request.path, exc_info=error)
    text = "This is a fault of the server. It has been logged under the id given here."
    return jsonify(error=text, id=g.get("request_id")), SERVER_FAULT
