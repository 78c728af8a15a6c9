from __future__ import annotations

import pytest

from crawler.reading.repetition import fold_repetition

ZH = [
    "海岸市的一家机器人企业近日宣布，其新一代双足机器人已经在三家汽车工厂投入试用，负责零部件的搬运和质检。",
    "企业负责人说，新产品的手部有二十二个自由度，能够拿起重量从五克到五公斤不等的零件，出错率比去年下降了一半。",
    "据介绍，试用从今年春节后开始，先后有四十台机器人进厂，每台每天工作两班，平均可以代替一点六个工位。",
    "业内人士认为，价格仍是推广的主要障碍。目前每台售价约为二十八万元，企业希望两年内降到十五万元以下。",
]
EN = [
    "A maker of delivery robots in Haiwan has built a street inside its plant, with kerbs, rain and a crossing.",
    "The company said on Thursday that its machines had covered the street forty thousand times since January.",
    "Falls have become five times rarer, and the machines now carry parcels of up to twelve kilograms to the door.",
    "Two cities have asked for a trial, and a third will decide after the summer, according to people in the trade.",
]
BODIES = {"zh": ZH, "en": EN}


@pytest.mark.parametrize("lines", BODIES.values(), ids=BODIES)
class TestCopies:
    def test_one_after_the_other(self, lines):
        kept, folded = fold_repetition(lines + lines)

        assert kept == lines
        assert folded.copies == 1
        assert folded.chars_removed == sum(map(len, lines))

    def test_matter_between_stays(self, lines):
        between = "This page may hold content of third parties."

        assert fold_repetition([*lines, between, *lines])[0] == [*lines, between]

    def test_title_before_each_copy(self, lines):
        assert fold_repetition(["A headline of its own", *lines, "Note.", "A headline of its own", *lines])[
            0
        ] == [
            "A headline of its own",
            *lines,
            "Note.",
        ]

    def test_three_times(self, lines):
        kept, folded = fold_repetition(lines * 3)

        assert (kept, folded.copies) == (lines, 2)

    def test_print_copy_in_one_line(self, lines):
        assert fold_repetition([*lines, " ".join(lines)])[0] == lines

    def test_other_white_space_and_punctuation(self, lines):
        changed = [f"  {line}".replace("，", ",").replace(", ", " , ") for line in lines]

        assert fold_repetition([*lines, *changed])[0] == lines

    def test_an_edited_sentence_stays(self, lines):
        new = "编辑部改写了这一句。" if lines is ZH else "The desk rewrote this sentence."
        kept, folded = fold_repetition([*lines, lines[0], new, *lines[2:]])

        assert folded.copies == 1
        assert [line for line in kept if line not in lines] == [new]

    def test_cut_short(self, lines):
        assert fold_repetition([*lines, *lines[:3]])[0] == lines


def test_a_body_without_repetition_is_left_alone():
    kept, folded = fold_repetition([*ZH, *EN])

    assert kept == [*ZH, *EN]
    assert (folded.copies, folded.chars_removed) == (0, 0)


LEGITIMATE = {
    "song": "\n".join(
        f"Verse {n} of the harbour and the {word} by the sea\n"
        + "Oh the lantern rolls on to the river tonight\nOh the market rolls on to the window tonight\n" * 2
        for n, word in enumerate(["mountain", "silver", "garden", "engine"])
    ),
    "table": "\n".join(
        f"{city} | {n * 37 % 900} 亿元 | 同比增长 {n}.{n}%"
        for n, city in enumerate(["广州", "深圳", "珠海", "佛山"] * 6)
    ),
    "slogan": "\n".join(
        f"{city}代表说：“坚持创新驱动，坚持实体经济，坚持制造业当家。”"
        for city in ["广州", "深圳", "珠海", "佛山", "东莞", "惠州"]
    ),
    "list": "\n".join(
        f"Model {word}: 12 GB memory, 256 GB storage, two year warranty" for word in "abcdefghij"
    ),
    "results": "\n".join(
        f"Round {n}: the home side led at half time, lost the lead after a corner and won by {n} to {n - 1}."
        for n in range(1, 9)
    ),
}


@pytest.mark.parametrize("text", LEGITIMATE.values(), ids=LEGITIMATE)
def test_repeats_that_belong_to_the_text_stay(text):
    lines = text.strip().split("\n")

    assert fold_repetition(lines)[0] == lines


def test_a_slogan_that_everybody_repeats_stays():
    names = ["佛山", "清远", "潮州", "惠州", "江门", "湛江", "广州", "肇庆"]
    lines = [f"{name}代表说：“坚持创新驱动，坚持实体经济，坚持制造业当家。”" for name in names]

    assert fold_repetition(lines)[0] == lines


def test_two_days_of_one_template_are_two_stories():
    day = "央行今日开展{}亿元逆回购操作，操作利率为{}%，与前一日持平。今日有{}亿元逆回购到期，单日净投放{}亿元。市场人士认为资金面总体平稳。"
    lines = [day.format(1200, 1.4, 800, 400), day.format(2350, 1.5, 1900, 450)]

    assert fold_repetition(lines)[0] == lines


def test_a_paragraph_quoted_again_at_the_end_stays():
    lines = [*EN, *ZH, EN[0]]

    assert fold_repetition(lines)[0] == lines


def test_nothing_comes_of_nothing():
    assert fold_repetition([])[0] == []
    assert fold_repetition(["", "。", "—"])[0] == ["", "。", "—"]
