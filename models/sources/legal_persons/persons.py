"""Persons leave the register as keyed hashes: the same name is found again, the name itself is not."""

from __future__ import annotations

import hmac
import unicodedata

import pandas as pd

from models.sources.legal_persons.missing import blank_to_missing, by_unique

HEX_DIGITS = 16


def keyed_hash(names: pd.Series, key: bytes) -> pd.Series:
    """Return 16 hex digits of HMAC-SHA256 per name, null where no name is given.

    Already hashed values are keyed again, so that nothing that was in a file can be compared with what is stored.
    Missing markers are never hashed: otherwise all of them would be one person with thousands of firms.

    Parameters
    ----------
    names : dtype ``str``, n rows, as registered
    key : secret of this installation, at least 16 bytes

    Raises
    ------
    ValueError : the key is too short to protect names, of which there are few
    """
    if len(key) < 16:
        raise ValueError(f"the person key has {len(key)} bytes; at least 16 are needed")
    codes, uniques = by_unique(blank_to_missing(names))
    digests = pd.Series([_digest(name, key) for name in uniques], dtype="str")
    spread = digests.reindex(codes.to_numpy())
    spread.index = names.index
    return spread.astype("str")


def _digest(name: str, key: bytes) -> str:
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    return hmac.digest(key, plain.encode(), "sha256").hex()[:HEX_DIGITS]
