"""The house rules that a reader relies on: what exists is documented, and nothing hides where nobody looks."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import typer

import app
from models.settings import PROJECT_ROOT

MACHINE_PATHS = re.compile(r"/(?:work|home/[a-z]+|Users/[A-Za-z]+|root)/[\w.-]+")
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project: those git knows, or all of them in a copy without git."""
    try:
        said = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT_ROOT, capture_output=True, check=True, text=True)
        names = [name for name in said.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        folders = ("layers", "models", "tests", "docs", "data", "assets", "benchmarks", "tools")
        found = [p for folder in folders for p in (PROJECT_ROOT / folder).rglob("*") if "node_modules" not in p.parts]
        names = [str(p.relative_to(PROJECT_ROOT)) for p in [*PROJECT_ROOT.glob("*"), *found] if p.is_file()]
    return tuple(Path(name) for name in names if (PROJECT_ROOT / name).is_file())


def text_of(path: Path) -> str:
    return (PROJECT_ROOT / path).read_text(encoding="utf-8")


@cache
def documentation() -> str:
    pages = [Path("README.md"), *(p for p in tracked() if p.parts[0] == "docs" and p.suffix == ".md")]
    return "\n".join(text_of(page) for page in pages)


def commands() -> list[str]:
    return [c.name or c.callback.__name__ for c in app.cli.registered_commands if c.callback]


def settings() -> list[str]:
    """Every variable the product reads, found in its source."""
    code = [p for p in tracked() if p.suffix == ".py" and p.parts[0] in ("app.py", "layers", "models")]
    return sorted({name for p in code for name in re.findall(r'"(CITYHEX_[A-Z_]+)"', text_of(p))})


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"\bcityhex {command}\b", documentation())


@pytest.mark.parametrize("command", commands())
def test_the_readme_names_the_options_of_a_command_and_no_others(command: str) -> None:
    known = {name for p in typer.main.get_command(app.cli).commands[command].params for name in p.opts}
    told = re.search(rf"^\|.*`cityhex {command}( [^`]*)?`", text_of(Path("README.md")), re.MULTILINE)
    assert told
    named = set(re.findall(r"--[a-z-]+", told[1] or ""))
    assert named == {name for name in known if name.startswith("--")}


def test_every_setting_is_documented() -> None:
    assert "CITYHEX_HOME" in settings()
    assert [name for name in settings() if name not in documentation()] == []


def test_every_documented_setting_exists() -> None:
    assert set(re.findall(r"\bCITYHEX_[A-Z_]+\b", documentation())) <= set(settings())


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in (p for p in tracked() if p.suffix == ".md" and p.parts[0] in ("README.md", "CONTRIBUTING.md", "docs")):
        for target in re.findall(r"\]\(([^)#\s]+)", text_of(page)):
            if "://" not in target and not (PROJECT_ROOT / page.parent / target).exists():
                broken.append(f"{page}: {target}")
    assert broken == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-all.lock"])
def test_the_lock_names_no_address(name: str) -> None:
    lock = text_of(Path(name))
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_no_module_is_a_drawer() -> None:
    names = [p for p in tracked() if p.suffix in (".py", ".js", ".css")]
    assert [str(p) for p in names if p.stem.lower() in NAMELESS or p.parent.name in NAMELESS] == []


def test_data_holds_no_code() -> None:
    assert [str(p) for p in tracked() if p.parts[0] == "data" and p.suffix in (".py", ".js", ".sh")] == []


def test_every_package_says_what_it_is_for() -> None:
    packages = [p for p in tracked() if p.name == "__init__.py" and p.parts[0] in ("layers", "models")]
    assert len(packages) > 10
    thin = [str(p) for p in packages if len((ast.get_docstring(ast.parse(text_of(p))) or "").split()) < 6]
    assert thin == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    kinds = {".py", ".toml", ".md", ".css", ".cfg", ".yml", ".sh", ".mjs", ".txt", ""}
    own = Path(__file__).resolve().relative_to(PROJECT_ROOT)
    found = []
    for path in tracked():
        if path.suffix in kinds and path != own and path.parts[:2] != ("assets", "vendor"):
            try:
                hits = MACHINE_PATHS.findall(text_of(path))
            except UnicodeDecodeError:
                continue
            found += [f"{path}: {hit}" for hit in hits]
    assert found == []
