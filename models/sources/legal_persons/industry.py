"""The industry section (国民经济行业门类, GB/T 4754-2017) of a firm whose register gives no code.

Weighted terms of data/reference/industry_terms.csv are looked up in the business scope (经营范围) and the name. What
stands first in a scope is the main business, so a term fades with its clause and its place in the clause; brackets
hold conditions and exclusions and are skipped. The answer carries a confidence and the words that decided. It does
not read divisions or classes, and does not know what a firm does beyond what it registered.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ConfigError
from models.settings import PROJECT_ROOT
from models.sources.legal_persons import industry_scan as scan

TERMS = PROJECT_ROOT / "data" / "reference" / "industry_terms.csv"
SECTIONS_TABLE = PROJECT_ROOT / "data" / "reference" / "industry_sections.csv"
COLUMNS = ("industry_section", "industry_confidence", "industry_words", "industry_method")
CHUNK_ROWS = 100_000
FULL_EVIDENCE = 2.0
"""Score at which evidence counts as plentiful: one clear activity named first."""


@dataclass(frozen=True)
class Terms:
    """One place's terms (scope or name): the texts, their section (0..19, -1 says nothing) and weight, the
    trie."""

    texts: tuple[str, ...]
    section: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    trie: tuple[npt.NDArray[np.int16], npt.NDArray[np.int16], npt.NDArray[np.int16]]


@lru_cache(maxsize=4)
def load_terms(place: str, path: Path = TERMS) -> Terms:
    """Read the terms that hold in ``place`` ("scope" or "name").

    Raises
    ------
    ConfigError : a place, section or weight of the table is not allowed, or a term stands twice
    """
    found: dict[str, tuple[int, float]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for line, row in enumerate(csv.DictReader(handle), start=2):
            if row["place"] not in ("scope", "name", "both"):
                raise ConfigError(path, f"line {line}, place", row["place"], ("scope", "name", "both"))
            if row["section"] and row["section"] not in scan.SECTIONS:
                raise ConfigError(path, f"line {line}, section", row["section"], "A to T, or empty")
            if row["place"] not in (place, "both"):
                continue
            if row["term"] in found:
                raise ConfigError(path, f"line {line}, term", row["term"], "each term once for a place")
            section = scan.SECTIONS.index(row["section"]) if row["section"] else -1
            found[row["term"]] = (section, float(row["weight"]))
    sections = np.array([s for s, _ in found.values()], dtype=np.int8)
    weights = np.array([w for _, w in found.values()])
    return Terms(tuple(found), sections, weights, scan.build_trie(tuple(found)))


@lru_cache(maxsize=1)
def division_sections(path: Path = SECTIONS_TABLE) -> dict[str, str]:
    """Return the section of each two-digit division ("13" -> "C")."""
    result = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            for division in range(int(row["division_from"]), int(row["division_to"]) + 1):
                result[f"{division:02d}"] = row["section"]
    return result


def classify(scopes: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Infer the section of each firm.

    Parameters
    ----------
    scopes, names : dtype ``str``, n rows, same index; null where not registered

    Returns
    -------
    Frame with `COLUMNS`, index of ``scopes``. ``industry_confidence`` is the winner's share of all evidence times how
    plentiful the evidence is: 0.5 means that another section is as likely. Null where no term was found.
    """
    parts = [
        _classify_chunk(scopes.iloc[i : i + CHUNK_ROWS], names.iloc[i : i + CHUNK_ROWS])
        for i in range(0, max(len(scopes), 1), CHUNK_ROWS)
    ]
    return pd.concat(parts) if len(parts) > 1 else parts[0]


def from_codes(codes: pd.Series) -> pd.Series:
    """Return the section of given industry codes ("C1310", "1310", "C"), null where they name none."""
    text = codes.astype("str").str.strip().str.upper()
    letter = text.str.extract("^([A-T])(?:[0-9]{0,4})$")[0]
    division = text.str.extract("^([0-9]{2})[0-9]{0,2}$")[0].map(division_sections())
    return letter.where(letter.notna(), division).astype("str")


def _classify_chunk(scopes: pd.Series, names: pd.Series) -> pd.DataFrame:
    in_scope, in_name = load_terms("scope"), load_terms("name")
    text, offsets = scan.encode(scopes.fillna("").tolist())
    score, scope_words = scan.scan_scopes(
        text, offsets, scan.character_classes(), *in_scope.trie, in_scope.section, in_scope.weight
    )
    name_words = np.full_like(scope_words, -1)
    text, offsets = scan.encode(names.fillna("").tolist())
    scan.scan_names(text, offsets, *in_name.trie, in_name.section, in_name.weight, score, name_words)
    best = score.argmax(axis=1)
    rows = np.arange(len(best))
    top, total = score[rows, best], score.sum(axis=1)
    known = total > 0
    share = np.divide(top, total, out=np.zeros(len(best)), where=known)
    confidence = share * (1 - np.exp(-top / FULL_EVIDENCE * np.log(4)))
    words = _joined_words(scope_words[rows, best], name_words[rows, best], in_scope.texts, in_name.texts)
    letters = np.array(list(scan.SECTIONS))[best]
    frame = pd.DataFrame(
        {"industry_section": letters, "industry_words": words, "industry_method": "scope"},
        index=scopes.index,
        dtype="str",
    ).where(pd.Series(known, index=scopes.index))
    frame.insert(1, "industry_confidence", np.where(known, confidence.round(3), np.nan))
    return frame


def _joined_words(
    scope: npt.NDArray[np.int16],
    name: npt.NDArray[np.int16],
    scope_texts: tuple[str, ...],
    name_texts: tuple[str, ...],
) -> npt.NDArray[np.object_]:
    """Return the matched words of each row, scope first, joined by 、; equal rows share one string."""
    pairs = np.ascontiguousarray(np.concatenate([scope, name], axis=1))
    keys = pairs.view(np.dtype((np.void, pairs.dtype.itemsize * pairs.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    half = scope.shape[1]
    texts = []
    for row in pairs[first]:
        found = [scope_texts[t] for t in row[:half] if t >= 0] + [name_texts[t] for t in row[half:] if t >= 0]
        texts.append("、".join(dict.fromkeys(found)))
    return np.array(texts, dtype=object)[inverse]
