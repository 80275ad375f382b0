"""Age and sex of everybody, and how the operator's share differs by them: few children, fewer of the old.

Classes are those of the census bulletins. Ages follow what people do: workers are of working age, most pupils are
children, most of those who hardly use their telephone are old.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.signaling.strata import AGES, SEXES, STRATA

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

AGES_OF = {
    "student": (0.62, 0.38, 0.0), "non_worker": (0.17, 0.23, 0.60), "silent": (0.05, 0.25, 0.70),
    "tourist": (0.05, 0.75, 0.20), "short_stay": (0.05, 0.75, 0.20), "roamer": (0.02, 0.78, 0.20),
}  # fmt: skip
WORKING = (0.0, 0.93, 0.07)
"""Shares of the age groups in the classes that are not named above."""
MALE = 0.509
KEEN = {"0-14": 0.55, "15-59": 1.15, "60+": 0.80}
"""Chance to be a subscriber, over that of the town, by age and by sex."""
KEEN_SEX = {"male": 1.04, "female": 0.96}


def draw_strata(kind: Ints, classes: Sequence[str], rng: np.random.Generator) -> Ints:
    """Position in `STRATA` of everybody, by what they do: ``kind`` is the position in ``classes``."""
    shares = np.array([AGES_OF.get(name, WORKING) for name in classes])
    age = (rng.random(len(kind))[:, None] > shares.cumsum(axis=1)[kind]).sum(axis=1).clip(max=len(AGES) - 1)
    sex = (rng.random(len(kind)) >= MALE).astype(np.int64)
    return np.asarray(sex * len(AGES) + age, np.int64)


def keenness(residents: Ints) -> Floats:
    """Factor on the town's share by stratum; its mean over the residents is 1, so that a town keeps its share."""
    factor = np.array([KEEN_SEX[sex] * KEEN[age] for sex in SEXES for age in AGES])
    count = np.bincount(residents, minlength=len(STRATA))
    return np.asarray(factor * count.sum() / (factor * count).sum())
