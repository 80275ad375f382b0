"""Every scene at every size, in both languages: letters, contrast, nothing clipped, nothing over another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
SCENES = ("overview", "migration", "pulse", "warnings")


@pytest.mark.parametrize(
    ("size", "lang", "theme"),
    [
        ((3840, 1080), "zh-Hans", "wall"),
        ((3840, 1080), "en", "light"),
        ((1920, 1080), "zh-Hans", "light"),
        ((1920, 1080), "en", "wall"),
        ((3840, 2160), "zh-Hans", "wall"),
        ((3840, 2160), "en", "light"),
    ],
)
def test_a_scene_can_be_read_across_the_room(
    open_wall: Callable[..., Any], size: tuple[int, int], lang: str, theme: str
) -> None:
    wall = open_wall(f"lang={lang}&theme={theme}", size=size)
    approval = {"zh-Hans": "审图号", "en": "Map approval no."}[lang]
    shown = SCENES if size[1] == 1080 else SCENES[1:3]
    for scene in shown:
        wall.show(scene)
        found = wall.get(f"({AUDIT})()")
        assert found["faults"] == [], scene
        assert found["least"] >= 24
        assert found["contrast"] >= 4.5
        assert found["numbers"] <= 7
        assert approval in found["text"]
        names = {"zh-Hans": {"古南", "万盛", "赶水"}, "en": {"Gunan", "Wansheng", "Ganshui"}}[lang]
        assert names <= set(found["labels"])
    assert wall.get("window.__contexts") <= 2


def test_another_size_of_the_window_is_another_layout(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("scenes=overview", size=(1920, 1080))
    assert wall.get("document.documentElement.dataset.layout") == "one"
    wall.page.set_viewport_size({"width": 2600, "height": 1000})
    wall.wait("document.documentElement.dataset.layout === 'wide'")
    wall.wait("!window.__wall.playlist.busy && window.__wall.playlist.changes > 1")
    assert wall.get(f"({AUDIT})()")["faults"] == []


SAID = """(() => {
  const {playlist} = window.__wall, {header, words} = playlist;
  header.skip(words, playlist.list.scenes.map((scene) => scene.title));
  header.note(words.refused);
  header.fresh(words, {asOf: '2015-06-21', level: 'red', lost: new Date()});
  const found = (AUDIT)();
  return {faults: found.faults, said: document.querySelector('.w-status').innerText};
})()"""
"""What is wrong while the line of the state says all that it can say at once."""


@pytest.mark.parametrize(("size", "lang"), [((3840, 1080), "en"), ((1920, 1080), "zh-Hans"), ((3840, 2160), "en")])
def test_whatever_is_said_of_the_state_lies_over_nothing(
    open_wall: Callable[..., Any], size: tuple[int, int], lang: str
) -> None:
    wall = open_wall(f"lang={lang}", size=size)
    wall.show("overview")
    found = wall.get(SAID.replace("AUDIT", AUDIT))
    assert found["faults"] == []
    lost = {"zh-Hans": "起无连接", "en": "No connection since"}[lang]
    assert lost in found["said"]
