"""The contracts of all frames."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models import contracts
from models.contracts import CONTRACTS, ContractError
from models.errors import UnknownNameError


def towns(n: int = 4) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {
            "town_code": pd.Series([f"t{i}" for i in range(n)], dtype="str"),
            "name": pd.Series(["古南街道"] * n, dtype="str"),
            "source_id": pd.Series(["seats"] * n, dtype="str"),
        }
    )
    points = shapely.points(np.linspace(106, 107, n), np.full(n, 29.0))
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_an_empty_frame_of_every_contract_is_on_contract(name: str) -> None:
    frame = contracts.empty(name)
    contracts.check(name, frame)
    assert tuple(frame.columns) == contracts.columns(name)


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_column_says_what_it_is_and_every_key_exists(name: str) -> None:
    contract = CONTRACTS[name]
    assert len(set(contract.names())) == len(contract.columns)
    assert all(c.description and c.sensitivity in ("open", "internal", "restricted") for c in contract.columns)
    assert set(contract.key) <= set(contract.names())


def test_nullable_columns_may_be_absent() -> None:
    contracts.check("towns", towns())


def test_all_failures_are_listed_at_once() -> None:
    frame = towns().drop(columns="name").assign(extra=1, population="many")
    frame.loc[3, "town_code"] = "t0"
    frame = frame.set_crs(4490, allow_override=True)
    with pytest.raises(ContractError) as caught:
        contracts.check("towns", frame)
    text = str(caught.value)
    for part in (
        "extra is not part",
        "column name is missing",
        "population has dtype",
        "EPSG:4490",
        "town_code is repeated",
    ):
        assert part in text
    assert len(caught.value.failures) == 5


def test_a_value_failure_names_column_rule_value_and_row() -> None:
    frame = towns().assign(district_code=pd.Series(["500110", "5001", None, "500112"], dtype="str"))
    with pytest.raises(ContractError, match=r"district_code must match .*'5001' in row 1"):
        contracts.check("towns", frame)


def test_rejects_give_the_rows_and_reasons_that_keep_a_frame_off_contract() -> None:
    frame = towns().assign(district_code=pd.Series(["500110", "5001", None, "500112"], dtype="str"))
    frame.loc[3, "town_code"] = "t0"
    rejects = contracts.rejects("towns", frame)
    contracts.check("quarantine", rejects)
    assert rejects["column"].to_dict() == {1: "district_code", 3: "town_code"}
    contracts.check("towns", frame.drop(index=rejects.index.unique()))


def test_a_restricted_value_reaches_neither_found_nor_raw() -> None:
    frame = contracts.empty("legal_persons").reindex([0])
    frame = frame.assign(uscc="91500222000000000X", name="甲", source_id="r", source_file="f", source_row=2)
    frame["representative_key"] = "王小明"
    frame = contracts.conform("legal_persons", frame)
    rejects = contracts.rejects("legal_persons", frame)
    assert "representative_key" in set(rejects["column"])
    assert not rejects.astype("str").apply(lambda c: c.str.contains("王小明")).to_numpy().any()


def test_an_invalid_polygon_is_off_contract() -> None:
    bow_tie = shapely.MultiPolygon([shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
    frame = gpd.GeoDataFrame(
        {
            c: pd.Series([v], dtype="str")
            for c, v in (("district_code", "500110"), ("name", "綦江区"), ("source_id", "d"))
        },
        geometry=[bow_tie],
        crs="EPSG:4326",
    )
    with pytest.raises(ContractError, match="must be a valid geometry"):
        contracts.check("districts", frame)


def test_conform_orders_casts_and_fills_but_never_invents() -> None:
    frame = contracts.conform("towns", towns().assign(population=[1.0, np.nan, 3.0, 4.0]))
    assert tuple(frame.columns) == contracts.columns("towns")
    assert frame["population"].dtype == "Int64" and frame["population"].isna().sum() == 1
    with pytest.raises(ContractError, match="column name cannot become str"):
        contracts.conform("towns", towns().drop(columns="name"))


def test_an_unknown_frame_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="legal_persons"):
        contracts.columns("firms")
