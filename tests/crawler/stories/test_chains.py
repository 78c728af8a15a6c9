"""The ways in which news of the beat travels, with texts of our own in the shapes that were seen."""

from __future__ import annotations

NANLING = """南岭都市报讯 蛇年新春，广东工业企业开足马力。记者从省工业和信息化厅获悉，今年首批412个技术改造项目集中开工，总投资1860亿元。
位于南山的启明显示公司推出人工智能互动屏，订单已排到6月，预计全年销售额增长35%，达到48亿元。
东莞云桥电气发布业绩预告，预计净利润为2.1亿元至2.4亿元，同比增长17%，海外收入首次超过三成。
“我们把大模型装进了生产线。”云桥电气副总经理沈亦凡说，质检环节的人工从每班24人减少到9人。
按照计划，到2027年全省人工智能核心产业规模将超过4400亿元，打造500个以上应用场景。"""

GATE = """Nanling Metropolis Daily News: In the Spring Festival of the Year of the Snake, Guangdong industrial enterprises went all out. Reporters learned from the provincial department of industry that the first batch of 412 technological transformation projects this year started together, with a total investment of 186 billion yuan.
Qiming Display located in Nanshan launched artificial intelligence interactive screens. Orders have been scheduled to June, and annual sales are expected to increase by 35% to 4.8 billion yuan.
Dongguan Cloud Bridge Electric released a performance forecast, and net profit is expected to be 210 million yuan to 240 million yuan, a year-on-year increase of 17%, and overseas income exceeded 30 percent for the first time.
"We put the large model into the production line," said Shen Yifan, deputy general manager of Cloud Bridge Electric, and the number of people in quality inspection dropped from 24 people per shift to 9.
According to the plan, by 2027 the scale of the core industry of artificial intelligence in the province will exceed 440 billion yuan, creating more than 500 application scenarios."""


def test_a_report_its_portal_copy_its_machine_translation_and_the_mirror_are_one_story(newsroom, source):
    newsroom.publish(
        "https://epaper.nanling.example/a/20250206/9.html",
        NANLING,
        "新赛道上亮点频现",
        day="2025-02-06",
        publisher="南岭都市报",
        source=source("outlet", "南岭都市报"),
    )
    portal = newsroom.publish(
        "https://finance.portal.example/a/202502061234567.html",
        NANLING + "\n（文章来源：南岭都市报）",
        "粤企开工忙",
        day="2025-02-06",
        original_source="南岭都市报",
        source=source("republisher"),
    )
    gate = newsroom.publish(
        "https://www.gate.example/news/detail/9138790", GATE, "Highlights on the New Track", day="2025-02-07"
    )
    mirror = newsroom.publish(
        "https://app.mirror.example/tr/news/detail/9138790",
        GATE,
        "Highlights on the New Track",
        day="2025-02-07",
    )
    assert [portal.relation, gate.relation, mirror.relation] == ["copy", "translation", "same_document"]
    assert "figures" in gate.evidence
    story = newsroom.story("https://app.mirror.example/tr/news/detail/9138790")
    assert story.lead == "https://epaper.nanling.example/a/20250206/9.html"
    assert len(story.members) == 3


def test_a_paper_quoted_word_for_word_by_an_industry_portal_stays_the_lead_even_when_it_is_found_later(
    newsroom, source
):
    lines = (
            "Artificial intelligence plays a growing role in the factories of the Pearl River Delta, officials said at a forum in Guangzhou.",
            "The city has attracted 260 companies in the field, and its science zone plans to add 90,000 square meters of laboratories.",
            "A chip design firm from Shanghai will open an office with 150 engineers, its general manager said, to be near its customers.",
            "Local government offers them rent-free space for two years and pays a third of what they spend on testing.",
    )  # fmt: skip
    text = "\n".join(lines)
    framed = f"Home > Press center > News\nUpdated : 2026-11-18 10:00\n{text}\nIndustrial cloud (China) Ltd. All rights reserved"
    newsroom.publish(
        "https://press.portal.example/1730",
        framed,
        "AI crucial in upgrading",
        day="2026-11-18",
        original_source="South Coast Daily",
        source=source("republisher"),
    )
    original = newsroom.publish(
        "https://www.southcoast.example/a/202611/17/WS77.html",
        text,
        "AI plays crucial role in upgrading",
        day="2026-11-17",
        publisher="South Coast Daily",
        source=source("outlet", "South Coast Daily"),
    )
    assert original.relation == "copy"
    assert original.becomes_lead
    assert (
        newsroom.story("https://press.portal.example/1730").lead
        == "https://www.southcoast.example/a/202611/17/WS77.html"
    )


def test_two_briefs_on_one_plan_in_words_of_their_own_corroborate_each_other(newsroom):
    newsroom.publish(
        "https://briefs.example/ai/172729.html",
        "Guangdong is set to build a software hub: by 2028 the province wants revenue of 3.2 trillion yuan from software, "
        "40 open-source projects and 15 unicorn companies, an official of the industry department said. Subsidies of up to "
        "8 million yuan go to firms that train large models, and Zhuhai, which opened a code campus in May with 60 firms, will lead.",
        "Guangdong: seizing the chance in software", day="2026-06-19",
    )  # fmt: skip
    other = newsroom.publish(
        "https://flash.example/2026/guangdong-software",
        "Software makers in Guangdong can look forward to grants worth as much as 8 million yuan under a plan that aims at "
        "3.2 trillion yuan in sales by 2028. Analysts in Hong Kong counted 15 unicorn companies among the targets but doubt "
        "the 22 percent growth a year it takes; shares of 31 local developers rose on Friday. Guangdong ranks second nationwide.",
        "Software plan lifts developers", day="2026-06-20",
    )  # fmt: skip
    assert other.relation is None
    assert [link.kind for link in other.links] == ["corroborates"]
    assert "figures" in other.links[0].evidence
    both = {
        newsroom.story(url).links[0].story_id
        for url in ("https://briefs.example/ai/172729.html", "https://flash.example/2026/guangdong-software")
    }
    assert len(both) == 2


def test_a_portal_page_and_its_clone_on_a_hijacked_host_are_one_story_that_only_the_portal_leads(
    newsroom, source
):
    lines = (
        "Shenzhen's plan for next-generation AI has set officials, researchers and companies talking about what comes first.",
        "Nanshan's incubator for large models wants to raise 100 firms and 1,000 applications with 20 million yuan to begin with.",
        "Bureau officials said on Tuesday that computing vouchers would follow, and that hospitals would be first to test the models.",
    )
    text = "\n".join(lines)
    clone_url = "https://cheapshoes.example/en_szgov/news/infocus/content/post_11547039.html"
    newsroom.publish(clone_url, text, "Model camp", day="2024-08-07")
    portal = newsroom.publish(
        "https://www.sz.gov.cn/en_szgov/news/infocus/content/post_11547039.html",
        text,
        "Model camp",
        day="2024-08-06",
        source=source("issuer"),
    )
    assert portal.becomes_lead
    story = newsroom.story(clone_url)
    assert story.lead.startswith("https://www.sz.gov.cn")
    assert [(member.url, member.clone) for member in story.members] == [(clone_url, True)]


def test_a_paraphrase_with_the_same_figures_is_a_rewrite_and_a_report_with_its_own_corroborates(newsroom):
    newsroom.publish(
        "https://state-media.example/guangdong-ai",
        "South China's Guangdong Province has issued 22 measures to speed up an innovation hub for artificial intelligence. "
        "By 2025 its computing power is to rank first in the country, the core industry is to exceed 300 billion yuan, and more "
        "than 2,000 companies are to work in it.\nThe measures support chips, data and talent, the province said on Monday. "
        "Some 45 laboratories take part. Shanghai issued measures of its own last month.",
        "Guangdong to build AI hub", day="2023-11-13",
    )  # fmt: skip
    paraphrase = newsroom.publish(
        "https://digest.example/?p=24706",
        "In a bid for self-reliance, Guangdong unveiled a roadmap of 22 steps. It foresees an industry beyond 300 billion yuan "
        "with over 2,000 enterprises by 2025, while 45 laboratories lend a hand.",
        "Chinese provinces drive AI", day="2023-11-15",
    )  # fmt: skip
    assert paraphrase.relation == "rewrite"
    assert "figures" in paraphrase.evidence
    report = newsroom.publish(
        "https://daily.example/hub",
        "Guangdong wants more than 2,000 AI companies and an industry of 300 billion yuan by 2025. In Foshan, the owner of a "
        "tile factory with 320 workers told Daily that cameras now find 97 percent of cracks; he spent 1.7 million yuan on them.",
        "Tile makers welcome AI plan", day="2023-11-16",
    )  # fmt: skip
    assert report.relation is None
    assert "corroborates" in {link.kind for link in report.links}
