"""Faulty rows at the end of the files of supervision, each labelled with what a reader should do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.demo import dirt

Edit = Callable[[str], str | None]
Edits = dict[str, Edit]


@dataclass(frozen=True)
class Fault:
    """One faulty row, made of a good one.

    Attributes
    ----------
    kind : what it is called
    column : header of the spoilt column
    reason : part of the quarantine's reason
    edits : header -> old text to new text, None for an empty field
    of : header and text that the row must have; any row without
    """

    kind: str
    column: str
    reason: str
    edits: Edits
    of: tuple[str, str] | None = None


def _is(text: str | None) -> Edit:
    return lambda _: text


def _own(text: str) -> str:
    """Give the row a number of its own, so that it is no repeat of the one it was made of."""
    return f"{text}-9{len(text)}"


_NOBODY = _is("91500110MA5ZZZZZZ0")
_SUBJECT = "统一社会信用代码"
_UNKNOWN, _BEFORE, _NO_DATE = "no legal person", "lies before", "not a date"
FAULTS: dict[str, tuple[Fault, ...]] = {
    "officers.xlsx": (
        Fault("officer of unknown duty", "岗位", "must be one of", {"工号": _is("QJ901"), "岗位": _is("驾驶员")}),
    ),
    "inspections.csv.gz": (
        Fault("inspection on no day", "检查日期", _NO_DATE, {"检查编号": _own, "检查日期": _is("2014-02-30")}),
        Fault("inspection of nobody", _SUBJECT, _UNKNOWN, {"检查编号": _own, _SUBJECT: _NOBODY}),
        Fault("closed before the inspection", "办结日期", _BEFORE, {"检查编号": _own, "办结日期": _is("2011-01-04")}),
        Fault("inspection delivered twice", "检查编号", "repeats the key", {}),
    ),
    "findings.csv.gz": (
        Fault("finding without severity", "严重程度", "must not be missing", {"问题编号": _own, "严重程度": _is(None)}),
        Fault(
            "finding of no inspection",
            "检查编号",
            "no inspection has this id",
            {"问题编号": _own, "检查编号": _is("QJJC999999-1")},
        ),
    ),
    "penalties.csv": (
        Fault(
            "penalty of no kind",
            "处罚种类",
            "must be one of",
            {"行政处罚决定书文号": _own, "处罚种类": _is("口头教育")},
        ),
        Fault(
            "penalty of a negative amount",
            "罚没金额(元)",
            "at least",
            {"行政处罚决定书文号": _own, "罚没金额(元)": _is("-500")},
        ),
        Fault("penalty of nobody", _SUBJECT, _UNKNOWN, {"行政处罚决定书文号": _own, _SUBJECT: _NOBODY}),
    ),
    "complaints.csv": (
        Fault("complaint on no day", "登记日期", _NO_DATE, {"登记编号": _own, "登记日期": _is("不详")}),
        Fault(
            "complaint closed before it came", "办结日期", _BEFORE, {"登记编号": _own, "办结日期": _is("2010-05-06")}
        ),
    ),
    "listings.csv": (
        Fault("removed before it was listed", "移出日期", _BEFORE, {"决定书文号": _own, "移出日期": _is("2009-03-02")}),
        Fault(
            "listed twice for one report",
            "年报年度",
            "listed already for the report",
            {"决定书文号": _own, "移出日期": _is(None), "移出方式": _is(None), "列入日期": _is("2015-06-29")},
            ("列入原因", "未按期公示年度报告"),
        ),
        Fault(
            "listed twice as unreachable",
            "列入日期",
            "listed already as unreachable",
            {"决定书文号": _own},
            ("列入原因", "通过登记住所无法联系"),
        ),
        Fault(
            "ground of the other list",
            "列入原因",
            "not a ground of this list",
            {"决定书文号": _own, "名单": _is("经营异常名录"), "列入原因": _is("严重违法")},
        ),
        Fault("listing of nobody", _SUBJECT, _UNKNOWN, {"决定书文号": _own, _SUBJECT: _NOBODY}),
    ),
    "licences.csv.gz": (
        Fault(
            "licence that ends before it begins",
            "有效期至",
            _BEFORE,
            {"许可证编号": _own, "有效期至": _is("1990-01-01")},
        ),
        Fault("licence of no library", "监管类别", "must be one of", {"许可证编号": _own, "监管类别": _is("待定")}),
    ),
    "annual_reports.csv.gz": (
        Fault(
            "staff that is no number", "从业人数", "not a number", {"报告年度": _is("2009"), "从业人数": _is("若干")}
        ),
        Fault("report before its year", "公示日期", "after the year", {"报告年度": _is("2020")}),
        Fault("report delivered twice", _SUBJECT, "repeats the key", {}),
    ),
    "changes.csv.gz": (
        Fault("change on no day", "变更日期", _NO_DATE, {"变更编号": _own, "变更日期": _is("2013-13-01")}),
        Fault("change of an unknown matter", "变更事项", "must be one of", {"变更编号": _own, "变更事项": _is("公章")}),
    ),
    "investments.csv.gz": (
        Fault("share above the whole", "持股比例", "at most", {"投资编号": _own, "持股比例": _is("1.3")}),
        Fault("holding of nobody", "被投资主体代码", _UNKNOWN, {"投资编号": _own, "被投资主体代码": _NOBODY}),
    ),
    "credit_repairs.csv": (
        Fault(
            "repair decided before the application",
            "决定日期",
            _BEFORE,
            {"修复文号": _own, "决定日期": _is("2009-09-09")},
        ),
    ),
    "present_population.csv": (
        Fault("no hexagon", "网格单元H3", "not an H3 cell", {"网格单元H3": _is("88ffffffffffffff")}),
        Fault("negative number of people", "人数", "at least", {"人数": _is("-4.0"), "统计月份": _is("2015-05-01")}),
    ),
}
"""Faults by file."""


def with_faults(
    table: pd.DataFrame, faults: tuple[Fault, ...], rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table with one faulty row per fault at its end, and the labels of these.

    Parameters
    ----------
    table : rows as they are written, index 0..n-1

    Returns
    -------
    (rows, labels) : labels as of `models.demo.dirt.label`, positions in the returned rows; a fault for which no row
        fits is left out
    """
    made: list[pd.Series] = []
    labels = [dirt.label(np.array([], dtype=np.int64), "", "", "", "")]
    for fault in faults:
        fits = table[fault.column].notna().to_numpy()
        if fault.of is not None:
            fits = fits & (table[fault.of[0]] == fault.of[1]).to_numpy()
        for header in [h for h in fault.edits if h.startswith("移出") and fault.of is None]:
            fits = fits & table[header].notna().to_numpy()
        if not fits.any():
            continue
        row = table.iloc[int(rng.choice(np.flatnonzero(fits)))].astype(object)
        for header, edit in fault.edits.items():
            row[header] = edit(str(row[header]))
        at = np.array([len(table) + len(made)])
        labels.append(dirt.label(at, fault.kind, fault.column, dirt.QUARANTINED, fault.reason))
        made.append(row)
    if not made:
        return table, labels[0]
    faulty = pd.DataFrame(made, columns=table.columns)
    whole = {c: table[c].astype(object).tolist() + faulty[c].tolist() for c in table.columns}
    return pd.DataFrame(whole, columns=table.columns, dtype=object), pd.concat(labels[1:], ignore_index=True)
