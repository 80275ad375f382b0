"""Who is neither a resident nor a visitor, because the signal cannot say which (未定).

A definition of nights counts what was observed. Of a telephone that is seldom heard most nights are not, and a resident
with such a telephone would be taken for a visitor. So the nights in the city get two bounds (partial identification:
Manski 2003): at least those that count; at most those and the nights that nobody observed between the first and the
last day heard here. If the lower bound makes a resident, it is one. If the upper bound makes none, it is a visitor:
tourists and short stays are gone too soon. Who lies between is undetermined, unless the rest of the signal speaks:

- who is heard here on fewer days than a resident has nights, with the place known for ``known_hours`` or more of such a
  day, was not here in between (somebody who comes every weekend);
- who gives a sign by night on less than ``night_share`` of the days heard sleeps elsewhere (somebody who works here);
- who is heard elsewhere on as many days as here is not counted on to live here.

Undetermined people are counted, and are in no population: residents are weighted to the residents of a census, which
hold them already (`models.signaling.weighting`).

Not accounted for: visitors who stay as long as residents, whose telephone is seldom heard: they are undetermined too.
Residents heard on the days of a short stay only remain visitors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ConfigError
from models.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "data" / "standards" / "undetermined.toml"
NAME = "undetermined"


class SignalRule(NamedTuple):
    """Hours known of a day heard, below which the signal is thin; least share of the days with a sign by night."""

    known_hours: float
    night_share: float


def load_signal_rule(file: Path = FILE) -> SignalRule:
    """Read the rule.

    Raises
    ------
    ConfigError : a number is missing, out of range or without source
    """
    document: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    for name, high in zip(SignalRule._fields, (24, 1), strict=True):
        entry = document.get(name)
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, int | float) or not 0 <= value <= high or not document[name].get("source"):
            raise ConfigError(file, name, entry, f"a table with a value from 0 to {high} and its source")
    return SignalRule(*(float(document[name]["value"]) for name in SignalRule._fields))


def undetermined(
    people: pd.DataFrame, rule: SignalRule, resident_nights: float, period_s: int
) -> npt.NDArray[np.bool_]:
    """Who is undetermined.

    Parameters
    ----------
    people : columns of `period.label` and of `elsewhere.seen`
    resident_nights : nights of the period that make a resident by the definition
    period_s : length of the period, seconds
    """
    here, span = people["days_here"].to_numpy(), people["span_nights"].to_numpy()
    nights, observed = people["nights"].to_numpy(), people["observed_nights"].to_numpy()
    most = np.minimum(span, nights + np.maximum(span - observed, 0))
    known_s = np.rint(people["coverage"].to_numpy() * period_s)
    absent = (known_s >= rule.known_hours * 3_600 * here) & (here < resident_nights)
    return np.asarray(
        (people["resident_class"] != "resident").to_numpy()
        & (most >= resident_nights)
        & ~absent
        & (people["nights_heard"].to_numpy() >= rule.night_share * here)
        & (people["days_elsewhere"].to_numpy() < here)
    )


def named(people: pd.DataFrame, rule: SignalRule, resident_nights: float, period_s: int) -> pd.DataFrame:
    """The user table with the kind of stay `NAME` where `undetermined` says so, without the columns only that needs."""
    unsure = undetermined(people, rule, resident_nights, period_s)
    kinds = people["resident_class"].mask(unsure, NAME)
    return people.assign(resident_class=kinds).drop(columns=["span_nights", "nights_heard"])


def share(figures: Mapping[str, float], k: int) -> float:
    """Share of the undetermined among the devices that may be residents; nan where it would tell of fewer than k.

    Parameters
    ----------
    figures : quality of a period, with devices by kind of stay
    """
    unsure, living = (figures.get(f"resident_class_{name}", 0.0) for name in (NAME, "resident"))
    hidden = any(0 < count < k for count in (unsure, living))
    return float("nan") if hidden or unsure + living == 0 else unsure / (unsure + living)
