def sentences(matcher, article):
    reading = matcher._reading(article, None)
    return [
        [reading.text.original(each.start, each.end) for each in unit.sentences] for unit in reading.units
    ]


def test_the_headline_is_the_first_sentence(cantonese, article):
    assert sentences(cantonese, article("A headline", "One. Two.")) == [["A headline", "One.", "Two."]]


def test_lines_about_the_page_are_no_text(cantonese, article):
    text = "By  : INDICS Operator Updated  :   2018-10-17 10:00:59\nSource: China Daily\n1 day ago / Read about 0 minute\nAuthor:小编\nThe text."
    assert sentences(cantonese, article(None, text)) == [["The text."]]


def test_a_dateline_is_cut_off(cantonese, article):
    text = "央视网消息（新闻联播）：广东发布计划。"
    assert sentences(cantonese, article(None, text)) == [["广东发布计划。"]]
    text = "GUANGZHOU, Nov. 3 (Xinhua) -- It rained."
    assert sentences(cantonese, article(None, text)) == [["It rained."]]


def test_each_item_of_a_digest_is_read_by_itself(cantonese, article, statuses):
    text = "深圳货物进出口增长\n前两月，深圳进出口增长一成。\n国家发布人工智能标准\n有关部门发布行动方案。"
    digest = article("国内联播快讯", text)
    assert sentences(cantonese, digest) == [
        ["深圳货物进出口增长", "前两月，深圳进出口增长一成。"],
        ["国家发布人工智能标准", "有关部门发布行动方案。"],
    ]
    assert "event" not in statuses(cantonese, digest).values()
    assert "event" in statuses(cantonese, article("深圳", "前两月，深圳发布人工智能行动方案。")).values()


def test_points_above_the_text_are_no_lead(cantonese, article):
    text = "• Point one.\n• Point two.\nThe lead. And more."
    reading = cantonese._reading(article("Headline", text), None)
    (unit,) = reading.units
    assert [reading.text.original(each.start, each.end) for each in unit.lead(1)] == ["The lead."]


def test_nothing_at_all_is_fine(cantonese, article):
    for title, text in ((None, ""), ("", "\n\n"), (None, "  ")):
        findings = cantonese.read(article(title, text))
        assert (findings.entities, findings.matches) == ((), ())
        assert {silence.reason for silence in findings.silences} == {"there is no text to read"}
