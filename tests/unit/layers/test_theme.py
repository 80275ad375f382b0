"""The style sheets hold exactly the design tokens, and every icon named in the code exists."""

from __future__ import annotations

import re

import pytest

from layers import theme
from models.settings import PROJECT_ROOT

ASSETS = PROJECT_ROOT / "assets"
STYLES = ("10-base.css", "20-shell.css", "30-explore.css", "40-pages.css")


def test_the_variables_are_those_of_the_tokens() -> None:
    assert (ASSETS / "00-tokens.css").read_text("utf-8") == theme.css_variables()


@pytest.mark.parametrize("name", STYLES)
def test_styles_take_colours_from_tokens_only(name: str) -> None:
    sheet = (ASSETS / name).read_text("utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![\w-])", re.sub(r"#[a-z][\w-]*\s*[{>,]", "", sheet)) == []
    defined = set(re.findall(r"--([\w-]+):", theme.css_variables())) | set(re.findall(r"--([\w-]+):", sheet)) | {"i"}
    assert set(re.findall(r"var\(--([\w-]+)", sheet)) <= defined


def test_no_style_asks_another_host() -> None:
    for sheet in ASSETS.glob("*.css"):
        assert re.findall(r"url\((?!\"data:|'data:)", sheet.read_text("utf-8")) == []
        assert "@import" not in sheet.read_text("utf-8")


def test_every_icon_in_use_is_baked() -> None:
    known = set(re.findall(r"\.i-([\w-]+)\{", (ASSETS / "icons.css").read_text("utf-8")))
    listed = set((PROJECT_ROOT / "tools" / "icons" / "names.txt").read_text("utf-8").split())
    assert known == listed
    code = "".join(f.read_text("utf-8") for f in (PROJECT_ROOT / "layers" / "pages").glob("*.py"))
    used = set(re.findall(r"\bicon\(\s*\"([\w-]+)\"", code)) | set(
        re.findall(r"(?:blank|tag)\([^\n]*?, \"([a-z-]+)\"\)", code)
    )
    assert {name for name in used if name in listed or "-" in name} - {"ok", "warn", "info", "danger"} <= known


def test_a_blend_is_between_colour_and_ground() -> None:
    assert theme.blend("#000000", "#ffffff", 0.5) == "#808080"
    assert theme.blend("#123456", "#ffffff", 1) == "#123456"
    assert theme.blend("#123456", "#fedcba", 0) == "#fedcba"
