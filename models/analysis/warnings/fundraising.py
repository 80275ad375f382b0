"""Signs of illegal fund-raising (非法集资): weighted words with the text they matched, and who is related to whom."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, excess
from models.analysis.warnings.capital import of_subjects
from models.analysis.warnings.changes import before_after
from models.analysis.warnings.concentration import rows_of
from models.errors import ConfigError
from models.rules.warning_rules import WarningRule
from models.settings import PROJECT_ROOT

DICTIONARY = PROJECT_ROOT / "data" / "rules" / "dictionaries" / "fundraising.toml"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dictionary:
    """Weighted words of one version.

    Attributes
    ----------
    weights : word -> weight
    name_factor : by how much a word in the name weighs more than in the scope
    exempt : regular expression of names that are not looked at (licensed institutions)
    """

    version: str
    weights: dict[str, float]
    name_factor: float
    exempt: str

    def without(self, word: str) -> Dictionary:
        """Return the dictionary less one word."""
        return replace(self, weights={w: k for w, k in self.weights.items() if w != word})


def load_dictionary(path: Path = DICTIONARY) -> Dictionary:
    """Read the dictionary; ConfigError where a word stands twice or weighs nothing."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Dictionary:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    weights: dict[str, float] = {}
    for entry in document["word"]:
        if entry["text"] in weights or not entry["weight"] > 0:
            raise ConfigError(path, "word", entry["text"], "each word once, with a weight above 0")
        weights[entry["text"]] = float(entry["weight"])
    return Dictionary(document["version"], weights, float(document["name_factor"]), "|".join(document["exempt"]))


def matches(texts: pd.Series, words: Dictionary) -> pd.DataFrame:
    """Return every word found in n texts, once per text: row (position), matched, weight.

    All texts are searched as one, longest word first, so a word inside a longer one of the dictionary counts with the
    longer. Taking a word out can change only rows whose text contains that word.
    """
    if not words.weights or not len(texts):
        return pd.DataFrame({"row": np.zeros(0, np.int64), "matched": pd.Series(dtype="str"), "weight": np.zeros(0)})
    plain = texts.fillna("").str.replace("\n", " ", regex=False).tolist()
    joined = "\n".join(plain)
    starts = np.cumsum([0, *(len(t) + 1 for t in plain[:-1])])
    pattern = re.compile("|".join(re.escape(w) for w in sorted(words.weights, key=lambda w: (-len(w), w))))
    found = [(m.start(), m[0]) for m in pattern.finditer(joined)]
    at = np.array([f[0] for f in found], np.int64)
    hit = pd.DataFrame(
        {
            "row": np.searchsorted(starts, at, side="right") - 1,
            "matched": pd.Series([f[1] for f in found], dtype="str"),
        }
    ).drop_duplicates(ignore_index=True)
    return hit.assign(weight=hit["matched"].map(words.weights).astype("float64"))


def word_scores(names: pd.Series, scopes: pd.Series, words: Dictionary) -> tuple[Floats, pd.DataFrame]:
    """Return the summed weight of n firms and every match (row, field, matched, weight); exempt names score 0."""
    exempt = (
        names.str.contains(words.exempt, regex=True, na=False).to_numpy(bool)
        if words.exempt
        else np.zeros(len(names), bool)
    )
    named = matches(names, words)
    parts = [
        named.assign(field="name", weight=named["weight"] * words.name_factor),
        matches(scopes, words).assign(field="scope"),
    ]
    hit = pd.concat(parts, ignore_index=True)
    hit = hit[~exempt[hit["row"].to_numpy(np.int64)]].reset_index(drop=True)
    return _sums(hit, len(names)), hit


def _sums(hit: pd.DataFrame, rows: int) -> Floats:
    return np.bincount(hit["row"], weights=hit["weight"], minlength=rows).astype(np.float64)


def fundraising_words(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Newly registered firms whose name and scope carry words of fund-raising of weight ``min_weight`` or more."""
    subjects = inputs.subjects
    score, hit = word_scores(subjects["name"], subjects["scope_text"], load_dictionary())
    days = spells.days_of(subjects["established_on"].to_numpy())
    limit = rule.number("min_weight")
    rows = np.flatnonzero((score >= limit) & (days > 0) & (days <= inputs.today)).astype(np.int64)
    made = of_subjects(
        inputs,
        rule,
        rows,
        days[rows],
        {"observed": score[rows], "strength": excess(score[rows], limit)},
        (Fact("word_weight", score[rows], limit),),
    )
    return replace(made, texts=_texts(inputs, hit, rows))


def _texts(inputs: Inputs, hit: pd.DataFrame, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    at = pd.Series(np.arange(rows.size), index=rows)
    kept = hit[hit["row"].isin(rows)]
    return pd.DataFrame(
        {
            "candidate": kept["row"].map(at).to_numpy(np.int64),
            "subject_id": inputs.subjects["uscc"].to_numpy()[kept["row"].to_numpy(np.int64)],
            "field": kept["field"].to_numpy(),
            "matched": kept["matched"].to_numpy(),
            "weight": kept["weight"].to_numpy(),
        }
    )


def fundraising_scope(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Changes of scope or name that add words of fund-raising of weight ``min_weight_added`` or more."""
    changes = inputs.record("changes", "changed_on")
    rows = rows_of(inputs, changes["subject_id"])
    at = np.flatnonzero(changes["kind"].isin(("scope", "name")).to_numpy(bool) & (rows >= 0))
    words, own = load_dictionary(), changes.iloc[at].reset_index(drop=True)
    names = inputs.subjects["name"].iloc[rows[at]]
    exempt = names.str.contains(words.exempt, regex=True, na=False).to_numpy(bool)
    old, new = matches(own["before"], words), matches(own["after"], words)
    added = new.merge(old[["row", "matched"]], on=["row", "matched"], how="left", indicator=True)
    added = added[(added["_merge"] == "left_only") & ~exempt[added["row"].to_numpy(np.int64)]].reset_index(drop=True)
    weight = _sums(added, len(own))
    limit = rule.number("min_weight_added")
    far = np.flatnonzero(weight >= limit)
    days = spells.days_of(own["changed_on"].to_numpy())[far]
    made = of_subjects(
        inputs,
        rule,
        rows[at[far]],
        days,
        {"observed": weight[far], "strength": excess(weight[far], limit)},
        (Fact("word_weight_added", weight[far], limit, "", "changes", own["changed_on"].to_numpy()[far]),),
    )
    place = pd.Series(np.arange(far.size), index=far)
    kept = added[added["row"].isin(far)]
    matched = pd.DataFrame(
        {
            "candidate": kept["row"].map(place).to_numpy(np.int64),
            "subject_id": own["subject_id"].to_numpy()[kept["row"].to_numpy(np.int64)],
            "field": "scope_after",
            "matched": kept["matched"].to_numpy(),
            "weight": kept["weight"].to_numpy(),
        }
    )
    return replace(made, texts=pd.concat([matched, before_after(own.iloc[far])], ignore_index=True))


def penalised_relatives(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Firms related to one that carries words of fund-raising and was penalised in the last ``penalty_days``.

    One warning per penalised firm whose own words weigh ``min_weight`` or more and that has ``min_relatives`` within
    ``max_steps``; its members are the firm and its relatives. A step is a shared legal representative, investor or
    investing person. Persons and investors with more than ``max_degree`` firms join nobody: they are agents, the state
    or large groups.
    """
    penalties = inputs.record("penalties", "decided_on").sort_values("decided_on", kind="stable")
    since = inputs.as_of - pd.Timedelta(days=rule.days("penalty_days"))
    penalties = penalties[penalties["decided_on"] >= since].drop_duplicates("subject_id", ignore_index=True)
    rows = rows_of(inputs, penalties["subject_id"])
    penalties, rows = penalties[rows >= 0].reset_index(drop=True), rows[rows >= 0]
    subjects = inputs.subjects.iloc[rows]
    score, hit = word_scores(subjects["name"], subjects["scope_text"], load_dictionary())
    at = np.flatnonzero(score >= rule.number("min_weight"))
    near = related(
        _links(inputs, rule.days("max_degree")), penalties["subject_id"].iloc[at].tolist(), rule.days("max_steps")
    )
    count = near["source"].value_counts().reindex(penalties["subject_id"].iloc[at], fill_value=0).to_numpy()
    at, count = at[count >= rule.number("min_relatives")], count[count >= rule.number("min_relatives")]
    number = pd.Series(np.arange(at.size), index=penalties["subject_id"].iloc[at])
    near = near[near["source"].isin(number.index)]
    relatives = count.astype(np.float64)
    decided = penalties["decided_on"].to_numpy()[at]
    made = of_subjects(
        inputs,
        rule,
        rows[at],
        spells.days_of(decided),
        {"observed": relatives, "strength": excess(relatives + 1.0, rule.number("min_relatives"))},
        (
            Fact("relatives", relatives, rule.number("min_relatives"), "firm", "investments"),
            Fact("word_weight", score[at], rule.number("min_weight")),
            Fact("penalised", np.ones(at.size), None, "", "penalties", decided),
        ),
    )
    others = pd.DataFrame(
        {
            "candidate": number.reindex(near["source"]).to_numpy(np.int64),
            "subject_id": near["subject_id"].to_numpy(),
            "day": decided[number.reindex(near["source"]).to_numpy(np.int64)],
        }
    )
    own = hit.assign(row=rows[hit["row"].to_numpy(np.int64)])
    members = pd.concat([made.members, others], ignore_index=True)
    return replace(made, members=members, texts=_texts(inputs, own, rows[at]))


def _links(inputs: Inputs, max_degree: int) -> pd.DataFrame:
    """Firm and what it is linked by (person or investor), only what joins 2 to ``max_degree`` firms."""
    subjects = inputs.subjects
    holdings = inputs.record("investments", "invested_on")
    parts = [
        pd.DataFrame({"subject_id": subjects["uscc"], "by": "person:" + subjects["representative_key"]}),
        pd.DataFrame({"subject_id": holdings["subject_id"], "by": "person:" + holdings["investor_key"]}),
        pd.DataFrame({"subject_id": holdings["subject_id"], "by": "firm:" + holdings["investor_id"]}),
        pd.DataFrame({"subject_id": holdings["investor_id"], "by": "firm:" + holdings["investor_id"]}),
    ]
    links = pd.concat(parts, ignore_index=True).dropna().drop_duplicates(ignore_index=True)
    size = links.groupby("by")["subject_id"].transform("size")
    return links[size.between(2, max_degree)]


def related(links: pd.DataFrame, sources: list[str], max_steps: int) -> pd.DataFrame:
    """Return subjects within ``max_steps`` of a source: subject_id, source (nearest; of several the first), steps >= 1.

    Parameters
    ----------
    links : subject_id, by: two subjects with the same ``by`` are one step apart
    """
    graph = nx.Graph()
    graph.add_edges_from(zip(links["subject_id"], links["by"], strict=True))
    reached: dict[str, tuple[int, str]] = {}
    for source in (s for s in sources if s in graph):
        for node, hops in nx.single_source_shortest_path_length(graph, source, cutoff=2 * max_steps).items():
            if hops and hops % 2 == 0 and hops // 2 < reached.get(node, (max_steps + 1, ""))[0]:
                reached[node] = (hops // 2, source)
    found = [(n, s, k) for n, (k, s) in reached.items() if n not in set(sources)]
    frame = pd.DataFrame(found, columns=["subject_id", "source", "steps"])
    return frame.sort_values("subject_id", ignore_index=True).astype({"subject_id": "str", "source": "str"})
