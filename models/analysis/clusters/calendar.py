"""The calendar of a registry: days it is closed, the quiet weeks around Spring Festival (春节), and batch days.

Measured on a real register: February of a Spring Festival year is 39 % below January, and single days carry eight
times the usual number because a batch was loaded. Neither is news; `docs/methods/baselines.md` says how each enters.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.errors import ConfigError
from models.settings import PROJECT_ROOT

Days = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TABLE = PROJECT_ROOT / "data" / "reference" / "holidays_cn.csv"
QUIET_BEFORE, QUIET_AFTER = 7, 14
"""Days before and after the first day of the lunar year on which a registry is quiet though it may be open."""
BATCH_TIMES, BATCH_LEAST = 3.0, 10
"""A day is a batch when it has so many times the median of the open days before it, and at least so many cases."""
BATCH_FENCE = 1.5
"""And when it lies so many interquartile ranges above their upper quartile (Tukey 1977, inner fence)."""
BATCH_LOOKBACK, BATCH_LEAST_DAYS = 40, 10
BATCH_OLDEST = 120
"""Days back to the oldest day compared with; a register with a gap of years is not compared over it."""
_HOLIDAYS = ("spring_festival", "new_year", "labour_day", "national_day")


@dataclass(frozen=True)
class Calendar:
    """Holidays as reviewed data; days are numbers since 1 January 1970.

    Attributes
    ----------
    closed : days of public holidays
    festivals : first days of the lunar years
    first, last : days between which the table is complete
    """

    closed: frozenset[int]
    festivals: tuple[int, ...]
    first: int
    last: int

    @classmethod
    def load(cls, path: Path = TABLE) -> Calendar:
        """Read the table of holidays.

        Raises
        ------
        ConfigError : a row that is no day, names an unknown holiday, or a year without a Spring Festival
        """
        closed: set[int] = set()
        festivals: list[int] = []
        with path.open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                if row["holiday"] not in _HOLIDAYS:
                    raise ConfigError(path, f"line {line}, holiday", row["holiday"], ", ".join(_HOLIDAYS))
                try:
                    day = int(np.datetime64(row["first_day"], "D").astype(np.int64))
                    length = int(row["days_closed"])
                except ValueError as error:
                    raise ConfigError(
                        path, f"line {line}", str(error), "a day YYYY-MM-DD and a number of days"
                    ) from error
                closed.update(range(day, day + length))
                if row["holiday"] == "spring_festival":
                    festivals.append(day)
        years = np.array(sorted(festivals), "datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        if not years.size or (np.diff(years) != 1).any():
            raise ConfigError(
                path, "spring_festival", f"years {years.tolist()}", "one row for every year, without gaps"
            )
        ends = np.array([f"{years[0]}-01-01", f"{years[-1]}-12-31"], "datetime64[D]").astype(np.int64)
        return cls(frozenset(closed), tuple(sorted(festivals)), int(ends[0]), int(ends[1]))

    def open(self, days: Days) -> npt.NDArray[np.bool_]:
        """Whether the registry works on each day: Monday to Friday outside public holidays.

        Working weekends that make up for bridge days are not known to the table and count as closed.
        """
        weekday = (days + 3) % 7
        holiday = np.isin(days, np.fromiter(self.closed, np.int64))
        return (weekday < 5) & ~holiday

    def quiet(self, days: Days) -> npt.NDArray[np.bool_]:
        """Whether each day lies in the quiet time around Spring Festival."""
        starts = np.array(self.festivals, np.int64)
        at = np.clip(np.searchsorted(starts, days + QUIET_BEFORE, side="right") - 1, 0, starts.size - 1)
        since = days - starts[at]
        return (since >= -QUIET_BEFORE) & (since < QUIET_AFTER)


def batch_weights(totals: Floats, days: Days, calendar: Calendar) -> Floats:
    """Return what each case of a day counts for: 1, or less on a batch day.

    A batch day (集中录入日) is compared with the last ``BATCH_LOOKBACK`` open days of the ``BATCH_OLDEST`` days before
    it that had cases and were not quiet: it has at least ``BATCH_TIMES`` times their median, and more than their upper
    quartile plus ``BATCH_FENCE`` interquartile ranges. Its cases then count as many as the median.

    The factor alone would be enough for a steady registry. A real one deals with 10 firms on one day and 150 on the
    next, so that three times the median is passed every second week; and the low days around Spring Festival pull the
    median down for two months after.

    Parameters
    ----------
    totals : cases of each day, all places together
    days : day numbers, consecutive, ascending

    Returns
    -------
    Weights in (0, 1], one a day.
    """
    weights = np.ones(totals.size)
    works = calendar.open(days) & ~calendar.quiet(days) & (totals > 0)
    position = np.flatnonzero(works)
    for t in np.flatnonzero(totals >= BATCH_LEAST):
        first, end = np.searchsorted(position, (t - BATCH_OLDEST, t))
        before = position[max(first, end - BATCH_LOOKBACK) : end]
        if before.size < BATCH_LEAST_DAYS:
            continue
        lower, usual, upper = (float(q) for q in np.quantile(totals[before], (0.25, 0.5, 0.75)))
        if totals[t] >= BATCH_TIMES * max(usual, 1.0) and totals[t] > upper + BATCH_FENCE * (upper - lower):
            weights[t] = max(usual, 1.0) / totals[t]
    return weights
