"""The draw equals, row by row, a plain one written from the rules as the documentation tells them."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.analysis.draws import DrawRequest, Item, draw

SHARES = {"A": 0.05, "B": 0.15, "C": 0.30, "D": 0.50}


def lot(seed: str, purpose: str, *names: str) -> str:
    return hashlib.sha256("|".join([seed, purpose, *names]).encode()).hexdigest()[:16]


def plain_objects(request: DrawRequest, people: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(lot, subject, random or risk) of everybody drawn, in the order of lots."""
    quotas = {}
    for level, share in request.shares.items():
        n = sum(p["level"] == level for p in people)
        quotas[level] = min(n, max(1, math.floor(share * n + 0.5))) if n else 0
    free = [p for p in people if not p["drawn_before"]]
    size = max(1, math.floor(sum(quotas.values()) * request.control_share + 0.5))
    control = sorted((lot(request.seed, "control", p["subject_id"]), p["subject_id"]) for p in free)[:size]
    drawn = [(mark, name, "random") for mark, name in control]
    taken = {name for _, name in control}
    for level, quota in quotas.items():
        rest = [p for p in free if p["level"] == level]
        missing = quota - sum(p["subject_id"] in taken for p in rest)
        marks = sorted(
            (lot(request.seed, "risk", p["subject_id"]), p["subject_id"]) for p in rest if p["subject_id"] not in taken
        )
        drawn += [(mark, name, "risk") for mark, name in marks[: max(0, missing)]]
    return sorted(drawn)


def plain_teams(
    request: DrawRequest, drawn: list[str], places: dict[str, str], staff: list[dict[str, Any]]
) -> dict[str, list[str]]:
    """Officers of every drawn subject."""
    may = {}
    for subject in drawn:
        may[subject] = sorted(
            o["officer_id"]
            for o in staff
            if pd.Timestamp(o["certificate_until"]).date() >= request.day
            and any(a == "*" or places[subject].startswith(a) for a in o["area_codes"].split(";"))
            and subject not in o["conflicts"].split(";")
        )
    load = {o["officer_id"]: 0 for o in staff}
    teams: dict[str, list[str]] = {}
    for subject in sorted(drawn, key=lambda s: (len(may[s]), lot(request.seed, "turn", s))):
        team: list[str] = []
        for seat in (0, 1):
            least = min((load[o] for o in may[subject] if o not in team), default=None)
            equals = [o for o in may[subject] if o not in team and load[o] == least]
            if len(may[subject]) >= 2:
                team.append(equals[int(lot(request.seed, "officer", subject, str(seat)), 16) % len(equals)])
        for officer in team:
            load[officer] += 1
        teams[subject] = sorted(team)
    return teams


@pytest.mark.parametrize("number", range(8))
def test_the_draw_is_that_of_the_plain_rules(number: int) -> None:
    rng = np.random.default_rng(number)
    n = int(rng.integers(20, 400))
    people = pd.DataFrame(
        {
            "subject_id": [f"S{i:04d}" for i in range(n)],
            "level": rng.choice(list("ABCD"), n, p=[0.6, 0.2, 0.1, 0.1]),
            "area_code": rng.choice(["500110001", "500110002", "500112001"], n),
            "libraries": "commerce",
            "drawn_before": rng.random(n) < 0.1,
        }
    )
    staff = pd.DataFrame(
        {
            "officer_id": [f"O{i}" for i in range(7)],
            "area_codes": ["*", "500110", "500110001", "500112", "*", "500110;500112", "*"],
            "expertise": "commerce",
            "certificate_until": pd.to_datetime(["2016-01-01"] * 6 + ["2015-01-01"]),
            "conflicts": [";".join(rng.choice(people["subject_id"], 5)) for _ in range(7)],
        }
    )
    day = pd.Timestamp("2015-06-30").date()
    request = DrawRequest(f"seed {number}", day, (Item("A01", "commerce"),), SHARES, 0.08, "2026.1", "x")
    found = draw(request, people, staff).objects
    wanted = plain_objects(request, people.to_dict("records"))
    assert list(zip(found["ticket"], found["subject_id"], found["selected_by"], strict=True)) == wanted
    places = people.set_index("subject_id")["area_code"].to_dict()
    teams = plain_teams(request, [s for _, s, _ in wanted], places, staff.to_dict("records"))
    assert found.set_index("subject_id")["officers"].to_dict() == {s: ";".join(t) for s, t in teams.items()}
