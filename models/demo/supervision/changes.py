"""Registered changes (变更登记): what the firms of today were before."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.supervision.ground import Ground
from models.demo.supervision.planted import ToldChange
from models.demo.supervision.world import TODAY, Days, Ints, World
from models.demo.trades import TRADES
from models.demo.words import BRAND_FIRST, BRAND_SECOND, persons, pick

HEADERS = {
    "change_id": "变更编号",
    "subject_id": "统一社会信用代码",
    "changed_on": "变更日期",
    "kind": "变更事项",
    "before": "变更前",
    "after": "变更后",
    "before_person": "变更前人员",
    "after_person": "变更后人员",
    "amount_before_cny": "变更前注册资本(万元)",
    "amount_after_cny": "变更后注册资本(万元)",
}
KINDS = {
    "capital": "注册资本",
    "scope": "经营范围",
    "address": "住所",
    "representative": "法定代表人",
    "shareholding": "股东",
    "name": "名称",
    "branch": "分支机构",
}
FIRST = np.datetime64("2012-07-01")
# Changes a year of an enterprise (an individual business changes at a third of it); once means at most one per firm, so
# that the text after it is what the register says today.
RATE = {"capital": 0.02, "scope": 0.035, "address": 0.035, "representative": 0.03, "name": 0.008}
OFTEN = {"shareholding": 0.03, "branch": 0.015}
Texts = npt.NDArray[np.object_]


def changes(world: World, ground: Ground, told: list[ToldChange], rng: np.random.Generator) -> pd.DataFrame:
    """Return the changes since July 2012 in the columns of `HEADERS`; ``told`` are those of planted episodes."""
    years = (TODAY - np.maximum(world.day, FIRST)).astype(float) / 365.25
    rate = years * np.where(world.individual, 0.35, 1.0) * ~world.planted * ~world.dormant * np.exp(0.2 * world.risk)
    quiet = ~world.firms["uscc"].isin({c.code for c in told}).to_numpy()
    parts = []
    for kind, often in RATE.items():
        has = quiet & (rng.random(len(world)) < often * rate)
        at = np.flatnonzero(has & ~((kind == "capital") & np.isnan(world.capital_cny)))
        parts.append(_one(kind, at, world, ground, rng))
    for kind, often in OFTEN.items():
        at = np.repeat(np.arange(len(world)), rng.poisson(often * rate * (quiet & ~world.individual)))
        parts.append(_one(kind, at, world, ground, rng))
    table = pd.concat([*parts, _told(told)] if told else parts, ignore_index=True)
    table = table.sort_values(["changed_on", "subject_id", "kind"], kind="stable", ignore_index=True)
    day = pd.Series(table["changed_on"].to_numpy("datetime64[D]"))
    table["change_id"] = "BG" + day.dt.strftime("%Y%m") + "-" + pd.Series(np.arange(1, len(table) + 1)).astype(str)
    table["changed_on"], table["kind"] = day.dt.strftime("%Y-%m-%d"), table["kind"].map(KINDS)
    return table[list(HEADERS)].rename(columns=HEADERS)


def _one(kind: str, at: Ints, world: World, ground: Ground, rng: np.random.Generator) -> pd.DataFrame:
    since = np.maximum(world.day[at] + 30, FIRST)
    day = since + (rng.random(len(at)) * np.maximum((TODAY - since).astype(int), 0)).astype(np.int64)
    keep = (day <= TODAY) & (day > world.day[at])
    at, day = at[keep], day[keep]
    columns = _DETAILS[kind](at, world, ground, rng)
    return _frame({"subject_id": world.codes[at], "changed_on": day, "kind": kind, **columns}, len(at))


def _frame(columns: dict[str, object], count: int) -> pd.DataFrame:
    """Return a frame of all columns but the id, empty where nothing is said."""
    frame = pd.DataFrame(columns, index=range(count))
    for name in HEADERS:
        if name not in frame and name != "change_id":
            frame[name] = np.nan if name.startswith("amount") else pd.Series([None] * count, dtype=object)
    return frame


def _capital(at: Ints, world: World, _: Ground, rng: np.random.Generator) -> dict[str, object]:
    after = world.capital_cny[at] / 1e4
    factor = np.exp(np.abs(rng.normal(0.7, 0.5, len(at)))) ** np.where(rng.random(len(at)) < 0.93, 1, -1)
    return {"amount_before_cny": np.round(after / factor, 1), "amount_after_cny": np.round(after, 4)}


def _scope(at: Ints, world: World, _: Ground, rng: np.random.Generator) -> dict[str, object]:
    """Most scopes had a clause less, some another trade of the same section, few a trade of another one."""
    after = world.firms["scope"].to_numpy(dtype=object)[at]
    section = world.firms["section"].to_numpy(dtype=object)[at]
    same = [TRADES[s][int(d * len(TRADES[s]))][1] for s, d in _drawn(section, rng)]
    other = pick([t[1] for trades in TRADES.values() for t in trades], len(at), rng)
    which = np.searchsorted([0.86, 0.97], rng.random(len(at)))
    choices = np.array([[_shorter(t) for t in after.tolist()], same, other], dtype=object)
    return {"before": choices[which, np.arange(len(at))], "after": after}


def _shorter(scope: str) -> str:
    """Return a scope without its last clause, or what it says of a single one without its last words."""
    plain = scope.split("[", maxsplit=1)[0].split("（以上", maxsplit=1)[0].rstrip("*。；")
    for mark in ("；", "、"):
        if mark in plain:
            return plain.rsplit(mark, 1)[0] + "。"
    return plain + "。"


def _address(at: Ints, world: World, ground: Ground, rng: np.random.Generator) -> dict[str, object]:
    houses = rng.choice(ground.free(), len(at))
    return {
        "before": [ground.address(h) for h in houses.tolist()],
        "after": world.firms["address"].to_numpy(dtype=object)[at],
    }


def _representative(at: Ints, world: World, _: Ground, rng: np.random.Generator) -> dict[str, object]:
    return {"before_person": persons(len(at), rng), "after_person": _present(world, at)}


def _shareholding(at: Ints, _: World, __: Ground, rng: np.random.Generator) -> dict[str, object]:
    return {"before_person": persons(len(at), rng), "after_person": persons(len(at), rng)}


def _name(at: Ints, world: World, _: Ground, rng: np.random.Generator) -> dict[str, object]:
    names = world.firms["name"].to_numpy(dtype=object)[at]
    brand = [a + b for a, b in zip(pick(BRAND_FIRST, len(at), rng), pick(BRAND_SECOND, len(at), rng), strict=True)]
    return {"before": [f"{b}{n[-8:]}" for b, n in zip(brand, names.tolist(), strict=True)], "after": names}


def _branch(at: Ints, world: World, _: Ground, rng: np.random.Generator) -> dict[str, object]:
    stems = np.array([t.stem for t in world.towns], dtype=object)[rng.integers(0, len(world.towns), len(at))]
    return {"before": None, "after": [f"设立{s}分公司" for s in stems.tolist()]}


_DETAILS = {
    "capital": _capital,
    "scope": _scope,
    "address": _address,
    "representative": _representative,
    "shareholding": _shareholding,
    "name": _name,
    "branch": _branch,
}


def _present(world: World, at: Ints) -> list[str | None]:
    return [None if r == "N/A" else r for r in world.firms["representative"].to_numpy()[at].tolist()]


def _drawn(values: npt.NDArray[np.object_], rng: np.random.Generator) -> zip[tuple[str, float]]:
    return zip(values.tolist(), rng.random(len(values)).tolist(), strict=True)


def _told(told: list[ToldChange]) -> pd.DataFrame:
    persons_change = np.array([c.kind in ("representative", "shareholding") for c in told])
    before, after = ([getattr(c, side) for c in told] for side in ("before", "after"))
    amounts = np.array([c.amounts or (np.nan, np.nan) for c in told]) / 1e4
    days: Days = np.array([c.day for c in told], dtype="datetime64[D]")
    return pd.DataFrame(
        {
            "subject_id": [c.code for c in told],
            "changed_on": days,
            "kind": [c.kind for c in told],
            "before": [None if p else t for t, p in zip(before, persons_change, strict=True)],
            "after": [None if p else t for t, p in zip(after, persons_change, strict=True)],
            "before_person": [t if p else None for t, p in zip(before, persons_change, strict=True)],
            "after_person": [t if p else None for t, p in zip(after, persons_change, strict=True)],
            "amount_before_cny": amounts[:, 0],
            "amount_after_cny": amounts[:, 1],
        }
    )
