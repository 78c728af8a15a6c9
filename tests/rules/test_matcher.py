from hypothesis import given
from hypothesis import strategies as st

from rules.matcher import Matcher
from state.records import Article


def test_evidence_is_quoted_from_the_text_as_written(cantonese, article):
    text = "天氣很好。\n深圳市  發佈“人工智能＋”行動計劃（２０２７）。其他。"
    (match,) = [match for match in cantonese.read(article("早安", text)).matches if match.status == "event"]
    (proof,) = match.evidence
    assert proof.where == "text"
    assert text[proof.start : proof.end] == proof.sentence == "深圳市  發佈“人工智能＋”行動計劃（２０２７）。"
    for span in proof.spans:
        assert proof.sentence[span.start : span.end] == span.text
    assert ("人工智能＋", "topic:ai") in {(span.text, span.concept) for span in proof.spans}


def test_a_headline_is_proved_by_the_body_sentence_that_says_the_same(cantonese, article):
    text = "It is spring. Tencent on Monday launched a large model for hospitals. It is fast."
    (match,) = [
        m for m in cantonese.read(article("Tencent launches AI model", text)).matches if m.status == "event"
    ]
    assert [proof.where for proof in match.evidence] == ["text", "title"]
    assert match.evidence[0].sentence == "Tencent on Monday launched a large model for hospitals."


def test_a_headline_without_such_a_sentence_proves_itself(cantonese, article):
    (match,) = [
        m
        for m in cantonese.read(article("Tencent launches AI model", "It rained.")).matches
        if m.status == "event"
    ]
    assert [(proof.where, proof.sentence) for proof in match.evidence] == [
        ("title", "Tencent launches AI model")
    ]


def test_entities_point_into_the_text(cantonese, article):
    text = "在騰訊雲，OPPO 与深圳市工信局座谈，DeepSeek 未到。"
    entities = cantonese.read(article("标题里的华为不算", text)).entities
    assert [(each.id, each.kind, text[each.start : each.end]) for each in entities] == [
        ("tencent-cloud", "company", "騰訊雲"),
        ("oppo", "company", "OPPO"),
        ("sz-gxj", "city", "深圳市工信局"),
    ]


def test_the_place_of_an_office_or_firm_on_no_list_is_a_fact_of_the_match_and_no_entity(cantonese, article):
    office = cantonese.read(article("佛山市禅城区工业和信息化局印发人工智能若干措施", "天气很好。"))
    firm = cantonese.read(
        article("A day", "A Shenzhen-based robotics startup launched an AI model for robots.")
    )
    elsewhere = cantonese.read(
        article("A day", "A Hangzhou-based startup launched an AI model with Tencent.")
    )
    assert [match.facts["places"] for match in (*office.matches, *firm.matches)] == [["foshan"], ["shenzhen"]]
    assert (office.entities, office.others, firm.entities, firm.others) == ((), (), (), ())
    assert all("places" not in match.facts for match in elsewhere.matches)


def test_silences_name_the_condition_that_failed(cantonese, article):
    def reason(rule, title, text=""):
        return {each.rule: each.reason for each in cantonese.read(article(title, text)).silences}[rule]

    assert "nothing says" in reason("company-launch", "Tencent launches a hat")
    assert "'Zhipu' stands before the actor" in reason(
        "company-launch", "Zhipu launches AI model for Tencent"
    )
    assert "excluded by" in reason("company-launch", "Promo code: Tencent launches AI hat")
    assert reason("policy-outlook", "广东印发方案，加快人工智能发展") == "policy-issued announces this item"
    assert "not together" in reason(
        "institution", "Guangdong today", "A laboratory opened. AI is new. Yes. Rain. End."
    )


def test_one_rule_announces_and_the_others_give_way(cantonese, article):
    findings = cantonese.read(article("Shenzhen robot maker UBTECH wins order and launches new AI robot"))
    assert [match.rule for match in findings.matches if match.status == "event"] == ["company-business"]


def test_rules_outside_the_contest_fire_beside_it(bavaria, with_rules, article, statuses):
    matcher = with_rules(
        "rules:\n  - {id: mine, name: {en: m}, kind: watch, query: Isarwind, examples: {alert: [x], quiet: [y]}}\n"
    )
    found = statuses(matcher, article("Isarwind baut Windpark"))
    assert found == {"energy-company": "event", "mine": "event"}


def test_a_matcher_can_be_given_other_rules(bavaria, article):
    matcher = Matcher(bavaria, [rule for rule in bavaria.rules if rule.id == "energy-law"])
    assert matcher.read(article("Isarwind baut Windpark")).matches == ()


def test_disabled_rules_are_not_asked(with_rules, article, statuses):
    matcher = with_rules(
        "rules:\n  - {id: mine, name: {en: m}, kind: k, query: Wind, enabled: false, examples: {alert: [x], quiet: [y]}}\n"
    )
    assert statuses(matcher, article("Wind")) == {}


@given(
    title=st.none() | st.text(max_size=40),
    text=st.lists(
        st.sampled_from(
            [
                *"广东深圳人工智能腾讯。.\n “”《》()①é",
                "Tencent ",
                "Guangdong ",
                "launches ",
                "AI ",
                "印发",
                "2025年",
            ]
        ),
        max_size=60,
    ).map("".join),
)
def test_whatever_the_text_spans_point_at_what_they_name(cantonese, title, text):
    findings = cantonese.read(Article("u", title, text))
    for entity in findings.entities:
        assert text[entity.start : entity.end] == entity.surface
    for match in findings.matches:
        assert match.evidence
        for proof in match.evidence:
            source = text if proof.where == "text" else (title or "").replace("\n", " ")
            assert source[proof.start : proof.end] == proof.sentence
            for span in proof.spans:
                assert proof.sentence[span.start : span.end] == span.text


def test_a_hostile_page_is_read_in_part(cantonese, article):
    text = "Guangdong unveils AI action plan. " * 30_000
    findings = cantonese.read(article("x" * 10_000, text))
    assert 0 < len(findings.entities) <= 1000
    assert all(len(match.evidence) <= 8 for match in findings.matches)
