from hypothesis import example, given
from hypothesis import strategies as st

from rules.text import fold, paragraphs, sentences


def cut(text):
    plain = fold(text).plain
    return [
        plain[start:end] for begin, stop in paragraphs(plain) for start, end in sentences(plain, begin, stop)
    ]


def test_width_quotes_dashes_and_brackets_become_one_form():
    folded = fold("廣東“人工智能＋”行動——粤府〔２０２５〕６号").plain
    assert folded == '广东"人工智能+"行动--粤府[2025]6号'


def test_case_is_kept_beside_the_lower_form():
    folded = fold("ＡＩ in İstanbul")
    assert folded.plain == "AI in Istanbul"
    assert folded.lower == "ai in istanbul"


def test_spaces_between_han_are_dropped_but_not_beside_latin():
    assert fold("人工 智能 AI 模型").plain == "人工智能 AI 模型"


def test_what_the_fold_lengthens_or_drops_still_points_home():
    text = "①zero\u200bwidth cafe\u0301"
    folded = fold(text)
    assert folded.plain == "1zerowidth café"
    start = folded.plain.index("width")
    assert text[slice(*folded.origin(start, start + 5))] == "width"


@given(st.text(max_size=200))
@example("a\u0301\u0301 ﷺ 〔１〕 人 人")
def test_every_folded_span_lies_inside_the_original(text):
    folded = fold(text)
    assert len(folded.plain) == len(folded.lower)
    for index in range(len(folded.plain)):
        start, end = folded.origin(index, index + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(max_size=100))
def test_folding_twice_changes_nothing_more(text):
    once = fold(text).plain
    assert fold(once).plain == fold(fold(once).plain).plain


def test_sentences_end_at_full_stops_of_both_scripts():
    assert cut("深圳发布计划。企业欢迎！Then it rained. 2025 was dry.") == [
        "深圳发布计划。",
        "企业欢迎!",
        "Then it rained.",
        "2025 was dry.",
    ]


def test_abbreviations_initials_and_decimals_end_nothing():
    assert cut("Dr. Li of ZTE Corp. paid $2.76 million to J. Smith of the U.S. Then he left.") == [
        "Dr. Li of ZTE Corp. paid $2.76 million to J. Smith of the U.S. Then he left."
    ]


def test_a_closing_quote_belongs_to_its_sentence():
    assert cut("他说：“会发布。”随后离开。") == ['他说:"会发布。"', "随后离开。"]


def test_each_line_is_a_paragraph_and_blank_lines_are_none():
    assert cut("one\n\n  two  \n") == ["one", "two"]
