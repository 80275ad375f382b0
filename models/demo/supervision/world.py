"""The firms as supervision knows them: those the register loads, with hidden staff, risk and dormancy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.dirt import QUARANTINED
from models.demo.registers import Outcome
from models.demo.streams import Streams
from models.demo.towns import Town
from models.sources.legal_persons import capital

TODAY = np.datetime64("2015-06-30")
"""Last day of all records."""
Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NO_DAY = np.datetime64("NaT", "D")
_AGAIN = ("delivered twice", "delivered in two files")
# Middle staff by section, log risk by section: assumptions of the generator, not measured.
STAFF = {"B": 45, "C": 18, "D": 20, "E": 22, "G": 9, "H": 5, "J": 8, "K": 12, "N": 12, "P": 9, "Q": 8}
USUAL_STAFF = 4
SECTION_RISK = {"H": 0.7, "B": 0.6, "J": 0.6, "C": 0.2, "K": 0.3, "G": 0.1, "Q": 0.3, "P": 0.1, "A": -0.4, "M": -0.4}


def iso(days: Days) -> pd.Series:
    """Return days as texts such as 2015-06-30; missing days stay missing."""
    return pd.Series(days, dtype="datetime64[s]").dt.strftime("%Y-%m-%d")


@dataclass(frozen=True)
class World:
    """Firms that the register loads; all arrays have one entry per firm.

    Attributes
    ----------
    firms : uscc, name, section, town, grid_code, capital, scope, address, representative, lon, lat, kind, file, row
    codes : unified social credit codes
    day : day of registration
    town : position of the town
    individual : individual business (个体工商户)
    staff : people who really work there
    hidden : propensity to faults that no record shows, standard normal
    risk : log odds that all records depend on: hidden, section and age
    dormant : gave up without deregistering
    capital_cny : registered capital in yuan, NaN where the register says nothing usable
    planted : True for the firms that an episode asked for
    """

    firms: pd.DataFrame
    towns: list[Town]
    codes: npt.NDArray[np.object_]
    day: Days
    town: Ints
    individual: Flags
    staff: Ints
    hidden: Floats
    risk: Floats
    dormant: Flags
    capital_cny: Floats
    planted: Flags

    def __len__(self) -> int:
        return len(self.firms)

    def positions(self) -> dict[str, int]:
        """Return the position of each code."""
        return {code: n for n, code in enumerate(self.codes.tolist())}

    def section(self, letters: str) -> Flags:
        """Return which firms are in any of some sections."""
        result: Flags = self.firms["section"].isin(list(letters)).to_numpy()
        return result


def world(outcome: Outcome, towns: list[Town], planted: int, streams: Streams) -> World:
    """Return the firms of a written register; the last ``planted`` ones are those of the episodes."""
    drawn = pd.concat(outcome.drawn, ignore_index=True)
    labels = pd.concat(outcome.labels, ignore_index=True)
    lost = labels[(labels["expected"] == QUARANTINED) & ~labels["kind"].isin(_AGAIN)]
    gone = pd.MultiIndex.from_frame(drawn[["file", "row"]]).isin(pd.MultiIndex.from_frame(lost[["file", "row"]]))
    young = np.arange(len(drawn)) >= len(drawn) - planted
    rng, kept = streams.of("supervised firms"), ~gone
    draws = rng.normal(0, 1, (len(drawn), 3))
    hidden, noise, size = draws[kept].T
    uniform = rng.random(len(drawn))[kept]
    firms = drawn[kept].reset_index(drop=True)
    day = firms["established_on"].to_numpy(dtype="datetime64[D]")
    individual = firms["uscc"].str.startswith("92").to_numpy()
    section = firms["section"].tolist()
    middle = np.where(individual, 2.2, np.array([STAFF.get(s, USUAL_STAFF) for s in section], dtype=float))
    middle = middle * np.where(firms["kind"] == "park", 2.2, 1.0)
    age = (TODAY - day).astype(float) / 365.25
    risk = 0.9 * hidden + np.array([SECTION_RISK.get(s, 0.0) for s in section]) + 0.6 * (age < 2.5) - 0.02 * age
    parsed = capital.parse(firms["capital"].astype("str"))
    position = {t.name: n for n, t in enumerate(towns)}
    return World(
        firms,
        towns,
        firms["uscc"].to_numpy(dtype=object),
        day,
        np.array([position[t] for t in firms["town"].tolist()]),
        individual,
        np.maximum(np.round(middle * np.exp(0.7 * size)), 1).astype(np.int64),
        hidden,
        risk + 0.15 * noise,
        (uniform < np.clip(0.004 * (age - 3), 0, 0.09)) & ~young[kept],
        parsed["capital_cny"].where(parsed["capital_flag"] == "ok").to_numpy(dtype="float64"),
        young[kept],
    )
