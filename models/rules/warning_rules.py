"""Warning rules (预警规则) as reviewed data: one file of ``data/rules/warnings`` each, checked before it is used.

A rule names its detector (`DETECTORS`), the thresholds and windows the detector asks for, its legal basis, the measure
that follows, and worked examples: at least one that fires, one that does not and one at the threshold. The examples are
run as tests of the detector.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.errors import ConfigError
from models.settings import LANGUAGES, PROJECT_ROOT

FOLDER = PROJECT_ROOT / "data" / "rules" / "warnings"
THEMES = ("concentration", "investment", "industry_change", "false_registration", "fund_raising", "licence")
LANES = ("budget", "own")
"""budget: competes for the alerts of a week; own: a tag or a data fault that costs no visit and is always shown."""

DETECTORS: dict[str, tuple[str, ...]] = {
    "address_burst": ("min_firms", "window_days", "quiet_days"),
    "address_crowded": ("min_firms",),
    "person_burst": ("min_firms", "window_days", "quiet_days"),
    "contact_burst": ("min_firms", "window_days", "quiet_days"),
    "capital_outlier": ("max_robust_z", "min_peers", "quiet_days"),
    "capital_fault": (
        "max_capital_cny",
        "min_capital_cny",
        "percentile",
        "times_percentile",
        "min_peers",
        "unit_factor",
    ),
    "capital_jump": ("min_ratio", "max_paid_in_share", "min_increase_cny", "quiet_days"),
    "investment_burst": ("min_holdings", "window_days", "quiet_days"),
    "holding_cycle": ("max_length", "max_cycles", "min_share"),
    "frequent_changes": ("min_changes", "window_days", "max_adjusted_p", "quiet_days"),
    "scope_drift": ("min_cosine_distance", "ngram", "min_characters", "quiet_days"),
    "sector_surge": ("min_observed", "window_days", "baseline_weeks", "max_adjusted_p", "quiet_days"),
    "sector_collapse": ("min_expected", "window_days", "baseline_weeks", "max_adjusted_p", "quiet_days"),
    "scan_cluster": ("min_observed", "min_recurrence_days", "quiet_days"),
    "present_gap": ("min_firms", "max_present_per_expected", "persons_per_firm", "min_expected_persons"),
    "fundraising_words": ("min_weight", "quiet_days"),
    "fundraising_scope": ("min_weight_added", "quiet_days"),
    "penalised_relatives": ("max_steps", "penalty_days", "min_weight", "min_relatives", "max_degree"),
    "licence_expiring": ("days_before",),
    "licence_expired": ("days_shown",),
    "listing_three_years": ("listed_days", "days_before"),
}
"""Detector -> the parameters its rule has to give."""

Texts = dict[str, str]
Model = TypeVar("Model", bound=BaseModel)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Example(_Frozen):
    """One worked example of a rule.

    Attributes
    ----------
    kind : fires, quiet (does not fire) or threshold (exactly at it)
    says : language -> what the example shows
    warnings : number of warnings the detector must raise
    as_of : business date of the example
    tables : table name -> rows; a row may carry ``repeat`` (how often), ``every_days`` (step of its dates) and ``{n}``
        in its texts (number of the repetition, from 1)
    """

    kind: Literal["fires", "quiet", "threshold"]
    says: Texts
    warnings: int = Field(ge=0)
    as_of: dt.date
    tables: dict[str, list[dict[str, Any]]]


class WarningRule(_Frozen):
    """One warning rule.

    Attributes
    ----------
    id : file name without ending
    theme : one of `THEMES`
    detector : one of `DETECTORS`
    lane : one of `LANES`
    title, why, legal_basis : language -> text
    severity : 1 to 3 (3 worst)
    data_fault : True where the warning says that the record is wrong, not the firm
    measure : code of the measure that follows
    parameters : thresholds and windows, unit in the name
    version, valid_from, valid_to, author : who decided it, for when
    verified : whether the legal basis was checked against its text
    example : worked examples
    """

    id: Annotated[str, Field(pattern=r"[a-z][a-z0-9-]+")]
    theme: Literal["concentration", "investment", "industry_change", "false_registration", "fund_raising", "licence"]
    detector: str
    lane: Literal["budget", "own"] = "budget"
    title: Texts
    why: Texts
    legal_basis: Texts
    severity: int = Field(ge=1, le=3)
    data_fault: bool = False
    measure: str = Field(pattern=r"[a-z][a-z0-9_]+")
    parameters: dict[str, float]
    version: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    author: str
    verified: bool
    example: tuple[Example, ...]

    @model_validator(mode="after")
    def _whole(self) -> WarningRule:
        for name in ("title", "why", "legal_basis"):
            if set(getattr(self, name)) != set(LANGUAGES):
                raise ValueError(f"{name}: a table with {' and '.join(LANGUAGES)}")
        if self.detector not in DETECTORS:
            raise ValueError(f"detector: one of {', '.join(DETECTORS)}")
        needed, given = set(DETECTORS[self.detector]), set(self.parameters)
        if needed != given:
            raise ValueError(f"parameters: exactly {', '.join(sorted(needed))}; these are {', '.join(sorted(given))}")
        missing = {"fires", "quiet", "threshold"} - {e.kind for e in self.example}
        if missing:
            raise ValueError(f"example: also one of the kind {', '.join(sorted(missing))}")
        return self

    def number(self, name: str) -> float:
        """Value of a parameter."""
        return self.parameters[name]

    def days(self, name: str) -> int:
        """Value of a parameter that counts whole things, such as days or firms."""
        return int(self.parameters[name])

    def holds_on(self, day: dt.date) -> bool:
        """Whether the rule is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Budget(_Frozen):
    """How candidates compete for the alerts of a week.

    Attributes
    ----------
    fdr_q : false discovery rate among candidates that carry a p-value
    carry_weeks : weeks for which a candidate that found no place competes again
    max_per_rule_share : largest share of a week's alerts one rule may take while others wait
    explained_share : share of a cluster's members in one burst of a building from which the cluster is not raised
    """

    fdr_q: float = Field(gt=0, lt=1)
    carry_weeks: int = Field(ge=0, le=26)
    max_per_rule_share: float = Field(gt=0, le=1)
    explained_share: float = Field(gt=0, le=1)


def load_rules(folder: Path = FOLDER) -> tuple[WarningRule, ...]:
    """Read and check every rule of a folder, sorted by id.

    Raises
    ------
    ConfigError : the first problem, with file, key, value found and values allowed
    """
    return _load(folder, tuple((p.name, p.stat().st_mtime_ns) for p in sorted(folder.glob("*.toml"))))


def load_budget(path: Path = FOLDER.parent / "warning_budget.toml") -> Budget:
    """Read how alerts are budgeted; ConfigError names the key at fault."""
    return _validated(Budget, path, {})


@lru_cache(maxsize=8)
def _load(folder: Path, files: tuple[tuple[str, int], ...]) -> tuple[WarningRule, ...]:
    return tuple(_validated(WarningRule, folder / name, {"id": Path(name).stem}) for name, _ in files)


def _validated(kind: type[Model], path: Path, known: dict[str, Any]) -> Model:
    try:
        return kind.model_validate({**known, **tomllib.loads(path.read_text(encoding="utf-8"))})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, "the file", str(error), "a readable TOML file") from error
    except ValidationError as error:
        item = error.errors()[0]
        key = ".".join(str(part) for part in item["loc"]) or "the file"
        shown = "not allowed" if isinstance(item["input"], dict) else item["input"]
        raise ConfigError(path, key, shown, re.sub(r"^Value error, ", "", item["msg"])) from error
