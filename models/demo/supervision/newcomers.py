"""Planted firms: what an episode asks for, and the rows of a register that come of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.calendar import SPRING_FESTIVALS
from models.demo.supervision.ground import Ground
from models.demo.trades import CAPITAL_WAN, TRADES, USUAL_CAPITAL_WAN
from models.demo.words import brands, persons
from models.sources.legal_persons import uscc

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Wish:
    """What one planted firm should be; None leaves it to chance.

    Attributes
    ----------
    house : position of the house it is registered at
    day : day of registration
    section : industry section letter
    representative : name of the legal representative
    capital : capital text
    scope : scope text
    plain : True writes the bare house number, without a room
    """

    house: int
    day: np.datetime64
    section: str = "F"
    representative: str | None = None
    capital: str | None = None
    scope: str | None = None
    plain: bool = False


@dataclass
class Newcomers:
    """Collects the planted firms; a code is given at once, so that an episode can name its members."""

    ground: Ground
    rng: np.random.Generator
    wishes: list[Wish] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def add(self, wishes: list[Wish]) -> list[str]:
        """Add firms and return their codes."""
        start, count = len(self.codes), len(wishes)
        body = np.zeros((count, 17), dtype=np.int8)
        body[:, :8] = [9, 1, 5, 0, 0, 1, 1, 0]
        body[:, 8:11] = [uscc.ALPHABET.index(c) for c in "MA6"]
        # 7919 has no factor 31: neighbours in time do not get neighbouring codes.
        serial = (40_009 + np.arange(start, start + count, dtype=np.int64)) * 7919 % 31**6
        for place in range(16, 10, -1):
            body[:, place] = serial % 31
            serial = serial // 31
        made = list(uscc.with_check(body)) if count else []
        self.wishes += wishes
        self.codes += made
        return made

    def frame(self) -> pd.DataFrame:
        """Return the firms in the columns of `models.demo.firms.make_firms`, in the order they were added."""
        count, rng, ground = len(self.wishes), self.rng, self.ground
        houses = ground.sites.houses
        at = np.array([w.house for w in self.wishes], dtype=np.int64)
        section = [w.section for w in self.wishes]
        trade = [TRADES[s][int(d * len(TRADES[s]))] for s, d in zip(section, rng.random(count).tolist(), strict=True)]
        pool, brand = persons(count, rng), brands(count, rng)
        room = rng.integers(1, 30, (count, 3)).tolist()
        amount = np.array([CAPITAL_WAN.get(s, USUAL_CAPITAL_WAN) for s in section]) * np.exp(rng.normal(0, 0.6, count))
        wan = np.maximum(np.round(amount / 10) * 10, 10).astype(int).tolist()
        town = [ground.sites.towns[t].name for t in houses.town[at].tolist()]
        return pd.DataFrame(
            {
                "uscc": self.codes,
                "name": [f"重庆{b}{_stem(t[0])}有限公司" for b, t in zip(brand, trade, strict=True)],
                "established_on": [str(w.day) for w in self.wishes],
                "entity_type": "有限责任公司",
                "representative": [w.representative or p for w, p in zip(self.wishes, pool, strict=True)],
                "capital": [w.capital or f"{c}(万)" for w, c in zip(self.wishes, wan, strict=True)],
                "scope": [w.scope or t[1] for w, t in zip(self.wishes, trade, strict=True)],
                "district": "綦江",
                "address": [
                    ground.address(w.house) + ("" if w.plain else _room(r))
                    for w, r in zip(self.wishes, room, strict=True)
                ],
                "section": section,
                "kind": "street",
                "site": at,
                "town": town,
                "lon": ground.degrees[at, 0],
                "lat": ground.degrees[at, 1],
                "form": ["number" if w.plain else "number and room" for w in self.wishes],
                "grid_code": [ground.code(h) for h in at.tolist()],
            }
        )


def _stem(word: str) -> str:
    return word.removesuffix("经营部").removesuffix("店").removesuffix("部")


def _room(draw: list[int]) -> str:
    floor, number, form = draw[0] % 9 + 1, draw[1], draw[2] % 3
    return (f"{floor}-{number}", f"{floor}楼{number}室", f"{floor}层{floor}{number:02d}室")[form]


def workdays(first: str, days: int, count: int, rng: np.random.Generator) -> Days:
    """Return ``count`` working days within ``days`` days from ``first``, sorted; the first day is always one of them.

    Weekends and the Spring Festival are left out; ``first`` moves to the next working day.
    """
    start = np.datetime64(first, "D")
    window = np.arange(start, start + days + 21)
    window = window[_working(window)]
    begin = window[0]
    window = window[window < begin + days]
    drawn = rng.choice(window, count)
    drawn[: min(2, count)] = (begin, window[-1])[: min(2, count)]
    result: Days = np.sort(drawn)
    return result


def _working(days: Days) -> npt.NDArray[np.bool_]:
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    feast = (days[:, None] >= SPRING_FESTIVALS[None] - 2) & (days[:, None] <= SPRING_FESTIVALS[None] + 7)
    result: npt.NDArray[np.bool_] = (weekday < 5) & ~feast.any(axis=1)
    return result
