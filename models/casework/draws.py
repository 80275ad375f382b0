"""Publishing draws: what was drawn, from what, by which seed, and a task for every drawn subject and item."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.analysis.draws import DrawRequest, DrawResult, Item, draw
from models.casework import access_log, draw_inputs, tasks
from models.casework.conflict import need_actor
from models.casework.lifecycle import Act
from models.errors import RequestError, UnknownNameError
from models.rules.checklists import load_checklists
from models.storage.rows import frame_of
from models.tables import DrawObject, DrawRecord
from models.tables.base import table_of

DRAWS, OBJECTS = table_of(DrawRecord), table_of(DrawObject)
_LISTED = [c for c in DRAWS.columns if c.name != "inputs"]


class DrawChangedError(RequestError):
    """What goes into the draw changed since it was shown."""

    status = 409


def preview(connection: sa.Connection, request: DrawRequest, levels: pd.DataFrame, place: str) -> DrawResult:
    """Draw without writing anything."""
    return draw(request, *_inputs(connection, request, levels, place))


def publish(
    connection: sa.Connection,
    request: DrawRequest,
    levels: pd.DataFrame,
    place: str,
    act: Act,
    *,
    expected_hash: str | None,
    due_on: dt.date,
    plan_id: str | None,
    build_id: str | None,
) -> str:
    """Draw, keep the draw with everything that went in, and make a task for every drawn subject and item.

    Parameters
    ----------
    expected_hash : inputs hash of the preview that was agreed to; None does not compare
    due_on : business date by which the checks are to be done

    Returns
    -------
    Id of the draw, ``<year>-<8 hex digits>``.

    Raises
    ------
    DrawChangedError : the inputs are not those of the preview any more
    RequestError : nothing to draw, or this very draw is published already
    """
    need_actor(act.actor, act.at)
    people, staff = _inputs(connection, request, levels, place)
    result = draw(request, people, staff)
    if expected_hash not in (None, result.inputs_hash):
        raise DrawChangedError("subjects, levels or officers changed since this draw was shown; look at it again")
    if result.objects.empty:
        raise RequestError(
            "nobody can be drawn: no subject of these libraries at this place that was not drawn this year"
        )
    if due_on < request.day:
        raise RequestError(f"due on {due_on}, before the day of the draw {request.day}")
    draw_id = f"{request.day.year}-{hashlib.sha256(f'{request.seed}|{result.inputs_hash}'.encode()).hexdigest()[:8]}"
    if connection.execute(sa.select(DRAWS.c.draw_id).where(DRAWS.c.draw_id == draw_id)).first() is not None:
        raise RequestError(f"this draw is published already as {draw_id}")
    values = _record(request, result, place) | {"draw_id": draw_id, "plan_id": plan_id, "due_on": due_on}
    values |= {"inputs": draw_inputs.packed(people, staff), "build_id": build_id}
    connection.execute(sa.insert(DRAWS).values(**values, drawn_by=act.actor, drawn_at=act.at))
    rows = result.objects.astype(object).where(result.objects.notna(), None).to_dict("records")
    of_draw: dict[str, Any] = {"draw_id": draw_id, "year": request.day.year}
    connection.execute(sa.insert(OBJECTS), [of_draw | {str(k): v for k, v in row.items()} for row in rows])
    tasks.add(connection, _tasks(result, draw_id, plan_id, due_on), act)
    access_log.record(
        connection, act.actor, "draw", f"draw {draw_id}", rows=len(result.objects), purpose=act.note, at=act.at
    )
    return draw_id


def draws_frame(connection: sa.Connection, year: int | None = None) -> pd.DataFrame:
    """Published draws without their inputs, newest first, with the number of ``objects``."""
    query = sa.select(*_LISTED).order_by(DRAWS.c.draw_row.desc())
    if year is not None:
        query = query.where(DRAWS.c.year == year)
    frame = frame_of(connection.execute(query).all(), _LISTED, connection.dialect.name)
    counted = sa.select(OBJECTS.c.draw_id, sa.func.count()).group_by(OBJECTS.c.draw_id)
    size = {row[0]: row[1] for row in connection.execute(counted)}
    return frame.assign(objects=frame["draw_id"].map(size).fillna(0).astype("int64"))


def objects_of(connection: sa.Connection, draw_id: str) -> pd.DataFrame:
    """Subjects of a draw in the order of their lots."""
    query = sa.select(OBJECTS).where(OBJECTS.c.draw_id == draw_id).order_by(OBJECTS.c.position)
    return frame_of(connection.execute(query).all(), list(OBJECTS.columns), connection.dialect.name)


def verify(connection: sa.Connection, draw_id: str) -> bool:
    """Draw again from what was kept and compare list, officers, lots and hash.

    Raises
    ------
    UnknownNameError : there is no such draw
    """
    row = connection.execute(sa.select(DRAWS).where(DRAWS.c.draw_id == draw_id)).mappings().first()
    if row is None:
        raise UnknownNameError(f"there is no draw {draw_id}")
    again = draw(request_of(dict(row)), *draw_inputs.unpacked(row["inputs"]))
    names = list(again.objects.columns)
    kept = objects_of(connection, draw_id)[names]
    mine, theirs = (f.astype(object).where(f.notna(), None).to_numpy().tolist() for f in (kept, again.objects))
    return bool(again.inputs_hash == row["inputs_hash"] and mine == theirs)


def request_of(row: Mapping[str, Any]) -> DrawRequest:
    """The request of a kept draw."""
    return DrawRequest(
        seed=row["seed"],
        day=row["drawn_on"],
        items=tuple(Item(i["code"], i["library"]) for i in json.loads(row["items"])),
        shares=json.loads(row["shares"]),
        control_share=row["control_share"],
        rule_version=row["rule_version"],
        scheme=row["scheme"],
        officers_per_object=row["officers_per_object"],
        part=row["part"],
    )


def _inputs(
    connection: sa.Connection, request: DrawRequest, levels: pd.DataFrame, place: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    libraries = sorted({item.library for item in request.items})
    people = draw_inputs.objects(
        connection, levels, load_checklists(), libraries=libraries, place=place, day=request.day
    )
    return people, draw_inputs.officers(connection)


def _record(request: DrawRequest, result: DrawResult, place: str) -> dict[str, Any]:
    items = [{"code": item.code, "library": item.library} for item in request.items]
    return {
        "year": request.day.year,
        "drawn_on": request.day,
        "place": place,
        "items": json.dumps(items),
        "scheme": request.scheme,
        "rule_version": request.rule_version,
        "shares": json.dumps(dict(request.shares), sort_keys=True),
        "control_share": request.control_share,
        "part": request.part,
        "officers_per_object": request.officers_per_object,
        "seed": request.seed,
        "inputs_hash": result.inputs_hash,
        "counts": result.counts.to_json(orient="records"),
    }


def _tasks(result: DrawResult, draw_id: str, plan_id: str | None, due_on: dt.date) -> list[dict[str, Any]]:
    joined = result.pairs.merge(result.objects, on="subject_id").sort_values(["position", "item_code"])
    return [
        {
            "kind": "draw",
            "selected_by": row["selected_by"],
            "subject_id": row["subject_id"],
            "item_code": row["item_code"],
            "draw_id": draw_id,
            "plan_id": plan_id,
            "officers": row["officers"] or None,
            "due_on": due_on,
        }
        for row in joined.to_dict("records")
    ]
