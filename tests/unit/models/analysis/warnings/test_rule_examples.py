"""The examples of every warning rule are its tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from models import contracts
from models.analysis.warnings.detectors import FUNCTIONS, detect
from models.analysis.warnings.replay import replay
from models.errors import ConfigError
from models.rules.warning_rules import DETECTORS, FOLDER, Example, WarningRule, load_budget, load_rules

spec = importlib.util.spec_from_file_location("warning_examples", Path(__file__).with_name("examples.py"))
assert spec and spec.loader
examples = importlib.util.module_from_spec(spec)
spec.loader.exec_module(examples)

CASES = [(r, e) for r in load_rules() for e in r.example]


@pytest.mark.parametrize(("rule", "example"), CASES, ids=[f"{r.id}-{i}-{e.kind}" for i, (r, e) in enumerate(CASES)])
def test_an_example_raises_the_warnings_it_says_on_contract(rule: WarningRule, example: Example) -> None:
    inputs = examples.inputs_of(example)
    found = detect(inputs, [rule])
    assert len(found[0]) == example.warnings, example.says["en"]
    for fact in found[0].facts:
        assert fact.values.shape == (len(found[0]),)
    told = np.zeros(len(found[0]), bool)
    for fact in found[0].facts:
        told |= np.isfinite(fact.values)
    assert told.all()
    raised = replay(found, inputs, alerts_per_week=20, lookback_weeks=60, budget=load_budget())
    contracts.check("warnings", raised)
    assert (raised["rule_id"] == rule.id).all()
    assert len(raised) <= example.warnings


def test_every_detector_has_a_rule_and_a_function() -> None:
    assert {r.detector for r in load_rules()} == set(FUNCTIONS) == set(DETECTORS)


def test_a_rule_without_an_example_at_the_threshold_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "address-crowded.toml").read_text(encoding="utf-8").replace('kind = "threshold"', 'kind = "fires"')
    (tmp_path / "address-crowded.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="threshold"):
        load_rules(tmp_path)


def test_a_rule_with_a_parameter_its_detector_does_not_know_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "address-crowded.toml").read_text(encoding="utf-8").replace("min_firms", "minimum")
    (tmp_path / "address-crowded.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="min_firms"):
        load_rules(tmp_path)
