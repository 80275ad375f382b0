"""Fixtures and skip rules of the whole suite."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import pytest
from filelock import FileLock

from models import settings as settings_module
from models.settings import Settings

if TYPE_CHECKING:
    from models.build import BuildReport

hypothesis.settings.register_profile("cityhex", deadline=None)  # a busy machine pauses at will
hypothesis.settings.load_profile("cityhex")
for _name in ("COLUMNS", "LINES"):  # a worker may inherit those of a terminal, and tables would be printed that narrow
    os.environ.pop(_name, None)

CHROMIUM = Path("/usr/bin/chromium")
FIRMS = 1_000
PEOPLE = 1_500


def shared_folder() -> Path:
    """Folder with the real data that `realdata` tests read in place."""
    return settings_module.load().shared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; REQUIRE_BROWSER=1 and its like make what is missing a failure."""
    no_browser = not CHROMIUM.exists() and os.environ.get("REQUIRE_BROWSER") != "1"
    no_spark = not (shutil.which("java") and find_spec("pyspark")) and os.environ.get("REQUIRE_SPARK") != "1"
    no_private = find_spec("opendp") is None and os.environ.get("REQUIRE_PRIVATE") != "1"
    no_peers = find_spec("duckdb") is None and os.environ.get("REQUIRE_PEERS") != "1"
    no_data = not (shared_folder() / "realdata").is_dir()
    for item in items:
        if no_browser and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))
        if no_spark and item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.skip(reason="Java or pyspark is not installed"))
        if no_private and item.get_closest_marker("private"):
            item.add_marker(pytest.mark.skip(reason="OpenDP is not installed"))
        if no_peers and item.get_closest_marker("peers"):
            item.add_marker(pytest.mark.skip(reason="DuckDB is not installed"))
        if no_data and item.get_closest_marker("realdata"):
            item.add_marker(pytest.mark.skip(reason="CITYHEX_SHARED holds no real data"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the tests of a file to one worker, which share what they made; those of pages and map to the first.

    Whoever is not drawing pages draws the wall. More browsers at once would draw more slowly than one after the other.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith("tests/browser/"):
                return "wall" if nodeid.startswith("tests/browser/wall/") else "pages"
            return nodeid.split("::", 1)[0]

    config.option.loadscopereorder = False
    return ByFile(config, log)


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
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], Any]], tuple[Path, Any]]:
    """``once(name, fill)`` gives a folder that ``fill`` filled, and what it returned (something to pickle).

    Workers of one run (pytest-xdist) fill it once: the first one does, the others wait, and each has a copy of its own.
    """
    base = tmp_path_factory.getbasetemp()

    def share(name: str, fill: Callable[[Path], Any]) -> tuple[Path, Any]:
        if "PYTEST_XDIST_WORKER" not in os.environ:
            folder = tmp_path_factory.mktemp(name)
            return folder, fill(folder)
        common, returned = base.parent / name, base.parent / f"{name}.pickle"
        with FileLock(base.parent / f"{name}.lock"):
            if not returned.exists():
                shutil.rmtree(common, ignore_errors=True)
                common.mkdir()
                returned.write_bytes(pickle.dumps(fill(common)))
        shutil.copytree(common, base / name)
        return base / name, pickle.loads(returned.read_bytes())

    return share


@pytest.fixture(scope="session")
def built_demo(once: Callable[[str, Callable[[Path], Any]], tuple[Path, Any]]) -> BuiltDemo:
    """The demo city of 1,000 firms and 1,500 people, built on a GeoPackage once; copy ``home`` to change it."""
    from models.build import build_city
    from models.demo import write_city
    from models.demo.signaling import Preset

    base = settings_module.load({})

    def fill(home: Path) -> BuildReport:
        write_city(home / "demo-files", firms=FIRMS, signaling=Preset(people=PEOPLE, per_day=8))
        return build_city("demo", Settings(home=home, shared=base.shared, profiles=base.profiles))

    home, report = once("demo-home", fill)
    return BuiltDemo(Settings(home=home, shared=base.shared, profiles=base.profiles), home, report)
