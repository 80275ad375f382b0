"""Papers and packs as files: inspection forms and summaries (PDF), offline packs (HTML), for who works in the area."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, request

from layers.access import SUPERVISION, Actor
from layers.api import security
from layers.casefile import casefile
from layers.field.reading import chosen_tasks, day_plan, sheets
from layers.field.sheets import Sheet, by_subject
from layers.panorama import panorama
from layers.text import languages, pick, text
from models.casework.documents import KINDS
from models.errors import AccessDeniedError, RequestError
from models.profile import City
from models.rules.checklists import load_checklists
from models.rules.field_work import load_field_work

DESK = frozenset({"supervisor", "manager", "admin"})
PREFIX = "/api/field/"
KIND = KINDS[0]
"""Type of document of a form: on-site check."""


def blueprint(*, store: Any, city: City, actor_of: Callable[[], Actor]) -> Blueprint:
    """Make ``POST /api/field/form``, ``/api/field/pack``, ``/api/field/summary`` and ``/api/field/document``.

    The first two take ``tasks`` (numbers joined by a comma), ``lang`` and, for the order of the day, ``start``
    (longitude,latitude); the others take ``subject`` or ``document`` and ``lang``.
    """
    routes = Blueprint("field_work", __name__)
    routes.record_once(lambda state: security.allow(state.app, PREFIX))

    @routes.post(f"{PREFIX}form")
    def form() -> Response:
        from layers.field.inspection_form import inspection_form  # noqa: PLC0415 - few requests need reportlab

        asked, actor = _asked(request.form, actor_of()), actor_of()
        found, stamp = _sheets(store, city, actor, asked), _stamp(store, city, actor, asked["lang"])
        store.log_access(actor.id, "export", "inspection forms", len(found), at=stamp.at)
        organ = text("field.organ", asked["lang"], city=pick(city.name, asked["lang"]))
        body = inspection_form(found, stamp, organ=organ, numbers=numbered(store, city, actor, found, stamp))
        return _file(body, "application/pdf", f"inspection-{stamp.as_of}.pdf")

    @routes.post(f"{PREFIX}pack")
    def pack() -> Response:
        from layers.field.work_pack import work_pack  # noqa: PLC0415

        asked, actor = _asked(request.form, actor_of()), actor_of()
        found, stamp = _sheets(store, city, actor, asked), _stamp(store, city, actor, asked["lang"])
        as_of = dt.date.fromisoformat(stamp.as_of)
        name = store.hand_out_pack([s.task_id for s in found], actor=actor.id, as_of=as_of, at=stamp.at)
        return _file(work_pack(found, name, stamp).encode(), "text/html", f"work-pack-{name}.html")

    @routes.post(f"{PREFIX}summary")
    def summary() -> Response:
        from layers.field.subject_summary import subject_summary  # noqa: PLC0415

        actor, lang = actor_of(), _language(request.form)
        if not actor.has(SUPERVISION):
            raise AccessDeniedError(f"summaries are for {', '.join(sorted(SUPERVISION))}; {actor.id} is none of them")
        context = _context(store, city, actor)
        found = panorama(context, request.form.get("subject", ""), lang)
        version = f"{found.level.get('rule_version', '–')} · {context.build_id}"
        stamp = _stamp(store, city, actor, lang, version)
        store.log_access(actor.id, "export", f"summary of subject {found.id}", 1, at=stamp.at)
        return _file(subject_summary(found, stamp), "application/pdf", f"subject-{found.id}.pdf")

    @routes.post(f"{PREFIX}document")
    def document() -> Response:
        from layers.field.warning_document import warning_document  # noqa: PLC0415

        actor, lang = actor_of(), _language(request.form)
        if not actor.has(SUPERVISION):
            raise AccessDeniedError(f"documents are for {', '.join(sorted(SUPERVISION))}; {actor.id} is none of them")
        row = store.document(_number(request.form.get("document", "")))
        if row["warning_key"] is None:
            raise RequestError(f"document {row['number']} belongs to no warning; print the form of its task")
        case = casefile(_context(store, city, actor), row["warning_key"], lang)
        stamp = _stamp(store, city, actor, lang, f"{case.row['rule_id']} {case.row['rule_version']}")
        store.log_access(actor.id, "export", f"document {row['number']}", 1, at=stamp.at)
        body = warning_document(row, case, stamp, organ=text("field.organ", lang, city=pick(city.name, lang)))
        return _file(body, "application/pdf", f"document-{row['document_id']}.pdf")

    return routes


def _context(store: Any, city: City, actor: Actor) -> Any:
    """What a panorama or a casefile is read with."""
    build = store.require_live_build()
    return SimpleNamespace(store=store, city=city, actor=actor, manifest=build.manifest, build_id=build.build_id)


def _number(said: str) -> int:
    if not said.isdecimal():
        raise RequestError(f"document is {said[:40]!r}; needed: its number")
    return int(said)


def business_date(store: Any) -> dt.date:
    """The business date of the live build; the day it was made where the build does not say."""
    manifest = store.require_live_build().manifest
    return dt.date.fromisoformat(str(manifest.get("as_of") or manifest["created_at"])[:10])


def numbered(store: Any, city: City, actor: Actor, found: Sequence[Sheet], stamp: Any) -> dict[str, str]:
    """Document number of each firm's form by subject id; printing the same form again keeps its number."""
    numbers: dict[str, str] = {}
    for group in by_subject(found):
        first, what = group[0], "tasks " + ",".join(str(s.task_id) for s in group)
        issued = store.documents(subject_id=first.subject_id)
        same = issued[(issued["kind"] == KIND) & (issued["content"] == what)]
        if len(same):
            numbers[first.subject_id] = str(same["number"].iloc[0])
            continue
        made = store.issue_document(
            KIND, text("field.form_title", languages()[0]), organ=city.supervision.organ, actor=actor.id,
            as_of=dt.date.fromisoformat(stamp.as_of), at=stamp.at, content=what, subject_id=first.subject_id,
            task_id=first.task_id,
        )  # fmt: skip
        numbers[first.subject_id] = made["number"]
    return numbers


def _asked(form: Mapping[str, str], actor: Actor) -> dict[str, Any]:
    if not actor.has(DESK):
        raise AccessDeniedError(f"papers for the field are for {', '.join(sorted(DESK))}; {actor.id} is none of them")
    lang = _language(form)
    try:
        numbers = [int(part) for part in form.get("tasks", "").split(",") if part]
        place = [float(part) for part in form.get("start", "").split(",") if part]
    except ValueError as error:
        raise RequestError(f"tasks and start are numbers joined by commas; {error}") from error
    return {"lang": lang, "tasks": numbers, "start": (place[0], place[1]) if len(place) == 2 else None}


def _language(form: Mapping[str, str]) -> str:
    lang = form.get("lang", languages()[0])
    if lang not in languages():
        raise RequestError(f"lang is {lang[:40]!r}; allowed: {', '.join(languages())}")
    return lang


def _sheets(store: Any, city: City, actor: Actor, asked: Mapping[str, Any]) -> list[Any]:
    tasks = chosen_tasks(store, actor, business_date(store), asked["tasks"])
    plan = day_plan(store, city, tasks, asked["start"]) if asked["start"] else None
    return sheets(store, actor, tasks, plan)


def _stamp(store: Any, city: City, actor: Actor, lang: str, rules: str | None = None) -> Any:
    from layers.field.paper import Stamp  # noqa: PLC0415

    version = rules or f"{load_checklists().version}/{load_field_work().version}"
    return Stamp(actor.id, dt.datetime.now(dt.UTC), city.timezone, version, business_date(store).isoformat(), lang)


def _file(body: bytes, mime: str, name: str) -> Response:
    answer = Response(body, mimetype=mime)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
