"""A build reads, places, computes and publishes; the same inputs are not computed twice."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from models.checks import check_city
from models.contracts import check
from models.store import Store


def test_every_row_is_loaded_or_quarantined_and_every_subject_is_somewhere(small_city: Any) -> None:
    report = small_city.build()
    accounts = {account.source_id: account for account in report.sources}
    assert (accounts["register"].read, accounts["register"].loaded, accounts["register"].quarantined) == (6, 6, 0)
    assert report.conservation == {"subjects": 6, "located": 3, "in_grid": 3, "outside": 0, "unlocated": 3}
    result = check_city(small_city.folder, small_city.settings)
    assert result.ok, result.problems


def test_products_are_on_contract_and_add_up(small_city: Any) -> None:
    small_city.build()
    with Store.open("smallville", small_city.settings, read_only=True) as store:
        names = set(store.products())
        assert {"subjects", "unlocated", "cells", "grids", "subjects_by_cell", "subjects_by_area"} <= names
        cells = store.product("subjects_by_cell").to_pandas()
        areas = store.product("subjects_by_area").to_pandas()
        queue = store.product("unlocated").to_pandas()
    assert cells.groupby("resolution")["subjects"].sum().tolist() == [3, 3, 3]
    assert areas[areas["area_level"] == "district"].set_index("area_code")["subjects"].to_dict() == {
        "500110": 2,
        "500111": 1,
    }
    assert len(queue) == 3
    assert queue["candidates"].notna().all()


def test_a_second_build_of_the_same_files_runs_nothing_and_changes_nothing(small_city: Any) -> None:
    first = small_city.build()
    with Store.open("smallville", small_city.settings, read_only=True) as store:
        before = {name: file.file for name, file in store.products().items()}
    second = small_city.build()
    with Store.open("smallville", small_city.settings, read_only=True) as store:
        after = {name: file.file for name, file in store.products().items()}
    assert (second.ran, second.skipped) == (0, first.ran)
    assert before == after


def test_a_new_firm_reruns_only_what_depends_on_it(small_city: Any) -> None:
    small_city.build()
    extra = [small_city.codes[9], "新商贸有限公司", "2015-06-01", "10(万)", "零售", "綦江区", "重庆市綦江区石角镇9号"]
    small_city.write_register([extra], name="register-2.csv")
    ran: list[str] = []
    report = small_city.build(on_progress=lambda event: ran.append(event.step) if event.state == "run" else None)
    assert report.conservation["subjects"] == 7
    assert "read register" in ran
    assert not {"read districts", "read towns", "grids"} & set(ran)


def test_the_same_code_in_two_files_is_loaded_once(small_city: Any) -> None:
    small_city.write_register(small_city.rows()[:1], name="register-2.csv")
    report = small_city.build()
    register = next(a for a in report.sources if a.source_id == "register")
    assert (register.read, register.loaded, register.quarantined) == (7, 6, 1)
    assert check_city(small_city.folder, small_city.settings).ok


def test_a_decision_on_the_queue_is_used_by_the_next_build(small_city: Any) -> None:
    small_city.build()
    moment = pd.Timestamp("2015-07-01T08:00:00Z").to_pydatetime()
    with Store.open("smallville", small_city.settings) as store:
        uscc = small_city.codes[3]
        alias = store.decide(uscc, 106.7, 29.0, match_level=1, place_id=None, actor="tester", at=moment)
    report = small_city.build()
    assert report.conservation["unlocated"] == 2
    with Store.open("smallville", small_city.settings) as store:
        subjects = store.product("subjects").to_pandas().set_index("uscc")
        assert (subjects.loc[uscc, "lon"], subjects.loc[uscc, "lat"]) == (106.7, 29.0)
        assert "alias" in subjects.loc[uscc, "match_reasons"]
        store.undo(alias, "tester", moment)
    assert small_city.build().conservation["unlocated"] == 3


@pytest.mark.parametrize("product", ["subjects", "cells", "subjects_by_cell", "subjects_by_area", "grids"])
def test_published_products_keep_their_contract(small_city: Any, product: str) -> None:
    small_city.build()
    with Store.open("smallville", small_city.settings, read_only=True) as store:
        from layers.products import to_frame

        check(product, to_frame(store.product(product)))
