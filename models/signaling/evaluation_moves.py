"""How right the moves between two periods are where the truth is known, by class of mover, with churn told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.signaling.evaluation import Figure


def true_moves(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """True status of everybody who lives in the city as a resident in one of two periods.

    Parameters
    ----------
    before, after : true persons of the periods: user, resident, subscriber, where (city or class of origin), home_town

    Returns
    -------
    By user: ``status`` (stayer, internal, in, out), ``origin_class`` of who came or left, ``seen`` (a subscriber in
    both periods) and ``churned`` (lives in the city in both, a subscriber in the first only).
    """
    a, b = (frame.set_index("user") for frame in (before, after))
    b = b.reindex(a.index)
    here_a, here_b = (frame["resident"].fillna(False).astype(bool) for frame in (a, b))
    status = np.select(
        [here_a & here_b & (a["home_town"] != b["home_town"]), here_a & here_b, here_b, here_a],
        ["internal", "stayer", "in", "out"],
        "",
    )
    came = a["where"].where(status == "in")
    table = pd.DataFrame(
        {
            "status": status,
            "origin_class": came.mask(status == "out", b["where"]),
            "seen": a["subscriber"] & b["subscriber"],
            "churned": here_a & here_b & a["subscriber"] & ~b["subscriber"],
        },
        index=a.index,
    )
    return table[table["status"] != ""]


def moves(found: pd.DataFrame, truth: pd.DataFrame, pair: str) -> list[Figure]:
    """F1 of every kind of mover among people who are seen in both periods, and what becomes of churn.

    Parameters
    ----------
    found : by user: status and origin_class as computed; who is missing was not seen
    truth : `true_moves`
    pair : names of the periods
    """
    part = f"moves {pair}"
    seen = truth[truth["seen"]]
    named = found.reindex(seen.index)
    kinds = [
        ("internal", None),
        *((s, c) for s in ("in", "out") for c in sorted(seen["origin_class"].dropna().unique())),
    ]
    figures = []
    for status, origin in kinds:
        true = (seen["status"] == status) & (True if origin is None else seen["origin_class"] == origin)
        said = (named["status"] == status) & (True if origin is None else named["origin_class"] == origin)
        hit, all_of = int((true & said).sum()), int(true.sum() + said.sum())
        name = "within the city" if origin is None else f"{status}, {origin}"
        figures.append(
            Figure(part, f"F1, {name}", 2 * hit / all_of if all_of else float("nan"), 0.85, tested=int(true.sum()))
        )
    gone = truth[truth["churned"]]
    as_out = found["status"].reindex(gone.index) == "out"
    figures.append(Figure(part, "churn counted as leaving", float(as_out.mean()), 0.03, False, len(gone)))
    return figures
