"""The ledger of privacy spent: every differentially private table of a period costs its epsilon, up to the budget.

Sequential composition (Dwork & Roth, The Algorithmic Foundations of Differential Privacy, 2014, theorem 3.16): the
epsilons of all tables of the same people add up. A build that finds its table already made spends nothing again.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from filelock import FileLock

from models.errors import ConfigError


class PrivacyLedger:
    """Entries of one city, one JSON object a line; never rewritten, only added to."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def spent(self, period: str) -> float:
        """Epsilon spent on the people of a period."""
        if not self.file.is_file():
            return 0.0
        entries = [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines() if line]
        return float(sum(entry["epsilon"] for entry in entries if entry["period"] == period))

    def spend(self, period: str, product: str, epsilon: float, *, budget: float, at: dt.datetime) -> None:
        """Enter a table before it is drawn; a table that then fails has been paid for all the same.

        Raises
        ------
        ConfigError : the budget of the period does not cover it
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.file}.lock"):
            before = self.spent(period)
            if before + epsilon > budget + 1e-9:
                rest = f"at most {max(budget - before, 0):g}"
                left = f"{rest}: {before:g} of {budget:g} is spent on {period} (see {self.file.name})"
                raise ConfigError("signaling.toml", "private_epsilon", epsilon, left)
            entry = {"at": at.isoformat(timespec="seconds"), "period": period, "product": product, "epsilon": epsilon}
            with self.file.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(entry) + "\n")
