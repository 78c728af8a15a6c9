from __future__ import annotations

import pytest

from crawler.reading.fields import take_fields

PROSE = "广东省将在制造、教育、养老等领域建设一批人工智能应用场景，并支持企业开放数据、算力和测试环境，推动新产品尽快落地。"
TITLE = "珠湾市工业和信息化局关于印发场景清单的通知"
ROWS = [
    ("索引号", "440999-10-2026-001"),
    ("发布机构", "珠湾市工业和信息化局"),
    ("成文日期", "2026-11-18"),
    ("发布日期", "2026-11-20"),
    ("名称", TITLE),
    ("文号", "珠工信〔2026〕12号"),
]
TABLES = {
    "two columns": "<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in ROWS) + "</table>",
    "one row": "<table><tr>" + "".join(f"<td>{a}：</td><td>{b}</td>" for a, b in ROWS) + "</tr></table>",
    "list of terms": "<dl>" + "".join(f"<dt>{a}：</dt><dd>{b}</dd>" for a, b in ROWS) + "</dl>",
    "paragraphs": "".join(f"<p>{a}：</p><p>{b}</p>" for a, b in ROWS),
    "list": "<ul>" + "".join(f"<li><span>{a}：</span><span>{b}</span></li>" for a, b in ROWS) + "</ul>",
}
PLACES = {
    "in the text": "<h1>{title}</h1><div>{table}{prose}</div>",
    "above the headline": "{table}<h1>{title}</h1><div>{prose}</div>",
    "between": "<h1>{title}</h1>{table}<div>{prose}</div>",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("table", TABLES)
def test_the_table_of_an_official_page_is_read_and_no_text(read, place, table):
    body = PLACES[place].format(
        title=TITLE, table=TABLES[table], prose=f"<p>{PROSE}</p>" * 1 + f"<p>{PROSE[::-1]}</p>"
    )
    html = f"<html lang='zh'><head><title>{TITLE}</title></head><body>{body}</body></html>"

    article = read(html, zone="Asia/Shanghai").article

    assert article.published.value == "2026-11-20"
    assert article.publisher == "珠湾市工业和信息化局"
    assert article.text.splitlines()[0] == PROSE


def test_labels_that_every_page_of_the_host_has_still_name_their_values(read):
    from crawler.reading.furniture import line_key

    labels = frozenset(key for label, _ in ROWS if (key := line_key(label)))
    body = PLACES["in the text"].format(title=TITLE, table=TABLES["one row"], prose=f"<p>{PROSE}</p>")
    html = f"<html lang='zh'><head><title>{TITLE}</title></head><body>{body}</body></html>"

    article = read(html, furniture=labels).article

    assert article.published.value == "2026-11-20"
    assert article.text == PROSE


def test_a_label_nobody_listed_is_believed_among_known_ones():
    lines = ["发布机构：", "珠湾市工业和信息化局", "责任部门：", "产业处", "发布日期：", "2026-11-20", PROSE]

    assert take_fields(lines) == (
        ["发布机构: 珠湾市工业和信息化局", "责任部门: 产业处", "发布日期: 2026-11-20"],
        [PROSE],
    )


def test_one_label_is_believed_when_its_value_proves_it():
    assert take_fields(["发布日期", "2026-11-20"]) == (["发布日期: 2026-11-20"], [])
    assert take_fields(["来源：", "南岭日报"]) == (["来源: 南岭日报"], [])


@pytest.mark.parametrize(
    "lines",
    [
        ["主持人：", "您好", "嘉宾：", "大家好"],
        ["记者：", "您好", "嘉宾：", "大家好"],
        ["分享到", "昨天的新闻"],
        ["分类", "第一类是机器人"],
        ["时间", "一、总体要求"],
        ["来源", "水源地的保护"],
        ["发布日期：2026-11-20", "一、总体要求"],
    ],
)
def test_what_only_looks_like_a_label_stays(lines):
    assert take_fields(lines) == ([], lines)
