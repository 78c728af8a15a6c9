from __future__ import annotations

from crawler.stories.facts import fact_key, facts_of, kind_of, latin_words, weight
from state.records import Article, Entity


def article(text, title=None, entities=()):
    return Article(url="https://a.example/1", title=title, text=text, entities=entities)


def test_figures_and_latin_names_are_shared_by_a_text_and_its_translation():
    chinese = facts_of(article("OpenAI发布GPT-4.5，投资3000亿元。"))
    english = facts_of(article("The company OpenAI released GPT4.5 after spending 300 billion yuan."))
    assert {fact_key("name", "openai"), fact_key("figure", "3.00e+11")} <= set(chinese.keys) & set(
        english.keys
    )


def test_words_that_merely_begin_a_sentence_are_no_names():
    keys = facts_of(article("Factories in Dongguan hire. Workers come from afar.")).keys
    assert fact_key("name", "dongguan") in keys
    assert fact_key("name", "factories") not in keys
    assert fact_key("name", "workers") not in keys


def test_document_numbers_and_entities_are_facts_and_places_weigh_little():
    found = facts_of(
        article(
            "粤府〔2023〕90号提出",
            entities=(Entity("dji", "maker", "大疆", 0, 2), Entity("shenzhen", "city", "深圳", 3, 5)),
        )
    )
    assert [kind_of(key) for key in found.keys].count("entity") == 2
    assert weight(fact_key("entity", "dji"), 1) > weight(fact_key("place", "shenzhen"), 1)


def test_the_second_word_of_a_name_is_known_to_follow_the_first():
    found = facts_of(article("据悉 Sam Altman 表示"))
    assert found.following == {fact_key("name", "altman")}


def test_facts_come_in_the_order_of_the_text_and_once():
    found = facts_of(article("Shares of Nvidia rose; 41 percent. Then Nvidia fell 12 percent."))
    kinds = [kind_of(key) for key in found.keys]
    assert kinds == ["name", "share", "share"]


def test_a_rare_fact_weighs_more_than_one_that_everybody_has():
    key = fact_key("name", "unilumin")
    assert weight(key, 1) > weight(key, 30) > weight(key, 1900) > 0


def test_all_latin_words_are_known_for_looking_up_what_a_translation_keeps():
    assert {"gpt4", "agent", "vibe"} <= latin_words(article("an agent for vibe coding with GPT-4"))


def test_markup_and_addresses_do_not_pass_for_names():
    keys = facts_of(article('看<video src="https://v.example/Clip9.mp4">视频 https://news.example/Path')).keys
    assert fact_key("name", "video") not in keys
    assert fact_key("name", "clip9") not in keys
