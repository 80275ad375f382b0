"""`cityhex evaluate`: the signaling of the built demo city against its truth, by sums only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from layers import truth_table
from models.errors import SourceError, StoreError
from models.evaluate import evaluate_city

FEW = 600


@pytest.fixture(scope="module")
def own(built_demo):
    return evaluate_city("demo", built_demo.settings)[0]


@pytest.fixture(scope="module")
def easy(built_demo):
    return evaluate_city("demo", built_demo.settings, ("easy",), FEW)[0]


def value(one, name):
    return next(figure.value for figure in one.figures if figure.name == name)


def test_the_files_of_the_home_are_held_against_their_truth(own):
    """Fifteen hundred people heard eight times a day for three weeks: few, but mostly right."""
    assert own.period == "2015"
    assert own.devices > 500
    assert value(own, "town of the home right") > 0.85
    assert value(own, "non-workers given a workplace") <= 0.06
    assert value(own, "people lost by spreading") == pytest.approx(0, abs=1e-9)
    assert value(own, "people in the wrong town, all weights") < 0.1, "a town of few people has no device"
    assert value(own, "better than Voronoi by") > 0
    assert value(own, "churn counted as leaving") <= 0.03
    assert value(own, "F1, within the city") > 0.5


def test_jams_are_found_and_speeds_are_right_where_the_truth_is_known(own, easy):
    """The traffic does not depend on the number of people: the bars of roads hold on few of them too."""
    for one in (own, easy):
        assert value(one, "jam F1, 1 km sections, hours of changing speed") >= 0.95
        assert value(one, "jam F1, 3 km sections, hours of changing speed") >= 0.85
        assert value(one, "speed error, 1 km sections, median") <= 0.15
        assert abs(value(one, "speed, median bias")) <= 0.03
        assert value(one, "section hours shown") > 0.3


def test_every_figure_is_a_share_and_says_what_it_rests_on(own):
    for figure in own.figures:
        assert figure.value != figure.value or -1 <= figure.value <= 2, figure
    assert len({(figure.part, figure.name) for figure in own.figures}) == len(own.figures)


def test_an_easier_delivery_is_generated_apart_and_leaves_nothing_behind(own, easy, built_demo):
    assert value(easy, "residents with a home") >= value(own, "residents with a home")
    assert value(easy, "town of the home right") > 0.9
    assert not list(Path(built_demo.home).glob("evaluate-*"))
    assert not (Path(built_demo.home) / "demo" / "signaling").exists()


def test_the_table_is_written_between_its_markers_and_marks_what_is_missed(own, easy, tmp_path):
    page = tmp_path / "truth.md"
    page.write_text("before\n<!-- signaling -->\nwhat stood here\n<!-- /signaling -->\nafter\n", encoding="utf-8")
    truth_table.write([own, easy], page)
    text = page.read_text("utf-8")
    assert text.startswith("before\n<!-- signaling -->\n") and text.endswith("<!-- /signaling -->\nafter\n")
    assert "what stood here" not in text
    missed = sum(figure.met is False for one in (own, easy) for figure in one.figures)
    assert text.count("**missed**") == missed > 0
    page.write_text("no markers", encoding="utf-8")
    with pytest.raises(StoreError, match="signaling"):
        truth_table.write([own], page)


def test_a_city_without_truth_is_refused(built_demo, tmp_path):
    with pytest.raises(SourceError, match="no signaling with a known truth"):
        evaluate_city("demo", replace(built_demo.settings, home=tmp_path))
