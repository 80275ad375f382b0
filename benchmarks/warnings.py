"""Detectors of early warning over a whole register: columns against plain per-group pandas, in the same run.

    python -m benchmarks.warnings --firms 1000000 --groups 3000

The plain way takes one group (building, person, peer group) or one text after the other, as the obvious pandas code
does. It runs on a part of the groups or texts and is scaled to all of them; on that part both must agree.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import peak_mb, table
from models import contracts
from models.analysis.warnings import episodes as spells
from models.analysis.warnings.address_keys import address_keys, cut_rule
from models.analysis.warnings.budget import benjamini_hochberg
from models.analysis.warnings.capital import peers_of, robust_z
from models.analysis.warnings.changes import cosine_distance
from models.analysis.warnings.detectors import detect, look
from models.analysis.warnings.fundraising import load_dictionary, word_scores
from models.analysis.warnings.replay import replay
from models.build.warnings import CLUSTERS, RECORDS
from models.rules.warning_rules import load_budget, load_rules

AS_OF = pd.Timestamp("2015-06-30")
WORDS = (
    "建筑材料批发",
    "餐饮服务",
    "软件开发",
    "企业管理咨询",
    "股权投资",
    "投资理财信息咨询",
    "五金交电零售",
    "物业管理",
    "农产品加工",
    "服装销售",
)
MINIMUM, WINDOW, QUIET = 5, 30, 180


def firms(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return an invented register: two firms a building, 1.4 a person, log-normal capital, scopes of three words."""
    house = rng.integers(0, count // 2, count)
    room = rng.integers(1, 30, (count, 2))
    address = [f"重庆市綦江区{h % 977}街{h}号{a}-{b}" for h, (a, b) in zip(house.tolist(), room.tolist(), strict=True)]
    person = pd.Series(rng.integers(0, int(count * 0.7), count)).map("{:016x}".format)
    words = rng.integers(0, len(WORDS), (count, 3))
    frame = pd.DataFrame(
        {
            "uscc": [f"9150022{i:011d}" for i in range(count)],
            "name": [f"重庆{WORDS[w][:4]}有限公司" for w in words[:, 0].tolist()],
            "established_on": AS_OF - pd.to_timedelta(rng.integers(0, 3650, count), "D"),
            "entity_type": np.array(["有限责任公司", "个体工商户"], dtype=object)[rng.integers(0, 2, count)],
            "representative_key": person.where(rng.random(count) > 0.13),
            "capital_cny": np.round(np.exp(rng.normal(13.5, 1.2, count)), -3) + 1000,
            "capital_flag": "ok",
            "scope_text": ["；".join(WORDS[w] for w in row) for row in words.tolist()],
            "industry_section": np.array(list("CEFGHILMOPQR"), dtype=object)[rng.integers(0, 12, count)],
            "address": address,
            "located": True, "outside": False, "lon": 106.6, "lat": 29.0,
            "grid_code": [f"g{g}" for g in rng.integers(0, 700, count).tolist()],
            "source_id": "made", "source_file": "made", "source_row": 2,
        }
    )  # fmt: skip
    return contracts.conform("subjects", frame)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return CPU seconds and result."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def plain_keys(addresses: pd.Series) -> pd.Series:
    """Cut the room off one address after the other."""
    rule = cut_rule()
    return addresses.apply(lambda text: address_keys(pd.Series([text], dtype="str"), rule).iloc[0])


def plain_bursts(frame: pd.DataFrame) -> int:
    """Count episodes group by group with a rolling count, as plain pandas does it."""
    found = 0
    for _, group in frame.groupby("key"):
        days = group.sort_values("day")["day"]
        counts = pd.Series(1, index=pd.to_datetime(days, unit="D")).rolling(f"{WINDOW}D").sum()
        last: pd.Timestamp | None = None
        for day in counts[counts >= MINIMUM].index:
            found += last is None or (day - last).days > QUIET
            last = day
    return found


def fast_bursts(frame: pd.DataFrame) -> int:
    """Count the same episodes at once."""
    group = pd.factorize(frame["key"])[0].astype(np.int64)
    day = frame["day"].to_numpy(np.int64)
    made = spells.episodes(group, day, minimum=MINIMUM, window_days=WINDOW, quiet_days=QUIET, today=20_000)
    return int(made.group.size)


def plain_z(frame: pd.DataFrame) -> float:
    """Flag outliers group by group with a function of each group."""

    def of_group(x: pd.Series) -> pd.Series:
        away = (x - x.median()).abs()
        scale = away.median() / 0.6745 or away.mean() * 1.253314
        return (x - x.median()) / scale if scale else x * 0.0

    return float((frame.groupby("peer")["x"].transform(of_group) > 3.5).sum())


def plain_words(texts: pd.Series) -> float:
    """Sum the weights of the words of one text after the other."""
    weights = load_dictionary().weights
    ordered = sorted(weights, key=lambda w: -len(w))

    def of_text(text: str) -> float:
        rest, total = text, 0.0
        for word in ordered:
            if word in rest:
                total, rest = total + weights[word], rest.replace(word, "\n")
        return total

    return float(texts.apply(of_text).sum())


def plain_distance(before: str, after: str) -> float:
    """Cosine distance of the bigrams of two texts."""
    one, two = (pd.Series([t[i : i + 2] for i in range(len(t) - 1)]).value_counts() for t in (before, after))
    a, b = one.align(two, fill_value=0)
    return 1 - float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=3_000)
    options = parser.parse_args()
    rng = np.random.default_rng(7)
    made = firms(options.firms, rng)
    rows = [_keys(made, options.groups), _bursts(made, options.groups), _z(made), _words(made), _scopes(made, rng)]
    print(table(["detector", "rows", "columns, CPU s", "plain, run on", "plain, scaled CPU s", "times as long"], rows))
    records = {name: contracts.empty(name) for name in (*RECORDS, *CLUSTERS)}
    whole, raised = timed(lambda: _everything(made, records))
    tests, p = 1_000_000, rng.random(1_000_000)
    fdr, _ = timed(lambda: benjamini_hochberg(p, tests, 0.05))
    print(
        f"\nEvery rule of data/rules/warnings over {options.firms:,} firms, replayed and ranked with its evidence: "
        f"{whole:.1f} s, {len(raised):,} warnings; FDR over a million p-values {fdr:.2f} s; peak {peak_mb():,.0f} MB."
    )


def _everything(made: pd.DataFrame, records: dict[str, pd.DataFrame]) -> pd.DataFrame:
    inputs = look(made, records, AS_OF)
    return replay(detect(inputs, load_rules()), inputs, alerts_per_week=20, lookback_weeks=26, budget=load_budget())


def _row(name: str, rows: int, fast: float, part: int, slow: float) -> list[str]:
    scaled = slow / part * rows
    return [name, f"{rows:,}", f"{fast:.2f}", f"{part:,}", f"{scaled:,.1f}", f"{scaled / fast:,.1f}"]


def _agree(name: str, fast: float, slow: float) -> None:
    if abs(fast - slow) > 1e-6 * max(1.0, abs(slow)):
        raise SystemExit(f"{name}: the columns give {fast}, the plain way {slow}")


def _keys(made: pd.DataFrame, part: int) -> list[str]:
    fast, keys = timed(lambda: address_keys(made["address"]))
    slow, wanted = timed(lambda: plain_keys(made["address"].head(part)))
    _agree("address keys", float((keys.head(part) == wanted).sum()), float(part))
    return _row("building-level address keys", len(made), fast, part, slow)


def _bursts(made: pd.DataFrame, groups: int) -> list[str]:
    frame = pd.DataFrame(
        {"key": address_keys(made["address"]), "day": spells.days_of(made["established_on"].to_numpy())}
    )
    fast, _ = timed(lambda: fast_bursts(frame))
    some = frame[frame["key"].isin(frame["key"].drop_duplicates().head(groups))]
    slow, wanted = timed(lambda: plain_bursts(some))
    _agree("bursts", fast_bursts(some), wanted)
    return _row("bursts of a building", len(frame), fast, len(some), slow)


def _z(made: pd.DataFrame) -> list[str]:
    x = np.log10(made["capital_cny"].to_numpy(np.float64))
    fast, (group, size) = timed(lambda: peers_of(made, 20))
    again, z = timed(lambda: robust_z(x, group, size))
    frame = pd.DataFrame({"peer": group, "x": x})
    slow, wanted = timed(lambda: plain_z(frame))
    _agree("robust z", float((z > 3.5).sum()), wanted)
    return _row("robust z of capital within peers", len(made), fast + again, len(made), slow)


def _words(made: pd.DataFrame) -> list[str]:
    none = pd.Series([""] * len(made), dtype="str")
    fast, (score, _) = timed(lambda: word_scores(none, made["scope_text"], load_dictionary()))
    part = min(100_000, len(made))
    slow, wanted = timed(lambda: plain_words(made["scope_text"].head(part)))
    _agree("words", float(score[:part].sum()), wanted)
    return _row("weighted words of fund-raising", len(made), fast, part, slow)


def _scopes(made: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    before = made["scope_text"].head(200_000).reset_index(drop=True)
    after = before.sample(frac=1, random_state=int(rng.integers(99))).reset_index(drop=True)
    fast, distance = timed(lambda: cosine_distance(before, after, 2))
    part = 1_000
    slow, wanted = timed(lambda: [plain_distance(a, b) for a, b in zip(before[:part], after[:part], strict=True)])
    _agree("scopes", float(np.sum(distance[:part])), float(np.sum(wanted)))
    return _row("distance of old and new scope", len(before), fast, part, slow)


if __name__ == "__main__":
    main()
