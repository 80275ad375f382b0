"""Registered capital (注册资本) out of the many texts registers write it in.

A text is an amount, a unit and a currency in any of these forms, with or without brackets and thousands
commas:
``50(万)``, ``15,386.1488(万人民币元)``, ``800万人民币``, ``12(万美元)``, ``1.5亿元``, ``3000000元``,
``(万日元)``.
A unit without a currency is yuan, as everywhere in the registers. A bare number says neither: see
``bare_unit``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from models.settings import PROJECT_ROOT
from models.sources.legal_persons.missing import blank_to_missing, by_unique

TABLE = PROJECT_ROOT / "data" / "reference" / "currencies.toml"
UNITS = {"": 1.0, "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8}
IMPLAUSIBLE_ABOVE_CNY = 5e11
"""Above the capital of every firm of a city's register that was seen to be right (138 billion yuan, a telecom
company repeated by its branches), below the 10^12 yuan of a test row: chosen by this project, not by a
standard."""
IMPLAUSIBLE_BELOW_CNY = 100.0
"""Registers hold "0.0003(万)" for workshops: a unit taken off twice. Chosen by this project."""
_PATTERN = (
    r"^(?P<before>[A-Z一-鿿]*?)(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"\(?(?P<unit>十万|百万|千万|万|亿|千|百)?(?P<currency>[A-Z一-鿿]*)\)?$"
)
COLUMNS = ("capital_cny", "capital_amount", "capital_currency", "capital_flag")


@dataclass(frozen=True)
class Currencies:
    """The currency table: ISO 4217 code of each written name, yuan per unit of each code that has a rate."""

    code_of: dict[str, str]
    rate_cny: dict[str, float]
    rate_basis: str


@lru_cache(maxsize=4)
def currencies(path: Path = TABLE, *, verified_only: bool = False) -> Currencies:
    """Read the currency table; with ``verified_only`` the rates that still need checking are left out."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    code_of: dict[str, str] = {}
    rates: dict[str, float] = {}
    for entry in document["currency"]:
        code_of |= dict.fromkeys(entry["names"], entry["code"])
        if "rate_cny" in entry and (entry["verified"] or not verified_only):
            rates[entry["code"]] = float(entry["rate_cny"])
    for entry in document["currency"]:
        if "euro" in entry and "EUR" in rates:
            rates[entry["code"]] = rates["EUR"] / float(entry["euro"])
    return Currencies(code_of, rates, document["rate_basis"])


def parse(
    texts: pd.Series, *, table: Currencies | None = None, bare_unit: float | None = None
) -> pd.DataFrame:
    """Return amount, currency, yuan and flag for each capital text.

    Parameters
    ----------
    texts : dtype ``str``, n rows, as registered
    table : names and rates; by default data/reference/currencies.toml
    bare_unit : yuan that a number without unit and currency counts in; None leaves such numbers unreadable

    Returns
    -------
    Frame with `COLUMNS`, index of ``texts``: ``capital_amount`` in units of ``capital_currency`` (not in
    10,000),
    ``capital_cny`` in yuan where a rate is known, ``capital_flag``:
    ``missing`` (nothing registered, or 0, which is how branches are written), ``unreadable``, ``implausible``
    (read and kept, but outside `IMPLAUSIBLE_BELOW_CNY` .. `IMPLAUSIBLE_ABOVE_CNY`: leave it out of sums),
    ``ok``.
    """
    codes, uniques = by_unique(blank_to_missing(texts))
    parsed = _parse_unique(uniques, table or currencies(), bare_unit)
    spread = parsed.reindex(codes.to_numpy())
    spread.index = texts.index
    spread["capital_flag"] = spread["capital_flag"].fillna("missing")
    return spread.astype({"capital_currency": "str", "capital_flag": "str"})


def _parse_unique(uniques: pd.Series, table: Currencies, bare_unit: float | None) -> pd.DataFrame:
    plain = uniques.str.normalize("NFKC").str.replace(r"\s+", "", regex=True).str.upper()
    parts = plain.str.extract(_PATTERN)
    number = pd.to_numeric(parts["number"].str.replace(",", ""), errors="coerce").astype("float64")
    unit = parts["unit"].fillna("")
    name = parts["currency"].fillna("") + parts["before"].fillna("")
    currency = name.map(table.code_of).mask((name == "") & (unit != ""), "CNY")
    factor = unit.map(UNITS).astype("float64")
    if bare_unit is not None:
        bare = (name == "") & (unit == "") & number.notna()
        currency, factor = currency.mask(bare, "CNY"), factor.mask(bare, bare_unit)
    readable = number.notna() & currency.notna()
    amount = (number * factor).round(4).where(readable & (number > 0))
    cny = amount * currency.map(table.rate_cny).astype("float64")
    implausible = (cny > IMPLAUSIBLE_ABOVE_CNY) | (cny < IMPLAUSIBLE_BELOW_CNY)
    flag = np.select(
        [~readable, amount.isna(), implausible], ["unreadable", "missing", "implausible"], default="ok"
    )
    return pd.DataFrame(
        {
            "capital_cny": cny,
            "capital_amount": amount,
            "capital_currency": currency.where(amount.notna()).astype("str"),
            "capital_flag": pd.Series(flag, dtype="str"),
        }
    )
