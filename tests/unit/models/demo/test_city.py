import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from models.demo import write_city
from models.demo.calendar import SPRING_FESTIVALS, day_weights
from models.demo.census import AREA_CHANGES
from models.sources.legal_persons import capital, industry, uscc


def digest(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def truth(folder, name="firms"):
    return pd.read_parquet(folder / "truth" / f"{name}.parquet")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(written, tmp_path):
    folder, _ = written
    write_city(tmp_path / "again", firms=3_000)
    assert digest(tmp_path / "again") == digest(folder)
    write_city(tmp_path / "other", seed=7, firms=3_000, registers_only=True)
    assert truth(tmp_path / "other")["uscc"].tolist() != truth(folder)["uscc"].tolist()


def test_counts_of_the_files_are_firms_and_planted_rows(written):
    folder, rows = written
    firms, dirt = truth(folder), truth(folder, "dirt")
    added = dirt[dirt["kind"].isin(["delivered twice", "delivered in two files", "row cut short"])]
    registers = {name: count for name, count in rows.items() if name.startswith("registers/")}
    planted = registers["registers/online_filings_2015.csv"]
    assert len(firms) == 3_000 + planted
    assert sum(registers.values()) == 3_000 + planted + len(added)
    assert firms.groupby("file").size().add(added.groupby("file").size(), fill_value=0).to_dict() == registers
    assert json.loads((folder / "truth" / "files.json").read_text("utf-8"))["rows"] == rows


def test_each_firm_lies_in_the_town_and_the_cell_the_truth_names(written):
    firms = truth(written[0])
    assert firms["uscc"].is_unique
    assert uscc.valid(firms["uscc"]).all()
    assert firms["grid_code"].notna().mean() > 0.999
    street = firms[firms["kind"] == "street"]
    assert street["grid_code"].str[:6].eq("500110").all()


def test_the_history_is_gb18030_and_named_rows_are_where_the_truth_says(written):
    folder, _ = written
    lines = (folder / "registers/register_1985_2009.csv").read_bytes().decode("gb18030").split("\n")
    dirt = truth(folder, "dirt")
    clean = truth(folder).merge(dirt[["file", "row"]], how="left", indicator=True)
    clean = clean[(clean["_merge"] == "left_only") & clean["file"].str.contains("1985")]
    assert len(clean) > 500
    assert all(
        lines[row - 1].startswith(f"{name},{code},")
        for row, name, code in zip(clean["row"], clean["name"], clean["uscc"], strict=True)
    )


def test_no_name_or_code_is_delivered_for_two_firms(written):
    firms = truth(written[0])
    assert firms["name"].nunique() > 0.97 * len(firms)


def test_every_kind_of_dirt_is_planted(written):
    dirt = truth(written[0], "dirt")
    kinds = set(dirt.loc[dirt["file"].str.startswith("registers/"), "kind"])
    assert len(kinds) == 19
    assert {"batch in another datum", "delivered in two files", "row cut short", "capital of 10^12 yuan"} <= kinds


def test_scopes_tell_the_section_that_was_planted(written):
    folder, _ = written
    table = pd.read_csv(folder / "registers/register_2010_2015.csv.gz", dtype="str")
    firms = truth(folder)
    found = industry.classify(table["经营范围"], table["企业名称"])["industry_section"]
    known = firms[firms["file"].str.contains("2010")].set_index("row")["section"]
    pairs = pd.DataFrame({"found": found.set_axis(found.index + 2)}).join(known, how="inner").dropna()
    assert (pairs["found"] == pairs["section"]).mean() > 0.95


def test_capital_comes_in_the_many_forms_of_registers(written):
    table = pd.read_csv(written[0] / "registers/register_2010_2015.csv.gz", dtype="str", keep_default_na=False)
    forms = table["注册资本"].str.replace(r"[\d,.]+", "#", regex=True).value_counts()
    assert len(forms) >= 10
    flags = capital.parse(table["注册资本"])["capital_flag"].value_counts(normalize=True)
    assert flags["ok"] > 0.75


def test_the_spring_festival_is_quiet():
    days, weight = day_weights(np.random.default_rng(1))
    for first in SPRING_FESTIVALS[-5:]:
        during = weight[(days >= first) & (days < first + 7)].sum()
        before = weight[(days >= first - 28) & (days < first - 21)].sum()
        assert during < 0.25 * before


def test_census_towns_add_up_and_the_code_of_2010_is_another_area(written):
    table = pd.read_csv(written[0] / "public/census.csv", dtype={"area_code": "str"})
    residents = table[table["indicator"] == "residents"]
    sums = residents.groupby(["reference_date", "area_level"])["value"].sum().unstack()
    assert sums["district"].tolist() == sums["town"].tolist() == [1_056_817, 1_011_334]
    trap = residents[(residents["area_code"] == "500110")].set_index("reference_date")["area_name"]
    assert trap.tolist() == ["万盛区", "綦江区"]
    assert AREA_CHANGES["old_name"].tolist() == ["綦江县", "万盛区"]


def test_everything_says_that_it_is_generated(written):
    text = (written[0] / "README.md").read_text("utf-8")
    assert "does not exist" in text
    assert "GeoNames, CC BY 4.0" in text


def test_too_few_firms_are_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 1,000"):
        write_city(tmp_path, firms=10)
