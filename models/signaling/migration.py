"""Migration between two periods: who stayed, moved within the city, came, left, or was not seen in one of them.

The same rule and the same coverage test hold in both periods. A person lives in the city as a resident with a home in
one of its towns; elsewhere with enough days there, more than here (`models.signaling.elsewhere`); else nobody knows.
Only who is seen living elsewhere has moved there: disappearance is churn (planning.md 3.6), and so is appearance.
A town that changes is a move when the homes are farther apart than `LEAST_MOVE_M` and the radii of both cells together,
for nearer ones may be one home served by two cells; and when neither home is ambiguous, for who has two homes may be
seen mostly in the one or the other. Else the person counts as stayed.
Everybody counts with the weight of the period in which he lives in the city: who moves within it leaves one town with
the first and enters the other with the second.

Not accounted for: moves there and back between two periods, moves of subscribers who change the operator, and stayers
whose home the network shows in another town; the last two are in the residual of the balance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models import disclosure
from models.signaling import attack
from models.signaling.events import HOME_MCC
from models.signaling.flags import ABROAD
from models.signaling.flow_intervals import interval
from models.signaling.period import Sites
from models.signaling.release import Rules
from models.signaling.zones import Zones

LEAST_MOVE_M = 1_000.0
CLASSES = ("international", "inter_provincial", "intra_city", "intra_district")
STATUSES = ("stayer", "internal", "in", "out", "lost", "new")
"""``lost`` lived in the city and is not observed in the later period, ``new`` the other way round: both are churn."""
DIRECTIONS = ("in", "out")

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Place:
    """What one period says of the places of its people.

    Attributes
    ----------
    zones, sites : towns and positions by cell code
    cell_id : (cells) delivered ids; the digits after the X of a region name it
    province : two digits of the own province
    least_days : days elsewhere that make a home there
    """

    zones: Zones
    sites: Sites
    cell_id: npt.NDArray[np.object_]
    province: str
    least_days: float


def lives(people: pd.DataFrame, link: str, place: Place) -> pd.DataFrame:
    """Where everybody lives in one period.

    Parameters
    ----------
    people : user table with ``days_here``, ``days_elsewhere``, ``elsewhere``, ``weight`` and the column ``link``

    Returns
    -------
    One row per link: ``state`` (city, elsewhere or unseen), ``town`` (position, -1), ``x``, ``y``, ``radius`` of the
    home in metres, ``sure`` (the home is not ambiguous), ``origin`` (class of the place elsewhere, null), ``region``
    (code of another province or of a district of the own one, "" elsewhere), ``foreign`` and ``weight``.
    """
    rows = people[people[link].notna()].drop_duplicates(link)
    home = rows["home_cell"].fillna(-1).to_numpy(np.int64)
    town = np.append(place.zones.town_of_cell, -1)[home]
    city = (rows["resident_class"] == "resident").to_numpy() & (town >= 0)
    days = rows["days_elsewhere"].to_numpy()
    away = ~city & (days >= place.least_days) & (days > rows["days_here"].to_numpy())
    cell = rows["elsewhere"].fillna(-1).to_numpy(np.int64)
    mcc = rows["mcc"] if "mcc" in rows else pd.Series(HOME_MCC, index=rows.index)
    return pd.DataFrame(
        {
            "state": np.select([city, away], ["city", "elsewhere"], "unseen"),
            "town": np.where(city, town, -1),
            "x": np.append(place.sites.x, np.nan)[home],
            "y": np.append(place.sites.y, np.nan)[home],
            "radius": np.append(place.sites.radius, np.nan)[home],
            "sure": (rows["home_class"] != "ambiguous").to_numpy(),
            "origin": pd.Series(_classes(cell, place), index=rows.index).where(away).to_numpy(object),
            "region": pd.Series(_regions(cell, place), index=rows.index).where(away, "").to_numpy(object),
            "foreign": (mcc.notna() & (mcc != HOME_MCC)).to_numpy(),
            "weight": rows["weight"].to_numpy(np.float64),
        },
        index=pd.Index(rows[link].astype("uint64"), name="link"),
    )


def _classes(cell: Longs, place: Place) -> npt.NDArray[np.object_]:
    """Class of the place elsewhere: abroad, another province, another district of the own, or the city's district."""
    own = {code[:6] for code in place.zones.towns}
    names = np.append(place.cell_id, "")
    found = np.full(len(cell), "intra_city", dtype=object)
    for code in np.unique(cell):
        region = str(names[code] if code >= 0 else "").removeprefix("X")
        if code == ABROAD:
            found[cell == code] = "international"
        elif region[:2].isdigit() and region[:2] != place.province:
            found[cell == code] = "inter_provincial"
        elif region[:6] in own:
            found[cell == code] = "intra_district"
    return found


def _regions(cell: Longs, place: Place) -> npt.NDArray[np.object_]:
    """Two digits of another province, six of a district of the own one; "" where the place is neither."""
    names = np.append(place.cell_id, "")
    known = {code: str(names[code]).removeprefix("X") for code in np.unique(cell) if code >= 0}
    codes = {c: r[:2] if r[:2] != place.province else r[:6] for c, r in known.items() if r[:2].isdigit()}
    return np.array([codes.get(c, "") for c in cell], dtype=object)


def statuses(before: pd.DataFrame, after: pd.DataFrame, towns: tuple[str, ...]) -> pd.DataFrame:
    """Status of everybody who lives in the city in one of the two periods.

    Parameters
    ----------
    before, after : `lives` of the two periods

    Returns
    -------
    Index link; ``status`` of `STATUSES`, ``from_town`` and ``to_town`` (position, -1), ``origin_class`` (null but for
    movers), ``region`` ("" but for those who came from or went to one), ``weight_from`` and ``weight_to`` (0 in the
    period in which the person does not live in the city).
    """
    joined = before.merge(after, how="outer", left_index=True, right_index=True, suffixes=("_a", "_b"))
    a, b = (joined[f"state_{s}"].fillna("unseen") for s in "ab")
    from_town, to_town = (joined[f"town_{s}"].fillna(-1).to_numpy(np.int64) for s in "ab")
    apart = np.hypot(*((joined[f"{axis}_a"] - joined[f"{axis}_b"]).to_numpy(np.float64) for axis in "xy"))
    reach = (joined["radius_a"] + joined["radius_b"]).clip(lower=LEAST_MOVE_M).to_numpy()
    both = ((a == "city") & (b == "city")).to_numpy()
    sure = (joined["sure_a"].eq(True) & joined["sure_b"].eq(True)).to_numpy()
    moved = both & sure & (from_town != to_town) & (apart > reach)
    status = np.select(
        [moved, both, (b == "city") & (a == "elsewhere"), (a == "city") & (b == "elsewhere"), a == "city", b == "city"],
        ["internal", "stayer", "in", "out", "lost", "new"],
        "",
    )
    district = np.array([*(code[:6] for code in towns), ""], dtype=object)
    within = np.where(district[from_town] == district[to_town], "intra_district", "intra_city")
    foreign = joined["foreign_b"].fillna(False).astype(bool)
    entered = joined["origin_a"].mask(foreign, "international")
    origin = entered.where(status == "in").mask(status == "out", joined["origin_b"])
    origin = origin.mask(status == "internal", pd.Series(within, index=joined.index))
    region = joined["region_a"].where(status == "in", joined["region_b"].where(status == "out", "")).fillna("")
    table = pd.DataFrame(
        {
            "status": status,
            "region": region.mask(foreign & (status == "in"), ""),
            "from_town": from_town,
            "to_town": to_town,
            "origin_class": origin,
            "weight_from": joined["weight_a"].where(a == "city", 0.0),
            "weight_to": joined["weight_b"].where(b == "city", 0.0),
        },
        index=joined.index,
    )
    return table[table["status"] != ""]


@dataclass(frozen=True)
class Totals:
    """Raw sums of a pair of periods by town; may not leave `models.signaling`.

    Attributes
    ----------
    persons, devices : (2, towns, classes) by direction of `DIRECTIONS`
    residents : (2, towns) persons who live there in either period; residents_devices : (2, towns)
    """

    persons: Floats
    devices: Longs
    residents: Floats
    residents_devices: Longs


def totals(moves: pd.DataFrame, towns: int) -> Totals:
    """Sum `statuses` by town, direction and class."""
    shape = (2, towns, len(CLASSES))
    persons, devices = np.zeros(shape), np.zeros(shape, np.int64)
    residents, behind = np.zeros((2, towns)), np.zeros((2, towns), np.int64)
    for k, (status, town, weight) in enumerate((("in", "to_town", "weight_to"), ("out", "from_town", "weight_from"))):
        rows = moves[moves["status"].isin((status, "internal"))]
        kind = pd.Categorical(rows["origin_class"], categories=list(CLASSES)).codes
        at = rows[town].to_numpy(np.int64) * len(CLASSES) + kind
        persons[k] = np.bincount(at, rows[weight], towns * len(CLASSES)).reshape(towns, -1)
        devices[k] = np.bincount(at, minlength=towns * len(CLASSES)).reshape(towns, -1)
    for k, (town, weight) in enumerate((("from_town", "weight_from"), ("to_town", "weight_to"))):
        rows = moves[moves[town] >= 0]
        residents[k] = np.bincount(rows[town], rows[weight], towns)
        behind[k] = np.bincount(rows[town], minlength=towns)
    return Totals(persons, devices, residents, behind)


def told_by_class(devices: Longs, rules: Rules) -> Mask:
    """(towns) whose moves of one direction are broken down by class: those with three times k devices, or none.

    Of a smaller town only the total is published, which bounds each of its classes by itself.
    """
    whole = devices.sum(axis=1)
    return np.asarray((whole >= 3 * rules.k) | (whole == 0))


def hidden_cells(persons: Floats, devices: Longs, rules: Rules) -> tuple[Mask, Mask, Mask]:
    """Which values of one direction are hidden: (towns, classes), (towns) and (classes) totals.

    The table, its totals by town and by class and the total of the city are one system of sums; cells are hidden until
    an attacker who solves all of it, in devices or in persons, can bound none within k devices (`attack.proven`). What
    is not told by class is unknown to him like the hidden cells.
    """
    towns, classes = devices.shape
    cells = towns * classes
    counts, sums = attack.two_way(devices)
    weighted, _ = attack.two_way(persons)
    apart = np.zeros(len(counts), bool)
    apart[:cells] = np.repeat(~told_by_class(devices, rules), classes)
    hidden = disclosure.small(counts, rules.fine_k) & ~apart
    hidden[cells : cells + towns] = disclosure.small(counts[cells : cells + towns], rules.k)
    hidden[-1] = False
    hidden = attack.proven(counts, hidden, sums, rules.k, apart)
    hidden = attack.proven_persons(weighted, counts, hidden, sums, cells, rules.k, apart)
    return hidden[:cells].reshape(devices.shape), hidden[cells : cells + towns], hidden[cells + towns : -1]


def released(sums: Totals, towns: tuple[str, ...], rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Products ``migration_flows`` and ``migration_balance`` of a pair, without the names of its periods.

    Totals are those before anything was hidden. Births and deaths are missing: signaling does not know them.
    """
    flows, gone = [], np.zeros(len(towns), dtype=bool)
    for k, direction in enumerate(DIRECTIONS):
        hidden, by_total, by_class = hidden_cells(sums.persons[k], sums.devices[k], rules)
        gone |= by_total
        told = np.flatnonzero(told_by_class(sums.devices[k], rules))
        names = tuple(towns[t] for t in told)
        by_town_and_class = (sums.persons[k][told], sums.devices[k][told], hidden[told])
        flows.append(_flow_rows(*by_town_and_class, names, "town", rules).assign(direction=direction))
        city = (sums.persons[k].sum(axis=0)[None], sums.devices[k].sum(axis=0)[None], by_class[None])
        flows.append(_flow_rows(*city, ("city",), "city", rules).assign(direction=direction))
    least = sums.residents_devices.min(axis=0).astype(np.float64)
    few = disclosure.complementary(
        disclosure.small(least, rules.k) | gone, least, np.zeros(len(towns), np.int64), rules.k
    )
    return pd.concat(flows, ignore_index=True), balance(sums, towns, few)


def _flow_rows(
    persons: Floats, devices: Longs, hidden: Mask, areas: tuple[str, ...], level: str, rules: Rules
) -> pd.DataFrame:
    area, kind = (index.ravel() for index in np.indices(persons.shape))
    value, count = persons.ravel(), devices.ravel()
    low, high = interval(value, count, rules.error("move" if level == "city" else "move_town"))
    frame = pd.DataFrame(
        {
            "area_code": np.array(areas, dtype=object)[area],
            "area_level": level,
            "origin_class": np.array(CLASSES, dtype=object)[kind],
            "other_code": None,
            "persons": value,
            "low": low,
            "high": high,
            "devices": pd.array(count, "Int64"),
            "suppressed": hidden.ravel(),
        }
    )
    hide = ["persons", "low", "high", "devices"]
    frame[hide] = frame[hide].mask(frame["suppressed"])
    return frame


def balance(sums: Totals, towns: tuple[str, ...], hidden: Mask) -> pd.DataFrame:
    """Balance of every town and of the city: residents_to = residents_from + in - out + unexplained.

    Net rate: (in - out) over the mean of both residents. Effectiveness: |in - out| over in + out.
    """
    entered, left = sums.persons.sum(axis=2)
    whole = [np.append(v, v.sum()) for v in (sums.residents[0], sums.residents[1], entered, left)]
    before, after, came, went = whole
    mean, gross = (before + after) / 2, came + went
    frame = pd.DataFrame(
        {
            "area_code": [*towns, "city"],
            "area_level": ["town"] * len(towns) + ["city"],
            "residents_from": before,
            "residents_to": after,
            "moved_in": came,
            "moved_out": went,
            "births": np.nan,
            "deaths": np.nan,
            "unexplained": after - before - came + went,
            "net_rate": np.divide(came - went, mean, out=np.full(len(mean), np.nan), where=mean > 0),
            "effectiveness": np.divide(np.abs(came - went), gross, out=np.full(len(mean), np.nan), where=gross > 0),
            "suppressed": np.append(hidden, False),
        }
    )
    hide = [c for c in frame.columns if c not in ("area_code", "area_level", "suppressed")]
    frame[hide] = frame[hide].mask(frame["suppressed"])
    return frame
