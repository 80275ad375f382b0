"""The signaling of the generated city: what is drawn and written, and what the kernel finds of the planted dirt."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.demo import SEED, public
from models.demo.plane import to_km
from models.demo.signaling import PRESETS, Preset, write_signaling
from models.demo.signaling.ages import keenness
from models.demo.signaling.dirt import PRESETS as DIRT
from models.demo.signaling.people import CLASS_SHARES, CLASSES, MOVES, PERIODS, draw_people, market_share
from models.demo.streams import Streams
from models.signaling.day import DayEvents, compute_day
from models.signaling.events import Pseudonyms
from models.signaling.flags import FLAG_NAMES, NO_CELL
from models.signaling.kernel_rules import load_rules
from models.signaling.network import load_network
from models.signaling.service_day import service_day
from models.signaling.strata import STRATA

SMALL = Preset(people=1_200, days=14)
FIRST = {"2013": dt.date(2013, 6, 3), "2014": dt.date(2014, 6, 2), "2015": dt.date(2015, 6, 1)}
DAY = 86_400


def midnight(date):
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp())


def write(folder, city, preset):
    streams = Streams(SEED)
    stations = public.base_stations(city.sites, streams.of("stations"))
    return write_signaling(folder / "signaling", city.sites, stations, streams, preset)


@pytest.fixture(scope="module")
def written(tmp_path_factory, city):
    folder = tmp_path_factory.mktemp("signaling")
    return folder, write(folder, city, SMALL)


@pytest.fixture(scope="module")
def events(written):
    """All rows with their file, row, date and label."""
    folder, rows = written
    parts = []
    for name in rows:
        table = pq.read_table(folder / name, partitioning=None).to_pandas()
        table["seconds"] = table["time"].astype("datetime64[s, UTC]").astype("int64").where(table["time"].notna())
        date = dt.date.fromisoformat(name[-18:-8])
        parts.append(table.assign(file=name.removeprefix("signaling/"), row=np.arange(len(table)), date=date))
    whole = pd.concat(parts, ignore_index=True)
    labels = pd.read_parquet(folder / "truth/signaling/dirt.parquet")
    joined = whole.merge(labels, on=["file", "row"], how="left", validate="1:1")
    assert joined["kind"].notna().sum() == len(labels), "a label points to no row"
    return joined.fillna({"kind": ""}).assign(period=joined["file"].str[:4])


@pytest.fixture(scope="module")
def persons(written):
    return pd.read_parquet(written[0] / "truth/signaling/persons.parquet")


@pytest.fixture(scope="module")
def network(written):
    return load_network(written[0] / "signaling/network.csv", 4544)


@pytest.fixture(scope="module")
def flagged(events, network):
    """Every event of two weeks of 2015 with the flag of the kernel."""
    rules, hashed = load_rules(), Pseudonyms(b"test")
    whole = events[(events["period"] == "2015") & events["user"].notna() & events["time"].notna()]
    parts = []
    for k in range(SMALL.days):
        date = FIRST["2015"] + dt.timedelta(days=k)
        day = service_day(date, "Asia/Shanghai")
        rows = whole[(whole["seconds"] >= day.start) & (whole["seconds"] < day.end)]
        codes = network.codes_on(date)
        cell = rows["cell"].map(codes).fillna(NO_CELL).astype("int32")
        cell = cell.mask(rows["serving_mcc"] != 460, -2)
        rows = rows.assign(code=cell, hashed=hashed.of(pa.array(rows["user"])), t=rows["seconds"] - day.start)
        rows = rows.sort_values(["hashed", "t", "code", "kind"], kind="stable")
        users, start = np.unique(rows["hashed"], return_index=True)
        given = DayEvents.of(
            users, np.append(start, len(rows)), rows["t"].to_numpy("int32"), rows["code"].to_numpy("int32")
        )
        flags = compute_day(given, network.cells_on(date), day, rules).flags
        parts.append(rows.assign(flag=np.array(FLAG_NAMES)[flags]))
    return pd.concat(parts, ignore_index=True)


def digest(folder):
    found = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(file.relative_to(folder).as_posix().encode())
        if file.suffix == ".parquet":
            frame = pq.read_table(file, partitioning=None).to_pandas()
            found.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
        else:
            found.update(file.read_bytes())
    return found.hexdigest()


def test_the_same_seed_gives_the_same_rows(city, tmp_path):
    tiny = Preset(people=150, days=2)
    for name in ("one", "other"):
        write(tmp_path / name, city, tiny)
    assert digest(tmp_path / "one") == digest(tmp_path / "other")


def test_classes_have_their_shares_and_moves_their_rates(city):
    streams = Streams(SEED)
    share = market_share(city.sites, streams.of("signaling shares"))
    people = draw_people(city.sites, share, 24_000, 1.0, 0.05, streams)
    count = np.bincount(people.kind[:24_000], minlength=len(CLASSES)) / 24_000
    np.testing.assert_allclose(count, CLASS_SHARES, atol=0.01)
    stayed = people.where[:24_000, 0] >= 0
    resident = stayed & (people.kind[:24_000] < CLASSES.index("short_stay"))
    left = (people.where[:24_000, 1] < 0)[resident].mean()
    assert left == pytest.approx(MOVES["out"], abs=0.005)


def test_subscribers_follow_the_share_of_their_town(persons, written):
    share = pd.read_csv(written[0] / "signaling/market_share.csv", dtype={"town_code": "str"})
    scale = residents_per_person(written)
    expected = share.set_index("town_code")["share"] * scale
    for _, living in persons[persons["resident"]].groupby("period"):
        seen = living.groupby("home_town")["subscriber"].agg(["mean", "size"])
        sd = np.sqrt(expected * (1 - expected) / seen["size"])
        assert ((seen["mean"] - expected).abs() < 4 * sd + 1e-9).all()


def residents_per_person(written):
    residents = pd.read_csv(written[0] / "signaling/residents.csv", dtype={"town_code": "str", "year": "str"})
    persons = pd.read_parquet(written[0] / "truth/signaling/persons.parquet")
    return residents["residents"].sum() / persons["resident"].sum()


def test_the_yearbook_is_the_sum_of_the_truth(persons, written):
    residents = pd.read_csv(written[0] / "signaling/residents.csv", dtype={"town_code": "str", "year": "str"})
    count = persons[persons["resident"]].groupby(["home_town", "period"]).size()
    given = residents.set_index(["town_code", "year"])["residents"]
    summed = count.reindex(given.index, fill_value=0).to_numpy() * residents_per_person(written)
    np.testing.assert_allclose(given, summed, rtol=1e-3, atol=1)


def test_moves_are_those_of_the_persons(persons, written):
    moves = pd.read_parquet(written[0] / "truth/signaling/moves.parquet")
    scale = residents_per_person(written)
    stay = persons[persons["kind"].isin(CLASSES[:8])]
    towns = stay.pivot_table(index="user", columns="period", values="home_town", aggfunc="first").fillna("-")
    beyond = stay.pivot(index="user", columns="period", values="where")
    towns = towns.reindex(beyond.index, fill_value="-")
    for a, b in itertools.pairwise(PERIODS):
        mine = moves[(moves["period_from"] == a) & (moves["period_to"] == b)]
        came = (towns[b] != "-") & (towns[a] != towns[b])
        went = (towns[a] != "-") & (towns[a] != towns[b])
        for direction, moved, other in (("in", came, beyond[a]), ("out", went, beyond[b])):
            found = mine[mine["direction"] == direction].groupby("origin_class")["persons"].sum() / scale
            expected = other[moved].replace("city", "intra_district").value_counts()
            np.testing.assert_allclose(found, expected.reindex(found.index), rtol=1e-3)


def test_files_are_in_order_and_hold_their_own_date(events):
    known = events[events["time"].notna()]
    for (_, date), rows in known.groupby(["file", "date"]):
        assert rows["seconds"].is_monotonic_increasing
        assert rows["seconds"].between(midnight(date), midnight(date) + DAY - 1).all()


def test_the_order_of_rows_says_nothing_about_persons(events, persons):
    """Within a second, rows stand by pseudonym; pseudonyms stand in no order of drawing."""
    known = events[events["time"].notna() & events["user"].notna()]
    before = known.shift()
    tied = (known["seconds"] == before["seconds"]) & (known["file"] == before["file"])
    assert (known["user"][tied] >= before["user"][tied]).all()
    drawn = persons[persons["period"] == "2015"]["user"].rank()
    assert abs(np.corrcoef(drawn, np.arange(len(drawn)))[0, 1]) < 4 / np.sqrt(len(drawn))


def test_dirt_has_its_shares(events):
    amounts, n = DIRT["real"], len(events)
    count = events["kind"].value_counts() / n
    for kind in ("ghost", "retired", "jump", "repeated"):
        assert count[kind] == pytest.approx(getattr(amounts, kind), rel=0.15), kind
    for kind in ("no_user", "no_time", "no_cell"):
        assert count[kind] == pytest.approx(amounts.missing / 3, rel=0.3), kind
    at_rest = 0.9  # the rest is on the way or beyond the city
    assert count["ping_pong"] == pytest.approx(2 * amounts.ping_pong * at_rest, rel=0.2)


def test_every_label_points_to_a_row_of_its_kind(events, network):
    of = dict(iter(events[events["kind"] != ""].groupby("kind")))
    assert (of["ghost"]["cell"] == "ghost-1").all()
    assert of["no_user"]["user"].isna().all()
    assert of["no_time"]["time"].isna().all()
    assert of["no_cell"]["cell"].isna().all()
    columns = ["user", "seconds", "cell", "period"]
    assert events[events["kind"] == ""].merge(of["repeated"][columns].drop_duplicates(), on=columns)[
        columns
    ].drop_duplicates().shape[0] == len(of["repeated"][columns].drop_duplicates())
    for period, rows in of["retired"].groupby("period"):
        dead = ~network.active_on(FIRST[period]) | ~network.active_on(FIRST[period] + dt.timedelta(days=SMALL.days))
        assert rows["cell"].isin(network.table["cell_id"][dead]).all()
    tossed = of["ping_pong"].merge(events[events["kind"] == ""], on=["user", "period"], suffixes=("", "_true"))
    near = tossed[(tossed["seconds"] - tossed["seconds_true"]).abs() <= 160]
    assert near[["file", "row"]].drop_duplicates().shape[0] >= 0.99 * len(of["ping_pong"])


def test_silent_people_are_rarely_heard_and_visitors_for_a_few_days(events, persons):
    kinds = persons[persons["period"] == "2015"].set_index("user")["kind"]
    seen = events[(events["period"] == "2015") & events["time"].notna() & (events["kind"] == "")]
    served = ((seen["seconds"] - midnight(FIRST["2015"]) - 14_400) // DAY).astype(int)
    mine = seen.assign(kind_of=seen["user"].map(kinds), day=served)
    by = mine.groupby(["kind_of", "user"])["day"].agg(["nunique", "min", "max", "size"])
    assert by.loc["silent", "size"].mean() < 0.25 * by.loc["day_worker", "size"].mean()
    for kind, most in (("tourist", 4), ("roamer", 9), ("short_stay", 14)):
        visits = by.loc[kind]
        assert (visits["max"] - visits["min"] + 1).max() <= most, kind
    foreign = mine[mine["kind_of"] == "roamer"]
    assert (foreign["mcc"] != 460).all()


def test_holidays_are_spent_like_weekends_and_shifted_saturdays_at_work(events, persons, network):
    """2013-06-10 was the Monday of the Dragon Boat Festival, 2013-06-08 a Saturday worked for it."""
    own = persons[(persons["period"] == "2013") & (persons["kind"] == "day_worker")].set_index("user")
    km = dict(zip(network.table["cell_id"], to_km(network.table[["lon", "lat"]].to_numpy("float64")), strict=True))
    rows = events[(events["period"] == "2013") & events["user"].isin(own.index) & (events["kind"] == "")]
    local = (rows["seconds"] - rows["date"].map(midnight)) // 3600
    rows = rows[local.between(10, 16) & rows["cell"].isin(list(km))]
    place = np.stack([km[c] for c in rows["cell"]])
    home = own.loc[rows["user"], ["home_x", "home_y"]].to_numpy()
    work = own.loc[rows["user"], ["work_x", "work_y"]].to_numpy()
    at_work = np.hypot(*(place - work).T) < np.hypot(*(place - home).T)
    share = pd.Series(at_work).groupby(rows["date"].to_numpy()).mean()
    on = {name: share[dt.date.fromisoformat(name)] for name in ("2013-06-08", "2013-06-10", "2013-06-06")}
    assert on["2013-06-08"] > 0.6 < on["2013-06-06"]
    assert on["2013-06-10"] < 0.4
    assert share[dt.date(2013, 6, 15)] < 0.4


@pytest.mark.parametrize(("kinds", "flag"), [(["ghost", "no_cell"], "unknown_cell"), (["retired"], "inactive_cell")])
def test_the_kernel_finds_cells_that_are_no_cells(flagged, kinds, flag):
    labelled, found = flagged["kind"].isin(kinds), flagged["flag"] == flag
    assert (labelled & found).sum() >= 0.95 * labelled.sum()
    assert (labelled & found).sum() >= 0.95 * found.sum()


def test_the_kernel_finds_repeats(flagged):
    """Which of two equal rows is the copy cannot be told; their number can."""
    labelled, found = flagged["kind"] == "repeated", flagged["flag"] == "repeated"
    assert (labelled & found).sum() >= 0.95 * labelled.sum()
    assert (labelled & found).sum() >= 0.95 * found.sum()


def test_the_kernel_finds_tossed_telephones(flagged):
    """What is missed: two cells whose footprints do not touch, and chains in which the true cell has less dwell."""
    labelled, found = flagged["kind"] == "ping_pong", flagged["flag"] == "ping_pong"
    assert (labelled & found).sum() >= 0.95 * labelled.sum()
    assert (labelled & found).sum() >= 0.95 * found.sum()


def test_jumps_are_found_where_the_speed_is_impossible(flagged, network):
    """A telephone is heard once an hour: most jumps could have been travelled, and no rule on speed can see them."""
    sites, usable = network.sites, flagged[flagged["flag"].isin(["ok", "impossible_speed"]) & (flagged["code"] >= 0)]
    fast = pd.DataFrame(index=usable.index)
    for name, way in (("before", 1), ("after", -1)):
        other = usable.shift(way)
        there = (other["hashed"] == usable["hashed"]) & ((other["seconds"] - usable["seconds"]).abs() < DAY)
        a, b = usable["code"].to_numpy("int64"), other["code"].fillna(0).to_numpy("int64")
        gap = np.hypot(sites.x[a] - sites.x[b], sites.y[a] - sites.y[b]) - sites.radius[a] - sites.radius[b]
        seconds = (other["seconds"] - usable["seconds"]).abs()
        fast[name] = there & (gap > 10_000) & (gap > 55 * seconds)
    seen = usable[fast.all(axis=1) & (usable["kind"] == "jump")]
    assert len(seen) > 0
    assert (seen["flag"] == "impossible_speed").mean() >= 0.95
    assert len(seen) < 0.1 * (flagged["kind"] == "jump").sum()
    assert flagged["kind"][flagged["flag"] == "impossible_speed"].isin(["jump", "skew"]).mean() >= 0.95


def test_presets_differ_as_they_say():
    easy, real, hard = (PRESETS[name] for name in ("easy", "real", "hard"))
    assert easy.per_day > real.per_day > hard.per_day
    assert easy.churn == 0 < real.churn < hard.churn
    assert all(value == 0 for value in DIRT["easy"])
    assert all(h > r > 0 for r, h in zip(DIRT["real"], DIRT["hard"], strict=True))


def test_an_uneven_operator_serves_few_children_and_each_town_as_before(city):
    streams = Streams(SEED)
    share = market_share(city.sites, streams.of("signaling shares"))
    even, uneven = (draw_people(city.sites, share, 24_000, 1.0, 0.05, Streams(SEED), uneven=u) for u in (False, True))
    np.testing.assert_array_equal(even.stratum, uneven.stratum)
    np.testing.assert_array_equal(even.home, uneven.home)
    living = (even.where[:, 0] >= 0) & (even.kind < CLASSES.index("short_stay"))
    seen = pd.Series(uneven.subscriber[living, 0]).groupby(np.array(STRATA)[uneven.stratum[living]]).mean()
    keen = keenness(uneven.stratum[uneven.kind < CLASSES.index("short_stay")])
    expected = pd.Series(keen, index=list(STRATA)) * even.subscriber[living, 0].mean()
    assert (seen - expected.reindex(seen.index)).abs().max() < 0.05
    by_town = [pd.Series(p.subscriber[living, 0]).groupby(p.where[living, 0]).mean() for p in (even, uneven)]
    assert (by_town[0] - by_town[1]).abs().mean() < 0.02


def test_the_census_by_age_and_sex_is_the_sum_of_the_truth(persons, written):
    census = pd.read_csv(written[0] / "signaling/residents_by_stratum.csv", dtype={"year": "str"})
    count = persons[persons["resident"]].groupby(["stratum", "period"]).size()
    given = census.set_index(["stratum", "year"])["residents"]
    summed = count.reindex(given.index, fill_value=0).to_numpy() * residents_per_person(written)
    np.testing.assert_allclose(given, summed, rtol=1e-3, atol=1)
    shares = pd.read_csv(written[0] / "signaling/market_share_by_stratum.csv", dtype={"town_code": "str"})
    assert set(shares["stratum"]) == set(STRATA)
    assert shares["share"].between(0, 1, inclusive="neither").all()
