"""Holdings (投资与持股): persons and firms that hold firms, without cycles but for the planted ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.supervision.planted import ToldHolding
from models.demo.supervision.world import NO_DAY, TODAY, Days, Flags, Floats, Ints, World, iso
from models.demo.words import persons

HEADERS = {
    "investment_id": "投资编号",
    "subject_id": "被投资主体代码",
    "investor_id": "投资方主体代码",
    "investor_person": "投资人",
    "amount_cny": "认缴出资额(万元)",
    "share": "持股比例",
    "invested_on": "投资日期",
    "ended_on": "退出日期",
}
HELD = 0.22
"""Share of the enterprises with a capital whose holders are delivered."""
BY_FIRM = 0.12
"""Share of these with a firm among the holders: an older one, so that no chain comes back."""
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Holders:
    """One holder per entry: firm held, code of the firm or name of the person that holds it, share."""

    at: Ints
    firm: Texts
    person: Texts
    share: Floats

    def frame(self, world: World) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "subject_id": world.codes[self.at],
                "investor_id": self.firm,
                "investor_person": self.person,
                "amount_cny": world.capital_cny[self.at] * self.share,
                "share": self.share,
                "invested_on": world.day[self.at],
            }
        )


def investments(world: World, told: list[ToldHolding], rng: np.random.Generator) -> pd.DataFrame:
    """Return the holdings in the columns of `HEADERS`; ``told`` are those of planted episodes."""
    planted = {h.code for h in told} | {h.investor for h in told}
    usable = ~world.individual & ~np.isnan(world.capital_cny) & ~np.isin(world.codes, sorted(planted))
    at = np.flatnonzero(usable & ~world.planted & (rng.random(len(world)) < HELD))
    alone = rng.random(len(at)) < 0.4
    main = np.where(alone, 1.0, np.round(rng.uniform(0.34, 0.99, len(at)), 2))
    second = at[~alone]
    nobody = np.full(len(second), None, dtype=object)
    partner = np.array(persons(len(second), rng), dtype=object)
    parts = [
        _Holders(at, *_first_holders(world, at, rng), main).frame(world),
        _Holders(second, nobody, partner, np.round(1 - main, 2)[~alone]).frame(world),
    ]
    if told:
        rows = [(h.code, h.investor, None, h.amount, h.share, h.day) for h in told]
        parts.append(pd.DataFrame(rows, columns=parts[0].columns))
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values(["invested_on", "subject_id", "share"], kind="stable", ignore_index=True)
    since = table["invested_on"].to_numpy("datetime64[D]")
    lasts = table["subject_id"].isin(planted).to_numpy() | (rng.random(len(table)) > 0.05)
    table["ended_on"] = iso(_ends(since, lasts, rng))
    table["invested_on"] = iso(since)
    table["investment_id"] = [f"TZ{n:06d}" for n in range(1, len(table) + 1)]
    table["share"] = table["share"].round(4)
    table["amount_cny"] = (table["amount_cny"] / 1e4).round(4)
    return table[list(HEADERS)].rename(columns=HEADERS)


def _first_holders(world: World, at: Ints, rng: np.random.Generator) -> tuple[Texts, Texts]:
    """Return the code of the firm or the name of the person that holds most of each firm; the other one is None.

    Firms that invest are a few hundred; each holds only younger ones.
    """
    named = world.firms["representative"].to_numpy(dtype=object)[at]
    person = np.where(named == "N/A", np.array(persons(len(at), rng), dtype=object), named)
    pool = np.flatnonzero(~world.individual & ~world.planted & (world.capital_cny > 1e6))
    pool = np.sort(rng.choice(pool, min(400, len(pool)), replace=False))
    pool = pool[np.argsort(world.day[pool], kind="stable")]
    older = np.searchsorted(world.day[pool], world.day[at] - 365)
    chosen = pool[(rng.random(len(at)) * older).astype(np.int64).clip(0, len(pool) - 1)]
    by_firm = (older > 0) & (rng.random(len(at)) < BY_FIRM)
    firm = np.full(len(at), None, dtype=object)
    firm[by_firm] = world.codes[chosen[by_firm]]
    person[by_firm] = None
    return firm, person


def _ends(since: Days, lasts: Flags, rng: np.random.Generator) -> Days:
    """Return the last day of each holding, NaT while it lasts."""
    span = np.maximum((TODAY - since).astype(np.int64), 1)
    end = since + 1 + (rng.random(len(since)) * span * 0.99).astype(np.int64)
    result: Days = np.where(lasts, NO_DAY, np.minimum(end, TODAY))
    return result
