"""Persons in records of supervision: officers, contacts, investors, representatives before and after a change."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from models.profile.targets import PERSONS
from models.sources.legal_persons.persons import keyed_hash

ONE_PERSON = "representative"
NAMING_KINDS = (ONE_PERSON, "shareholding")
"""Kinds of changes whose texts before and after name persons."""


def without_persons(texts: pd.DataFrame, table: str, person_key: Callable[[], bytes]) -> pd.DataFrame:
    """Return the canonical texts with keyed hashes in the place of persons.

    The hash is that of representatives (`models.sources.legal_persons.persons.keyed_hash`), so that an investor and a
    representative of the same name have the same key. Of a change of representative the texts before and after are
    names and become keys; of a change of shareholding they list holders and are dropped, because holdings are records
    of their own (``investments``).

    Parameters
    ----------
    texts : canonical raw columns as text, n rows
    table : table they are for
    person_key : gives the secret of this installation; not called where no person is named
    """
    if table == "changes":
        texts = _named_by_text(texts)
    named = [name for name in PERSONS if name in texts.columns]
    if not named:
        return texts
    key = person_key()
    keys = {PERSONS[name]: keyed_hash(texts[name], key) for name in named}
    return texts.drop(columns=named).assign(**keys)


def _named_by_text(changes: pd.DataFrame) -> pd.DataFrame:
    """Move names out of the columns ``before`` and ``after``."""
    made = changes.copy()
    one, naming = changes["kind"] == ONE_PERSON, changes["kind"].isin(NAMING_KINDS)
    for text in ("before", "after"):
        if text not in changes:
            continue
        person = f"{text}_person"
        given = changes[person] if person in changes else pd.Series(pd.NA, index=changes.index, dtype="str")
        made[person] = given.fillna(changes[text].where(one)).astype("str")
        made[text] = changes[text].mask(naming).astype("str")
    return made
