"""Building-level address keys (一址多照): the address with the room cut off, and lawful clusters that are no warning.

Strings of addresses are hardly ever equal: two rooms of one tower are two texts. Of 28,235 rows of a real register, 38
raw addresses and 275 buildings hold five firms or more (`data/rules/address_cut.toml` states what each rule gives).
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ConfigError
from models.fusion.addresses.normalise import normalise
from models.settings import PROJECT_ROOT

CUTS = PROJECT_ROOT / "data" / "rules" / "address_cut.toml"
NOT_AN_ADDRESS = ("", "-", "N/A", "无")
_NO_BUILDING = r"(?:村|社|组|镇|乡|街道|路|街|巷|道|区|县|市|段|湾|坝|上|委|居|队)$"
_SPACE = re.compile(r"[ \t\r\v\f\u3000\u00a0]+")


@dataclass(frozen=True)
class Cut:
    """One rule of cutting the room off an address: ``pattern`` is replaced by ``keep``, after `normalise` if asked."""

    version: str
    normalise: bool
    pattern: str
    keep: str


@lru_cache(maxsize=8)
def cut_rule(version: str | None = None, path: Path = CUTS) -> Cut:
    """Return a cut rule, the default one without a version; ConfigError lists those that exist."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    wanted = version or document["default"]
    rules = {r["version"]: r for r in document["rule"]}
    if wanted not in rules:
        raise ConfigError(path, "rule.version", wanted, f"one of {', '.join(rules)}")
    rule = rules[wanted]
    return Cut(rule["version"], rule["normalise"], rule["pattern"], rule["keep"])


def address_keys(addresses: pd.Series, cut: Cut | None = None) -> pd.Series:
    """Return the building-level key of each address.

    Parameters
    ----------
    addresses : n texts as registered, nullable
    cut : the rule; by default the default of `CUTS`

    Returns
    -------
    n keys (dtype str, index of ``addresses``), null where there is no address. A key may name less than a building
    where the address does (a village, a street): see `names_building`. One pass over all rows joined by line breaks.
    """
    rule = cut or cut_rule()
    codes, uniques = pd.factorize(addresses)
    texts = [" ".join(t.splitlines()) for t in uniques.tolist()]
    if rule.normalise:
        plain = "\n".join(normalise(texts))
    else:
        plain = _SPACE.sub("", unicodedata.normalize("NFKC", "\n".join(texts)))
    keys = re.sub(rule.pattern, rule.keep, plain, flags=re.MULTILINE).split("\n") if texts else []
    distinct = np.array([None if k in NOT_AN_ADDRESS else k for k in keys] + [None], dtype=object)
    return pd.Series(distinct[codes], index=addresses.index, dtype="str")


def names_building(keys: pd.Series) -> npt.NDArray[np.bool_]:
    """Return whether each key names a building or compound, and not a whole village, street or district."""
    return ~keys.str.contains(_NO_BUILDING, regex=True, na=True).to_numpy(bool)


@dataclass(frozen=True)
class Lawful:
    """One lawful cluster (孵化器、集群注册、商务秘书): its address raises nothing until ``valid_to``."""

    key: str
    name: str
    kind: str
    valid_from: dt.date
    valid_to: dt.date
    decision: str


def load_whitelist(path: Path, cut: Cut | None = None) -> tuple[Lawful, ...]:
    """Read a city's ``whitelist.toml``; nothing where the city has none.

    Each ``[[cluster]]`` gives address, name, kind (incubator, cluster_registration, secretary, market), valid_from,
    valid_to and decision. The address is keyed by the same cut as those of the firms.

    Raises
    ------
    ConfigError : a cluster lacks a field or ends before it begins; a permission without an end is not allowed
    """
    if not path.exists():
        return ()
    found = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("cluster", []):
        try:
            key = address_keys(pd.Series([entry["address"]], dtype="str"), cut).iloc[0]
            lawful = Lawful(str(key), *(entry[n] for n in ("name", "kind", "valid_from", "valid_to", "decision")))
        except KeyError as error:
            raise ConfigError(path, f"cluster.{error.args[0]}", "missing", "a value: permissions always end") from error
        if lawful.valid_to < lawful.valid_from:
            raise ConfigError(path, "cluster.valid_to", lawful.valid_to, f"a day from {lawful.valid_from} on")
        found.append(lawful)
    return tuple(found)


def lawful_on(
    keys: pd.Series, days: npt.NDArray[np.datetime64], whitelist: tuple[Lawful, ...]
) -> npt.NDArray[np.bool_]:
    """Return whether each of n keys is a lawful cluster on each of n days."""
    lawful = np.zeros(len(keys), bool)
    on = days.astype("datetime64[D]")
    for entry in whitelist:
        held = (on >= np.datetime64(entry.valid_from)) & (on <= np.datetime64(entry.valid_to))
        lawful |= (keys == entry.key).to_numpy(bool) & held
    return lawful
