"""Build step of the classification: indicators, levels with their history, levels by place, areas compared."""

from __future__ import annotations

import pandas as pd

from models import contracts
from models.analysis.classification import comparison, levels, model, places, population, statistical
from models.analysis.classification.visits import visit_table
from models.analysis.warnings.address_keys import Lawful, load_whitelist
from models.build.analysis import Analysis, Frames
from models.fusion.membership import area_frame, memberships
from models.profile import City
from models.rules.prediction import load_prediction
from models.rules.scorecard import Scorecard, load_scorecard, parse_scorecard

CLASSIFIED = ("subject_levels", "subject_indicators", "indicators_before", "level_history")
DECAY = (1.0, 0.6, 0.3, 0.15)
"""Weights by year of a city without scorecard (supervision practice of one peer)."""
KIND = "scorecard"
"""Kind under which the workbench keeps drafts of scorecards."""
MODEL = ("model_scorecard", "model_validation", "model_deciles")
BY_PLACE = ("levels_by_cell", "levels_by_area", "area_comparison")


def live_scorecard(city: City, published: pd.DataFrame) -> Scorecard | None:
    """Return the scorecard that counts for a build: the last published one, else the reviewed file.

    Parameters
    ----------
    published : rows of ``published_rules``: what the workbench published last
    """
    name = city.supervision.scorecard
    if name is None:
        return None
    texts = published.loc[(published["kind"] == KIND) & (published["rule_id"] == name), "text"]
    if len(texts):
        return parse_scorecard(str(texts.iloc[-1]), f"published rule {name}")
    return load_scorecard(name)


def _classify(city: City, frames: Frames) -> Frames:
    """Classify all subjects; the products are empty where the city names no scorecard or nothing is dated."""
    card = live_scorecard(city, frames["published_rules"])
    if card is None or pd.isna(frames["clock"]["as_of"].iloc[0]):
        return {name: contracts.empty(name) for name in CLASSIFIED}
    as_of = pd.Timestamp(frames["clock"]["as_of"].iloc[0])
    records = {name: frames[name] for name in population.WISHES}
    prepared = population.prepare(
        _subjects(frames), records, card.decay_by_year, card.risk_words, whitelist=_whitelist(city)
    )
    found = levels.classify(prepared, card, as_of, city.supervision.history_months)
    return {
        "subject_levels": with_model(found.levels, found.indicators, frames["model_scorecard"]),
        "subject_indicators": found.indicators,
        "indicators_before": found.before,
        "level_history": found.history,
    }


def with_model(found: pd.DataFrame, indicators: pd.DataFrame, scorecard: pd.DataFrame) -> pd.DataFrame:
    """Add what the statistical scorecard says beside the rule level; all missing where there is none."""
    if scorecard.empty:
        return found
    probability = statistical.probabilities(scorecard, indicators)
    level = statistical.model_levels(probability, found["level"])
    return found.assign(
        model_probability=probability,
        model_level=pd.Series(level, index=found.index, dtype="str"),
        model_version=str(scorecard["model_version"].iloc[0]),
        disagrees=level != found["level"].to_numpy(object),
    )


def _model(city: City, frames: Frames) -> Frames:
    """Train and measure the statistical scorecard; empty with a reason where it cannot be trained."""
    as_of = pd.Timestamp(frames["clock"]["as_of"].iloc[0])
    if pd.isna(as_of):
        return {name: contracts.empty(name) for name in MODEL}
    card = live_scorecard(city, frames["published_rules"])
    records = {name: frames[name] for name in population.WISHES}
    weights, words = (card.decay_by_year, card.risk_words) if card else (DECAY, {})
    prepared = population.prepare(_subjects(frames), records, weights, words, whitelist=_whitelist(city))
    visits = visit_table(frames["inspections"], frames["findings"])
    found = model.model(prepared, visits, load_prediction(city.supervision.prediction), card, as_of)
    return {"model_scorecard": found.scorecard, "model_validation": found.measures, "model_deciles": found.deciles}


def _whitelist(city: City) -> tuple[Lawful, ...]:
    return load_whitelist(city.folder / "whitelist.toml")


def _subjects(frames: Frames) -> pd.DataFrame:
    """The register, or the places of business of a city without one."""
    return frames["subjects"] if len(frames["subjects"]) else population.of_premises(frames["premises"])


def _by_place(city: City, frames: Frames) -> Frames:
    subjects, grids, districts = frames["subjects"], frames["grids"], frames["own_districts"]
    areas = area_frame(grids, districts, city.crs)
    members = memberships(subjects, grids, districts)
    visits = visit_table(frames["inspections"], frames["findings"])
    as_of = pd.Timestamp(frames["clock"]["as_of"].iloc[0])
    compared = comparison.compare_areas(visits, pd.Index(subjects["uscc"]), as_of, areas, members)
    classified = frames["subject_levels"].set_index("subject_id")["level"]
    if classified.empty:
        by_cell, by_area = contracts.empty("levels_by_cell"), contracts.empty("levels_by_area")
    else:
        own = classified.reindex(subjects["uscc"])
        by_cell = places.levels_by_cell(own, subjects, city.h3_resolutions)
        by_area = places.levels_by_area(own, areas, members)
    return {"levels_by_cell": by_cell, "levels_by_area": by_area, "area_comparison": compared}


_READ = (*population.WISHES, "published_rules", "subjects", "premises")

ANALYSES = (
    Analysis(
        "statistical scorecard",
        ("inspections", "clock"),
        MODEL,
        _model,
        wishes=tuple(name for name in _READ if name != "inspections"),
        rules=("rules/scorecards", "rules/models", "rules/address_cut.toml"),
        decisions=("whitelist.toml",),
    ),
    Analysis(
        "levels",
        ("subjects", "clock"),
        CLASSIFIED,
        _classify,
        wishes=(*population.WISHES, "published_rules", "premises", "model_scorecard"),
        rules=("rules/scorecards", "rules/address_cut.toml"),
        decisions=("whitelist.toml",),
    ),
    Analysis(
        "levels of premises",
        ("premises", "clock"),
        CLASSIFIED,
        _classify,
        wishes=(*population.WISHES, "published_rules", "subjects", "model_scorecard"),
        rules=("rules/scorecards", "rules/address_cut.toml"),
        decisions=("whitelist.toml",),
        unless=("subjects",),
    ),
    Analysis(
        "levels by place",
        ("subjects", "grids", "own_districts", "clock", "subject_levels"),
        BY_PLACE,
        _by_place,
        wishes=("inspections", "findings"),
    ),
)
