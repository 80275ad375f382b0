"""Records of supervision as a city delivers them: persons become keys, cells are read, ids are numbered."""

from __future__ import annotations

import h3
import pandas as pd
import pytest

from layers.text import translate
from models.sources.legal_persons.persons import keyed_hash
from tests.integration.sources.conftest import Bench

CHANGES = {
    "subject_id": "代码", "changed_on": "日期", "kind": "事项", "before": "变更前", "after": "变更后"
}  # fmt: skip
KINDS = {"kind": {"法定代表人": "representative", "股东": "shareholding", "地址": "address"}}


def key_of(bench: Bench, name: str) -> str:
    return keyed_hash(pd.Series([name], dtype="str"), bench.settings.person_key()).iloc[0]


def texts_of(result) -> str:
    return result.frame.to_csv() + result.rejects.to_csv() + "".join(result.notes)


def test_a_change_of_representative_keeps_keys_and_no_names(bench: Bench) -> None:
    rows = "S1,2024-01-02,法定代表人,张某一,李某二\nS1,2024-02-02,股东,王某三 60%,赵某四 60%\n"
    rows += "S1,2024-03-02,地址,甲路1号,乙路2号\n"
    broken = "S1,no day,法定代表人,孙某五,周某六\nS1,2024-04-02,法定代表人,吴某七,郑某八,x\n"
    bench.write("c.csv", "代码,日期,事项,变更前,变更后\n" + rows + broken)
    bench.manifest("c", table="changes", files=["c.csv"], format="csv", columns=CHANGES, values=KINDS)
    result = bench.read("c")
    frame = result.frame.set_index("kind")
    assert frame.loc["representative", "before_key"] == key_of(bench, "张某一")
    assert frame.loc["representative", "after_key"] == key_of(bench, " 李某二 ")
    assert frame.loc["address", ["before", "after"]].tolist() == ["甲路1号", "乙路2号"]
    assert frame.loc[["representative", "shareholding"], ["before", "after"]].isna().all(axis=None)
    assert frame["before_key"].notna().sum() == 1
    assert result.rejected == 2
    delivered = texts_of(result)
    assert not any(
        name in delivered for name in ["张某一", "李某二", "王某三", "赵某四", "孙某五", "周某六", "吴某七", "郑某八"]
    )


@pytest.mark.parametrize(
    ("table", "raw", "kept", "columns"),
    [
        ("inspections", "officer", "officer_key", ("subject_id", "inspected_on", "kind", "result")),
        ("annual_reports", "contact", "contact_key", ("subject_id", "report_year", "filed_on")),
        ("investments", "investor_person", "investor_key", ("subject_id", "invested_on")),
        ("changes", "after_person", "after_key", ("subject_id", "changed_on", "kind")),
    ],
)
def test_every_named_person_becomes_a_key(bench: Bench, table: str, raw: str, kept: str, columns: tuple) -> None:
    good = {
        "subject_id": "S1", "kind": "capital" if table == "changes" else "routine", "result": "none_found",
        "report_year": "2023", "inspected_on": "2024-05-01", "filed_on": "2024-05-01", "invested_on": "2024-05-01",
        "changed_on": "2024-05-01",
    }  # fmt: skip
    bad = {**good, "subject_id": "S2", columns[1]: "never"}
    body = "".join(",".join([*(row[c] for c in columns), "钱某九"]) + "\n" for row in (good, bad))
    bench.write("r.csv", ",".join([*columns, "person"]) + "\n" + body + "S1,钱某九\n")
    bench.manifest("r", table=table, files=["r.csv"], format="csv", columns={**{c: c for c in columns}, raw: "person"})
    result = bench.read("r")
    assert result.frame[kept].tolist() == [key_of(bench, "钱某九")]
    assert result.rejected == 2
    assert "钱某九" not in texts_of(result)
    assert result.frame.iloc[0, 0].startswith("r-2") or table == "annual_reports"


def test_cells_are_read_in_both_spellings_and_others_refused(bench: Bench) -> None:
    cell = h3.latlng_to_cell(29.5, 106.5, 8)
    coarse = h3.cell_to_parent(cell, 7)
    lines = [f"{text},day,10,20,2024-05-01" for text in (cell, "88ffffffffffffff", "12", coarse)]
    lines.append(f"{int(cell, 16)},night,10,20,2024-05-01")
    names = ["h3", "hours", "persons", "devices", "reference_month"]
    bench.write("p.csv", ",".join(names) + "\n" + "\n".join(lines) + "\n")
    given = {"files": ["p.csv"], "format": "csv", "columns": {n: n for n in names}}
    bench.manifest("p", table="present_population", **given)
    result = bench.read("p")
    assert result.frame["h3"].tolist() == [int(cell, 16)] * 2
    assert set(result.rejects["reason"]) == {"not an H3 cell", "not a cell of resolution 8"}


def test_premises_without_coordinates_are_loaded_without_a_point(bench: Bench) -> None:
    bench.write("b.csv", "id,name,lat,lon\n1,甲,29.5,106.5\n2,乙,,\n3,丙,29.5,\n")
    columns = {"premises_id": "id", "name": "name", "lat": "lat", "lon": "lon"}
    bench.manifest("b", table="premises", files=["b.csv"], format="csv", datum="WGS84", columns=columns)
    result = bench.read("b")
    assert result.frame["premises_id"].tolist() == ["1", "2"]
    assert result.frame.geometry.isna().tolist() == [False, True]
    assert result.rejects["reason"].tolist() == ["one of the two coordinates is missing"]


DAY = "2024-05-01"
BROKEN = [
    ("licences", {"licence_id": "1", "kind": "食品", "library": "food", "issued_on": DAY, "expires_on": "2024-04-30"}),
    ("licences", {"licence_id": "1", "kind": "食品", "library": "food", "issued_on": DAY, "revoked_on": "2024-04-30"}),
    ("inspections", {"inspected_on": DAY, "kind": "routine", "result": "rectify", "closed_on": "2024-04-30"}),
    ("inspections", {"inspected_on": DAY, "kind": "routine", "result": "rectify", "follow_up_due": "2024-04-30"}),
    ("inspections", {"inspected_on": DAY, "kind": "routine", "result": "rectify", "score": "101"}),
    ("findings", {"found_on": DAY, "severity": "low", "corrected_on": "2024-04-30"}),
    ("complaints", {"received_on": DAY, "kind": "report", "closed_on": "2024-04-30"}),
    ("complaints", {"received_on": DAY, "kind": "report", "outcome": "open", "closed_on": DAY}),
    ("listings", {"ground": "unreachable", "list": "abnormal", "listed_on": DAY, "removed_on": "2024-04-30"}),
    ("listings", {"ground": "unreachable", "list": "abnormal", "listed_on": DAY, "removal": "normal"}),
    ("listings", {"ground": "annual_report", "list": "abnormal", "listed_on": DAY}),
    ("listings", {"ground": "unreachable", "list": "serious", "listed_on": DAY}),
    ("listings", {"ground": "three_years", "list": "abnormal", "listed_on": DAY}),
    ("annual_reports", {"report_year": "2024", "filed_on": DAY}),
    ("investments", {"invested_on": DAY, "ended_on": "2024-04-30"}),
    ("investments", {"invested_on": DAY, "investor_id": "X", "investor_person": "钱某九"}),
    ("investments", {"invested_on": DAY, "share": "1.2"}),
    ("credit_repairs", {"repair_id": "1", "repairs": "x", "applied_on": DAY, "decided_on": DAY, "result": "pending"}),
    ("credit_repairs", {"repair_id": "1", "repairs": "x", "applied_on": DAY, "result": "accepted"}),
    (
        "credit_repairs",
        {"repair_id": "1", "repairs": "x", "applied_on": DAY, "decided_on": "2024-04-30", "result": "refused"},
    ),
    ("penalties", {"penalty_id": "1", "decided_on": DAY, "kind": "fine", "amount_cny": "-1"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row"), BROKEN, ids=[f"{t}-{'-'.join(r)}" for t, r in BROKEN])
def test_a_row_that_cannot_be_true_is_quarantined_with_a_reason_in_both_languages(
    bench: Bench, table: str, row: dict[str, str]
) -> None:
    row = {"subject_id": "S1", **({"listing_id": "1"} if table == "listings" else {}), **row}
    bench.write("r.csv", ",".join(row) + "\n" + ",".join(row.values()) + "\n")
    bench.manifest("r", table=table, files=["r.csv"], format="csv", columns={c: c for c in row})
    result = bench.read("r")
    assert result.frame.empty
    (reason,) = result.rejects["reason"]
    assert translate(reason, "reject", "zh-Hans") != reason
    assert "钱某九" not in texts_of(result)
