"""Every model of the signaling has its page: formula, source, limits and figures, and every product is explained."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from models.contracts.population import POPULATION_PRODUCTS
from models.settings import PROJECT_ROOT

METHODS = PROJECT_ROOT / "docs" / "methods"
MODELS = {
    "kernel": "flags.py segments.py day.py bridges.py service_day.py grouping.py keys.py period.py kernel_rules.py "
    "local.py work_area.py bucket_area.py bucket_tasks.py summing.py",
    "deliveries": "events.py network.py delivery.py night_coverage.py",
    "home_work": "labels.py labels_by_share.py profiles.py",
    "footprints": "places.py cell_spread.py prior.py",
    "weighting": "weights.py weighting.py",
    "presence": "cubes.py journeys.py pipeline.py release.py zones.py",
    "commuting": "flows.py commuting.py workplaces.py od_measures.py",
    "visitors": "elsewhere.py",
    "migration": "migration.py",
    "disclosure": "attack.py audit.py",
}
"""Page -> modules that it names."""


@cache
def said(page: str) -> str:
    return (METHODS / f"{page}.md").read_text("utf-8")


@pytest.mark.parametrize("page", MODELS)
def test_a_page_names_its_modules_and_says_what_was_measured_and_where_it_ends(page):
    text = said(page)
    missing = [name for name in MODELS[page].split() if name.removesuffix(".py") not in text]
    assert not missing
    assert {"## Limits", "## Measured"} <= set(text.split("\n"))


def test_every_module_of_the_signaling_is_on_a_page():
    whole = "\n".join(p.read_text("utf-8") for p in (PROJECT_ROOT / "docs").rglob("*.md"))
    folder = Path(PROJECT_ROOT / "models" / "signaling")
    models = (p.stem for p in folder.glob("*.py") if p.stem != "__init__")
    names = sorted(name for name in models if not name.startswith("evaluation_"))  # parts of evaluation.py
    assert [name for name in names if name not in whole] == []


@pytest.mark.parametrize("product", [contract.name for contract in POPULATION_PRODUCTS])
def test_every_product_is_explained(product):
    assert any(product in path.read_text("utf-8") for path in METHODS.glob("*.md"))


@pytest.mark.parametrize("page", [*MODELS, "external_checks"])
def test_links_of_a_page_lead_to_pages(page):
    for target in [part.split(")")[0] for part in said(page).split("](")[1:]]:
        assert (METHODS / target.split("#")[0]).exists(), target
