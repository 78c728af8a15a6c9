from __future__ import annotations

from crawler.stories.fold import fold, is_han, words
from crawler.stories.numbers import numerals
from crawler.stories.sketch import ASKED, KEPT, sketch
from crawler.stories.wording import lines_of, wording_of


def clauses(text, furniture=frozenset()):
    return [clause.text for clause in wording_of(None, lines_of(text), furniture).clauses]


def test_widths_scripts_case_quotes_and_spaces_in_chinese_fold_away():
    assert fold("ＡＩ 賦能“千行百業” Pony.AI") == fold("AI赋能「千行百业」pony.ai")
    assert words("人工 智能 AI") == "人工智能ai"


def test_clauses_end_at_stops_but_not_inside_numbers_and_names():
    assert clauses("广东印发方案，投入1,000万元；到2027年。Pony.ai said revenue rose 3.5 percent, to 9:30.") == [
        "广东印发方案", "投入1,000万元", "到2027年", "pony.ai said revenue rose 3.5 percent", "to 9:30",
    ]  # fmt: skip


def test_half_and_full_width_punctuation_give_the_same_clauses():
    assert clauses("会议指出，要加快建设：一是算力。二是数据。") == clauses(
        "会议指出,要加快建设:一是算力.二是数据."
    )


def test_a_doubled_body_counts_once():
    once = wording_of(None, lines_of("第一句在此。第二句在此。"), frozenset())
    twice = wording_of(None, lines_of("第一句在此。第二句在此。\n第一句在此。第二句在此。"), frozenset())
    assert once.weight == twice.weight


def test_known_furniture_at_head_and_tail_is_left_out_and_the_middle_never():
    lines = lines_of("\n".join(f"Line number {number} stands here." for number in range(30)))
    keys = frozenset(line.key for line in lines if line.key)
    assert len(keys) == 14
    kept = wording_of(None, lines, keys)
    assert len(kept.clauses) == 16


def test_headlines_in_a_list_are_no_prose():
    wording = wording_of(
        None, lines_of("热点新闻\n深圳天气\n这是一个完整的句子，说的是今天发生的事情。"), frozenset()
    )
    assert wording.prose == {2}


def test_numerals_compare_in_one_spelling():
    assert numerals("3,000 yuan on wed") == numerals("3000 yuan on wednesday")
    assert numerals("第三届") == numerals("第3届")
    assert numerals("jan 7") != numerals("jan 10")


def test_the_sketch_of_a_part_is_found_in_that_of_the_whole():
    whole = "".join(chr(0x4E00 + (7 * n * n) % 5000) for n in range(900))
    part = whole[200:500]
    assert len(sketch(whole, han=True)) == ASKED
    assert len(set(sketch(whole, han=True)) & set(sketch(part, han=True)[:KEPT])) >= 8
    assert len(set(sketch(whole, han=True)[:KEPT]) & set(sketch(part, han=True))) >= 2
    assert not set(sketch(whole, han=True)) & set(sketch(whole[::-1], han=True))


def test_texts_shorter_than_one_gram_have_no_sketch():
    assert sketch("短", han=True) == ()
    assert sketch("", han=False) == ()


def test_scripts_are_told_apart_by_share():
    assert is_han("腾讯 Tencent 发布 WorkBuddy 智能体平台")
    assert not is_han("The word 人工智能 means artificial intelligence in Chinese.")
    assert not is_han("")


def test_no_length_or_character_breaks_folding():
    assert len(lines_of("a" * 500_000)[0].text) == 60_000
    assert wording_of("\ud800", lines_of("\ud800\x00\ufffd 字"), frozenset()).weight > 0
