"""Levels of all subjects with their history: columns against a plain loop over subjects, in the same run.

    python -m benchmarks.classification --subjects 1000000 --sample 2000 --months 12

Both classify an invented city with one row per subject in each record table at every month end and at the business
date. The loop is the reference implementation of the tests; it runs on a sample and is scaled by the number of
subjects, which favours it: its dictionaries of a whole city would not fit the cache, and it makes no order, no history
and nothing of what would change a level. Scores are compared on the sample. Seconds are CPU seconds of this process,
which both ways spend on one core, so that other work on the machine does not change the ratio.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd

from benchmarks.measure import table
from models.analysis.classification.levels import classify, month_ends
from models.analysis.classification.population import prepare
from models.rules.scorecard import Scorecard, load_scorecard
from tests.unit.models.analysis.classification import small_city
from tests.unit.models.analysis.classification.reference import Plain

Records = dict[str, pd.DataFrame]


def by_columns(
    people: pd.DataFrame, records: Records, card: Scorecard, months: int
) -> tuple[dict[str, float], pd.Series]:
    """Classify all at once; seconds of preparing and of the replay, and the scores."""
    started = time.process_time()
    ready = prepare(people, records, card.decay_by_year, card.risk_words)
    prepared = time.process_time()
    found = classify(ready, card, small_city.AS_OF, months)
    ended = time.process_time()
    return {"prepare": prepared - started, "replay": ended - prepared}, found.levels["rule_score"]


def by_loop(people: pd.DataFrame, records: Records, card: Scorecard, months: int) -> tuple[float, list[float]]:
    """Classify one subject after another; seconds, and the scores."""
    started = time.process_time()
    plain = Plain(people, records, card)
    looks = month_ends(small_city.AS_OF, months + card.hysteresis_months)
    scores = []
    for row in plain.rows:
        levels = []
        for look in looks:
            values = plain.indicators(row, look)
            score = plain.score(values, small_city.AS_OF.date())
            levels.append(plain.level(values, score))
        scores.append(score)
    return time.process_time() - started, scores


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args()
    card = load_scorecard("general")
    few, of_few = small_city.random_city(options.sample, seed=1, events=1)
    slow, wanted = by_loop(few, of_few, card, options.months)
    _, got = by_columns(few, of_few, card, options.months)
    if got.tolist() != wanted:
        sys.exit("the scores of the columns and of the loop differ")
    many, of_many = small_city.random_city(options.subjects, seed=2, events=1)
    fast, scores = by_columns(many, of_many, card, options.months)
    whole = sum(fast.values())
    scaled = slow / options.sample * options.subjects
    rows = [
        [
            "columns",
            f"{options.subjects:,}",
            f"{whole:.1f} CPU s",
            f"{fast['prepare']:.1f}",
            f"{fast['replay']:.1f}",
            "1",
        ],
        ["plain loop, scaled", f"{options.sample:,}", f"{scaled:,.0f} CPU s", "", "", f"{scaled / whole:.0f}"],
    ]
    print(table(["way", "subjects run", "whole", "preparing", "replay", "times as long"], rows))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"\n{options.months} month ends and the business date, {sum(map(len, of_many.values())):,} records; peak "
        f"{peak:.1f} GiB with the invented city; scores equal on the sample; mean score {scores.mean():.2f}."
    )


if __name__ == "__main__":
    main()
