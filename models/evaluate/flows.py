"""Flows of a computed period beside their truth: commuters, visitors, and moves from the period before it.

Rows of single devices are joined with the truth here and nowhere kept; only sums leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from models.build.signaling import Measured
from models.evaluate.places import Truth
from models.profile import City
from models.profile.signaling import Signaling
from models.signaling import flows, migration, release
from models.signaling.evaluation_commuters import true_pairs
from models.signaling.evaluation_flows import commuters_beside, moves_beside, visitors_beside
from models.signaling.evaluation_moves import true_moves
from models.signaling.events import Pseudonyms
from models.signaling.profiles import load_profile
from models.signaling.uncertainty import load_doubts


def moved(before: Measured, after: Measured, folder: Path, spec: Signaling) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Moves between two periods as found and as they were; people are linked by pseudonyms of the truth.

    Parameters
    ----------
    folder : of the truth

    Returns
    -------
    `migration.statuses` and `true_moves`, both by link.
    """
    persons, link = pd.read_parquet(folder / "persons.parquet"), Pseudonyms(b"evaluate")
    persons = persons.assign(link=link.of(pa.array(persons["user"].tolist())))
    lived, true = [], []
    for made in (before, after):
        own = persons[persons["period"] == made.period.name]
        users = Pseudonyms(made.key).of(pa.array(own["user"].tolist()))
        own_link = pd.Series(pd.array(own["link"].to_numpy(), dtype="UInt64"), index=users)
        known = own_link.reindex(made.people["user"]).array  # drivers have none; a hash through a float is another one
        people = made.people.assign(link=known)
        days = (made.period.last - made.period.first).days + 1
        place = migration.Place(
            made.zones,
            made.network.sites,
            made.network.table["cell_id"].to_numpy(dtype=object),
            spec.home_province,
            load_profile(spec.profile).thresholds(days, days).min_observed_nights,
        )
        lived.append(migration.lives(people, "link", place))
        true.append(own.assign(user=own["link"]))
    found = migration.statuses(lived[0], lived[1], after.zones.towns)
    return found, true_moves(true[0], true[1])


def flows_beside(
    periods: tuple[Measured, Measured],
    truth: Truth,
    found: pd.DataFrame,
    folder: Path,
    city: City,
    *,
    errors: Mapping[str, float] | None = None,
    hiding: bool = True,
) -> pd.DataFrame:
    """Every shown flow of a period with its interval beside its truth (`evaluation_flows.COLUMNS`).

    Parameters
    ----------
    periods : the period before, and the one that is tested
    truth : of the latter
    found : `migration.statuses` from the period before
    folder : of the truth
    errors : relative model errors in place of those in use
    hiding : whether flows of few devices are left out, as in a release
    """
    before, made = periods
    own = load_doubts().by_flow if errors is None else errors
    thresholds = (city.disclosure_k, made.fine_k) if hiding else (1, 1)
    rules, towns = release.Rules(*thresholds, errors=own), made.zones.towns
    living = truth.persons[truth.persons["resident"]].assign(weight=truth.scale)
    went = flows.commute_flows(made.raw, made.zones, rules)
    parts = [commuters_beside(went, true_pairs(living, made.zones), towns)]
    moves = pd.read_parquet(folder / "moves.parquet")
    moves = moves[(moves["period_from"] == before.period.name) & (moves["period_to"] == made.period.name)]
    told, _ = migration.released(migration.totals(found, len(towns)), towns, rules)
    parts.append(moves_beside(told, moves))
    staying = pd.read_parquet(folder / "visitors.parquet")
    staying = staying[staying["period"] == made.period.name]
    parts.append(visitors_beside(flows.visitors(made.raw, made.zones, rules), staying))
    return pd.concat(parts, ignore_index=True)
