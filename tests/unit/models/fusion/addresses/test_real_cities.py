"""The bars of address matching on the registers and places of two real cities."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from models.fusion.addresses import REASONS, Matcher
from models.settings import Settings, load

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def settings() -> Settings:
    found = load()
    missing = [n for n in ("enterprise_chongqing", "poi_shanghai") if not (found.shared / "realdata" / n).is_dir()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} under {found.shared}/realdata; set CITYHEX_SHARED")
    return found


@pytest.fixture(scope="module")
def chongqing(settings: Settings) -> tuple[Matcher, pd.DataFrame, pd.DataFrame, float]:
    """Matcher, register, result, and addresses per second."""
    from benchmarks.geocoding_data import chongqing_register
    from benchmarks.geocoding_quality import chongqing_matcher

    matcher, register = chongqing_matcher(settings), chongqing_register(settings.shared)
    matcher.match(register.head(100))
    start = time.process_time()
    result = matcher.match(register)
    return matcher, register, result, len(register) / (time.process_time() - start)


def test_the_located_district_is_the_register_s(chongqing) -> None:
    from benchmarks.geocoding_quality import agreement, field_codes

    matcher, register, result, _ = chongqing
    count, same, inside = agreement(matcher, result, field_codes(matcher, register))
    assert count > 20_000
    assert same >= 0.99
    assert inside >= 0.99


def test_no_address_is_lost_and_none_is_placed_twice(chongqing) -> None:
    _, register, result, _ = chongqing
    assert len(result) == len(register) == 68_439
    assert (result["located"] == result["candidates"].isna()).all()
    assert result["located"].mean() > 0.38


def test_a_busy_point_is_a_town_s_seat_and_says_so(chongqing) -> None:
    located = chongqing[2].query("located")
    sizes = located.groupby(["lon", "lat"])["lon"].transform("size")
    busy = located[sizes > 0.005 * len(chongqing[2])]
    assert (busy["match_level"] == 5).all()
    assert (busy["error_radius_m"] > 500).all()


def test_every_reason_on_real_rows_is_explained(chongqing) -> None:
    codes = chongqing[2]["match_reasons"].str.split(";").explode().str.split(":").str[0]
    assert set(codes) - {""} <= set(REASONS)


def test_the_rate_is_that_of_a_city(chongqing) -> None:
    assert chongqing[3] >= 10_000  # 20,000 on a quiet core; half of it on a shared one


def test_hospitals_of_shanghai_are_found_near_their_known_points(settings: Settings) -> None:
    from benchmarks.geocoding_quality import SEED, shanghai_errors

    result = shanghai_errors(settings, SEED, others=True)
    fresh = result[~result["repeated"] & result["located"]]
    assert len(fresh) > 2_000
    assert np.median(fresh["error_m"]) < 150
    assert (fresh["error_m"] <= fresh["error_radius_m"]).mean() >= 0.88
    assert result["located"].mean() > 0.85
