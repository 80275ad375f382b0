"""The kernel once more in plain Python, one user at a time: slow, readable, and equal row by row."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

from models.signaling.flags import ABROAD, NO_CELL
from models.signaling.segments import MOST_CELLS, MOVING, UNKNOWN


def metres(a, b, cells):
    if a == b:
        return 0.0
    if a < 0 or b < 0:
        return 1e12
    return math.hypot(cells.x[a] - cells.x[b], cells.y[a] - cells.y[b])


def flag(events, cells, rules):
    """Codes of one user's events, a sorted list of (second, cell)."""
    codes = []
    taken = set()
    for i, (t, c) in enumerate(events):
        if i and events[i - 1] == (t, c):
            codes.append(1)
        elif c == NO_CELL:
            codes.append(2)
        elif c >= 0 and not cells.active[c]:
            codes.append(3)
        elif t in taken:
            codes.append(4)
        else:
            codes.append(0)
            taken.add(t)
    _speed(events, codes, cells, rules)
    _ping_pong(events, codes, cells, rules)
    return codes


def _too_fast(a, b, cells, rules):
    (t0, c0), (t1, c1) = a, b
    if c0 < 0 or c1 < 0:
        return False
    between = metres(c0, c1, cells) - cells.radius[c0] - cells.radius[c1]
    return between > rules.min_jump_m and between > rules.max_speed_m_s * (t1 - t0)


def _speed(events, codes, cells, rules):
    kept = [i for i, code in enumerate(codes) if code == 0]
    before = None
    for k, i in enumerate(kept):
        after = kept[k + 1] if k + 1 < len(kept) else None
        fast = [
            j is not None and _too_fast(events[min(i, j)], events[max(i, j)], cells, rules) for j in (before, after)
        ]
        if all(fast):
            codes[i] = 5
        else:
            before = i


def _visits(kept, events):
    runs = []
    for i in kept:
        if runs and events[runs[-1][-1]][1] == events[i][1]:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _ping_pong(events, codes, cells, rules):
    runs = _visits([i for i, code in enumerate(codes) if code == 0], events)
    r = 0
    while r < len(runs):
        chain, pair = [r], {events[runs[r][0]][1]}
        for k in range(r + 1, len(runs)):
            c = events[runs[k][0]][1]
            hop = events[runs[k][0]][0] - events[runs[k - 1][-1]][0]
            if hop > rules.pingpong_gap_s or (len(pair) == 2 and c not in pair):
                break
            if k - 1 > r and events[runs[k][0]][0] - events[runs[k - 1][0]][0] >= rules.visit_s:
                break  # the visit before this change was a real one
            if events[runs[k][-1]][0] - events[runs[k][0]][0] >= rules.visit_s:
                break
            chain.append(k)
            pair.add(c)
        a = events[runs[r][0]][1]
        others = pair - {a}
        b = others.pop() if others else None
        if len(chain) >= 3 and a >= 0 and b >= 0 and metres(a, b, cells) <= cells.radius[a] + cells.radius[b]:
            members = [i for k in chain for i in runs[k]]
            dwell = defaultdict(int)
            for i, j in itertools.pairwise(members):
                dwell[events[i][1]] += events[j][0] - events[i][0]
            loser = b if dwell[a] >= dwell[b] else a
            for i in members:
                if events[i][1] == loser:
                    codes[i] = 6
            r = chain[-1] + 1
        else:
            r += 1


def same_place(a, b, cells, rules):
    if a == b:
        return True
    if a < 0 or b < 0:
        return False
    limit = max(rules.same_place_m, min(rules.touch_share * (cells.radius[a] + cells.radius[b]), rules.touch_limit_m))
    return metres(a, b, cells) <= limit


def groups(events, codes, cells, rules):
    """Groups of one user as (first, last, anchor)."""
    made = []
    for (t, c), code in zip(events, codes, strict=True):
        if code:
            continue
        if made:
            g = made[-1]
            cap = rules.abroad_gap_s if c == ABROAD else rules.stay_gap_s
            fits = c in g["cells"] or (
                len(g["cells"]) < MOST_CELLS and all(same_place(c, k, cells, rules) for k in g["cells"])
            )
            if t - g["events"][-1][0] <= cap and fits:
                g["events"].append((t, c))
                g["cells"].add(c)
                continue
        made.append({"events": [(t, c)], "cells": {c}})
    return [(g["events"][0][0], g["events"][-1][0], _anchor(g["events"])) for g in made]


def _anchor(events):
    dwell = defaultdict(float)
    dwell[events[0][1]] += 0
    for (t0, c0), (t1, c1) in itertools.pairwise(events):
        dwell[c0] += (t1 - t0) / 2
        dwell[c1] += (t1 - t0) / 2
    return min(dwell, key=lambda c: (-dwell[c], c))


def gap_parts(gap, far, left_stay, right_stay, rules):
    if gap > rules.move_gap_s:
        pad = min(rules.pad_s, gap // 2)
        return pad * left_stay, pad * right_stay, UNKNOWN
    rest = gap - min(gap, int(far / rules.travel_m_s))
    if left_stay and right_stay:
        return rest // 2, rest - rest // 2, MOVING
    return rest * left_stay, rest * right_stay, MOVING


def segments(found, cells, rules):
    """(start, end, place) that tile the time from the first to the last event, and the trips (from, to, start, end)."""
    pieces, trips = [], []
    for k, (first, last, anchor) in enumerate(found):
        stay = last - first >= rules.stay_s
        pieces.append([first, last, anchor if stay or anchor == ABROAD else MOVING])
        if k + 1 < len(found):
            nxt = found[k + 1]
            parts = gap_parts(
                nxt[0] - last, metres(anchor, nxt[2], cells), stay, nxt[1] - nxt[0] >= rules.stay_s, rules
            )
            pieces.append([last, nxt[0], parts])
    for k in range(1, len(pieces), 2):
        left, right, place = pieces[k][2]
        pieces[k - 1][1] += left
        pieces[k + 1][0] -= right
        pieces[k] = [pieces[k][0] + left, pieces[k][1] - right, place]
    stays = [(p, g) for p, g in zip(pieces[::2], found, strict=True) if g[1] - g[0] >= rules.stay_s and g[2] >= 0]
    for (p, g), (q, h) in itertools.pairwise(stays):
        if metres(g[2], h[2], cells) >= rules.trip_m:
            trips.append((g[2], h[2], p[1], q[0]))
    return pieces, trips


def hours(pieces, day):
    """Seconds by (place, local hour)."""
    total = defaultdict(int)
    for start, end, place in pieces:
        for low, high, hour in zip(day.hour_edges[:-1], day.hour_edges[1:], day.hours, strict=True):
            inside = min(end, high) - max(start, low)
            if inside > 0:
                total[place, int(hour)] += int(inside)
    return dict(total)


def bridged(days, edges, cells, rules):
    """Seconds by (day, place, hour) of what lies outside of the events of one user.

    ``edges`` holds per day None or (first, last, place_first, place_last, stay_first, stay_last).
    """
    total = defaultdict(int)

    def add(d, start, end, place):
        for (p, hour), s in hours([(start, end, place)], days[d]).items():
            total[d, p, hour] += s

    for d, edge in enumerate(edges):
        if edge is None:
            continue
        joined = d + 1 < len(days) and edges[d + 1] is not None and days[d].end == days[d + 1].start
        if d == 0 or edges[d - 1] is None or days[d - 1].end != days[d].start:
            add(d, 0, edge[0], UNKNOWN)
        if not joined:
            add(d, edge[1], days[d].length_s, UNKNOWN)
            continue
        nxt = edges[d + 1]
        begin, cut = edge[1], days[d].length_s
        gap = cut - begin + nxt[0]
        cap = rules.abroad_gap_s if edge[3] == ABROAD else rules.stay_gap_s
        if gap <= cap and same_place(edge[3], nxt[2], cells, rules):
            parts = [(begin, begin + gap, edge[3])]
        else:
            left, right, rest = gap_parts(gap, metres(edge[3], nxt[2], cells), edge[5], nxt[4], rules)
            parts = [(begin, begin + left, edge[3]), (begin + left, begin + gap - right, rest),
                     (begin + gap - right, begin + gap, nxt[2])]  # fmt: skip
        for start, end, place in parts:
            add(d, start, min(end, cut), place)
            add(d + 1, max(start, cut) - cut, end - cut, place)
    return {k: v for k, v in total.items() if v}
