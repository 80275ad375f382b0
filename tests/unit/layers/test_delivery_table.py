"""What the terminal says of deliveries: whole numbers that add up, and no number of few devices."""

from __future__ import annotations

import datetime as dt

import numpy as np

from layers.delivery_table import lines
from models.build.signaling_report import PeriodReport
from models.profile.signaling import Period
from models.signaling.delivery import DeliveryAccount
from models.signaling.night_coverage import NightCoverage, NightRule

PERIOD = Period(name="p", first=dt.date(2015, 8, 1), last=dt.date(2015, 8, 2), events="e", network="n.csv")


def report(**changes):
    night = NightCoverage(1_000, np.array([5, 0, 300, *[900] * 21]), 300, NightRule(1, 5, 0.1))
    values = {
        "account": DeliveryAccount(10, 8, {"bad_time": 2}, {"bad_time": "f.csv line 3: x"}),
        "flags": {"ok": 7, "unknown_cell": 1},
        "cells": 4,
        "night": night,
        "devices": {"all": 1_000, "with a home": None},
    }
    return PeriodReport(PERIOD, **{**values, **changes})


def test_rows_add_up_or_it_is_said_that_they_do_not():
    assert "10 rows read = 8 used + set aside 2 bad_time" in "\n".join(lines(report(), 15))
    assert "WRONG" in next(lines(report(flags={"ok": 7}), 15))
    assert "ok" in next(lines(report(), 15))


def test_few_devices_are_not_told():
    said = "\n".join(lines(report(), 15))
    assert "fewer than 15 with a home" in said
    assert "<15 0% 30% 90%" in said
    assert "coverage insufficient" not in said


def test_insufficient_nights_and_cells_without_coordinates_are_said():
    night = NightCoverage(1_000, np.zeros(24, np.int64), 20, NightRule(1, 5, 0.1))
    said = "\n".join(lines(report(night=night, unplaced_cells=3, unplaced_events=6, crowded_cells=2), 15))
    assert "coverage insufficient: 2% of 1,000 user-days" in said
    assert "3 of 4 cells have no coordinates; 6 events" in said
    assert "2 cells served at least 15 devices" in said
