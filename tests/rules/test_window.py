import pytest


@pytest.mark.parametrize(
    ("window", "text", "fires"),
    [
        ("sentence", "Bavaria has wind power.", True),
        ("sentence", "Bavaria is big. It has wind power.", False),
        ("sentences:2", "Bavaria is big. It has wind power.", True),
        ("sentences:2", "Bavaria is big. Yes. It has wind power.", False),
        ("paragraph", "Bavaria is big. Yes. It has wind power.", True),
        ("paragraph", "Bavaria is big.\nIt has wind power.", False),
        ("lead:2", "Bavaria is big. It has wind power. End.", True),
        ("lead:2", "Once upon a time. There was rain. Bavaria has wind power.", False),
        ("lead_sentence:2", "Bavaria is big. It has wind power.", False),
        ("lead_sentence:2", "Rain. Bavaria has wind power.", True),
        ("words:4", "Bavaria wants more wind power.", False),
        ("words:5", "Bavaria wants more wind power.", True),
        ("article", "Bavaria is big.\nRain.\nIt has wind power.", True),
        ("title", "Bavaria has wind power.", False),
    ],
)
def test_each_window_holds_what_it_says(one_rule, article, statuses, window, text, fires):
    matcher = one_rule('place:bavaria AND "wind power"', window)
    assert ("mine" in statuses(matcher, article("A headline", text))) is fires


def test_two_han_characters_count_as_a_word(with_rules, article, statuses):
    matcher = with_rules(
        "rules:\n  - id: mine\n    name: {en: m}\n    kind: k\n    query: '风电 AND 储能'\n    window: words:4\n"
        "    examples: {alert: [x], quiet: [y]}\n"
    )
    assert "mine" in statuses(matcher, article(None, "风电需要大储能"))
    assert "mine" not in statuses(matcher, article(None, "风电需要很多很多储能"))


def test_a_field_asks_elsewhere_than_the_window(one_rule, article, statuses):
    matcher = one_rule("place:bavaria AND title:energy AND lead:rain AND NOT body:snow")
    assert "mine" in statuses(matcher, article("On energy", "Rain falls. Bavaria is big."))
    assert "mine" not in statuses(matcher, article("On sport", "Rain falls. Bavaria is big."))
    assert "mine" not in statuses(matcher, article("On energy", "Rain falls. Bavaria is big. Snow."))


def test_source_and_language_can_be_asked(one_rule, article, statuses):
    matcher = one_rule("place:bavaria AND lang:de AND source:amt*")
    assert "mine" in statuses(matcher, article(None, "Bayern.", lang="de-DE", source_id="amtsblatt"))
    assert "mine" not in statuses(matcher, article(None, "Bayern.", lang="en", source_id="amtsblatt"))
    assert "mine" not in statuses(matcher, article(None, "Bayern.", lang="de"))


def test_regexes_find_what_words_cannot(one_rule, article, concepts, statuses):
    matcher = one_rule(r"place:bavaria AND /[0-9]+ (mega|giga)watt/")
    (match,) = matcher.read(article(None, "Früher. Bayern plant 40 Megawatt.")).matches
    assert [span.text for span in match.evidence[0].spans] == ["Bayern", "40 Megawatt"]
    assert "mine" not in statuses(matcher, article(None, "Bayern plant Megawatt."))


def test_a_rule_of_nothing_but_a_regex_works(one_rule, article, statuses):
    assert "mine" in statuses(one_rule("/§ ?[0-9]+/"), article(None, "Nach § 12 gilt das."))


def ways(actor, action="", rivals="", more=""):
    lines = [f"        actor: '{actor}'"]
    lines += [f"        action: '{action}'"] if action else []
    lines += [f"        rivals: '{rivals}'"] if rivals else []
    lines += [f"        {more}"] if more else []
    return (
        "rules:\n  - id: mine\n    name: {en: m}\n    kind: k\n    ways:\n      - query: 'place:* AND event:*'\n"
        + "\n".join(lines)
        + "\n    examples: {alert: [x], quiet: [y]}\n"
    )


def test_the_actor_stands_before_its_action_and_before_every_rival(with_rules, article, statuses):
    matcher = with_rules(ways("place:bavaria", "event:adopt", "place:elsewhere"))
    assert "mine" in statuses(matcher, article(None, "Bavaria will adopt it, and Hesse will watch."))
    assert "mine" not in statuses(matcher, article(None, "Hesse watches while Bavaria will adopt it."))
    assert "mine" not in statuses(matcher, article(None, "They adopt it in Bavaria."))


def test_the_action_is_within_reach(with_rules, article, statuses):
    far = "Bavaria, " + "a land of many lakes, " * 5 + "will adopt it."
    assert "mine" not in statuses(with_rules(ways("place:bavaria", "event:adopt")), article(None, far))
    assert "mine" in statuses(
        with_rules(ways("place:bavaria", "event:adopt", more="reach: 200")), article(None, far)
    )


def test_minimum_counts(with_rules, article, statuses):
    matcher = with_rules(ways("place:bavaria", more="at_least: {'event:*': 2}"))
    assert "mine" not in statuses(matcher, article(None, "Bavaria will adopt it."))
    assert "mine" in statuses(matcher, article(None, "Bavaria will adopt it and publish it."))


def test_unless_is_asked_of_the_whole_item(one_rule, article, statuses):
    matcher = one_rule("place:bavaria", more="    unless: 'title:noise:*'\n")
    assert "mine" in statuses(matcher, article("News", "Bavaria wins."))
    assert "mine" not in statuses(matcher, article("Bundesliga news", "Bavaria wins."))
