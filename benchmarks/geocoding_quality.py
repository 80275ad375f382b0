"""Measure address matching on two real cities, print the tables and, if asked, write them into docs/geocoding.md.

Needs the folder of real data: ``CITYHEX_SHARED=../shared python -m benchmarks geocoding --write``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.geocoding_data import (
    HOSPITALS,
    OTHERS,
    chongqing_register,
    gazetteer_frames,
    seen_before,
    shanghai_places,
    split,
)
from models.fusion.addresses import Gazetteer, LearnedRoads, Matcher
from models.fusion.addresses.distance import metres_array
from models.settings import PROJECT_ROOT, Settings, load

SEED = 20260714
"""Seed of the published split; radii and thresholds were set with seed 20260101 and not touched after."""

QUANTILES = (0.5, 0.75, 0.9, 0.95)


def chongqing_matcher(settings: Settings) -> Matcher:
    """Matcher of Chongqing: the profile's sources."""
    places, districts, towns, changes = gazetteer_frames("chongqing", settings)
    return Matcher(Gazetteer.build(places, districts, towns, changes))


def shanghai_errors(settings: Settings, seed: int, others: bool) -> pd.DataFrame:
    """Locate one half of the hospitals with the other half as gazetteer.

    Returns
    -------
    The matcher's result with error_m (to the known point) and repeated (address or name is in the gazetteer too).
    """
    _, districts, towns, changes = gazetteer_frames("shanghai", settings)
    known, asked = split(shanghai_places(settings.shared, (HOSPITALS,), districts), seed)
    asked = asked[asked["address"].notna()]
    if others:
        known = pd.concat([known, shanghai_places(settings.shared, OTHERS, districts)], ignore_index=True)
    frame = pd.DataFrame({"address": asked["address"], "district_given": asked["adname"]}).reset_index(drop=True)
    out = Matcher(Gazetteer.build(known, districts, towns, changes)).match(frame)
    out["error_m"] = metres_array(
        out["lon"].to_numpy(), out["lat"].to_numpy(), asked["lon"].to_numpy(), asked["lat"].to_numpy()
    )
    return out.assign(address=frame["address"], repeated=seen_before(asked, known))


def error_table(results: dict[str, pd.DataFrame]) -> list[list[str]]:
    """Rows of the table of errors: one per experiment, then one per level of the last."""
    rows = [["gazetteer, rows asked", "rows", "located", "median m", "p75", "p90", "p95", "inside stated radius"]]
    for label, result in results.items():
        for name, part in (("all", result), ("without repeats", result[~result["repeated"]])):
            rows.append([f"{label}, {name}", str(len(part)), f"{part['located'].mean():.1%}", *_errors(part)])
    last = next(reversed(results.values()))
    last = last[~last["repeated"]]
    for level, part in last[last["located"]].groupby("match_level"):
        rows.append(
            [f"... of the last row, level {level}", str(len(part)), f"{len(part) / len(last):.1%}", *_errors(part)]
        )
    return rows


def _errors(part: pd.DataFrame) -> list[str]:
    found = part[part["located"]]
    inside = (found["error_m"] <= found["error_radius_m"]).mean()
    return [*(f"{found['error_m'].quantile(q):,.0f}" for q in QUANTILES), f"{inside:.1%}"]


def field_codes(matcher: Matcher, register: pd.DataFrame) -> pd.Series:
    """District that the register's field names, by today's code; null for zones and unreadable fields."""
    fields = matcher.gazetteer.names.districts.fields
    found = register["district_given"].map(
        lambda name: fields[name].code if name in fields else None, na_action="ignore"
    )
    return found.astype("str")


def agreement(matcher: Matcher, result: pd.DataFrame, said: pd.Series) -> tuple[int, float, float]:
    """Rows located whose field names a district; share with that district; share of points inside its polygon."""
    rows = result["located"].to_numpy() & said.notna().to_numpy()
    found, codes = result[rows], said[rows]
    inside = np.zeros(len(found), bool)
    for code, polygon in matcher.gazetteer.polygons.items():
        at = (codes == code).to_numpy()
        inside[at] = shapely.intersects_xy(polygon, found["lon"].to_numpy()[at], found["lat"].to_numpy()[at])
    same = found["district_code"].to_numpy() == codes.to_numpy()
    return len(found), float(same.mean()), float(inside.mean())


def chongqing_tables(matcher: Matcher, register: pd.DataFrame) -> dict[str, list[list[str]]]:
    """Tables of levels, agreement, rate and learned roads for the register."""
    start = time.process_time()
    result = matcher.match(register)
    rate = len(register) / (time.process_time() - start)
    blind = matcher.match(register[["address"]])
    said = field_codes(matcher, register)
    rows = [["what", "rows", "district equals the field", "point inside the field's polygon"]]
    for label, one in (("with field and credit code", result), ("address alone (blind)", blind)):
        count, same, inside = agreement(matcher, one, said)
        rows.append([label, f"{count:,}", f"{same:.2%}", f"{inside:.2%}"])
    coded = result[said.notna().to_numpy()]
    text = coded["match_reasons"].str.contains("district_from_text|district_from_short_name")
    same = (coded["district_code"] == said[said.notna()])[text]
    rows.append(["address names a district, located or not", f"{int(text.sum()):,}", f"{same.mean():.2%}", ""])
    return {
        "levels": _levels(result),
        "agreement": rows,
        "checks": _checks(result, rate),
        "learned": holdout(matcher, register),
    }


def _levels(result: pd.DataFrame) -> list[list[str]]:
    located, total = result["located"], len(result)
    town_named = ~located & result["town"].notna()
    district = ~located & result["town"].isna() & result["district_code"].notna()
    learned = located & result["match_reasons"].str.contains("_learned")
    ambiguous = ~located & result["match_reasons"].str.contains("ambiguous")
    names = (
        ("located at a town's seat (level 5), named in the address", located & ~learned),
        ("located at a town's seat (level 5), learned from the road, village or zone", learned),
        ("queue: town known, its seat is in no open list", town_named),
        ("queue: only the district known", district & ~ambiguous),
        ("queue: ambiguous name", ambiguous),
        ("queue: no district", ~located & result["district_code"].isna()),
    )
    rows = [["outcome", "rows", "share"]]
    return rows + [[label, f"{int(which.sum()):,}", f"{which.sum() / total:.1%}"] for label, which in names]


def _checks(result: pd.DataFrame, rate: float) -> list[list[str]]:
    located = result[result["located"]]
    points = located.groupby(["lon", "lat"]).size()
    busy = points[points > 0.005 * len(result)]
    at_busy = located.set_index(["lon", "lat"]).loc[busy.index]
    outside = located["match_reasons"].str.contains("district_conflict_polygon").sum()
    return [
        ["check", "found"],
        ["rows in = rows out", f"{len(result):,}"],
        ["addresses per second, one core, normalisation and learning included", f"{rate:,.0f}"],
        ["median error radius of located rows, m", f"{located['error_radius_m'].median():,.0f}"],
        ["points outside their stated district, all with the reason code", f"{outside:,}"],
        ["distinct points", f"{len(points):,}"],
        ["points that hold more than 0.5 % of all rows", str(len(busy))],
        ["... rows there / of these not at level 5", f"{len(at_busy):,} / {(at_busy['match_level'] != 5).sum()}"],
    ]


def holdout(matcher: Matcher, register: pd.DataFrame) -> list[list[str]]:
    """Learn roads from one half of the distinct addresses and predict the town of the other half."""
    distinct = register.drop_duplicates("address").reset_index(drop=True)
    first = np.random.default_rng(SEED).random(len(distinct)) < 0.5
    learned, truth = matcher.learn(distinct[first]), matcher.learn(distinct[~first])
    rows = [["at least rows / share", "road-town pairs asked", "answered", "right"]]
    for least, share in ((1, 0.5), (3, 0.8), (5, 0.8), (5, 0.95)):
        rows.append([f"{least} / {share:.0%}", *_predicted(matcher, learned, truth, least, share)])
    return rows


def _predicted(matcher: Matcher, learned: LearnedRoads, truth: LearnedRoads, least: int, share: float) -> list[str]:
    rules = matcher.rules.with_values({"learn_min_rows": least, "learn_min_share": share})
    asked = answered = right = 0
    for key, towns in truth.counts.items():
        guess = learned.town_of(key, rules) if key[1] == "road" else None
        for town, count in towns if key[1] == "road" else ():
            asked += count
            answered += count if guess else 0
            right += count if guess and guess[0] == town else 0
    return [f"{asked:,}", f"{answered / asked:.1%}", f"{right / answered:.1%}"]


def markdown(rows: list[list[str]]) -> str:
    """Format rows as a table; the first is the head."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def write(path: Path, tables: dict[str, list[list[str]]]) -> None:
    """Put each table between its two markers in the page."""
    text = path.read_text(encoding="utf-8")
    for name, rows in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}{markdown(rows)}\n{end}{after}"
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/geocoding.md")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    settings = load()
    results = {
        "half of the hospitals": shanghai_errors(settings, options.seed, others=False),
        "and schools, food, cinemas": shanghai_errors(settings, options.seed, others=True),
    }
    tables = {"shanghai": error_table(results)}
    tables |= chongqing_tables(chongqing_matcher(settings), chongqing_register(settings.shared))
    for name, rows in tables.items():
        print(f"\n{name}\n{markdown(rows)}")
    if options.write:
        write(PROJECT_ROOT / "docs" / "geocoding.md", tables)


if __name__ == "__main__":
    main()
