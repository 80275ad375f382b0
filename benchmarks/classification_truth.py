"""Levels and probabilities against the hidden truth of the demo city, and against real food inspections.

    python -m benchmarks.classification_truth --write

Builds the whole demo city and, where the real files are there, San Francisco's food businesses in a folder of its own;
``--write`` puts the tables into docs/truth.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd

from benchmarks.measure import replace_block, table
from models.analysis.classification import metrics
from models.analysis.classification.fineness import best_share, fineness
from models.analysis.classification.population import WISHES, of_premises, prepare
from models.analysis.classification.samples import samples
from models.analysis.classification.statistical import probabilities, train
from models.analysis.classification.validation import officer_odds
from models.analysis.classification.visits import visit_table
from models.build import build_city
from models.build.levels import DECAY
from models.contracts import empty
from models.demo import write_city
from models.errors import RequestError
from models.rules.prediction import Prediction, load_prediction
from models.rules.scorecard import load_scorecard
from models.settings import PROJECT_ROOT, Settings, load
from models.sources.legal_persons.persons import keyed_hash
from models.store import Store

PAGE = PROJECT_ROOT / "docs" / "truth.md"
TEST = 12
SHOWN = (
    "visits",
    "base_rate",
    "auc",
    "ap",
    "precision_at_10",
    "lift_at_10",
    "first_half",
    "days_earlier",
    "brier",
    "psi",
)
SHARES = (0.01, 0.02, 0.03, 0.05, 0.1)
"""Finenesses of the bins that the training part of the food inspections chooses from."""
BASELINE = ("0.747", "0.560", "0.180", "0.653", "0.752")


def main() -> None:
    """Build, measure, print and, where asked, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(load(), home=Path(folder))
        text = "\n\n".join([_demo(settings), _food(settings)])
    print(text)
    if options.write:
        replace_block(PAGE, "classification", text)


def _demo(settings: Settings) -> str:
    write_city(settings.home / "demo-files")
    build_city("demo", settings)
    truth = settings.home / "demo-files" / "truth"
    with Store.open("demo", settings, read_only=True) as store:
        levels = store.product("subject_levels").to_pandas().set_index("subject_id")
        measures = store.product("model_validation").to_pandas()
        scorecard = store.product("model_scorecard").to_pandas()
        subjects = store.product("subjects").to_pandas()
        names = [name for name in WISHES if name != "confirmed_warnings"]
        records = {name: store.frame(name) for name in names} | {"confirmed_warnings": empty("confirmed_warnings")}
    risk = pd.read_parquet(truth / "risk.parquet").set_index("uscc")["risk"].reindex(levels.index)
    parts = [_levels(levels, risk), _measures(measures), _chances(truth, records, levels["as_of"].iloc[0])]
    parts.append(_officers(truth, subjects, records, scorecard, settings))
    return "\n\n".join(parts)


def _levels(levels: pd.DataFrame, risk: pd.Series) -> str:
    rows = []
    for letter in "ABCD":
        rule, model = levels["level"] == letter, levels["model_level"] == letter
        rows.append(
            [letter, f"{rule.sum():,}", f"{100 * rule.mean():.1f} %", f"{risk[rule].mean():.2f}", f"{model.sum():,}",
             f"{risk[model].mean():.2f}"]
        )  # fmt: skip
    head = ["level", "by rule", "share", "mean hidden risk", "by statistics", "mean hidden risk "]
    both = pd.DataFrame({"risk": risk, "rule": levels["rule_score"], "model": levels["model_probability"]})
    ranks = both.corr(method="spearman")["risk"]
    note = (
        f"Rank correlation with the hidden risk: rule score {ranks['rule']:.2f}, probability {ranks['model']:.2f}. The "
        f"two levels differ for {100 * levels['disagrees'].astype(bool).mean():.1f} % of the {len(levels):,} subjects."
    )
    return f"{table(head, rows)}\n\n{note}"


def _measures(measures: pd.DataFrame) -> str:
    columns = [("rule", "test"), ("statistical", "test"), ("statistical_with_officer", "test"),
               ("statistical", "visited_before"), ("statistical", "random_share")]  # fmt: skip
    wide = measures.set_index(["model", "split", "metric"])["value"]
    shown = {name: (",.0f" if name == "visits" else ".1f" if name == "days_earlier" else ".3f") for name in SHOWN}
    rows = [
        [name, *(f"{wide[(*c, name)]:{shown[name]}}" if (*c, name) in wide.index else "" for c in columns)]
        for name in SHOWN
    ]
    return table(["measure", *(f"{model}, {split}" for model, split in columns)], rows)


def _chances(truth: Path, records: dict[str, pd.DataFrame], as_of: pd.Timestamp) -> str:
    known = records["inspections"].merge(pd.read_parquet(truth / "inspections.parquet"), on="inspection_id")
    none = (1 - known[["p_firm", "p_fault"]]).assign(subject_id=known["subject_id"], inspected_on=known["inspected_on"])
    chance = 1 - none.groupby(["subject_id", "inspected_on"]).prod()
    visits = visit_table(records["inspections"], records["findings"])
    later = visits[
        (visits["inspected_on"] > as_of - pd.DateOffset(months=TEST)) & visits["kind"].isin(("routine", "special"))
    ]
    joined = later.merge(chance.reset_index(), on=["subject_id", "inspected_on"])
    y = joined["faults"].to_numpy(np.float64)
    firm, full = (metrics.auc(y, joined[c].to_numpy(np.float64)) for c in ("p_firm", "p_fault"))
    return (
        f"The most any score could reach in these {len(joined):,} test visits: AUC {firm:.3f} knowing the firm's true "
        f"chance of a fault, {full:.3f} knowing the officer's part too."
    )


def _officers(
    truth: Path, subjects: pd.DataFrame, records: dict[str, pd.DataFrame], scorecard: pd.DataFrame, settings: Settings
) -> str:
    card, chosen = load_scorecard("general"), load_prediction("faults")
    ready = prepare(subjects, records, card.decay_by_year, card.risk_words)
    names = [name for name in scorecard["feature"].unique() if name != "intercept"]
    visits = visit_table(records["inspections"], records["findings"])
    rows = samples(ready, visits, kinds=chosen.kinds, outcome=chosen.outcome, names=names)
    found = officer_odds(rows.assign(probability=probabilities(scorecard, rows)))
    planted = pd.read_parquet(truth / "officers.parquet")
    key = keyed_hash(pd.Series(planted["officer_id"], dtype="str"), settings.person_key())
    effect = pd.Series(planted["effect"].to_numpy(), index=key).reindex(found.index)
    enough = (rows.groupby("officer_key").size().reindex(found.index) >= 30) & effect.notna()
    r = np.corrcoef(found[enough], effect[enough])[0, 1]
    return f"Planted officer effects against those found, {enough.sum()} officers with 30 visits: correlation {r:.2f}."


def _food(settings: Settings) -> str:
    if not (settings.shared / "realdata" / "food_inspection_sf").is_dir():
        return "San Francisco's food inspections are not on this machine."
    build_city("sf_food", settings)
    with Store.open("sf_food", settings, read_only=True) as store:
        own = {name: store.frame(name) for name in ("premises", "inspections", "findings")}
    records = {name: own.get(name, empty(name)) for name in WISHES}
    chosen = load_prediction("serious_faults")
    rows = samples(
        prepare(of_premises(pd.DataFrame(own["premises"])), records, DECAY),
        visit_table(own["inspections"], own["findings"]),
        kinds=chosen.kinds, outcome=chosen.outcome, names=chosen.features,
    )  # fmt: skip
    past, later = rows[rows["inspected_on"] < "2017-01-01"], rows[rows["inspected_on"] >= "2017-01-01"]
    known = later[later["inspected_before"]]
    p, y = probabilities(train(past, chosen), known), known["outcome"].to_numpy(np.float64)
    got = (metrics.auc(y, p), metrics.average_precision(y, p), metrics.brier(y, p), metrics.precision_at(y, p, 0.1),
           metrics.first_half(y, p))  # fmt: skip
    head = [
        "real food inspections, 2017",
        "AUC",
        "AP",
        "Brier",
        "precision in the top 10 %",
        "positives in the first half",
    ]
    lines = [["statistical scorecard", *(f"{v:.3f}" for v in got)], ["plain logistic regression (baseline)", *BASELINE]]
    note = f"{len(past):,} visits to train on; {len(known):,} of businesses visited before; base rate {y.mean():.3f}."
    return f"{table(head, lines)}\n\n{note}\n\n{_fineness(past, chosen)}"


def _fineness(past: pd.DataFrame, chosen: Prediction) -> str:
    """What the training part says of the fineness of the bins, and whether the file keeps to it."""
    found = fineness(past, chosen, SHARES)
    best = best_share(found)
    if best != chosen.min_bin_share:
        raise RequestError(
            f"data/rules/models/{chosen.id}.toml has min_bin_share {chosen.min_bin_share}; the training part of the "
            f"food inspections chooses {best}"
        )
    pooled = found.assign(loss=found["log_loss"] * found["visits"]).groupby("share")[["loss", "visits"]].sum()
    mean = pooled["loss"] / pooled["visits"]
    rows = [
        [f"{100 * share:.0f} %", f"{mean[share]:.5f}", *(f"{own[m].mean():.4f}" for m in ("brier", "auc"))]
        for share, own in found.groupby("share")
    ]
    head = ["least share of a bin", "log loss", "Brier, mean of folds", "AUC, mean of folds"]
    first, last = found["starts"].min(), past["inspected_on"].max()
    return (
        f"Fineness of the bins, chosen within the training part: {found['fold'].nunique()} folds of three months, "
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, each predicted from the visits before it; lowest log loss at "
        f"{100 * best:.0f} %.\n\n{table(head, rows)}"
    )


if __name__ == "__main__":
    main()
