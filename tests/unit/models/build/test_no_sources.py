"""A city of signaling files alone has nothing to build, and says which command reads it."""

from __future__ import annotations

import pytest

from models.build import build_city
from models.errors import SourceError


@pytest.mark.parametrize("name", ["beijing", "hangzhou"])
def test_a_city_without_sources_says_what_to_do(name, settings):
    with pytest.raises(SourceError, match=f"{name} has no source to build from") as said:
        build_city(name, settings)
    assert f"cityhex signaling {name}" in str(said.value)
    assert not (settings.home / name).exists()
