from rules.terms import Alias, Automaton, Concept
from rules.text import fold

ORG = Concept("org", "x", ("org:x",))


def found(text, *aliases):
    folded = fold(text)

    def original(start, end):
        return text[slice(*folded.origin(start, end))]

    return sorted(original(hit.start, hit.end) for hit in Automaton(aliases).find(folded, original))


def test_latin_words_need_boundaries_and_may_be_plural_or_possessive():
    robot = Alias(ORG, "robot")
    assert found("Robots, a robot's arm, robotics, microbot", robot) == ["Robot", "robot"]


def test_words_ending_in_y_have_their_plural():
    assert found("two subsidies", Alias(ORG, "subsidy")) == ["subsidies"]


def test_han_terms_need_no_boundary():
    assert found("最新AI大模型发布", Alias(ORG, "大模型"), Alias(ORG, "AI", "upper")) == ["AI", "大模型"]


def test_abbreviations_match_only_as_written():
    assert found("said Ai AI HAINAN ai", Alias(ORG, "AI", "upper")) == ["AI"]


def test_names_keep_their_case_but_may_be_shouted_when_long():
    honor = Alias(ORG, "Honor", "name")
    assert found("in honor of Honor and HONOR", honor) == ["HONOR", "Honor"]
    assert found("OPT and Opt", Alias(ORG, "Opt", "name")) == ["Opt"]


def test_the_parts_of_a_name_may_be_joined_otherwise():
    assert found("WeRide-One, WeRideOne", Alias(ORG, "WeRide One", "name")) == ["WeRide-One", "WeRideOne"]


def test_traditional_script_is_found_unless_the_name_must_be_as_written():
    assert found("騰訊", Alias(ORG, "腾讯", "name")) == ["騰訊"]
    ascend = Alias(ORG, "昇腾", "name", as_written=True)
    assert found("昇腾芯片，热气升腾", ascend) == ["昇腾"]


def test_a_page_that_repeats_a_name_yields_a_bounded_number_of_hits():
    assert len(found("广东" * 5000, Alias(ORG, "广东"))) <= 100
