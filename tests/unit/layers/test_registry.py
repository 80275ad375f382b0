"""The catalogue is found whole, and a fault in it names its file."""

from __future__ import annotations

import pytest

from layers import registry
from layers.colours import colours
from layers.describe import PAGE, page
from layers.legends import unit
from layers.registry import RegistryError, discover
from layers.text import has, languages
from models import contracts
from models.errors import UnknownNameError
from models.profile.targets import RECORDS

LAYERS = tuple(registry.layers().values())
GOOD = """
from layers.access import EVERYONE
from layers.layer import Layer, Support
LAYER = Layer(id={id!r}, theme={theme!r}, support=Support("area", ("district",)), reads=("districts",),
              tables=("districts",), query=lambda products, request: None, audience=EVERYONE)
"""


def catalogue(folder, **files):
    for name, source in files.items():
        theme, _, stem = name.partition("__")
        (folder / theme).mkdir(exist_ok=True)
        (folder / theme / f"{stem}.py").write_text(source, "utf-8")
    return folder


def test_a_file_with_a_layer_is_all_it_takes(tmp_path):
    found = discover(catalogue(tmp_path, roads__one=GOOD.format(id="road-one", theme="roads")))
    assert list(found) == ["road-one"]


def test_two_files_cannot_share_an_id(tmp_path):
    source = GOOD.format(id="same", theme="roads")
    with pytest.raises(RegistryError, match=r"two\.py: the layer id 'same' is already that of .*one\.py"):
        discover(catalogue(tmp_path, roads__one=source, roads__two=source))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_thing", "no_such_thing"),
        ("LAYER = 7", "must define LAYER"),
        ("", "must define LAYER"),
        (GOOD.format(id="x", theme="market"), "has the theme 'market'"),
        (GOOD.format(id="Bad Id", theme="roads"), "kebab-case"),
    ],
)
def test_a_fault_names_the_file(tmp_path, source, said):
    with pytest.raises(RegistryError, match=said) as caught:
        discover(catalogue(tmp_path, roads__broken=source))
    assert "broken.py" in str(caught.value)


def test_an_unknown_id_is_answered_with_those_that_exist():
    with pytest.raises(UnknownNameError, match="subject-density"):
        registry.layer("subject-densety")


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_every_layer_has_its_texts_in_every_language(layer, lang):
    for part in ("title", "description", "method"):
        assert has(f"{layer.text_key}.{part}", lang), part
    for key in layer.measure.categories if layer.measure else ():
        assert has(f"{layer.text_key}.class.{key}", lang), key
    assert bool(unit(layer, lang)) == bool(layer.measure and layer.measure.unit)
    assert has(f"theme.{layer.theme}", lang)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_every_layer_reads_frames_that_have_a_contract(layer):
    assert set(layer.reads) <= set(contracts.CONTRACTS)
    assert set(layer.tables) <= set(RECORDS)


@pytest.mark.parametrize("theme", ["light", "dark", "wall"])
@pytest.mark.parametrize("layer", [la for la in LAYERS if la.legend], ids=lambda layer: layer.id)
def test_every_legend_has_as_many_different_colours_as_classes(layer, theme):
    counts = [len(layer.measure.categories)] if layer.measure.categories else range(2, 8)
    for count in counts:
        found = colours(layer.legend.palette, count, theme)
        assert len(set(found)) == len(found) == count


def test_the_page_of_layers_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(), "run: python -m layers.describe"
