import json

import pytest


@pytest.fixture
def facts(cantonese, article):
    def read(title, text="", day=None):
        matches = cantonese.read(article(title, text, day)).matches
        return next(match.facts for match in matches if match.kind == "policy" and match.status == "event")

    return read


def test_a_notice_gives_number_title_issuer_stage_and_dates(facts):
    found = facts(
        "深圳市工业和信息化局关于印发《深圳市机器人产业若干措施》的通知",
        "各有关单位：\n现印发深工信规〔2027〕3号《深圳市机器人产业若干措施》，自2027年3月1日起施行。"
        "根据国务院《关于人工智能的意见》（国发〔2025〕11号）制定。\n深圳市工业和信息化局\n2027年2月3日",
    )
    assert found == {
        "document_number": "深工信规〔2027〕3号",
        "policy_title": "深圳市机器人产业若干措施",
        "issuer": "sz-gxj",
        "stage": "issued",
        "signed": "2027-02-03",
        "effective": "2027-03-01",
        "known_document": None,
    }
    assert json.loads(json.dumps(found)) == found


def test_the_number_says_who_issues(facts):
    assert (
        facts("广东发布人工智能政策措施", "文件粤府办〔2027〕5号今天印发。")["issuer"] == "gd-general-office"
    )


def test_numbers_of_national_papers_are_cited_not_own(facts):
    found = facts("广东发布人工智能政策措施", "根据国办发〔2026〕8号，广东发布政策措施。")
    assert found["document_number"] is None


def test_a_headline_can_be_the_title(facts):
    title = "广东省人民政府办公厅关于加快具身智能产业发展的实施意见"
    assert facts(title)["policy_title"] == title


def test_english_titles_stand_in_quotation_marks(facts):
    found = facts(
        "Guangdong issues AI measures",
        'Guangdong on Monday issued the "Several Measures on Artificial Intelligence in Guangdong". "We are glad," said Li.',
    )
    assert found["policy_title"] == "Several Measures on Artificial Intelligence in Guangdong"


@pytest.mark.parametrize(
    ("title", "stage", "rule"),
    [
        ("《深圳市人工智能条例（征求意见稿）》公开征求意见", "draft", "policy-draft"),
        ("广州市人工智能产业若干措施政策解读", "interpretation", "policy-follow-up"),
        ("东莞市2027年人工智能项目申报指南发布", "call", "policy-follow-up"),
        ("关于深圳市人工智能项目拟资助名单的公示", "publicity", "policy-follow-up"),
        ("广东省印发人工智能行动方案", "issued", "policy-issued"),
        ("广州修订智能网联汽车与机器人管理办法", "revised", "policy-issued"),
        ("深圳废止人工智能项目管理办法", "repealed", "policy-issued"),
    ],
)
def test_stages_in_the_life_of_a_policy(cantonese, article, title, stage, rule):
    (match,) = [match for match in cantonese.read(article(title)).matches if match.status == "event"]
    assert (match.rule, match.facts["stage"]) == (rule, stage)


def test_a_known_document_is_linked_by_its_figures(cantonese, article):
    text = "Guangdong has unveiled an AI roadmap: 300 billion yuan and over 2,000 enterprises by 2025."
    (match,) = [m for m in cantonese.read(article(None, text)).matches if m.status == "event"]
    assert match.facts["known_document"] == "gd-2023-opinions"


@pytest.mark.parametrize(
    "text",
    [
        "为贯彻落实《广东省人工智能赋能千行百业实施细则》，深圳市工业和信息化局20日印发《深圳市人工智能终端产业若干措施》。",
        "按照《广东省人工智能赋能千行百业实施细则》要求印发《深圳市人工智能终端产业若干措施》。",
        "深圳市20日印发《深圳市人工智能终端产业若干措施》，落实《广东省人工智能赋能千行百业实施细则》。",
    ],
)
def test_the_title_is_that_of_the_paper_issued_not_of_one_it_rests_on(facts, text):
    assert facts("深圳印发人工智能若干措施", text)["policy_title"] == "深圳市人工智能终端产业若干措施"


@pytest.mark.parametrize(
    "text",
    [
        "珠海市近日出台人工智能若干措施，落实粤府〔2026〕12号文件。",
        "为贯彻落实《广东省人工智能行动方案》（粤府〔2026〕12号），珠海市出台人工智能若干措施。",
        "珠海市近日出台人工智能若干措施。粤府〔2026〕12号提出目标。",
    ],
)
def test_a_cited_number_is_nobodys_own(facts, text):
    found = facts("珠海出台人工智能若干措施", text)
    assert found["document_number"] is None
    assert found["issuer"] != "gd-government"
