from datetime import date

import pandas as pd
import pytest

from models.sources.legal_persons import dates

AS_OF = date(2015, 12, 31)


def parse(text):
    found, faults = dates.parse(pd.Series([text], dtype="str"), as_of=AS_OF)
    return found.iloc[0], faults[0]


@pytest.mark.parametrize(
    "text",
    [
        "2015-06-03",
        "2015/6/3",
        "2015.6.3",
        "20150603",
        "2015年6月3日",
        "42158",
        "2015-06-03 00:00:00",
        " 2015-06-03 ",
    ],
)
def test_written_forms_of_one_day(text):
    assert parse(text) == (pd.Timestamp("2015-06-03"), dates.OK)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("03/04/2015", dates.AMBIGUOUS),
        ("2015-02-30", dates.IMPOSSIBLE),
        ("2015-13-01", dates.IMPOSSIBLE),
        ("soon", dates.UNREADABLE),
        ("2016-01-01", dates.FUTURE),
        ("1800-01-01", dates.TOO_OLD),
    ],
)
def test_faults_are_told_apart(text, fault):
    found, seen = parse(text)
    assert seen == fault
    assert pd.isna(found)


def test_a_missing_day_is_no_fault():
    found, seen = parse("N/A")
    assert pd.isna(found)
    assert seen == dates.OK


def test_the_day_of_reading_itself_is_allowed():
    assert parse("2015-12-31")[1] == dates.OK
