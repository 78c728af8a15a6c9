from __future__ import annotations

import pytest

from crawler.stories.quantities import quantities


def read(text, *, han):
    return {(kind, value) for _, kind, value in quantities(text, han=han)}


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("规模将超过4400亿元", "will exceed 440 billion yuan"),
        ("总额2.6亿元", "a total of 260 million yuan"),
        ("130多万元", "more than 1.3 million yuan"),
        ("三千亿元", "300 billion yuan"),
        ("约4000万美元", "about $40M"),
        ("20万张卡", "200,000 cards"),
        ("42所学校", "Forty-two schools"),
        ("12家中心", "twelve centers"),
        ("一万二千人", "12,000 people"),
        ("增长百分之三十", "grew 30%"),
        ("近七成", "nearly 70 percent"),
        ("抵三成半", "covers 35 per cent"),
        ("11月20日", "Nov. 20"),
        ("11月20日", "20 November"),
        ("到2027年", "by 2027"),
    ],
)
def test_one_quantity_reads_the_same_in_both_languages(chinese, english):
    assert read(chinese, han=True) == read(english, han=False) != set()


@pytest.mark.parametrize(
    "text", ["十五五规划", "成功举办", "两成功能", "第三届", "nine languages", "GPT4", "S26", "一个亿"]
)
def test_what_is_no_quantity_or_too_small_to_tell_anything_is_left_out(text):
    assert read(text, han=not text.isascii()) <= {("figure", "1.00e+08")}


def test_three_significant_digits_are_kept():
    assert read("1,234,567 yuan", han=False) == read("1.23 million yuan", han=False)


def test_a_version_is_a_number_like_any_other():
    assert read("Model 2.5 Pro", han=False) == {("figure", "2.50e+00")}
