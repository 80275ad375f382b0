"""Settings of the statistical scorecard: reviewed data that says what is predicted and from what."""

from __future__ import annotations

import hashlib
import json
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.contracts.levels import UNDATED
from models.errors import ConfigError, UnknownNameError
from models.rules.scorecard import first_problem, known_field
from models.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "data" / "rules" / "models"


class Prediction(BaseModel):
    """What the statistical scorecard predicts, from what, and when it is not trained.

    Attributes
    ----------
    outcome : serious (a fault of high severity, a penalty or a transfer) or faults (any fault)
    kinds : kinds of visit that are outcomes
    test_months : last months before the business date, never trained on
    min_rows, min_positives : fewer training rows or positives than this: no model
    max_bins, min_bin_share : limits of the bins of one indicator
    min_iv : smallest information value of an indicator that is kept
    features : indicators on offer
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    version: str
    author: str
    title: dict[str, str]
    source: dict[str, str]
    outcome: Literal["serious", "faults"]
    kinds: tuple[Literal["routine", "special", "warning", "complaint"], ...] = Field(min_length=1)
    test_months: int = Field(ge=1, le=36)
    min_rows: int = Field(ge=50)
    min_positives: int = Field(ge=10)
    max_bins: int = Field(ge=2, le=50)
    min_bin_share: float = Field(gt=0, le=0.2)
    min_iv: float = Field(ge=0, le=1)
    features: tuple[str, ...] = Field(min_length=1)

    @field_validator("features")
    @classmethod
    def _allowed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            known_field(name)
            if name in UNDATED:
                raise ValueError(f"indicators known for an earlier day; {name} takes the register as it stands now")
        return value

    @cached_property
    def digest(self) -> str:
        """First eight hex digits of the hash of the content."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def load_prediction(name: str, folder: Path = FOLDER) -> Prediction:
    """Read reviewed settings.

    Raises
    ------
    UnknownNameError : there is no such file; the text lists those that exist
    ConfigError : something in it is not allowed: file, key, found, allowed
    """
    path = folder / f"{name}.toml"
    if not path.is_file():
        listed = ", ".join(sorted(p.stem for p in folder.glob("*.toml"))) or "none"
        raise UnknownNameError(f"no statistical scorecard {name!r}; there are {listed}")
    try:
        return Prediction.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, "the file", str(error), "valid TOML") from error
    except ValidationError as error:
        raise first_problem(path, error) from error
