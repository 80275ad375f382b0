"""Entity types (市场主体类型): the given spelling made canonical, or read off the end of the name."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

import pandas as pd

from models.settings import PROJECT_ROOT
from models.sources.legal_persons.missing import blank_to_missing, by_unique

KIND_OF_CODE = {"92": "个体工商户", "93": "农民专业合作社"}
_BRANCH_WORD = "分社|分公司|门市|经营部|服务站"
TABLE = PROJECT_ROOT / "data" / "reference" / "entity_types.toml"


@lru_cache(maxsize=4)
def _table(path: Path) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    given: dict[str, str] = {}
    patterns = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["type"]:
        given |= {_plain(text): entry["name"] for text in (*entry["given"], entry["name"])}
        choices = [entry["pattern"]] if "pattern" in entry else []
        choices += [re.escape(ending) + "$" for ending in entry.get("ending", ())]
        if choices:
            patterns.append((entry["name"], "|".join(choices)))
    return given, tuple(patterns)


def _plain(text: str) -> str:
    return text.replace("（", "(").replace("）", ")").replace(" ", "")


def infer(given: pd.Series, names: pd.Series, codes: pd.Series, *, table: Path = TABLE) -> pd.DataFrame:
    """Return the canonical type of each firm and how it was found.

    Parameters
    ----------
    given : dtype ``str``, n rows, type as registered or null
    names : dtype ``str``, n rows, registered names
    codes : dtype ``str``, n rows, credit codes; the first two characters tell individual businesses (92) and
        farmers' cooperatives (93) from enterprises (GB 32100-2015)

    Returns
    -------
    Frame with ``entity_type`` and ``method``: ``given`` (a known spelling; an unknown one is kept as it is),
    ``code`` (kind in the credit code), ``name`` (read off the name), or both null where neither tells. Index
    of ``given``.
    """
    spellings, patterns = _table(table)
    positions, uniques = by_unique(blank_to_missing(given))
    canonical = pd.Series([spellings.get(_plain(text), text) for text in uniques], dtype="str")
    registered = canonical.reindex(positions.to_numpy())
    registered.index = given.index
    method = pd.Series("given", index=given.index, dtype="str").where(registered.notna())
    coded = registered.isna() & ~names.str.contains(_BRANCH_WORD).fillna(False)
    by_code = codes.str[:2].map(KIND_OF_CODE).where(coded)
    registered = registered.where(registered.notna(), by_code)
    method = method.where(by_code.isna(), "code")
    open_names = names[registered.isna() & names.notna()]
    found = pd.Series(pd.NA, index=open_names.index, dtype="str")
    for name, pattern in patterns:
        rest = open_names[found.isna()]
        found[rest.index[rest.str.contains(pattern, regex=True).to_numpy(dtype=bool)]] = name
    result = pd.DataFrame({"entity_type": registered.astype("str")})
    result["method"] = method.astype("str")
    hits = found.dropna()
    result.loc[hits.index, "entity_type"] = hits
    result.loc[hits.index, "method"] = "name"
    return result
