"""Credit repairs (信用修复): applications to clear a listing or a penalty."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.demo.supervision import listings, penalties
from models.demo.supervision.world import TODAY, iso

HEADERS = {
    "repair_id": "修复文号",
    "subject_id": "统一社会信用代码",
    "repairs": "原决定书文号",
    "applied_on": "申请日期",
    "decided_on": "决定日期",
    "result": "结果",
}
RESULTS = {"pending": "办理中", "accepted": "准予修复", "refused": "不予修复"}
PENALTY_SHARE = 0.3


def credit_repairs(listed: pd.DataFrame, punished: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return repairs of written lists and penalties.

    Every normal removal from a list has its accepted repair, decided on the day of the removal; three in ten penalties
    older than a year are applied for; one application in twelve is refused, and what is not decided yet is pending.
    """
    head = listings.HEADERS
    gone = listed[listed[head["removal"]] == listings.REMOVALS["normal"]]
    decided = gone[head["removed_on"]].to_numpy(dtype="datetime64[D]")
    first = _rows(gone[head["subject_id"]], gone[head["listing_id"]], decided - 5, decided, "accepted")
    head = penalties.HEADERS
    old = punished[punished[head["decided_on"]].to_numpy(dtype="datetime64[D]") < TODAY - 365]
    some = old[rng.random(len(old)) < PENALTY_SHARE]
    day = some[head["decided_on"]].to_numpy(dtype="datetime64[D]")
    applied = day + (365 + rng.random(len(some)) * np.maximum((TODAY - day).astype(int) - 365, 0)).astype(np.int64)
    answered = applied + rng.integers(5, 25, len(some))
    result = np.where(answered > TODAY, "pending", np.where(rng.random(len(some)) < 1 / 12, "refused", "accepted"))
    answered = np.where(answered > TODAY, np.datetime64("NaT"), answered)
    second = _rows(some[head["subject_id"]], some[head["penalty_id"]], applied, answered, result)
    table = pd.concat([first, second], ignore_index=True)
    table = table.sort_values(["applied_on", "repairs"], kind="stable", ignore_index=True)
    year = table["applied_on"].str[:4]
    serial = table.groupby(year).cumcount() + 1
    table["repair_id"] = "綦市监修〔" + year + "〕" + serial.astype(str) + "号"
    table["result"] = table["result"].map(RESULTS)
    return table[list(HEADERS)].rename(columns=HEADERS)


def _rows(
    subject: pd.Series,
    repaired: pd.Series,
    applied: np.ndarray[tuple[int], np.dtype[np.datetime64]],
    decided: np.ndarray[tuple[int], np.dtype[np.datetime64]],
    result: object,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject_id": subject.to_numpy(),
            "repairs": repaired.to_numpy(),
            "applied_on": iso(applied),
            "decided_on": iso(decided),
            "result": result,
        }
    )
