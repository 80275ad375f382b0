"""Raw rows of a register -> rows on the contract ``legal_persons``, and every rejected row with its
reasons."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from models.sources.legal_persons import capital, dates, entity_types, industry, persons, uscc
from models.sources.legal_persons.missing import blank_to_missing
from models.sources.legal_persons.rejects import Rejects

TEXT_COLUMNS = (
    "uscc",
    "name",
    "established_on",
    "entity_type",
    "representative",
    "capital",
    "scope",
    "district",
    "address",
    "status",
    "lon",
    "lat",
    "industry_code",
)
ORIGIN = ("source_id", "source_file", "source_row")
LIMITS = {"lon": 180.0, "lat": 90.0}
_KEPT = {
    "capital": "capital_text",
    "scope": "scope_text",
    "district": "district_given",
    "address": "address",
    "status": "status",
}


def normalise(
    raw: pd.DataFrame, *, person_key: bytes, as_of: date, bare_capital_unit: float | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn the rows of one register into legal persons.

    Parameters
    ----------
    raw : frame, n rows, with `ORIGIN` and any of `TEXT_COLUMNS` as text; ``uscc`` and ``name`` are needed
    person_key : secret of this installation for the keyed hash of representatives
    as_of : day the register describes; a later founding day is a fault
    bare_capital_unit : yuan a capital without unit counts in, if the register says so (see `capital.parse`)

    Returns
    -------
    (frame, rejects) : the legal persons, index 0..m-1, and the quarantine rows. Every row of ``raw`` is in
        exactly
    one of them; a row with several faults has several quarantine rows. Rejected are: a malformed credit code, no
    name, a founding day that is no day or lies ahead, coordinates that are no numbers, and all but one row of a code
    (see `deduplicate`). An unreadable capital or an unknown district is not a reason to lose a firm.
    """
    texts = {c: _text(raw, c) for c in TEXT_COLUMNS}
    rejects = Rejects(raw, hidden=("representative",))
    rejects.add_faults("uscc", texts["uscc"], uscc.faults(texts["uscc"]), uscc.REASONS)
    rejects.add("name", texts["name"], texts["name"].isna().to_numpy(), "a legal person needs a name")
    founded, faults = dates.parse(texts["established_on"], as_of=as_of)
    rejects.add_faults("established_on", texts["established_on"], faults, dates.REASONS)
    places = {axis: _coordinate(texts[axis], axis, rejects) for axis in LIMITS}
    frame = raw.loc[:, list(ORIGIN)].copy()
    frame["uscc"], frame["name"] = texts["uscc"], texts["name"]
    frame["established_on"] = founded
    types = entity_types.infer(texts["entity_type"], texts["name"], texts["uscc"])
    frame["entity_type"] = types["entity_type"]
    frame["representative_key"] = persons.keyed_hash(texts["representative"], person_key)
    for column, values in capital.parse(texts["capital"], bare_unit=bare_capital_unit).items():
        frame[str(column)] = values
    for source, target in _KEPT.items():
        frame[target] = texts[source]
    for column, values in _industry(texts).items():
        frame[str(column)] = values
    for axis, numbers in places.items():
        if axis in raw.columns:
            frame[axis] = numbers
    sound, quarantine = frame[~rejects.rows()], rejects.frame()
    kept, doubles = deduplicate(sound)
    quarantine = pd.concat([quarantine, doubles], ignore_index=True) if len(doubles) else quarantine
    return kept.reset_index(drop=True), quarantine


def deduplicate(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep one row of each credit code and quarantine the others.

    The row with the most filled columns is kept, on a tie the one read first; the outcome does not depend on when the
    duplicate arrived. Use it again after joining several sources.

    Parameters
    ----------
    frame : legal persons of one or more sources, n rows

    Returns
    -------
    (kept, rejects) : rows with distinct ``uscc`` in their old order and index, and the quarantine rows
    """
    doubled = frame["uscc"].duplicated(keep=False)
    if not doubled.any():
        return frame, Rejects(frame.iloc[:0]).frame()
    rivals = frame[doubled]
    emptiness = rivals.isna().sum(axis=1).sort_values(kind="stable")
    winners = rivals.loc[emptiness.index].drop_duplicates("uscc")
    losers = rivals.drop(index=winners.index)
    home = winners.set_index("uscc")[["source_file", "source_row"]].reindex(losers["uscc"])
    rejects = Rejects(losers, hidden=("representative_key",))
    reasons = [
        f"the same code stands in {file}, row {row}, which has as many or more filled columns and is kept"
        for file, row in zip(home["source_file"], home["source_row"], strict=True)
    ]
    rejects.add_each("uscc", losers["uscc"], reasons)
    return frame.drop(index=losers.index), rejects.frame()


def _text(raw: pd.DataFrame, column: str) -> pd.Series:
    if column not in raw.columns:
        return pd.Series(pd.NA, index=raw.index, dtype="str")
    return blank_to_missing(raw[column])


def _coordinate(texts: pd.Series, axis: str, rejects: Rejects) -> pd.Series:
    limit = LIMITS[axis]
    numbers = pd.to_numeric(texts, errors="coerce").astype("float64")
    rejects.add(axis, texts, (texts.notna() & numbers.isna()).to_numpy(), "not a number of degrees")
    outside = (numbers.abs() > limit).to_numpy(dtype=bool)
    rejects.add(axis, texts, outside, f"outside -{limit:g} to {limit:g} degrees")
    return numbers


def _industry(texts: dict[str, pd.Series]) -> pd.DataFrame:
    given = industry.from_codes(texts["industry_code"])
    inferred = industry.classify(texts["scope"], texts["name"])
    known = given.notna()
    if known.any():
        inferred["industry_section"] = given.where(known, inferred["industry_section"])
        inferred["industry_confidence"] = np.where(known, 1.0, inferred["industry_confidence"])
        inferred["industry_words"] = inferred["industry_words"].mask(known)
        inferred["industry_method"] = inferred["industry_method"].mask(known, "given")
    return inferred
