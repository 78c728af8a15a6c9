"""The Guangdong pack on headlines of our own: what alerts, as what, and what stays quiet."""

import os
from pathlib import Path

import pytest

from rules.matcher import failing_examples
from state.records import Article, Published

SHARED = Path(os.environ.get("YUEWATCH_SHARED", Path(__file__).parents[2] / ".." / "shared"))


def kind(matcher, title, text=""):
    events = [match for match in matcher.read(Article("u", title, text)).matches if match.status == "event"]
    return events[0].kind if events else None


def test_every_example_comes_out_as_written(guangdong):
    assert failing_examples(guangdong) == ()


def test_the_rules_asked_for_are_there_with_severity_and_both_names(guangdong):
    rules = {rule.id: rule for rule in guangdong.rules}
    assert {
        "policy-issued",
        "policy-draft",
        "policy-follow-up",
        "company-launch",
        "company-funding",
        "company-business",
        "institution",
    } <= rules.keys()
    assert all(rule.name_en and rule.name_zh and rule.severity and rule.examples for rule in rules.values())
    assert all(any(example.wanted == "quiet" for example in rule.examples) for rule in rules.values())


POLICY = """
Guangdong rolls out new measures to boost AI, robotics sectors
Shenzhen launches 10-billion-yuan fund for AI and robotics
Guangzhou aims to build AI industry worth 600 billion yuan by 2030
Shenzhen to offer training vouchers to AI startups
Guangdong to accelerate AI adoption in manufacturing under three-year plan
China's Guangdong unveils plan to lead in humanoid robots by 2027
Nanshan District rolls out subsidies for embodied AI companies
Guangzhou adopts regulation on autonomous driving and artificial intelligence
Guangdong issues draft rules on humanoid robots for public comment
深圳出台18条措施打造人工智能先锋城市
广州：到2027年建成人工智能产业集群，最高奖励1000万元
深圳拟每年发放5亿元训力券支持AI企业
东莞“人工智能+”三年行动方案出炉
广东12条硬核举措支持AI与机器人产业
黄埔区发布“机器人十条”
深圳市人大常委会审议通过人工智能产业促进条例修正案
广东省科学技术厅关于发布2026年度人工智能重大专项申报指南的通知
广州市人民政府办公厅关于印发广州市加快推动“人工智能+”行动方案的通知
深圳成立人工智能产业办公室
粤港澳大湾区全球人工智能产业合作中心在广州揭牌
深汕特别合作区智算中心正式投运
廣東發佈人工智能行動計劃
"""
COMPANY = """
Huawei unveils CloudMatrix 384 AI cluster to rival Nvidia
XPENG to mass produce humanoid robot IRON by 2026
WeRide launches robotaxi service in Abu Dhabi with Uber
UBTECH wins 250 million yuan order for humanoid robots
Midea's humanoid robot to start work in washing machine factory
RoboSense posts quarterly profit on robotics lidar sales
Shenzhen robotics startup X Square Robot raises $140m led by Alibaba
Tencent hires former OpenAI researcher as chief AI scientist
Shenzhen-based AI chipmaker files for Hong Kong IPO
OPPO says all its phones will have generative AI features
City grants first driverless permit to Pony.ai
深圳逐际动力获战略投资，加码具身智能
小鹏汽车：2026年量产L4级自动驾驶车型
云天励飞递表港交所，主打AI推理芯片
文远知行与优步扩大Robotaxi合作
优必选Walker S2开始量产交付
荣耀发布首款机器人手机
腾讯混元登顶全球文生图榜单
深圳一家机器人企业完成亿元融资
鹏城实验室开源脑海大模型
騰訊開源新模型，主打智能體
"""
NOTHING = """
Nvidia's Huang visits Shenzhen
Unitree robots perform at Guangzhou gala
Shenzhen man arrested over AI deepfake scam
Hong Kong launches AI subsidy scheme as Shenzhen races ahead
Best Honor phone deals with AI features
Zhejiang unveils AI plan, following Guangdong
San Francisco Bay Area AI startup raises $100m
In vivo study shows machine learning predicts tumours
Legion of Honor museum uses AI guide
Guangdong beats Liaoning 98-90 as AI referees debut
Canton Fair opens with robot pavilion
Ex-Huawei engineers launch AI chip startup in Shanghai
n8n adds WeChat and Feishu nodes for AI agents
深圳警方提醒：警惕AI换脸诈骗
广东高考：人工智能专业受热捧
百度萝卜快跑落地深圳
智元机器人携手比亚迪打造人形机器人产线
上海AI企业阶跃星辰完成融资，腾讯参投
DeepSeek创始人梁文锋的广东老家火了
王者荣耀AI赛事在成都开赛
国务院印发人工智能行动意见，广东等地跟进
深圳人工智能概念股集体涨停
招聘：深圳某AI公司招算法实习生
美的风景：机器人镜头下的黄山
青岛与华为云签约共建人工智能中心
湖南：深化人工智能产业赋能 广东：稳外贸
Dify 发布 v1.5，支持接入企业微信
深圳大学新增人工智能专业
"""


def headlines(block):
    return block.strip().splitlines()


@pytest.mark.parametrize("title", headlines(POLICY))
def test_policy_headlines_alert_as_policy(cantonese, title):
    assert kind(cantonese, title) == "policy"


@pytest.mark.parametrize("title", headlines(COMPANY))
def test_company_headlines_alert_as_company(cantonese, title):
    assert kind(cantonese, title) == "company"


@pytest.mark.parametrize("title", headlines(NOTHING))
def test_near_misses_stay_quiet(cantonese, title):
    assert kind(cantonese, title) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Guangdong on Monday rolled out new measures to boost AI. It rained.", "policy"),
        ("The Shenzhen Municipal Bureau of Commerce issued rules on robots. It rained.", "policy"),
        ("深圳市近日出台措施，支持人工智能产业。天晴。", "policy"),
        ("UBTECH won an order for humanoid robots on Monday. It rained.", "company"),
        ("腾讯今天开源一款大模型。天晴。", "company"),
        ("Shenzhen-based Xingyun Robotics raised funds for humanoid robots. It rained.", "company"),
    ],
)
def test_an_announcement_stands_without_its_headline(cantonese, text, wanted):
    """Clones and imports lose headlines."""
    assert kind(cantonese, None, text) == wanted


@pytest.mark.parametrize(
    ("title", "rule", "severity"),
    [
        ("广东印发人工智能行动方案", "policy-issued", "high"),
        ("深圳就人工智能条例草案公开征求意见", "policy-draft", "high"),
        ("深圳人工智能若干措施政策解读", "policy-follow-up", "normal"),
        ("国家人工智能应用中试基地落户东莞", "institution", "normal"),
        ("众擎机器人完成10亿元融资", "company-funding", "high"),
        ("优必选中标人形机器人订单", "company-business", "normal"),
        ("腾讯开源世界模型", "company-launch", "normal"),
        ("华为回应昇腾大模型争议", "company-statement", "low"),
    ],
)
def test_each_event_has_its_rule_and_severity(cantonese, title, rule, severity):
    (match,) = [match for match in cantonese.read(Article("u", title, "")).matches if match.status == "event"]
    assert (match.rule, match.severity) == (rule, severity)


DOUBTED = """
腾讯未发布新大模型，系谣言
传华为将推出新AI芯片
知情人士：华为或将发布AI眼镜
深圳暂不出台人工智能补贴政策
Tencent has not released a new AI model
UBTECH reportedly launches humanoid robot
Will Shenzhen issue AI rules?
"""
STATED_ALL_THE_SAME = """
腾讯面向传媒行业发布大模型，未来将推出智能体
传音将推出AI手机
腾讯发布大模型：没有显卡也能运行
腾讯上线AI辟谣助手
UBTECH launches humanoid robot, did not disclose price
深圳：未来三年出台人工智能若干措施
"""


@pytest.mark.parametrize("title", headlines(DOUBTED))
def test_what_is_denied_rumoured_or_asked_announces_nothing(cantonese, title):
    assert kind(cantonese, title) is None


@pytest.mark.parametrize("title", headlines(STATED_ALL_THE_SAME))
def test_words_that_look_like_doubt_announce(cantonese, title):
    assert kind(cantonese, title) is not None


@pytest.mark.parametrize(
    "title",
    [
        "腾讯否认将发布新大模型",
        "华为：没有推出AI眼镜的计划",
        "Huawei denies report it will launch new AI chip",
        "DJI says reports of AI drone launch are false",
    ],
)
def test_a_denial_is_a_statement_of_the_company(cantonese, title):
    (match,) = [match for match in cantonese.read(Article("u", title, "")).matches if match.status == "event"]
    assert match.rule == "company-statement"


@pytest.mark.parametrize(
    "title", ["【早报】腾讯新闻速递", "今日要闻：AI", "【早参】", "AI快讯汇总", "午报|11月20日"]
)
def test_a_digest_is_read_item_by_item(cantonese, title):
    text = "北京天气\n\n今天北京晴。\n\n腾讯发布混元大模型\n\n腾讯今天发布混元大模型。"
    (match,) = [each for each in cantonese.read(Article("u", title, text)).matches if each.status == "event"]
    assert (match.rule, match.reason) == ("company-launch", "announced in the headline")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("十年前，腾讯成立AI Lab", "2016年，腾讯成立AI Lab。"),
        ("腾讯成立AI Lab的故事", "2016年，腾讯成立AI Lab。"),
        ("一年前的今天，华为发布盘古大模型5.0", ""),
        ("深度｜腾讯AI简史", "早在2016年，腾讯就成立了AI Lab，发布大模型。"),
        (
            "工信部印发人工智能行动方案 深圳入选试点",
            "工业和信息化部近日印发《人工智能行动方案》，深圳入选试点。",
        ),
        ("工信部等八部门联合印发人工智能行动方案 深圳入选试点", ""),
    ],
)
def test_history_and_national_plans_announce_nothing_here(cantonese, title, text):
    read = cantonese.read(Article("u", title, text, published=Published("2026-11-20", "day")))
    assert not [match for match in read.matches if match.status == "event"]


def seed(number):
    found = sorted((SHARED / "seeds").glob(f"{number}*.txt"))
    if not found:
        pytest.skip("the seeds are not here")
    return found[0].read_text("utf-8")


def proofs(matcher, title, text, day=None):
    article = Article("u", title, text, "en", Published(day, "day") if day else Published())
    return {
        (match.kind, match.status, proof.sentence)
        for match in matcher.read(article).matches
        for proof in match.evidence
    }


def has(found, kind, status, beginning):
    return any(each[:2] == (kind, status) and each[2].startswith(beginning) for each in found)


def test_the_seed_of_one_firm_under_five_names(cantonese):
    title, _, text = seed("000").partition("\n")
    found = proofs(cantonese, title, text)
    assert has(
        found,
        "company",
        "event",
        "A search by Southern Reporter found that Zhouming Technology has now launched",
    )
    assert has(
        found, "policy", "mention", "According to the “Guangdong Province’s Measures on Empowering Thousands"
    )
    assert has(found, "policy", "mention", "The 2025 Guangdong Provincial Government Work Report pointed out")
    announced = " ".join(sentence for _, status, sentence in found if status == "event")
    for never in ("DeepSeek", "listed in 2011", "listed on the Nasdaq"):
        assert never not in announced


def test_the_seed_that_quotes_plans_of_its_day(cantonese):
    text = seed("001")
    found = proofs(cantonese, "AI plays crucial role in industrial upgrading", text, "2018-10-17")
    assert has(
        found, "policy", "mention", "According to the provincial Department of Science and Technology's AI"
    )
    assert has(
        found, "company", "mention", "Shen Jin, general manager of Qualcom's China investment department"
    )
    assert not any(status == "event" for _, status, _ in found)


def test_the_seed_that_names_no_paper(cantonese):
    title, _, text = seed("002").partition("\n")
    assert has(
        proofs(cantonese, title, text), "policy", "event", "Guangdong is set to develop both general-purpose"
    )


def test_the_seed_of_a_talk_show(cantonese):
    found = proofs(cantonese, None, seed("003"))
    assert has(found, "policy", "mention", "Shenzhen's action plan to accelerate the progress")
    assert has(found, "policy", "mention", "In November 2022, Shenzhen was the first Chinese city")
    assert not any(status == "event" for _, status, _ in found)


def test_the_seed_of_several_provinces(cantonese):
    title, _, text = seed("004").partition("\n")
    found = proofs(cantonese, title, text)
    assert has(
        found, "policy", "event", "South China’s Guangdong Province stands as the most recent testament"
    )
    assert not any(status == "event" and "Shanghai" in sentence for _, status, sentence in found)
