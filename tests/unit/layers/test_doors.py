"""There is one door: nothing that faces a browser reaches a layer's query or the catalogue past it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import layers

ROOT = Path(layers.__file__).parent
OWN = {"catalogue", "locales", "design"}
FILES = sorted(p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0] not in OWN)
MAY_QUERY = {"serve.py"}
PAGES = sorted((ROOT / "pages").glob("*.py")) + sorted((ROOT / "api").glob("*.py"))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_imports_the_catalogue(file):
    assert not [name for name in imported(ast.parse(file.read_text("utf-8"))) if name.startswith("layers.catalogue")]


def test_only_the_door_calls_a_query_or_a_spread():
    callers = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("query", "spread")
            ):
                owner = node.func.value
                if (isinstance(owner, ast.Name) and "layer" in owner.id.lower()) or isinstance(owner, ast.Subscript):
                    callers.add(file.name)
    assert callers == MAY_QUERY


@pytest.mark.parametrize("file", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_and_routes_do_not_encode_values_themselves(file):
    names = set(imported(ast.parse(file.read_text("utf-8"))))
    assert not names & {"layers.encode.values", "layers.encode.geometry", "layers.encode"}
    assert not [n for n in names if n.startswith("models.storage") or n == "sqlalchemy"]


def test_themes_of_the_catalogue_do_not_import_each_other():
    for file in (ROOT / "catalogue").glob("*/*.py"):
        for name in imported(ast.parse(file.read_text("utf-8"))):
            if name.startswith("layers.catalogue."):
                assert name.split(".")[2] == file.parent.name, (file, name)


def test_serving_does_not_need_dash():
    for file in FILES:
        if "pages" not in file.parts and file.name not in ("theme.py",):
            assert not [
                n for n in imported(ast.parse(file.read_text("utf-8"))) if n.split(".")[0].startswith("dash")
            ], file
