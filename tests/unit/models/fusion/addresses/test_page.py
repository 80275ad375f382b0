"""The page on address matching says what the code does."""

from models.fusion.addresses import REASONS
from models.settings import PROJECT_ROOT


def test_the_published_tables_have_their_place_in_the_page() -> None:
    text = (PROJECT_ROOT / "docs" / "geocoding.md").read_text(encoding="utf-8")
    for name in ("shanghai", "levels", "agreement", "checks", "learned"):
        assert text.count(f"<!-- {name} -->") == text.count(f"<!-- /{name} -->") == 1
    assert not [code for code in REASONS if f"`{code}`" not in text]
