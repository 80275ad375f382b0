"""Fixtures and skip rules of the whole suite."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import hypothesis
import pytest

from models import settings as settings_module
from models.settings import Settings

if TYPE_CHECKING:
    from models.build import BuildReport

hypothesis.settings.register_profile("cityhex", deadline=None)  # a busy machine pauses at will
hypothesis.settings.load_profile("cityhex")
CHROMIUM = Path("/usr/bin/chromium")
FIRMS = 1_000
PEOPLE = 1_500


def shared_folder() -> Path:
    """Folder with the real data that `realdata` tests read in place."""
    return settings_module.load().shared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; REQUIRE_BROWSER=1 and REQUIRE_SPARK=1 make what is missing a failure."""
    no_browser = not CHROMIUM.exists() and os.environ.get("REQUIRE_BROWSER") != "1"
    no_spark = not (shutil.which("java") and find_spec("pyspark")) and os.environ.get("REQUIRE_SPARK") != "1"
    no_data = not (shared_folder() / "realdata").is_dir()
    for item in items:
        if no_browser and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))
        if no_spark and item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.skip(reason="Java or pyspark is not installed"))
        if no_data and item.get_closest_marker("realdata"):
            item.add_marker(pytest.mark.skip(reason="CITYHEX_SHARED holds no real data"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home."""
    base = settings_module.load({})
    return Settings(home=tmp_path / "home", shared=shared_folder(), profiles=base.profiles)


class BuiltDemo(NamedTuple):
    """The demo city of 1,000 firms, built: read it only; ``report`` is what the build said."""

    settings: Settings
    home: Path
    report: BuildReport


@pytest.fixture(scope="session")
def demo_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home that holds the files of a demo city of 1,000 firms and 1,500 people."""
    from models.demo import write_city
    from models.demo.signaling import Preset

    base = settings_module.load({})
    home = tmp_path_factory.mktemp("demo-home")
    write_city(home / "demo-files", firms=FIRMS, signaling=Preset(people=PEOPLE, per_day=8))
    return Settings(home=home, shared=base.shared, profiles=base.profiles)


@pytest.fixture(scope="session")
def built_demo(demo_settings: Settings) -> BuiltDemo:
    """The demo city of 1,000 firms, built on a GeoPackage once for all tests; copy ``home`` to change it."""
    from models.build import build_city

    return BuiltDemo(demo_settings, demo_settings.home, build_city("demo", demo_settings))
