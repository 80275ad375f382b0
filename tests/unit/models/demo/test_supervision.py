"""The supervision records of the generated city: statutory invariants, shares, and episodes that their files show."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import h3
import numpy as np
import pandas as pd
import pytest

from models.demo import write_city
from models.demo.calendar import SPRING_FESTIVALS
from models.demo.supervision.planted import FULL_FROM
from models.settings import PROJECT_ROOT

FILES = {
    "annual_reports.csv.gz", "changes.csv.gz", "complaints.csv", "credit_repairs.csv", "findings.csv.gz",
    "inspections.csv.gz", "investments.csv.gz", "licences.csv.gz", "listings.csv", "officers.xlsx", "penalties.csv",
    "present_population.csv",
}  # fmt: skip
KINDS = {
    "address_burst", "agent_burst", "capital_inflation", "finance_scope", "frequent_changes", "industry_burst",
    "investment_burst", "investment_cycle", "lapsed_cluster", "lawful_cluster", "licence_expiry", "person_burst",
    "related_party", "sector_collapse", "sector_surge", "shells", "unit_error",
}  # fmt: skip
CODE = "统一社会信用代码"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city of just as many firms as carry every planted episode."""
    folder = tmp_path_factory.mktemp("full")
    write_city(folder, firms=FULL_FROM)
    return folder


def records(folder: Path, name: str) -> pd.DataFrame:
    """Rows of one file of supervision as text, without the planted faults."""
    file = f"supervision/{name}"
    encoding = "gb18030" if name == "complaints.csv" else "utf-8"
    if name.endswith("xlsx"):
        table = pd.read_excel(folder / file, dtype="str")
    else:
        table = pd.read_csv(folder / file, dtype="str", encoding=encoding)
    dirt = truth(folder, "dirt")
    return table.drop(index=dirt.loc[dirt["file"] == file, "row"] - 2)


def truth(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "truth" / f"{name}.parquet")


def register(folder: Path) -> pd.DataFrame:
    table = pd.read_csv(folder / "registers/online_filings_2015.csv", dtype="str")
    return table.set_index(CODE)


def episodes(folder: Path, *kinds: str) -> pd.DataFrame:
    table = truth(folder, "supervision")
    table = table[table["kind"].isin(kinds)]
    return table.assign(subject_ids=table["subject_ids"].map(json.loads))


def test_no_byte_of_the_registers_changes_with_supervision(written, tmp_path):
    write_city(tmp_path, firms=3_000, registers_only=True)
    for file in sorted((tmp_path / "registers").iterdir()):
        assert (written[0] / "registers" / file.name).read_bytes() == file.read_bytes(), file.name
    assert not (tmp_path / "supervision").exists()


def test_every_file_is_written_and_every_kind_planted_also_in_a_small_city(written, full):
    for folder in (written[0], full):
        assert {p.name for p in (folder / "supervision").iterdir()} == FILES
        assert set(truth(folder, "supervision")["kind"]) == KINDS
        assert all(len(records(folder, name)) > 0 for name in FILES)
    counts = truth(full, "supervision")["kind"].value_counts()
    assert (counts.drop("lapsed_cluster") >= 2).all()
    starts = truth(full, "supervision")["start"]
    assert (starts >= "2015-01-01").mean() > 0.6
    assert (starts < "2015-01-01").sum() >= 10


def test_records_are_about_firms_that_the_register_loads(full):
    lost = truth(full, "dirt")
    lost = lost[(lost["expected"] == "quarantined") & ~lost["kind"].str.startswith("delivered")]
    firms = truth(full, "firms").merge(lost[["file", "row"]], how="left", indicator=True)
    known = set(firms.loc[firms["_merge"] == "left_only", "uscc"])
    columns = {"complaints.csv": "被投诉主体代码", "investments.csv.gz": "被投资主体代码"}
    for name in FILES - {"officers.xlsx", "present_population.csv"}:
        assert set(records(full, name)[columns.get(name, CODE)]) <= known, name
    for members in truth(full, "supervision")["subject_ids"].map(json.loads):
        assert set(members) <= known


def test_listings_keep_the_statutory_invariants(full):
    table = records(full, "listings.csv")
    for reason, key in (("通过登记住所无法联系", [CODE]), ("未按期公示年度报告", [CODE, "年报年度"])):
        of = table[table["列入原因"] == reason]
        assert len(of) > 0
        assert not of.duplicated(key).any()
    removed = table.dropna(subset="移出日期")
    assert (removed["移出日期"] >= removed["列入日期"]).all()
    assert table["移出日期"].isna().equals(table["移出方式"].isna())
    parts = table["决定书文号"].str.extract(r"^綦市监(.)〔(\d{4})〕(\d+)号$")
    assert (parts[1] == table["列入日期"].str[:4]).all()
    for _, serials in parts.groupby([0, 1])[2]:
        assert sorted(serials.astype(int)) == list(range(1, len(serials) + 1))


def test_three_years_on_the_abnormal_list_lead_to_the_serious_one(full):
    table = records(full, "listings.csv")
    abnormal, serious = (table[table["名单"] == name] for name in ("经营异常名录", "严重违法失信名单"))
    three = serious[serious["列入原因"] == "列入经营异常名录满三年"].set_index(CODE)["列入日期"]
    first = abnormal.groupby(CODE)["列入日期"].min()
    gap = pd.to_datetime(three) - pd.to_datetime(first.reindex(three.index))
    assert len(three) > 5
    assert (gap.dt.days >= 3 * 365).all()
    stays = abnormal[abnormal["移出日期"].isna() & (abnormal["列入日期"] < "2012-05-01")]
    assert set(stays[CODE]) <= set(three.index)


def test_who_is_listed_for_a_report_has_not_filed_it_in_time(full):
    listed = records(full, "listings.csv")
    listed = listed[(listed["列入原因"] == "未按期公示年度报告") & listed["年报年度"].isin(["2012", "2013"])]
    filed = records(full, "annual_reports.csv.gz").set_index([CODE, "报告年度"])["公示日期"]
    found = listed.merge(filed.rename("filed").reset_index(), left_on=[CODE, "年报年度"], right_on=[CODE, "报告年度"])
    assert len(found) > 20
    assert (found["filed"] > found["报告年度"].astype(int).add(1).astype(str) + "-06-30").all()
    gone = listed["移出日期"].notna()
    assert len(found) == gone.sum()


def test_a_quarter_of_the_firms_was_checked_and_a_random_share_is_kept(full):
    table = records(full, "inspections.csv.gz")
    share = table[CODE].nunique() / len(truth(full, "risk"))
    assert 0.22 < share < 0.32
    visits = table.drop_duplicates([CODE, "检查日期"])
    assert 0.05 <= (visits["抽取方式"] == "随机抽取").mean() <= 0.10
    positive = table["检查结果"].isin(["责令改正", "立案处罚"])
    assert 0.2 < positive.mean() < 0.4
    assert set(records(full, "findings.csv.gz")["检查编号"]) == set(table.loc[positive, "检查编号"])


def test_outcomes_follow_the_hidden_risk_and_the_officer_as_planted(full):
    table = records(full, "inspections.csv.gz")
    table["positive"] = table["检查结果"].isin(["责令改正", "立案处罚"])
    staff = truth(full, "officers").set_index("officer_id")["group"]
    rate = table.groupby(table["检查人员工号"].map(staff))["positive"].mean()
    assert rate["strict"] > rate["usual"] + 0.08
    assert rate["lenient"] < rate["usual"] - 0.08
    chance = truth(full, "inspections").set_index("inspection_id").loc[table["检查编号"]]
    tenth = pd.qcut(chance["p_fault"].to_numpy(), 10, labels=False)
    found = table["positive"].groupby(tenth).mean()
    reached = table["检查结果"] != "通过登记住所无法联系"
    expected = pd.Series(chance["p_fault"].to_numpy() * reached.to_numpy()).groupby(tenth).mean()
    assert np.abs(found.to_numpy() - expected.to_numpy()).max() < 0.07
    assert set(records(full, "officers.xlsx")["工号"]) == set(staff.index)


def test_officers_cover_every_town_and_some_may_not_inspect(full):
    staff = records(full, "officers.xlsx")
    towns = pd.read_csv(full / "geography/towns.csv", dtype="str")["town_code"]
    areas = staff["责任区域代码"].str.split(";").explode()
    assert set(towns) <= set(areas)
    assert areas.str.len().isin([6, 9, 12]).all()
    until = staff["执法证有效期至"]
    assert (until < "2015-06-30").sum() == 3
    assert until.isna().sum() == 1
    assert staff["回避主体代码"].notna().sum() == 6


def test_a_burst_stands_in_one_building_within_a_week(full):
    firms = register(full)
    for row in episodes(full, "address_burst", "lawful_cluster", "lapsed_cluster").itertuples():
        members = firms.loc[row.subject_ids]
        assert len(members) == row.members == row.strength
        assert members["住所"].str.startswith(row.address).all()
        assert members["住所"].str.removeprefix(row.address).str.match(r"\d+(-|楼|层)\d+").all()
        assert members["成立日期"].min() == row.start
        assert members["成立日期"].max() == row.end
        assert (pd.Timestamp(row.end) - pd.Timestamp(row.start)).days < 7
    assert (episodes(full, "address_burst")["expected"] == "warning").sum() == 12


def test_lawful_clusters_are_those_of_the_reviewed_whitelist_until_it_ends(written, full):
    listed = tomllib.loads((PROJECT_ROOT / "data/cities/demo/whitelist.toml").read_text("utf-8"))["cluster"]
    for folder in (written[0], full):
        for row in episodes(folder, "lawful_cluster", "lapsed_cluster").itertuples():
            entry = next(e for e in listed if e["address"] == row.address)
            lawful = str(entry["valid_from"]) <= row.start and row.end <= str(entry["valid_to"])
            assert lawful == (row.kind == "lawful_cluster") == (row.expected == "none")


def test_planted_firms_come_on_working_days_outside_the_spring_festival(full):
    days = pd.to_datetime(register(full)["成立日期"])
    assert (days.dt.weekday < 5).all()
    gap = (days.to_numpy()[:, None] - SPRING_FESTIVALS[None]).astype("timedelta64[D]").astype(int)
    assert not ((gap >= 0) & (gap <= 6)).any()


def test_one_person_and_one_telephone_stand_behind_their_bursts(full):
    firms = register(full)
    everyone = firms["法定代表人"].value_counts()
    for row in episodes(full, "person_burst").itertuples():
        names = firms.loc[row.subject_ids, "法定代表人"].unique()
        assert len(names) == 1
        assert everyone[names[0]] == row.members
        assert firms.loc[row.subject_ids, "住所"].nunique() == row.members
    reports = records(full, "annual_reports.csv.gz")
    last = reports[reports["报告年度"] == "2014"].set_index(CODE)
    for row in episodes(full, "agent_burst").itertuples():
        told = last.loc[row.subject_ids]
        assert told["联系电话"].nunique() == 1
        assert told["公示日期"].max() == row.visible_from
        assert (last["联系电话"] == told["联系电话"].iloc[0]).sum() == row.members


def test_industry_bursts_stand_in_neighbouring_cells(full):
    firms = truth(full, "firms").set_index("uscc")
    for row in episodes(full, "industry_burst").itertuples():
        members = firms.loc[row.subject_ids]
        assert set(members["section"]) == {row.section}
        assert sorted(members["grid_code"].unique()) == json.loads(row.grid_codes)
        assert 1 <= len(json.loads(row.grid_codes)) <= 5
        assert members[["lon", "lat"]].drop_duplicates().shape[0] == row.members


def test_capital_changes_of_planted_firms_show_factor_and_paid_in(full):
    changes = records(full, "changes.csv.gz")
    capital = changes[changes["变更事项"] == "注册资本"].set_index(CODE)
    paid = records(full, "annual_reports.csv.gz")
    paid = paid[paid["报告年度"] == "2014"].set_index(CODE)["实缴资本(元)"].astype(float)
    firms = register(full)
    for row in episodes(full, "capital_inflation", "unit_error").itertuples():
        code = row.subject_ids[0]
        before, after = (float(capital.loc[code, f"变更{when}注册资本(万元)"]) for when in ("前", "后"))
        assert after / before == pytest.approx(row.strength, rel=1e-3)
        assert float(firms.loc[code, "注册资本"].removesuffix("(万)")) == pytest.approx(after)
        assert paid[code] == pytest.approx(before * 1e4 if row.kind == "unit_error" else 0.0)


def test_a_finance_scope_is_what_the_register_says_today(full):
    changes = records(full, "changes.csv.gz")
    scope = changes[changes["变更事项"] == "经营范围"].set_index(CODE)
    for row in episodes(full, "finance_scope").itertuples():
        code = row.subject_ids[0]
        assert scope.loc[code, "变更后"] == register(full).loc[code, "经营范围"]
        words = row.note.split("；")
        assert len(words) == row.strength
        assert all(w in scope.loc[code, "变更后"] and w not in scope.loc[code, "变更前"] for w in words)


def test_shells_claim_staff_where_nobody_is_by_day(full):
    present = records(full, "present_population.csv")
    by_day = present[present["时段"] == "日间"].set_index("网格单元H3")["人数"].astype(float)
    reports = records(full, "annual_reports.csv.gz")
    staff = reports[reports["报告年度"] == "2014"].set_index(CODE)["从业人数"].astype(float)
    places = truth(full, "firms").set_index("uscc")
    for row in episodes(full, "shells").itertuples():
        cells = {
            h3.latlng_to_cell(lat, lon, 8)
            for lat, lon in places.loc[row.subject_ids, ["lat", "lon"]].itertuples(index=False)
        }
        assert cells == {row.h3_r8}
        assert staff[row.subject_ids].sum() > 4 * by_day[row.h3_r8]
        assert staff[row.subject_ids].between(6, 25).all()
    counts = episodes(full, "shells")["members"]
    assert 40 in counts.tolist()


def test_people_are_conserved_at_night_and_work_in_the_parks_by_day(full):
    present = records(full, "present_population.csv")
    present = present.assign(n=present["人数"].astype(float)).pivot(index="网格单元H3", columns="时段", values="n")
    assert present["夜间"].sum() == pytest.approx(1_030_000, rel=0.02)
    assert 0.75 < present["日间"].sum() / present["夜间"].sum() < 1.0
    firms = truth(full, "firms")
    parks = firms[firms["kind"] == "park"]
    cells = {h3.latlng_to_cell(a, b, 8) for a, b in zip(parks["lat"], parks["lon"], strict=True)}
    busy = present.loc[sorted(cells & set(present.index))].sum()
    assert busy["日间"] > 1.5 * busy["夜间"]


def test_holdings_come_back_in_the_planted_cycles_only(full):
    holdings = records(full, "investments.csv.gz").dropna(subset="投资方主体代码")
    days = truth(full, "firms").set_index("uscc")["established_on"]
    edges = set(zip(holdings["投资方主体代码"], holdings["被投资主体代码"], strict=True))
    inside = set()
    for row in episodes(full, "investment_cycle").itertuples():
        round_trip = list(zip(row.subject_ids, [*row.subject_ids[1:], row.subject_ids[0]], strict=True))
        assert set(round_trip) <= edges
        assert len(round_trip) == row.strength
        inside |= set(round_trip)
    planted = {(a, b) for r in episodes(full, "investment_burst", "related_party").itertuples()
               for a in r.subject_ids[:1] for b in r.subject_ids[1:]}  # fmt: skip
    assert planted <= edges
    assert all(days[a] < days[b] for a, b in edges - inside - planted)


def test_frequent_changes_and_ending_licences_are_in_their_files(full):
    changed = records(full, "changes.csv.gz")
    for row in episodes(full, "frequent_changes").itertuples():
        of = changed[changed[CODE] == row.subject_ids[0]]
        assert len(of) == row.strength
        assert of["变更日期"].agg(["min", "max"]).tolist() == [row.start, row.end]
    licences = records(full, "licences.csv.gz")
    for row in episodes(full, "licence_expiry").itertuples():
        ends = licences.loc[licences[CODE] == row.subject_ids[0], "有效期至"]
        assert (ends == row.end).sum() == 1
        assert (ends > row.end).any() == (row.expected == "withdrawn")


def test_the_penalised_party_holds_the_others(full):
    penalties = records(full, "penalties.csv")
    firms = register(full)
    for row in episodes(full, "related_party").itertuples():
        of = penalties[penalties[CODE] == row.subject_ids[0]]
        assert of["处罚决定日期"].tolist() == [row.start]
        assert firms.loc[row.subject_ids, "法定代表人"].nunique() == 1
        assert not penalties[CODE].isin(row.subject_ids[1:]).any()
