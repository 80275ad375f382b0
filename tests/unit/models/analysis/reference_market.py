"""The market measures one group at a time, as one would write them on paper."""

from __future__ import annotations

import math
import statistics
from collections import Counter

import pandas as pd


def measures(rows: pd.DataFrame) -> dict:
    capital = [
        c for c, flag in zip(rows["capital_cny"], rows["capital_flag"], strict=True) if not pd.isna(c) and flag == "ok"
    ]
    sections = Counter(s for s in rows["industry_section"] if not pd.isna(s))
    total = sum(sections.values())
    radii = [r for r in rows["error_radius_m"] if not pd.isna(r)]
    return {
        "subjects": len(rows),
        "capital_cny_sum": math.fsum(capital) if capital else None,
        "capital_cny_median": statistics.median(capital) if capital else None,
        "capital_known": len(capital),
        "section_known": total,
        "dominant_section": min(sections, key=lambda s: (-sections[s], s)) if total else None,
        "section_entropy": -math.fsum(n / total * math.log2(n / total) for n in sections.values()) + 0.0
        if total
        else None,
        "mean_error_radius_m": statistics.fmean(radii) if radii else None,
    }
