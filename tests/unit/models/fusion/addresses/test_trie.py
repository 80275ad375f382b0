"""The longest name at a position, as the slow reference finds it."""

from hypothesis import given
from hypothesis import strategies as st

from models.fusion.addresses.trie import NameTrie

WORDS = st.text("江北区渝中路", min_size=0, max_size=5)


@given(st.lists(WORDS, max_size=12), st.text("江北区渝中路", max_size=15), st.integers(0, 16))
def test_the_longest_name_is_the_reference_s(reference, names: list[str], text: str, start: int) -> None:
    trie = NameTrie((name, name) for name in names)
    expected = reference.longest(names, text, start)
    assert trie.longest(text, start) == (None if expected is None else (start + len(expected), expected))


@given(st.lists(WORDS, max_size=12), st.text("江北区渝中路", max_size=15))
def test_the_first_name_is_the_leftmost(reference, names: list[str], text: str) -> None:
    trie = NameTrie((name, name) for name in names)
    hits = [(i, reference.longest(names, text, i)) for i in range(len(text))]
    expected = next(((i, i + len(name), name) for i, name in hits if name), None)
    assert trie.first(text, 0, len(text)) == expected


def test_length_and_membership_count_names_of_two_characters_or_more() -> None:
    trie = NameTrie([("江", 1), ("江北", 2), ("江北", 3)])
    assert len(trie) == 1
    assert "江北" in trie
    assert "江" not in trie
    assert trie.longest("江北区") == (2, 3)
