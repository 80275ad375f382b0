"""Why a subject has its level, in words: each indicator with its value, threshold, points, evidence, basis and source.

The points are those of `models.rules.scoring.explain`; the shown ones add up to the score that the build stored, or
nothing is shown: a scorecard that was changed after the build explains nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from layers.products import Products
from layers.text import has, number, pick, text
from models.profile import City
from models.rules.scorecard import Indicator, Scorecard, load_scorecard, parse_scorecard
from models.rules.scoring import Reason, explain, vetoes_of

SOURCE_OF = {
    "age_years": "legal_persons",
    "capital_ratio": "legal_persons",
    "paid_in_share": "annual_reports",
    "reports_missing": "annual_reports",
    "abnormal_now": "listings",
    "abnormal_past": "listings",
    "serious_now": "listings",
    "changes_12m": "changes",
    "licences_expired": "licences",
    "revoked": "licences",
    "scope_risk_words": "legal_persons",
    "findings": "findings",
    "findings_high": "findings",
    "last_findings": "findings",
    "last_findings_high": "findings",
    "penalties": "penalties",
    "unreachable": "inspections",
    "months_since_inspection": "inspections",
    "visits": "inspections",
    "fault_share": "inspections",
    "serious_share": "inspections",
    "last_score": "inspections",
    "mean_score": "inspections",
    "warnings_confirmed": "warnings",
    "same_address": "legal_persons",
    "same_representative": "legal_persons",
    "related_penalised": "penalties",
    "complaints": "complaints",
    "repairs": "credit_repairs",
}
"""Table of records each indicator is made of."""
FORMS = {
    "age_years": "years",
    "capital_ratio": "times",
    "paid_in_share": "percent",
    "fault_share": "percent",
    "serious_share": "percent",
    "months_since_inspection": "months",
    "abnormal_now": "flag",
    "serious_now": "flag",
    "revoked": "flag",
}
"""How a value is written; a plain number where nothing is said."""


@dataclass(frozen=True)
class Cause:
    """One line of the reasons.

    Attributes
    ----------
    indicator : code in the scorecard
    title : name of the indicator
    evidence : one sentence: what was found
    value, threshold : as text; the threshold is the bound that the value has passed, "" for the first range
    points : what it adds; negative where it lowers the score
    basis : legal basis
    table : table of records it comes from
    """

    indicator: str
    title: str
    evidence: str
    value: str
    threshold: str
    points: float
    basis: str
    table: str


@dataclass(frozen=True)
class Explanation:
    """Reasons of one subject.

    Attributes
    ----------
    causes : those with points, the most first; they add up to the score
    silent : number of indicators without points
    vetoes : facts that fix the level whatever the points are, each with its legal basis
    cut_offs : score from which on a level begins, B, C, D
    version : of the scorecard
    """

    causes: tuple[Cause, ...]
    silent: int
    vetoes: tuple[tuple[str, str], ...]
    cut_offs: Mapping[str, float]
    version: str


def scorecard_of(products: Products, city: City, version: str) -> Scorecard | None:
    """The scorecard of that version: the one published before the build, else the reviewed file; None for neither."""
    return _scorecard(products, city.supervision.scorecard, version)


@lru_cache(maxsize=8)
def _scorecard(products: Products, name: str | None, version: str) -> Scorecard | None:
    candidates = []
    if products.has("published_rules"):
        rows = products.frame("published_rules")
        texts = rows.loc[rows["rule_id"] == name, "text"]
        candidates += [parse_scorecard(str(written), f"published rule {name}") for written in texts]
    if name is not None:
        candidates.append(load_scorecard(name))
    return next((card for card in candidates if card.rule_version == version), None)


def indicators_of(products: Products, subject_ids: Sequence[str]) -> pd.DataFrame:
    """Indicators of some subjects, by subject id; empty where the build has none."""
    if not products.has("subject_indicators"):
        return pd.DataFrame()
    wanted = [("subject_id", "in", list(subject_ids))]
    table = products.store.product("subject_indicators", products.build_id, None, wanted)
    found: pd.DataFrame = table.to_pandas().set_index("subject_id")
    return found


def explained(products: Products, city: City, row: Mapping[str, Any], version: str, lang: str) -> Explanation | None:
    """Reasons in words of one row of indicators; None where the scorecard of the build is no longer at hand."""
    card = scorecard_of(products, city, version)
    if card is None:
        return None
    as_of = pd.Timestamp(products.manifest["as_of"]).date()
    given = {key: None if pd.isna(value) else float(value) for key, value in row.items()}
    reasons = explain(card, given, as_of)
    known = {indicator.code: indicator for indicator in card.indicator}
    causes = tuple(_cause(reason, known.get(reason.indicator), lang) for reason in reasons if reason.points)
    vetoes = tuple((pick(veto.name, lang), pick(veto.legal_basis, lang)) for veto in vetoes_of(card, given))
    cuts = dict(zip("BCD", card.cut_offs.values, strict=True))
    return Explanation(causes, sum(not reason.points for reason in reasons), vetoes, cuts, card.rule_version)


def _cause(reason: Reason, indicator: Indicator | None, lang: str) -> Cause:
    field = indicator.source_field if indicator else ""
    value = written(field, reason.value, lang)
    key = f"evidence.{field}"
    said = text(key, lang, n=value) if has(key, lang) and reason.value is not None else ""
    sign = "<" if indicator and indicator.direction == "down" else "≥"
    bare = reason.threshold is None or not indicator or FORMS.get(field) == "flag"
    limit = "" if bare else f"{sign} {written(field, reason.threshold, lang)}"
    return Cause(
        reason.indicator, pick(dict(reason.name), lang), said, value, limit, float(reason.points),
        pick(dict(reason.legal_basis), lang), SOURCE_OF.get(field, "legal_persons"),
    )  # fmt: skip


def written(field: str, value: float | None, lang: str) -> str:
    """A value of an indicator as people write it."""
    if value is None or pd.isna(value):
        return "–"
    form = FORMS.get(field, "plain")
    if form == "flag":
        return text("value.yes" if value >= 1 else "value.no", lang)
    if form == "times":
        return text("value.times", lang, n=number(10**value, lang))
    if form == "percent":
        return text("value.percent", lang, n=number(100 * value, lang, digits=0))
    shown = number(value, lang, digits=0 if value == round(value) else 1)
    return shown if form == "plain" else text(f"value.{form}", lang, n=shown)


def main_causes(products: Products, city: City, rows: pd.DataFrame, version: str, lang: str) -> dict[str, str]:
    """The two strongest reasons of each subject in one line, by subject id.

    Parameters
    ----------
    rows : from `indicators_of`
    """
    found = {}
    for subject_id, row in rows.iterrows():
        said = explained(products, city, {str(k): v for k, v in row.items()}, version, lang)
        if said is None:
            return {}
        worst = [name for name, _ in said.vetoes]
        worst += [f"{cause.title} {cause.value}" for cause in said.causes if cause.points > 0]
        found[str(subject_id)] = text("note.source_join", lang).join(worst[:2])
    return found
