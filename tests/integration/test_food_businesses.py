"""San Francisco's food businesses: a city of places, inspections and violations, without districts and register."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pandas as pd
import pytest

from app import create_app
from layers.pages import shell
from models import settings as settings_module
from models.build import BuildReport, build_city
from models.checks import check_city
from models.errors import UnknownNameError
from models.settings import Settings
from models.store import Store
from tests.conftest import shared_folder

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, BuildReport, Store]]:
    base = settings_module.load({})
    place = Settings(home=tmp_path_factory.mktemp("food"), shared=shared_folder(), profiles=base.profiles)
    report = build_city("sf_food", place)
    with Store.open("sf_food", place, read_only=True) as store:
        yield place, report, store


def test_every_row_is_accounted_for(built: tuple[Settings, BuildReport, Store]) -> None:
    _, report, store = built
    accounts = {s.source_id: (s.read, s.loaded, s.quarantined) for s in report.sources}
    assert accounts == {
        "businesses": (6_359, 6_358, 1),
        "inspections": (25_863, 25_863, 0),
        "violations": (37_965, 37_965, 0),
    }
    assert store.require_live_build().manifest["as_of"] == "2017-12-22"
    findings = store.frame("findings", ["inspection_id"])
    assert findings["inspection_id"].isna().sum() == 104 + 74


def test_an_inspection_found_something_exactly_where_a_violation_names_it(
    built: tuple[Settings, BuildReport, Store],
) -> None:
    *_, store = built
    inspections = store.frame("inspections", ["inspection_id", "result"]).set_index("inspection_id")["result"]
    named = set(store.frame("findings", ["inspection_id"])["inspection_id"].dropna())
    assert set(inspections.index[inspections == "rectify"]) == named
    assert set(inspections) == {"rectify", "none_found"}


def test_the_history_of_ten_seeded_places_tells_every_row_once(built: tuple[Settings, BuildReport, Store]) -> None:
    *_, store = built
    inspections, findings = store.frame("inspections"), store.frame("findings")
    for place in inspections["subject_id"].drop_duplicates().sample(10, random_state=7):
        told = store.timeline(place)
        rows = [frame.loc[frame["subject_id"] == place, "source_row"] for frame in (inspections, findings)]
        assert sorted(told["source_row"]) == sorted(pd.concat(rows))
        assert told["happened_on"].is_monotonic_increasing
        assert set(told["source_id"]) <= {"inspections", "violations"}


def test_a_place_of_business_is_a_subject_like_any_other(built: tuple[Settings, BuildReport, Store]) -> None:
    *_, store = built
    place = store.subject("19")
    assert set(place) == {c for c in store.frame("legal_persons").columns if c != "geometry"}
    assert (place["uscc"], place["located"], place["representative_key"]) == ("19", True, None)
    unplaced = store.frame("premises").query("lon.isna()")["premises_id"].iloc[0]
    assert store.subject(unplaced)["located"] is False
    with pytest.raises(UnknownNameError):
        store.subject("nobody")


def test_it_is_served_without_districts(built: tuple[Settings, BuildReport, Store]) -> None:
    place, *_ = built
    client = create_app("sf_food", place).test_client()
    for path in ("/", "/data", "/data/basemap", "/data/premises/geometry/-"):
        assert client.get(path).status_code == 200, path


def test_its_books_are_proved(built: tuple[Settings, BuildReport, Store]) -> None:
    place, *_ = built
    assert check_city("sf_food", place).ok


def test_a_page_about_areas_is_not_offered(built: tuple[Settings, BuildReport, Store]) -> None:
    *_, store = built
    context = SimpleNamespace(store=store)
    assert shell.lacking(context, shell.PAGES["supervise"]) == ("subjects",)
    assert shell.lacking(context, shell.PAGES[""]) == shell.lacking(context, shell.PAGES["data"]) == ()
