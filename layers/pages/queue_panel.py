"""What the queue page shows of one firm: address, candidates, the position chosen, and how sure it is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from layers import unplaced
from layers.pages.elements import button, icon, pairs, section, tag
from layers.pages.marking import marked
from layers.reasons import listed, named, words
from layers.text import has, number, text

Candidate = Mapping[str, Any]
EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (IUGG); circles on the map only show the size of an error, so a sphere is near enough."""
LEVELS = (1, 2, 3, 4, 5)
RING_POINTS = 48


def candidates_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The candidates of a row of the queue that a person may choose, best first; a whole district is no point."""
    found = row.get("candidates")
    parsed = json.loads(found) if isinstance(found, str) and found else list(found or ())
    return [c for c in parsed if c.get("match_level") in LEVELS]


def circle(lon: float, lat: float, radius_m: float) -> list[list[float]]:
    """A closed ring of the radius (metres) about a point, degrees WGS84."""
    dy = math.degrees(radius_m / EARTH_RADIUS_M)
    dx = dy / math.cos(math.radians(lat))
    steps = (2 * math.pi * i / RING_POINTS for i in range(RING_POINTS + 1))
    return [[round(lon + dx * math.cos(a), 6), round(lat + dy * math.sin(a), 6)] for a in steps]


def firm(row: Mapping[str, Any], matched: str | None, candidates: Sequence[Candidate], lang: str) -> list[Any]:
    """Name, address with recognised parts, why it waits."""
    address = row.get("address") or ""
    parts = [
        *(str(matched).split() if matched else ()),
        row.get("district_given"),
        *(str(c["name"]) for c in candidates),
    ]
    pieces, codes = marked(address, parts), listed(row.get("reasons"), lang)
    known = any(not isinstance(piece, str) for piece in pieces)
    note = None if known or not address else text("queue.not_recognised", lang)
    return [
        html.Div(
            html.Div(
                [html.H2(row["name"], className="ptitle"), html.Div(row["uscc"], className="cap num")], className="grow"
            ),
            className="ptop",
        ),
        section(
            text("queue.address", lang),
            note,
            html.P(pieces or text("queue.no_address", lang), className="address"),
            html.P([tag(unplaced.why(row.get("reasons"), address, lang), "warn", "alert-triangle")], className="why"),
        ),
        *_recognised(row, matched, lang),
        section(text("queue.codes", lang), None, html.Ul([html.Li(s) for s in codes], className="dots")),
    ]


def _recognised(row: Mapping[str, Any], matched: str | None, lang: str) -> list[Any]:
    """What the matcher read in the address, part by part; nothing where it read nothing."""
    codes = row.get("reasons")
    rows = [
        (text(f"queue.part_{key}", lang), value)
        for key, value in (
            ("district", row.get("district_given")),
            ("old", named(codes, "crosswalk")),
            ("zone", named(codes, "zone")),
            ("town", named(codes, "town_unknown")),
            ("text", matched),
        )
        if value
    ]
    return [section(text("queue.parts", lang), None, pairs(rows, "readparts"))] if rows else []


def choices(candidates: Sequence[Candidate], choice: Mapping[str, Any] | None, lang: str) -> list[Any]:
    """The candidates as buttons, the chosen one pressed."""
    if not candidates:
        return [html.P(text("queue.no_candidates", lang), className="cap")]
    chosen = (choice or {}).get("n")
    return [_candidate(n, c, lang, pressed=n == chosen) for n, c in enumerate(candidates)]


def _candidate(n: int, candidate: Candidate, lang: str, *, pressed: bool) -> html.Button:
    radius = text("queue.radius_m", lang, n=number(candidate["error_radius_m"], lang, digits=0))
    level = text(f"match_level.{candidate['match_level']}", lang)
    kind = f"place_kind.{candidate['kind']}"
    return html.Button(
        [
            html.Span(str(n + 1), className="no"),
            html.Span(
                [
                    html.Span(
                        [
                            html.B(candidate["name"]),
                            html.Span(text(kind, lang) if has(kind, lang) else "", className="cap"),
                        ],
                        className="row gap8",
                    ),
                    html.Span(f"{level} · {radius}", className="cap"),
                    html.Span(words(str(candidate["why"]), lang), className="cap"),
                ],
                className="candidate-text",
            ),
            html.Span(f"{candidate['score']:.2f}", className="num cap", title=text("queue.score", lang)),
            icon("check", "picked"),
        ],
        id={"type": "candidate", "n": n},
        className="candidate on" if pressed else "candidate",
        type="button",
        n_clicks=0,
        **{"aria-pressed": str(pressed).lower()},
    )


def position(choice: Mapping[str, Any] | None, lang: str) -> list[Any]:
    """The position clicked on the map, or the hint that one may click."""
    if not choice or choice.get("kind") != "point":
        return [html.P([icon("map-pin", "s14"), text("queue.point_hint", lang)], className="cap row gap8")]
    place = text("queue.lonlat", lang, lon=f"{choice['lon']:.5f}", lat=f"{choice['lat']:.5f}")
    return [html.P([icon("map-pin", "s14"), html.B(place)], className="row gap8")]


def form(lang: str) -> html.Div:
    """Everything below the firm, hidden until one is chosen; the callbacks fill the lists and open the button."""
    level = dmc.Select(
        id="queue-level",
        label=text("queue.point_level", lang),
        data=[{"value": str(n), "label": text(f"match_level.{n}", lang)} for n in LEVELS],
        value="2",
        allowDeselect=False,
    )
    parts = [
        section(
            text("queue.candidates", lang),
            None,
            html.Div(id="queue-choices", role="group", **{"aria-label": text("queue.candidates", lang)}),
        ),
        section(
            text("queue.point", lang),
            None,
            html.Div(id="queue-position", **{"aria-live": "polite"}),
            html.Div(level, id="queue-level-box", hidden=True),
        ),
        html.Section(
            dmc.Textarea(
                id="queue-note", label=text("queue.note", lang), autosize=True, minRows=1, maxRows=4, size="xs"
            ),
            className="psec",
        ),
    ]
    return html.Div(parts, id="queue-form", hidden=True)


def foot(lang: str) -> html.Div:
    """The button that saves, and the room for what came of it."""
    return html.Div(
        [
            html.Div(id="queue-said", className="grow", **{"aria-live": "polite"}),
            button("queue-save", text("queue.save", lang), "check", kind="btn primary", disabled=True),
        ],
        id="queue-foot",
        className="pfoot save",
        hidden=True,
    )
