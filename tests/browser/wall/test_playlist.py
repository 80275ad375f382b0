"""What the wall does by itself and what keys, a presenter and a failing server do to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.browser
CHANGES = "window.__wall.playlist.changes"
LEVEL = "window.__wall.watch.level"
KEEP_LEVELS = """(() => {
  const {watch} = window.__wall, show = watch.show.bind(watch);
  window.levels = [];
  watch.show = () => { show(); if (window.levels.at(-1) !== watch.level) window.levels.push(watch.level); };
})()"""

KEEP_IDLE = """(() => {
  window.idle = [];
  const note = () => window.idle.push(document.body.classList.contains('w-idle'));
  new MutationObserver(note).observe(document.body, {attributes: true, attributeFilter: ['class']});
})()"""


def test_scenes_follow_each_other_and_a_failing_one_is_skipped_and_named(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("scenes=overview,pulse,warnings", dwell_s=0.6)
    wall.expect("503")
    wall.server.broken.add("pulse")
    wall.wait(f"{CHANGES} >= 4")
    wall.wait("document.querySelector('.w-skipped').textContent === '未显示：二十四小时'")
    wall.server.broken.clear()
    wall.wait("window.__wall.stage.scene.id === 'pulse'")
    wall.wait("document.querySelector('.w-skipped').textContent === ''")


def test_space_pauses_arrows_step_and_the_wall_goes_on_by_itself(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("lang=en&scenes=overview,migration,warnings", dwell_s=1.0, resume_s=600)
    wall.page.keyboard.press("Space")
    wall.wait("document.querySelector('.w-notice').textContent.startsWith('Paused')")
    wall.wait("!window.__wall.playlist.busy")
    held = wall.scene
    wall.ticks(8)  # twice as long as a scene stands
    assert wall.scene == held
    before = wall.get(CHANGES)
    wall.page.keyboard.press("ArrowRight")
    wall.wait(f"{CHANGES} === {before + 1}")
    order = ["overview", "migration", "warnings"]
    assert wall.scene == order[(order.index(held) + 1) % 3]
    wall.get("void (window.__wall.playlist.list.resume_s = 1)")
    wall.page.keyboard.press("ArrowLeft")
    wall.wait(f"window.__wall.stage.scene.id === '{held}'")
    wall.wait("!window.__wall.playlist.paused")
    wall.wait(f"window.__wall.stage.scene.id !== '{held}'")


def test_new_data_appear_without_a_reload(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("scenes=overview", poll_s=0.3)
    wall.get("void (window.sameDocument = true)")
    assert "81.6" in wall.get("document.querySelector('.w-left').innerText")
    wall.server.build = "b-2"
    wall.wait("document.querySelector('.w-left:not(.w-leaving)').innerText.includes('91.7')")
    assert wall.get("window.sameDocument && window.__wall.playlist.list.build_id === 'b-2'")


def test_a_server_that_dies_leaves_the_last_picture_amber_then_red_and_may_come_back(
    open_wall: Callable[..., Any],
) -> None:
    wall = open_wall("scenes=overview,warnings", poll_s=0.25, dwell_s=1.5)
    wall.expect("ERR_CONNECTION", "ERR_EMPTY")
    wall.get(KEEP_LEVELS)
    wall.server.stop()
    wall.wait("window.levels.includes('red')")
    assert wall.get("window.levels").index("red") > 0
    assert wall.get("window.levels[window.levels.indexOf('red') - 1]") == "amber"
    assert "起无连接" in wall.get("document.querySelector('.w-lost').textContent")
    assert wall.get("window.__wall.stage.nodes.length") >= 5
    assert wall.get("window.__wall.playlist.failed.size") == 0
    dark = wall.get("document.querySelector('.w-left:not(.w-leaving)').innerText")
    assert "81.6" in dark
    wall.server.start()
    wall.wait(f"{LEVEL} === 'ok'")
    before = wall.get(CHANGES)
    wall.wait(f"{CHANGES} > {before}")


def test_a_presenter_moves_one_wall_and_not_the_other(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("wall=hall&lang=en", poll_s=0.2)
    other = open_wall("wall=office&lang=en", server=wall.server)
    remote = open_wall("wall=hall&lang=en", server=wall.server, path="/wall/presenter")
    remote.page.get_by_role("button", name="Warnings").click()
    wall.wait("window.__wall.stage.scene.id === 'warnings'")
    zoom = wall.get("window.__wall.stage.map.view.zoom")
    remote.page.get_by_role("button", name="Gunan").click()
    wall.wait(f"window.__wall.stage.map.view.zoom > {zoom} + .5")
    wall.wait("document.querySelector('.w-notice').textContent === 'Presenting · Gunan'")
    looked = wall.server.looked["office"]
    other.until(lambda: wall.server.looked["office"] > looked + 1, "the other wall has looked, and taken in the answer")
    assert other.scene == "overview"
    remote.page.get_by_role("button", name="The whole area").click()
    wall.wait(f"Math.abs(window.__wall.stage.map.view.zoom - {zoom}) < .01")
    remote.page.get_by_role("button", name="Back to the playlist").click()
    wall.wait("window.__wall.playlist.held === null")
    wall.wait("document.querySelector('.w-notice').textContent === ''")
    assert wall.server.posted[-1] == {"scene": None, "paused": False, "place": None}


def test_the_day_passes_in_whole_hours_and_stands_still_when_paused(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("scenes=pulse")
    wall.get("window.__wall.motion.seek(8)")
    time = "document.querySelector('.w-time').innerText.replace(/\\s/g, '')"
    wall.wait(f"window.__map.period === 'workday-08' && {time} === '08:00'")
    wall.wait("window.__map.period === 'workday-09'")
    wall.page.keyboard.press("Space")
    wall.wait("window.__wall.motion.paused")
    hour = wall.get("window.__map.period")
    wall.ticks(8)  # longer than an hour stands
    assert wall.get("window.__map.period") == hour
    assert wall.get("document.querySelectorAll('.w-hour-bar.on').length") == 1


def test_an_idle_cursor_is_hidden_and_comes_back(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("scenes=overview")
    wall.wait("document.body.classList.contains('w-idle')")
    assert wall.get("getComputedStyle(document.querySelector('.w-map canvas')).cursor") == "none"
    wall.get(KEEP_IDLE)
    wall.page.mouse.move(340, 320)
    wall.wait("window.idle[0] === false")  # however late this is looked at: after three seconds it hides again


def test_a_change_fades_over_and_nothing_fades_for_who_wants_no_motion(open_wall: Callable[..., Any]) -> None:
    calm = open_wall("scenes=overview,warnings")
    calm.show("warnings")
    assert calm.get("[...document.querySelectorAll('.w-leaving, .w-entering')].length") == 0
    assert calm.get("getComputedStyle(document.querySelector('.w-left')).transitionDuration") == "0s"
    moving = open_wall("scenes=overview,warnings", motion="no-preference", server=calm.server)
    moving.show("warnings")
    moving.wait("document.querySelectorAll('.w-left').length === 1 && !document.querySelector('.w-leaving')")
    assert moving.get("getComputedStyle(document.querySelector('.w-left')).transitionDuration") == "0.6s"
    moving.wait("getComputedStyle(document.querySelector('.w-before')).opacity < 0.01")


def test_flows_breathe_without_building_anything_anew(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("scenes=migration&motion=full", motion="no-preference")
    shapes = "window.__wall.stage.map.flows"
    wall.get(f"void (window.shapesBefore = {shapes})")
    wall.wait("window.__wall.stage.map.breath > 0")
    first = wall.get("window.__wall.stage.map.breath")
    wall.wait(f"Math.abs(window.__wall.stage.map.breath - {first}) > .02")
    assert wall.get(f"{shapes} === window.shapesBefore")
    assert wall.get(f"{shapes}.groups.map((g) => g.arcs.length)") == [9, 3]


def own_bytes(session: Any) -> int:
    """Bytes of what the scripts of the page hold, garbage taken out: objects, arrays, functions and texts.

    Not counted is what the browser keeps of its own accord, with limits of its own: compiled code, its timeline of
    script runs, shifts and long frames, and what a debugger like this one makes it remember of requests.
    """
    parts: list[str] = []
    session.on("HeapProfiler.addHeapSnapshotChunk", lambda event: parts.append(event["chunk"]))
    session.send("HeapProfiler.collectGarbage")
    session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    found = json.loads("".join(parts))
    fields, kinds = found["snapshot"]["meta"]["node_fields"], found["snapshot"]["meta"]["node_types"][0]
    nodes = np.array(found["nodes"], np.int64).reshape(-1, len(fields))
    own = ("object", "array", "closure", "string", "concatenated string", "sliced string")
    held = np.isin(nodes[:, fields.index("type")], [kinds.index(name) for name in own])
    return int(nodes[held, fields.index("self_size")].sum())


def test_two_hundred_changes_leave_memory_flat(open_wall: Callable[..., Any]) -> None:
    wall = open_wall("", size=(640, 360))

    def change(n: int) -> None:
        each = f"for (let i = 0; i < {n}; i++) await p.go(p.after(p.at, 1));"
        wall.get(f"(async () => {{ const p = window.__wall.playlist; {each} }})()")

    wall.wait("!window.__wall.playlist.busy")
    change(20)
    nodes = wall.get("document.querySelectorAll('*').length")
    before = own_bytes(wall.page.context.new_cdp_session(wall.page))
    change(200)
    after = own_bytes(wall.page.context.new_cdp_session(wall.page))
    assert wall.get(CHANGES) >= 220
    assert wall.get("document.querySelectorAll('*').length") <= nodes + 40
    assert (after - before) / 200 < 100, (before, after)  # bytes a change
    assert wall.get("window.__contexts") <= 2
