"""What supervisors recorded, as frames on the contracts of inspections and findings: a source of the next build."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from models import contracts
from models.casework.results import ANSWERS, RESULTS
from models.errors import UnknownNameError
from models.storage.rows import frame_of

SOURCE_ID = "casework"
OFFICER = "officer"
"""Column with the officer's id, which the build turns into a key before anything else sees it."""
_KINDS = {"warning": "warning", "complaint": "complaint", "draw": "routine", "routine": "routine"}


def recorded(connection: sa.Connection, table: str) -> pd.DataFrame:
    """Rows that casework adds to a table.

    Parameters
    ----------
    table : ``inspections`` or ``findings``

    Returns
    -------
    Frame on contract, ``source_id`` casework, without results that were undone or name no subject. An inspection has
    the column ``officer`` in the place of ``officer_key``: the caller keys it with the secret of the installation.

    Raises
    ------
    UnknownNameError : casework adds nothing to that table
    """
    if table == "inspections":
        return _inspections(connection)
    if table == "findings":
        return _findings(connection)
    raise UnknownNameError(f"casework adds rows to inspections and findings, not to {table}")


def _inspections(connection: sa.Connection) -> pd.DataFrame:
    counts = RESULTS.c.undone_at.is_(None) & RESULTS.c.subject_id.is_not(None)
    rows = connection.execute(sa.select(RESULTS).where(counts).order_by(RESULTS.c.result_id)).all()
    given = frame_of(rows, list(RESULTS.columns), connection.dialect.name)
    kind = given["kind"].map(_KINDS).fillna("other")
    frame = pd.DataFrame(
        {
            "inspection_id": "cw-" + given["result_id"].astype("str"),
            "subject_id": given["subject_id"],
            "inspected_on": given["done_on"],
            "kind": kind.astype("str"),
            "selected_by": given["selected_by"],
            "item_code": given["item_code"],
            "result": given["result"],
            "score": given["score"],
            "follow_up": given["follow_up"],
            "follow_up_due": given["follow_up_due"],
            "closed_on": given["done_on"].where(given["follow_up"] == "none"),
            **_origin(given["result_id"]),
        }
    )
    return contracts.conform("inspections", frame).drop(columns="officer_key").assign(**{OFFICER: given["officer"]})


def _findings(connection: sa.Connection) -> pd.DataFrame:
    counts = RESULTS.c.undone_at.is_(None) & RESULTS.c.subject_id.is_not(None) & (ANSWERS.c.answer == "fault")
    columns = [ANSWERS.c.answer_id, ANSWERS.c.result_id, ANSWERS.c.code, ANSWERS.c.severity, ANSWERS.c.description,
               RESULTS.c.subject_id, RESULTS.c.done_on]  # fmt: skip
    both = RESULTS.join(ANSWERS, RESULTS.c.result_id == ANSWERS.c.result_id)
    query = sa.select(*columns).select_from(both).where(counts).order_by(ANSWERS.c.answer_id)
    given = frame_of(connection.execute(query).all(), columns, connection.dialect.name)
    frame = pd.DataFrame(
        {
            "finding_id": "cw-" + given["answer_id"].astype("str"),
            "inspection_id": "cw-" + given["result_id"].astype("str"),
            "subject_id": given["subject_id"],
            "found_on": given["done_on"],
            "item_code": given["code"],
            "severity": given["severity"],
            "description": given["description"],
            **_origin(given["answer_id"]),
        }
    )
    return contracts.conform("findings", frame)


def _origin(numbers: pd.Series) -> dict[str, object]:
    return {"source_id": SOURCE_ID, "source_file": SOURCE_ID, "source_row": numbers}
