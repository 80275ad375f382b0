"""On which days firms are registered: growth over the years, no Sundays, a quiet Spring Festival, batch
days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FIRST, LAST = np.datetime64("1985-01-02"), np.datetime64("2015-06-30")
# fmt: off
SPRING_FESTIVALS = np.array(
    [
        "1985-02-20", "1986-02-09", "1987-01-29", "1988-02-17", "1989-02-06", "1990-01-27",
        "1991-02-15", "1992-02-04", "1993-01-23", "1994-02-10", "1995-01-31", "1996-02-19",
        "1997-02-07", "1998-01-28", "1999-02-16", "2000-02-05", "2001-01-24", "2002-02-12",
        "2003-02-01", "2004-01-22", "2005-02-09", "2006-01-29", "2007-02-18", "2008-02-07",
        "2009-01-26", "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31",
        "2015-02-19",
    ],
    dtype="datetime64[D]",
)
# fmt: on
"""First days of the lunar years."""
REFORM = np.datetime64("2014-03-01")
"""Start of the reform of the registered-capital system, after which registrations rose."""


def day_weights(rng: np.random.Generator) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """Return all days from `FIRST` to `LAST` and how many registrations each gets, relative to the others."""
    days = np.arange(FIRST, LAST + 1)
    years = (days - FIRST).astype(float) / 365.25
    weight = np.exp(years * 0.135) * np.where(days >= REFORM, 1.7, 1.0)
    weight *= np.exp(rng.normal(0, 0.18, len(days)))
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    weight *= np.array([1.15, 1.1, 1.0, 1.0, 0.95, 0.06, 0.02])[weekday]
    for first in SPRING_FESTIVALS:
        around = (days >= first - 6) & (days <= first + 9)
        weight[around] *= 0.07
        weight[(days > first + 9) & (days <= first + 16)] *= 0.6
    weight[(days.astype("datetime64[M]").astype(np.int64) % 12 == 9) & (_day_of_month(days) <= 7)] *= 0.15
    for year in range(1996, 2016):
        pool = np.flatnonzero((days.astype("datetime64[Y]").astype(int) + 1970 == year) & (weekday < 5))
        weight[rng.choice(pool)] *= rng.uniform(9, 16)
    return days, weight / weight.sum()


def _day_of_month(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    result: npt.NDArray[np.int64] = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    return result
