import pandas as pd
import pytest

from models.sources.legal_persons import capital


def parse(*texts: str | None, **options: float) -> pd.DataFrame:
    return capital.parse(pd.Series(list(texts), dtype="str"), **options)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("50(万)", 500_000, "CNY"),
        ("50（万）", 500_000, "CNY"),
        ("15,386.1488(万人民币元)", 153_861_488, "CNY"),
        ("800万人民币", 8_000_000, "CNY"),
        ("30万元人民币", 300_000, "CNY"),
        ("13,809,167.7828(万元人民币)", 138_091_677_828, "CNY"),
        ("12(万美元)", 120_000, "USD"),
        ("3.5万美元", 35_000, "USD"),
        ("200(万香港元)", 2_000_000, "HKD"),
        ("90万港元", 900_000, "HKD"),
        ("7(万欧元)", 70_000, "EUR"),
        ("10,000(万日元)", 100_000_000, "JPY"),
        ("5(万德国马克)", 50_000, "DEM"),
        ("6(万瑞士法郎)", 60_000, "CHF"),
        ("2(万英镑)", 20_000, "GBP"),
        ("2(万加元)", 20_000, "CAD"),
        ("2(万新加坡元)", 20_000, "SGD"),
        ("25万人民币元", 250_000, "CNY"),
        ("8(万元)", 80_000, "CNY"),
        ("1.5亿元", 150_000_000, "CNY"),
        ("3000000元", 3_000_000, "CNY"),
        ("人民币50万元", 500_000, "CNY"),
        (" 1 000 (万) ", 10_000_000, "CNY"),
    ],
)
def test_every_written_form_is_read(text, amount, currency):
    row = parse(text).iloc[0]
    assert (row.capital_amount, row.capital_currency, row.capital_flag) == (amount, currency, "ok")


@pytest.mark.parametrize("text", [None, "", "-", "N/A", "0(万)", "0.0000(万人民币元)"])
def test_nothing_registered_is_missing_and_never_zero(text):
    row = parse(text).iloc[0]
    assert row.capital_flag == "missing"
    assert pd.isna(row.capital_amount)
    assert pd.isna(row.capital_cny)


@pytest.mark.parametrize("text", ["某某某", "2560.0", "(万日元)", "50(万贝壳)", "1,00,0(万)", "-50(万)"])
def test_unreadable_texts_say_so(text):
    assert parse(text).capital_flag.tolist() == ["unreadable"]


def test_a_bare_number_needs_the_unit_of_its_register():
    row = parse("2560.0", bare_unit=10_000.0).iloc[0]
    assert (row.capital_cny, row.capital_flag) == (25_600_000, "ok")


def test_a_thousands_comma_does_not_end_the_number():
    assert parse("5,000(万)").capital_cny.tolist() == [50_000_000]


def test_a_capital_of_10_to_the_12_is_kept_but_flagged():
    rows = parse("100000000万人民币", "0.0001万人民币", "13,809,167.7828(万元人民币)")
    assert rows.capital_flag.tolist() == ["implausible", "implausible", "ok"]
    assert rows.capital_cny[0] == 1e12


def test_a_currency_without_a_rate_keeps_its_amount_and_has_no_yuan():
    row = parse("2(万英镑)").iloc[0]
    assert row.capital_amount == 20_000
    assert pd.isna(row.capital_cny)


def test_unverified_rates_can_be_left_out():
    table = capital.currencies(verified_only=True)
    assert table.rate_cny == {"CNY": 1.0}
    rows = capital.parse(pd.Series(["12(万美元)", "12(万)"], dtype="str"), table=table)
    assert rows.capital_cny.isna().tolist() == [True, False]


def test_the_index_of_the_texts_is_kept():
    rows = capital.parse(pd.Series(["1(万)", None], index=[7, 3], dtype="str"))
    assert rows.index.tolist() == [7, 3]
