"""Fixtures and skip rules of the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models import settings as settings_module
from models.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")


def shared_folder() -> Path:
    """Folder with the real data that `realdata` tests read in place."""
    return settings_module.load().shared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; REQUIRE_BROWSER=1 makes a missing browser a failure instead."""
    no_browser = not CHROMIUM.exists() and os.environ.get("REQUIRE_BROWSER") != "1"
    no_data = not (shared_folder() / "realdata").is_dir()
    for item in items:
        if no_browser and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))
        if no_data and item.get_closest_marker("realdata"):
            item.add_marker(pytest.mark.skip(reason="CITYHEX_SHARED holds no real data"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home."""
    base = settings_module.load({})
    return Settings(home=tmp_path / "home", shared=shared_folder(), profiles=base.profiles)
