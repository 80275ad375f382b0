"""Which engine computes signaling is a setting; a cluster needs its address, and products do not depend on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.build.deliveries import Given, params_of
from models.build.engines import Task, on_cluster
from models.errors import ConfigError
from models.profile import load_city
from models.profile.signaling import load_signaling
from models.settings import load


@pytest.fixture
def given():
    city = load_city("demo", load({}))
    return Given(city, load({}), load_signaling(city).model_copy(update={"engine": "spark"}))


def test_a_city_on_spark_without_an_address_is_told_where_to_put_it(given):
    task = Task(given, given.spec.periods[0], None, None, {}, (), None, None)
    with pytest.raises(ConfigError, match=r"signaling\.toml: engine is 'spark'; allowed: .*CITYHEX_SPARK"):
        on_cluster(task, lambda done, of: None)


def test_the_engine_and_its_buckets_do_not_change_what_a_period_is_made_from(given):
    period = given.spec.periods[0]
    local = replace(given, spec=given.spec.model_copy(update={"engine": "local", "buckets": 7}))
    assert params_of(given, period) == params_of(local, period)


def test_an_address_that_is_no_cluster_is_refused():
    assert load({"CITYHEX_SPARK": "spark://host:7077"}).spark == "spark://host:7077"
    with pytest.raises(ConfigError, match="CITYHEX_SPARK is 'http://host'"):
        load({"CITYHEX_SPARK": "http://host"})
