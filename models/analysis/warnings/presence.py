"""Registered firms and claimed staff against the people present by day (登记与现有人口): the shell nobody works in.

People come per H3 cell of resolution 8 and by day from one of two sources, and every row names it: the protected hours
of the city's signaling (``present_by_hour``), or a count by hexagon that an operator delivered
(``present_population``). The comparison takes the signaling where it stands. The warning takes the delivered count
first: signaling spreads pools of devices over several hexagons and never shows a single empty one between busy ones.

A cell with fewer observed devices than the city's k is *fewer than k*: its people are never a number and never 0. A
cell the data do not cover says nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models import contracts
from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, excess, frame_of, nothing
from models.analysis.warnings.concentration import NO_LONGER_TRADING, rows_of
from models.analysis.warnings.present_by_day import present_by_day
from models.fusion import hexes
from models.rules.warning_rules import WarningRule

Floats = npt.NDArray[np.float64]

SIGNALING, DELIVERED = "present_by_hour", "present_population"
"""Names of the two sources, as every row carries them."""
SIGNALING_FIRST = (SIGNALING, DELIVERED)
DELIVERED_FIRST = (DELIVERED, SIGNALING)


def registered_present(
    inputs: Inputs, persons_per_firm: float = 1.0, sources: tuple[str, ...] = SIGNALING_FIRST
) -> pd.DataFrame:
    """Return the ``registered_present`` product: one row per cell that holds a living located firm.

    ``expected_persons`` is the larger of claimed staff and ``persons_per_firm`` times the firms. ``present_day`` is the
    mean by day of the last month known on the business date, null where suppressed or not covered, from the first of
    ``sources`` that says anything (``source``).

    Does not account for staff who work elsewhere than at the registered address, nor for shifts and commuters of
    neighbouring cells: it is a hint for a visit, not a proof.
    """
    subjects = inputs.subjects
    rows = _living(inputs)
    cells, group = np.unique(subjects["h3_r8"].iloc[rows].to_numpy(dtype=np.uint64), return_inverse=True)
    firms = np.bincount(group, minlength=cells.size)
    staff = latest_staff(inputs)[rows]
    known = np.isfinite(staff)
    claimed = np.bincount(group[known], weights=staff[known], minlength=cells.size)
    stated = np.bincount(group[known], minlength=cells.size)
    present_people, source = _present(inputs, sources)
    people = present_people.reindex(cells)
    devices, persons = (people[c].to_numpy(np.float64) for c in ("devices", "persons"))
    hidden = people["suppressed"].fillna(False).to_numpy(dtype=bool)
    covered = people["reference_month"].notna().to_numpy(dtype=bool)
    suppressed = hidden | (devices < inputs.disclosure_k)
    present = np.where(suppressed, np.nan, persons)
    expected = np.maximum(claimed, firms * persons_per_firm)
    ratio = np.divide(present, expected, out=np.full(cells.size, np.nan), where=expected > 0)
    frame = pd.DataFrame(
        {
            "h3": cells,
            "firms": firms.astype(np.int64),
            "claimed_staff": np.where(stated > 0, claimed, np.nan),
            "staff_known": stated.astype(np.int64),
            "expected_persons": expected,
            "present_day": present,
            "devices": pd.array(devices, dtype="Float64").astype("Int64"),
            "suppressed": suppressed,
            "present_per_expected": ratio,
            "reference_month": people["reference_month"].to_numpy(),
            "source": pd.Series(source, index=range(cells.size), dtype="str").where(covered),
        }
    )
    return contracts.conform("registered_present", frame)


def latest_staff(inputs: Inputs) -> Floats:
    """Return the staff each subject claimed in its last annual report known on the business date; NaN where unknown."""
    reports = inputs.record("annual_reports", "filed_on")
    reports = reports.sort_values(["report_year", "filed_on"], kind="stable").drop_duplicates("subject_id", keep="last")
    staff = np.full(len(inputs.subjects), np.nan)
    rows = rows_of(inputs, reports["subject_id"])
    known = rows >= 0
    staff[rows[known]] = reports["staff"].to_numpy(np.float64, na_value=np.nan)[known]
    return staff


def present_gap(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Cells in which far fewer people are present by day than the firms registered there should employ.

    Raised where firms >= ``min_firms``, expected persons >= ``min_expected_persons`` and present / expected <=
    ``max_present_per_expected``. In a suppressed cell the people are at most those k devices would stand for (the
    city's median of persons per device), and that bound has to be low enough; only "fewer than k" is reported.
    """
    frame = registered_present(inputs, rule.number("persons_per_firm"), DELIVERED_FIRST)
    if frame["source"].notna().sum() == 0:
        return nothing(rule)
    expected = frame["expected_persons"].to_numpy(np.float64)
    bound = np.where(frame["suppressed"], inputs.disclosure_k * _persons_per_device(inputs), np.nan)
    people = np.where(frame["suppressed"], bound, frame["present_day"].to_numpy(np.float64, na_value=np.nan))
    ratio = np.divide(people, expected, out=np.full(expected.size, np.nan), where=expected > 0)
    empty = (expected >= rule.number("min_expected_persons")) & (ratio <= rule.number("max_present_per_expected"))
    at = np.flatnonzero(empty & (frame["firms"] >= rule.days("min_firms")).to_numpy(bool))
    return _gaps(inputs, rule, frame.iloc[at].reset_index(drop=True), ratio[at])


def _gaps(inputs: Inputs, rule: WarningRule, frame: pd.DataFrame, ratio: Floats) -> Candidates:
    """Candidates of the cells of ``frame``; the ratio of a suppressed one is a bound and is not reported."""
    cells = frame["h3"].to_numpy(np.uint64)
    lon, lat = hexes.centres(cells)
    month = spells.days_of(frame["reference_month"].to_numpy())
    shown = frame["suppressed"].to_numpy(bool)
    limit = rule.number("max_present_per_expected")
    expected, firms = (frame[c].to_numpy(np.float64) for c in ("expected_persons", "firms"))
    staff, persons = (frame[c].to_numpy(np.float64, na_value=np.nan) for c in ("claimed_staff", "present_day"))
    present = np.where(shown, np.nan, persons)
    days = spells.dates_of(month)
    columns = {
        "target": pd.Series([f"cell:{c:x}" for c in cells.tolist()], dtype="str"),
        "began_on": spells.dates_of(np.minimum(_month_end(month), inputs.today)),
        "window_from": days,
        "window_to": spells.dates_of(np.minimum(_month_end(month), inputs.today)),
        "observed": firms,
        "expected": present,
        "strength": excess(limit, np.maximum(ratio, 1e-3)),
        "lon": lon,
        "lat": lat,
        "h3_r8": pd.array(cells, dtype="UInt64"),
    }
    fewer = np.where(shown, float(inputs.disclosure_k), np.nan)
    people = next(iter(frame["source"].dropna()), DELIVERED)
    facts = (
        Fact("firms_in_cell", firms, rule.number("min_firms"), "firm"),
        Fact("claimed_staff", staff, None, "person", "annual_reports"),
        Fact("expected_persons", expected, rule.number("min_expected_persons"), "person", "annual_reports"),
        Fact("present_day", present, None, "person", people, days),
        Fact("present_fewer_than_devices", fewer, None, "device", people, days),
        Fact("present_per_expected", np.where(shown, np.nan, ratio), limit, "", people, days),
    )
    covered = pd.DataFrame({"candidate": np.arange(cells.size), "h3": cells})
    return Candidates(rule, frame_of(columns), facts, _members(inputs, cells), cells=covered)


def _members(inputs: Inputs, cells: npt.NDArray[np.uint64]) -> pd.DataFrame:
    rows = _living(inputs)
    own = pd.Index(cells).get_indexer(pd.Index(inputs.subjects["h3_r8"].iloc[rows].to_numpy(dtype=np.uint64)))
    inside = own >= 0
    return pd.DataFrame(
        {
            "candidate": own[inside],
            "subject_id": inputs.subjects["uscc"].to_numpy()[rows[inside]],
            "day": inputs.subjects["established_on"].to_numpy()[rows[inside]],
        }
    )


def _living(inputs: Inputs) -> spells.Ints:
    subjects = inputs.subjects
    gone = subjects["status"].str.contains(NO_LONGER_TRADING, regex=True, na=False).to_numpy(bool)
    return np.flatnonzero(subjects["h3_r8"].notna().to_numpy(bool) & ~gone).astype(np.int64)


def _present(inputs: Inputs, sources: tuple[str, ...]) -> tuple[pd.DataFrame, str]:
    """People by day of the last month known, by cell, from the first source that says anything, and its name."""
    frames = {DELIVERED: _delivered, SIGNALING: _signaling}
    found = [(frames[name](inputs), name) for name in sources]
    return next((one for one in found if len(one[0])), found[0])


def _delivered(inputs: Inputs) -> pd.DataFrame:
    people = inputs.record(DELIVERED, "reference_month")
    people = people[people["hours"] == "day"].sort_values("reference_month", kind="stable")
    last = people.drop_duplicates("h3", keep="last").assign(suppressed=False)
    return last.set_index("h3")[["persons", "devices", "suppressed", "reference_month"]]


def _signaling(inputs: Inputs) -> pd.DataFrame:
    hours = inputs.records.get(SIGNALING)
    begins = inputs.records.get("signaling_periods")
    if hours is None or begins is None:
        hours, begins = pd.DataFrame({"period": []}), pd.DataFrame({"period": [], "first": []})
    dates = dict(zip(begins["period"], begins["first"], strict=True))
    return present_by_day(hours, dates, inputs.as_of).set_index("h3")


def _persons_per_device(inputs: Inputs) -> float:
    """Median persons one device stands for, over the cells that may be shown; 1 where there is none."""
    people, _ = _present(inputs, DELIVERED_FIRST)
    open_cells = people[people["devices"] >= inputs.disclosure_k]
    return float((open_cells["persons"] / open_cells["devices"]).median()) if len(open_cells) else 1.0


def _month_end(month: spells.Ints) -> spells.Ints:
    following = month.astype("datetime64[D]").astype("datetime64[M]") + np.timedelta64(1, "M")
    ends: spells.Ints = following.astype("datetime64[D]").astype(np.int64) - 1
    return ends
