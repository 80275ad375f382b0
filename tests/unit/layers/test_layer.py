"""What a layer may not declare is refused where it stands, before anybody can look at it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layers.access import EVERYONE
from layers.layer import Disclosure, Layer, LayerError, Legend, Measure, Support, TimeAxis


def declared(**changes) -> Layer:
    given = {
        "id": "some-layer", "theme": "market", "support": Support("hex", ("7", "8")), "reads": ("cells",),
        "tables": ("legal_persons",), "query": lambda products, request: None, "audience": EVERYONE,
        "measure": Measure("subjects", "subjects_per_km2", "density"), "legend": Legend("density"),
    }  # fmt: skip
    return Layer(**{**given, **changes})


@pytest.mark.parametrize("kind", ["hex", "grid", "area"])
def test_a_raw_count_never_colours_an_area(kind):
    with pytest.raises(LayerError, match="raw count"):
        declared(support=Support(kind, ("x",)), measure=Measure("subjects", "", "count"))
    assert declared(support=Support("point"), measure=Measure("subjects", "", "count")).kind == "point"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"audience": frozenset()}, "audience is empty"),
        ({"audience": frozenset({"public", "mayor"})}, "unknown roles mayor"),
        ({"id": "Some_Layer"}, "kebab-case"),
        ({"reads": ()}, "products it reads"),
        ({"legend": None}, "go together"),
        ({"disclosure": Disclosure("observed"), "spread": lambda products, resolution: None}, "drop spread"),
    ],
)
def test_a_declaration_that_is_unsafe_or_incomplete_is_refused(changes, said):
    with pytest.raises(LayerError, match=said):
        declared(**changes)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Legend("rainbow"), "no palette 'rainbow'"),
        (lambda: Legend("density", class_count=8), "2 to 7"),
        (lambda: Legend("density", scheme="fixed"), "breaks belong"),
        (lambda: Legend("density", breaks=(1.0,)), "breaks belong"),
        (lambda: Legend("density", scheme="fixed", breaks=(2.0, 1.0)), "ascend"),
        (lambda: Legend("migration", scheme="fixed", breaks=(-1.0, 2.0)), "symmetric"),
        (lambda: Measure("m", "", "category"), "categories belong"),
        (lambda: Measure("m", "", "density", categories=("a",)), "categories belong"),
        (lambda: Measure("m", "", "category", categories=tuple("abcdefghij")), "at most 9"),
        (lambda: Support("hex", ()), "at least one"),
        (lambda: Support("hex", ("7",), reference="9"), "not among"),
        (lambda: TimeAxis("month"), "must list"),
        (lambda: TimeAxis("snapshot", lambda products: ()), "must not list"),
    ],
)
def test_parts_refuse_what_makes_no_sense(make, said):
    with pytest.raises(LayerError, match=said):
        make()


def test_only_counts_may_be_summed():
    assert Measure("a", "", "count").summable
    assert not Measure("a", "", "density").summable


def test_a_reader_may_choose_classes_unless_they_are_fixed_or_categories():
    layer = declared()
    assert layer.adjustable
    assert not replace(layer, legend=Legend("density", scheme="fixed", breaks=(1.0,))).adjustable
    category = Measure("s", "", "category", categories=("a", "b"))
    assert not replace(layer, measure=category, legend=Legend("sections")).adjustable
