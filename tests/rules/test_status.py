"""An event is what this text announces; what it recalls is a mention."""

import pytest


@pytest.mark.parametrize(
    ("text", "day", "status"),
    [
        ("Bavaria will adopt an ordinance on wind power.", None, "event"),
        ("Last year Bavaria began to adopt an ordinance on wind power.", None, "mention"),
        ("In 2022, Bavaria launched an ordinance on wind power.", "2026-05-01", "mention"),
        ("In December 2025, Bavaria launched an ordinance on wind power.", "2026-01-10", "event"),
        ("In March 2025, Bavaria launched an ordinance on wind power.", "2026-01-10", "mention"),
        ("Bavaria will adopt an ordinance on wind power by 2022.", "2026-05-01", "event"),
        ("Bavaria launched an ordinance on wind power for 2027, after that of 2022.", "2026-05-01", "event"),
        ('Bavaria launched the ordinance "Wind power rules of 2022" today.', "2026-05-01", "event"),
    ],
)
def test_time_and_wording_tell_an_event_from_a_mention(bavarian, article, statuses, text, day, status):
    assert statuses(bavarian, article(None, text, day))["energy-law"] == status


def test_without_a_date_a_year_below_the_lead_is_the_past(bavarian, article, statuses):
    sentence = "In 2022, Bavaria launched an ordinance on wind power."
    assert statuses(bavarian, article("News", sentence))["energy-law"] == "event"
    assert statuses(bavarian, article("News", "Rain. More rain. Sun. " + sentence))["energy-law"] == "mention"


def test_a_document_known_for_long_is_only_mentioned(bavarian, article, statuses):
    text = 'Bayern veröffentlicht das Gesetz "Windkraft-Beschleunigungsgesetz" zur Windkraft.'
    assert statuses(bavarian, article(None, text, "2022-12-10"))["energy-law"] == "event"
    assert statuses(bavarian, article(None, text, "2023-02-01"))["energy-law"] == "mention"
    assert statuses(bavarian, article(None, text))["energy-law"] == "event"


def test_a_rule_may_allow_past_years(with_rules, article, statuses):
    rule = (
        "rules:\n  - {id: mine, name: {en: m}, kind: k, query: Windpark, past_years: %s,"
        " examples: {alert: [x], quiet: [y]}}\n"
    )
    text = "Umsatz 2023 mit Windpark verdoppelt."
    assert statuses(with_rules(rule % "allow"), article(None, text, "2026-02-01"))["mine"] == "event"
    assert statuses(with_rules(rule % "mention"), article(None, text, "2026-02-01"))["mine"] == "mention"


@pytest.mark.parametrize(
    ("title", "text", "day"),
    [
        # quotes the measures of June 2024
        (
            "Factories in Guangdong look to spring",
            "Rain. Sun. Prices rise. According to the “Guangdong Province's Measures on AI”, firms will gain by 2027.",
            "2025-02-06",
        ),
        # one of many cities
        (
            "Cities race",
            "Beijing, Shenzhen and Hangzhou have introduced plans for artificial intelligence.",
            None,
        ),
        # a speech
        ("省长座谈", "省长在广东的座谈会上指出，要推进人工智能政策发布。", "2026-03-01"),
        ("A fair", "Visitors crowd around the robots of Midea.", None),
    ],
)
def test_quotations_speeches_and_passing_names_are_mentions(cantonese, article, statuses, title, text, day):
    assert set(statuses(cantonese, article(title, text, day)).values()) == {"mention"}


def test_a_successor_of_a_known_document_is_news(cantonese, article, statuses):
    title = "《深圳市打造人工智能先锋城市的若干措施》"
    old = article(f"深圳发布{title}", f"深圳市发布{title}，支持人工智能。", "2027-02-03")
    new = article(
        f"深圳发布{title}", f"深圳市发布{title}（深工信规〔2027〕3号），支持人工智能。", "2027-02-03"
    )
    assert statuses(cantonese, old)["policy-issued"] == "mention"
    assert statuses(cantonese, new)["policy-issued"] == "event"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "广东省人民政府办公厅关于印发《广东省人工智能行动方案》的通知",
            "为贯彻落实《广东省推动人工智能与机器人产业创新发展若干政策措施》（粤府办〔2025〕6号），制定本方案。",
        ),
        (
            "广州印发人工智能算力券管理办法",
            "广州市工业和信息化局近日印发《广州市人工智能算力券管理办法》（穗工信规字〔2026〕5号）。该办法根据粤府〔2023〕90号文制定。",
        ),
        (
            "Shenzhen issues AI measures",
            "Shenzhen issued measures on artificial intelligence to attract over 2,000 enterprises.",
        ),
    ],
)
def test_a_new_policy_that_rests_on_a_known_one_is_news(cantonese, article, statuses, title, text):
    assert statuses(cantonese, article(title, text, "2026-11-20"))["policy-issued"] == "event"


def test_the_own_number_of_a_known_policy_makes_a_mention(cantonese, article, statuses):
    text = "广东省人民政府办公厅印发措施（粤府办〔2025〕6号），支持人工智能。"
    assert statuses(cantonese, article("广东支持人工智能", text, "2026-11-20"))["policy-issued"] == "mention"
