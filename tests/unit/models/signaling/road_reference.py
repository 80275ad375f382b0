"""Plain drives and passages: what the compiled ones must equal row by row."""

from __future__ import annotations

from itertools import pairwise
from typing import Any


def crossings(events: list[tuple[int, int, int]], corridor: int, ways: Any, rules: Any) -> list[tuple[int, float, int]]:
    """Second, place and pair of each change of cell on a corridor; events are (second, cell, flag) of one user."""
    place = {int(key): (float(at), row) for row, (key, at) in enumerate(zip(ways.key, ways.at, strict=True))}
    kept = [(t, cell) for t, cell, flag in events if flag == 0]
    found = []
    for (t0, a), (t1, b) in pairwise(kept):
        key = (corridor * ways.cells + a) * ways.cells + b
        if a >= 0 and b >= 0 and a != b and t1 - t0 <= rules.max_silence_s and key in place:
            found.append((t1, *place[key]))
    return found


def grown(found: list[tuple[int, float, int]], begin: int, sign: int, rules: Any) -> list[int]:
    """Positions of the crossings of the chain that begins with one of them."""
    kept, misses = [begin], 0
    for i in range(begin + 1, len(found)):
        gap = found[i][0] - found[kept[-1]][0]
        if gap > rules.max_silence_s:
            break
        way = sign * (found[i][1] - found[kept[-1]][1])
        low, high = rules.min_kmh / 3.6 * gap - rules.slack_m, rules.max_kmh / 3.6 * gap + rules.slack_m
        if gap > 0 and low <= way <= high:
            kept.append(i)
            misses = 0
        else:
            misses += 1
            if misses > rules.max_misses:
                break
    return kept


def chains(events: list[tuple[int, int, int]], ways: Any, rules: Any) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """Corridor, direction and (second, pair) of the crossings of the drives of one user."""
    candidates = []
    for corridor in range(ways.corridors):
        found, begin = crossings(events, corridor, ways, rules), 0
        while begin < len(found):
            ahead, back = grown(found, begin, 1, rules), grown(found, begin, -1, rules)
            spans = [found[ahead[-1]][1] - found[begin][1], found[begin][1] - found[back[-1]][1]]
            kept, sign, span = (back, -1, spans[1]) if spans[1] > spans[0] else (ahead, 1, spans[0])
            time = found[kept[-1]][0] - found[begin][0]
            if len(kept) < rules.min_crossings or span < rules.min_span_m or 3.6 * span < rules.min_kmh * time:
                begin += 1
                continue
            candidates.append((corridor, 0 if sign > 0 else 1, [(found[i][0], found[i][2]) for i in kept]))
            begin = kept[-1] + 1
    taken: list[Any] = []
    while True:
        free = [
            c for c in candidates
            if c not in taken and not any(c[2][0][0] < o[2][-1][0] and o[2][0][0] < c[2][-1][0] for o in taken)
        ]  # fmt: skip
        if not free:
            return taken
        taken.append(max(free, key=lambda c: len(c[2])))


def passages(
    chain: tuple[int, int, list[tuple[int, int]]], place: Any, ways: Any, hour_of: Any, rules: Any
) -> list[tuple[int, int, float, float]]:
    """Section code, hour, metres and seconds of one chain."""
    corridor, direction, points = chain
    kept = [(points[0][0], float(place[points[0][1]]))]
    for t, pair in points[1:]:
        gap, way = t - kept[-1][0], (float(place[pair]) - kept[-1][1]) * (1 if direction == 0 else -1)
        if gap > 0 and rules.min_kmh * gap <= 3.6 * way <= rules.max_kmh * gap:
            kept.append((t, float(place[pair])))
    rows = []
    for s in range(int(ways.first[corridor]), int(ways.first[corridor + 1])):
        low, high = ways.edge[s + corridor], ways.edge[s + corridor + 1]
        metres = seconds = middle = 0.0
        for (t0, x0), (t1, x1) in pairwise(kept):
            a, b = max(min(x0, x1), low), min(max(x0, x1), high)
            if a < b:
                part = (b - a) * (t1 - t0) / abs(x1 - x0)
                metres, seconds = metres + b - a, seconds + part
                middle += part * (t0 + abs((a + b) / 2 - x0) * (t1 - t0) / abs(x1 - x0))
        if metres > 0:
            rows.append((2 * s + direction, hour_of(int(middle / seconds)), metres, seconds))
    return rows
