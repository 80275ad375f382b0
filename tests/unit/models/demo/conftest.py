"""One drawn city and one written city for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.demo import DemoCity, draw_city, write_city

FIRMS = 3_000


@pytest.fixture(scope="session")
def city() -> DemoCity:
    return draw_city()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_city(folder, firms=FIRMS)
