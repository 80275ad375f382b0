"""Names of one person's firms are seen inside the own area by whoever supervises, and masked for everybody else."""

from __future__ import annotations

import itertools

import pytest

from layers.access import ROLES, SUPERVISION, Actor
from layers.masking import is_personal, masked, reaches, shown_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("重庆聚豪海贸易有限公司", "重庆某贸易有限公司"),
        ("重庆市张三小吃店", "重庆市某小吃店"),
        ("綦江区古南达源信建材经营部", "某建材经营部"),
        ("张三", "张**"),
        ("张三李四", "张**"),
        ("贸易有限公司", "某贸易有限公司"),
        ("Joe's Diner", "J**"),
        (" 王五 ", "王**"),
    ],
)
def test_a_masked_name_keeps_words_of_fixed_lists_only(name, shown):
    assert masked(name) == shown


def test_no_part_of_the_own_words_of_a_name_is_left():
    own = ("聚豪海", "张三", "李秀英", "瑞海阁", "隆昌源")
    heads, tails = ("重庆", "重庆市", "四川省", ""), ("贸易有限公司", "超市", "小吃店", "养殖场", "五金经营部", "")
    for head, word, tail in itertools.product(heads, own, tails):
        found = masked(f"{head}{word}{tail}")
        assert word not in found
        assert not set(word[1:]) & set(found.removeprefix(head).removesuffix(tail))


@pytest.mark.parametrize(
    ("kind", "personal"),
    [
        ("个体工商户", True),
        ("个人独资企业", True),
        ("有限责任公司(自然人独资)", True),
        (None, True),
        ("有限责任公司", False),
        ("股份有限公司", False),
        ("农民专业合作社", False),
    ],
)
def test_which_types_stand_for_one_person(kind, personal):
    assert is_personal(kind) is personal


@pytest.mark.parametrize("role", ROLES)
def test_every_role_in_and_out_of_its_area(role):
    actor = Actor("a", frozenset({role}), frozenset({"500110001"}))
    name = "重庆张三小吃店"
    inside, outside = (
        shown_name(name, "个体工商户", actor, "500110001002"),
        shown_name(name, "个体工商户", actor, "500112"),
    )
    assert (inside == name) == (role in SUPERVISION)
    assert outside == masked(name)
    assert shown_name(name, "个体工商户", actor) == masked(name)
    assert shown_name("重庆某某股份有限公司", "股份有限公司", actor, "500112") == "重庆某某股份有限公司"


def test_a_district_is_reached_from_a_part_of_it_and_never_from_another():
    town = Actor("a", frozenset({"supervisor"}), frozenset({"500110001"}))
    assert reaches(town, "500110")
    assert not reaches(town, "500112")
    assert not reaches(town, None)
    assert not reaches(town, "")
    assert reaches(Actor("b", frozenset({"manager"}), frozenset({"*"})), None)
