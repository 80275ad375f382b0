"""Contracts of the classification: indicators, levels with their history, shares by place, and how well it predicts."""

from __future__ import annotations

from models.contracts.column import Column, Contract
from models.contracts.products import AREA, H3, RESOLUTION

LEVELS = ("A", "B", "C", "D")
"""Regulatory levels (监管等级), low risk to high."""

SUBJECT_ID = Column(
    "subject_id",
    "str",
    "unified social credit code of the legal person, or id of the premises",
    sensitivity="internal",
)


def _indicator(name: str, description: str, unit: str = "") -> Column:
    return Column(name, "float", description, unit, nullable=True, sensitivity="internal")


INDICATORS = (
    _indicator("age_years", "time since establishment", "year"),
    _indicator("capital_ratio", "log10 of registered capital over the median of its industry section"),
    _indicator("paid_in_share", "paid-in capital of the last published annual report over registered capital"),
    _indicator("reports_missing", "annual reports not published of the last two that were due"),
    _indicator("abnormal_now", "1 while on the abnormal-operations list"),
    _indicator("abnormal_past", "ended entries of the abnormal-operations list, with time decay, without corrections"),
    _indicator("changes_12m", "registered changes of the last twelve months"),
    _indicator("licences_expired", "kinds of licence whose last term has ended"),
    _indicator("scope_risk_words", "groups of words of high-risk trades in the business scope"),
    _indicator("findings", "faults found, with time decay"),
    _indicator("findings_high", "faults of high severity found, with time decay"),
    _indicator("penalties", "administrative penalties, with time decay"),
    _indicator("unreachable", "times not found at its address, with time decay"),
    _indicator("warnings_confirmed", "warnings confirmed on site, with time decay"),
    _indicator("serious_now", "1 while on the serious-violation list"),
    _indicator("revoked", "1 where a licence was revoked"),
    _indicator("months_since_inspection", "time since the last inspection", "month"),
    _indicator("visits", "earlier visits"),
    _indicator("fault_share", "share of the earlier visits that found a fault"),
    _indicator("serious_share", "share of the earlier visits that found a serious fault"),
    _indicator("last_score", "score of the last scored visit, 0 worst to 100 best"),
    _indicator("mean_score", "mean score of the earlier scored visits, 0 worst to 100 best"),
    _indicator("last_findings", "faults found at the last visit"),
    _indicator("last_findings_high", "faults of high severity found at the last visit"),
    _indicator("same_address", "other living subjects at the same building"),
    _indicator("same_representative", "other living subjects of the same legal representative"),
    _indicator("related_penalised", "subjects of the same representative or investor with a penalty, with time decay"),
    _indicator("complaints", "complaints and reports that were not rejected, with time decay"),
    _indicator("repairs", "accepted credit repairs, with time decay"),
)
"""Everything a scorecard may read. The officer who inspected is not among them and cannot be."""

INDICATOR_NAMES = tuple(column.name for column in INDICATORS)
UNDATED = frozenset({"capital_ratio", "scope_risk_words", "same_address", "same_representative", "revoked"})
"""Indicators that take the register as it stands now also for an earlier day. A model must not be trained on them."""

_LEVEL = Column("level", "str", "regulatory level, A low risk to D high", sensitivity="internal", allowed=LEVELS)
_SCORE = Column(
    "rule_score",
    "float",
    "points of the rule scorecard, higher is riskier",
    minimum=0,
    maximum=100,
    sensitivity="internal",
)
_VERSION = Column("rule_version", "str", "version of the scorecard")
_AS_OF = Column("as_of", "date", "business date it is about")
_COUNTS = (
    Column("subjects", "int", "classified subjects", minimum=0),
    *(Column(f"level_{level.lower()}", "int", f"subjects of level {level}", minimum=0) for level in LEVELS),
    Column("risk_share", "float", "share of levels C and D", nullable=True, minimum=0, maximum=1),
)


def _number(name: str, description: str, *, nullable: bool = True) -> Column:
    return Column(name, "float", description, nullable=nullable)


LEVEL_PRODUCTS = (
    Contract(
        "published_rules",
        "product",
        "text of a rule that the workbench published last",
        (
            Column("kind", "str", "kind of rule, such as scorecard"),
            Column("rule_id", "str", "name of the rule's file"),
            Column("version", "str", "version of the rule"),
            Column("text", "str", "the published text, TOML"),
            Column("author", "str", "who wrote it", sensitivity="internal"),
            Column("approved_by", "str", "who approved it", sensitivity="internal"),
        ),
        ("kind", "rule_id"),
    ),
    Contract(
        "confirmed_warnings",
        "product",
        "one subject of a warning that was confirmed on site; comes from the casework",
        (
            Column("warning_key", "str", "key of the warning"),
            SUBJECT_ID,
            Column("rule_id", "str", "rule that raised it", nullable=True),
            Column("theme", "str", "theme of the warning", nullable=True),
            Column("closed_on", "date", "business day of the decision"),
        ),
        ("warning_key", "subject_id"),
    ),
    Contract(
        "subject_levels",
        "product",
        "regulatory level of one subject, with what decided it",
        (
            SUBJECT_ID,
            _LEVEL,
            _SCORE,
            Column("veto", "str", "code of the veto that fixes the level", nullable=True, sensitivity="internal"),
            Column("level_before", "str", "level before the last change", nullable=True, allowed=LEVELS),
            Column("level_since", "date", "first evaluation with this level"),
            Column("rank", "int", "1 is the first to look at; no two are equal", minimum=1, sensitivity="internal"),
            _VERSION,
            _AS_OF,
            Column(
                "model_probability",
                "float",
                "probability of a fault at the next inspection by the statistical scorecard",
                nullable=True,
                minimum=0,
                maximum=1,
                sensitivity="internal",
            ),
            Column(
                "model_level",
                "str",
                "level at the same shares by the statistical scorecard",
                nullable=True,
                allowed=LEVELS,
                sensitivity="internal",
            ),
            Column("model_version", "str", "version of the statistical scorecard", nullable=True),
            Column("disagrees", "bool", "the two levels differ", nullable=True),
            Column("would_change", "str", "what would bring a better level: a JSON list", sensitivity="internal"),
        ),
        ("subject_id",),
    ),
    Contract(
        "subject_indicators",
        "product",
        "indicators of one subject at the business date",
        (SUBJECT_ID, *INDICATORS),
        ("subject_id",),
    ),
    Contract(
        "indicators_before",
        "product",
        "indicators of one subject at a month end that still counts for its level",
        (SUBJECT_ID, _AS_OF, *INDICATORS),
        ("subject_id", "as_of"),
    ),
    Contract(
        "level_history",
        "product",
        "first month of a level of one subject",
        (SUBJECT_ID, _AS_OF, _LEVEL, _SCORE, _VERSION),
        ("subject_id", "as_of"),
    ),
    Contract("levels_by_cell", "product", "levels of the subjects of one H3 cell", (H3, RESOLUTION, *_COUNTS), ("h3",)),
    Contract(
        "levels_by_area",
        "product",
        "levels of the subjects of one area",
        (*AREA, *_COUNTS),
        ("area_code", "area_level"),
    ),
    Contract(
        "area_comparison",
        "product",
        "inspections of one area in twelve months, and its rate of faults with an interval",
        (
            *AREA,
            Column("inspections", "int", "inspections of the last twelve months, re-inspections left out", minimum=0),
            Column("positives", "int", "of these, inspections that found a fault", minimum=0),
            _number("raw_rate", "positives over inspections"),
            _number("eb_rate", "empirical-Bayes rate: drawn to the mean of its level the more, the fewer inspections"),
            _number("eb_low", "lower end of the 95 % interval"),
            _number("eb_high", "upper end of the 95 % interval"),
            Column("subjects", "int", "subjects counted in the area", minimum=0),
            Column("inspected_12m", "int", "of these, subjects inspected in the last twelve months", minimum=0),
            _number("coverage", "share of subjects inspected in the last twelve months"),
        ),
        ("area_code", "area_level"),
    ),
    Contract(
        "model_scorecard",
        "product",
        "one bin of one feature of the statistical scorecard; scoring is a join with it",
        (
            Column("model_version", "str", "version of the statistical scorecard"),
            Column("feature", "str", "indicator"),
            Column("bin", "int", "number of the bin; the bin of missing values comes last", minimum=0),
            _number("low", "lower bound, inclusive; missing: none"),
            _number("high", "upper bound, exclusive; missing: none"),
            Column("missing", "bool", "True for the bin of missing values"),
            Column("n", "int", "training rows", minimum=0),
            Column("positives", "int", "of these, with a fault", minimum=0),
            _number("woe", "weight of evidence", nullable=False),
            _number("coefficient", "coefficient of the logistic regression", nullable=False),
            _number("log_odds", "what the bin adds to the log odds", nullable=False),
        ),
        ("feature", "bin"),
    ),
    Contract(
        "model_validation",
        "product",
        "one measure of how well a score predicts",
        (
            Column("model", "str", "rule, statistical or statistical_with_officer"),
            Column("split", "str", "rows it was measured on"),
            Column("metric", "str", "measure"),
            _number("value", "value"),
            _number("low", "lower end of its interval"),
            _number("high", "upper end of its interval"),
            Column("note", "str", "what to know about it", nullable=True),
        ),
        ("model", "split", "metric"),
    ),
    Contract(
        "model_deciles",
        "product",
        "one tenth of the inspections, ordered by the predicted probability",
        (
            Column("model", "str", "rule, statistical or statistical_with_officer"),
            Column("split", "str", "rows it was measured on"),
            Column("decile", "int", "1 lowest to 10 highest", minimum=1, maximum=10),
            Column("n", "int", "inspections", minimum=0),
            _number("mean_predicted", "mean of the predicted probabilities"),
            _number("observed", "share that found a fault"),
        ),
        ("model", "split", "decile"),
    ),
)
