"""The file a work pack gives back: checked before anything of it is believed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import RequestError

FORMAT = "cityhex-pack-results/1"
MAX_BYTES = 1_500_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GivenAnswer(_Frozen):
    """The answer to one question."""

    code: Annotated[str, Field(max_length=40)]
    answer: Literal["ok", "fault", "not_applicable"]
    severity: Literal["high", "moderate", "low"] | None = None


class Given(_Frozen):
    """One result as it was entered in the field; ``revision`` is that of the task when the pack was made."""

    task_id: int = Field(ge=1)
    revision: int = Field(ge=0)
    done_on: dt.date
    result: Annotated[str, Field(max_length=40)]
    follow_up: Annotated[str, Field(max_length=40)]
    follow_up_due: dt.date | None = None
    note: Annotated[str, Field(max_length=4000)] | None = None
    answers: tuple[GivenAnswer, ...] = Field(default=(), max_length=100)

    @property
    def content(self) -> str:
        """The result as one text that is equal for equal results, whichever device they come from."""
        plain = self.model_dump(mode="json") | {"revision": 0}
        plain["answers"] = sorted(plain["answers"], key=lambda a: str(a["code"]))
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @property
    def key(self) -> str:
        """Hash of task and content: the same result counts once, however often and in whichever file it comes."""
        return hashlib.sha256(self.content.encode()).hexdigest()[:32]


class PackFile(_Frozen):
    """Everything a device saved."""

    format: Literal["cityhex-pack-results/1"]
    pack_id: Annotated[str, Field(pattern="^[0-9a-f]{12}$")]
    saved_at: dt.datetime
    results: tuple[Given, ...] = Field(max_length=500)


def parse(content: bytes) -> PackFile:
    """Read a file.

    Raises
    ------
    RequestError : too large, no JSON of this format, or a value that cannot be; names the first
    """
    if len(content) > MAX_BYTES:
        raise RequestError(f"the file has {len(content):,} bytes; a result file has at most {MAX_BYTES:,}")
    try:
        return PackFile.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise RequestError(f"this is no result file of a work pack ({FORMAT}): {where}: {first['msg']}") from error
