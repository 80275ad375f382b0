"""Searching the array of characters finds what looking into every text finds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from models.storage.text_search import best, rows_with
from models.storage.texts import SEARCHED, Texts, TextShelf, fold

LETTERS = st.text(alphabet="重庆路号公司12aAßİ𠮷😀\0 ", max_size=8)
FIRMS = st.lists(st.tuples(LETTERS, LETTERS, st.none() | LETTERS), max_size=12)


def columns(firms):
    values = zip(*firms, strict=True) if firms else [()] * 3
    return {name: pa.array(v, pa.string()) for name, v in zip(SEARCHED, values, strict=True)}


def plain(firms):
    return [fold("\n".join(part or "" for part in firm).replace("\0", " ")) for firm in firms]


def units(text):
    return len(text.encode("utf-16-le")) // 2


@given(FIRMS, LETTERS)
@settings(deadline=None)
def test_it_finds_the_rows_and_places_that_a_plain_look_finds(firms, wanted):
    fids = np.arange(len(firms)) * 3 + 5
    found, places = rows_with(Texts.make(columns(firms), fids), wanted)
    look = fold(wanted.strip())
    expected = [
        (int(fid), units(text[: text.find(look)]))
        for fid, text in zip(fids, plain(firms), strict=True)
        if look and "\0" not in look and look in text
    ]
    assert list(zip(found.tolist(), places.tolist(), strict=True)) == expected


@given(FIRMS, LETTERS, st.integers(0, 14))
@settings(deadline=None)
def test_the_best_are_the_first_of_all_by_place_then_row(firms, wanted, limit):
    texts = Texts.make(columns(firms), np.arange(len(firms)) + 1)
    found, places = rows_with(texts, wanted)
    ranked = [fid for _, fid in sorted(zip(places.tolist(), found.tolist(), strict=True))]
    assert best(texts, wanted, limit) == ranked[:limit]


def test_a_needle_that_lies_over_the_border_of_two_blocks_is_found():
    filler = ["甲" * 1000] * 300
    firms = [*((name, "", None) for name in filler), ("乙丙", "", None)] * 2
    found, _ = rows_with(Texts.make(columns(firms), np.arange(len(firms))), "甲乙")
    assert found.tolist() == []
    found, places = rows_with(Texts.make(columns(firms), np.arange(len(firms))), "乙丙")
    assert (found.tolist(), places.tolist()) == ([300, 601], [0, 0])


def test_more_rows_than_one_part_join_as_one():
    count = 100_001
    firms = {name: pa.array([f"{name}{i}" for i in range(count)]) for name in SEARCHED}
    texts = Texts.make(firms, np.arange(count))
    assert len(texts.starts) == count
    assert best(texts, "name100000\n", 5) == [100_000]


class OneHash:
    """A connection that sees one content of the table, and no rows to read."""

    def __init__(self, content_hash):
        self.content_hash = content_hash

    def execute(self, _):
        return self

    def scalar_one_or_none(self):
        return self.content_hash

    def all(self):
        return [(7, "由表读出", "C", None)]


def test_the_file_gives_back_the_texts_and_without_it_the_table_does(tmp_path):
    firms = columns([("重庆", "A", None), ("綦江", "B", "路1号")])
    TextShelf(tmp_path).put("a" * 64, firms)
    texts = TextShelf(tmp_path).of(OneHash("a" * 64))
    made = Texts.make(firms, np.array([1, 2]))
    assert (texts.characters == made.characters).all()
    assert (texts.starts.tolist(), texts.fids.tolist()) == (made.starts.tolist(), [1, 2])
    assert best(TextShelf(tmp_path).of(OneHash("b" * 64)), "由表", 5) == [7]
    assert best(TextShelf(tmp_path).of(OneHash(None)), "由表", 5) == []


def test_pruning_leaves_the_live_content_alone(tmp_path):
    shelf = TextShelf(tmp_path)
    for letter in "ab":
        shelf.put(letter * 64, columns([(letter, "", None)]))
    (tmp_path / "half.tmp").write_bytes(b"x")
    shelf.prune(["b" * 64])
    assert [path.name for path in tmp_path.iterdir()] == [f"{'b' * 16}.v1.bin"]
