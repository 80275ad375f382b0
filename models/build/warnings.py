"""The step that raises early warnings and compares registered firms with present people."""

from __future__ import annotations

import pandas as pd

from models.analysis.warnings.address_keys import load_whitelist
from models.analysis.warnings.detectors import detect, look
from models.analysis.warnings.presence import registered_present
from models.analysis.warnings.replay import replay
from models.build.analysis import Analysis, Frames
from models.profile import City
from models.profile.signaling import load_signaling
from models.rules.warning_rules import load_budget, load_rules

RECORDS = (
    "annual_reports",
    "changes",
    "grids",
    "investments",
    "licences",
    "listings",
    "penalties",
    "present_population",
)
CLUSTERS = ("scan_clusters",)
SIGNALING = ("present_by_hour",)


def _warnings(city: City, frames: Frames) -> Frames:
    as_of = frames["clock"]["as_of"].iloc[0]
    records = {name: frames[name] for name in (*RECORDS, *CLUSTERS, *SIGNALING)}
    records["signaling_periods"] = _periods(city)
    whitelist = load_whitelist(city.folder / "whitelist.toml")
    inputs = look(frames["subjects"], records, as_of, whitelist=whitelist, disclosure_k=city.disclosure_k)
    raised = replay(
        detect(inputs, load_rules()),
        inputs,
        alerts_per_week=city.supervision.alerts_per_week,
        lookback_weeks=city.supervision.lookback_weeks,
        budget=load_budget(),
    )
    return {"warnings": raised, "registered_present": registered_present(inputs)}


def _periods(city: City) -> pd.DataFrame:
    """Periods of the city's signaling and their first dates."""
    spec = load_signaling(city)
    rows = [] if spec is None else [(period.name, period.first) for period in spec.periods]
    return pd.DataFrame(rows, columns=["period", "first"])


ANALYSES = (
    Analysis(
        "warnings",
        ("subjects", "clock"),
        ("warnings", "registered_present"),
        _warnings,
        wishes=(*RECORDS, *CLUSTERS, *SIGNALING),
        rules=("rules/warnings", "rules/warning_budget.toml", "rules/address_cut.toml"),
        decisions=("whitelist.toml", "signaling.toml"),
    ),
)
