"""Pages made to cost: each must end, with an article or one clear line, without recursion or memory running away.

No time is asserted here; the worker pool cuts what is slow, and the benchmark measures it.
"""

from __future__ import annotations

import pytest

from crawler.reading.page import MAX_TEXT
from state.errors import UnreadablePage

PROSE = (
    "<p>Guangdong on Thursday issued a plan to support makers of robots across the province, officials said.</p>"
    * 4
)
PAGES = {
    "nested divs": "<div>" * 20_000 + PROSE,
    "nested spans": "<p>" + "<span>" * 20_000 + "x",
    "nested lists": "<ul><li>" * 5_000 + "x",
    "nested tables": "<table><tr><td>" * 3_000 + PROSE,
    "inline runs": "<p>" + "<b>a</b><i>b</i>" * 60_000 + "</p>" + PROSE,
    "giant table": "<table>" + ("<tr>" + "<td>7</td>" * 20 + "</tr>") * 3_000 + "</table>" + PROSE,
    "colspan bomb": "<table><tr>"
    + "<td colspan=1000000 rowspan=1000000>x</td>" * 200
    + "</tr></table>"
    + PROSE,
    "nested JSON-LD": '<script type="application/ld+json">' + '{"a":[' * 50_000 + "</script>" + PROSE,
    "endless JSON-LD": '<script type="application/ld+json">['
    + '{"@type":"Article"},' * 50_000
    + "{}]</script>"
    + PROSE,
    "a hundred thousand attributes": "<div " + " ".join(f"a{n}=b" for n in range(100_000)) + ">" + PROSE,
    "a class of two megabytes": f"<div class='{'related-' * 250_000}'>" + PROSE,
    "thirty thousand links": "".join(
        f"<li><a href=/{n}>Story number {n} about the province</a>" for n in range(30_000)
    ),
    "line breaks": "a<br>" * 100_000 + PROSE,
    "headings": "<h1>Some title number</h1>" * 5_000 + PROSE,
    "meta tags": "".join(f"<meta name=a{n} content=b>" for n in range(30_000)) + PROSE,
    "digits": f"<p>{'2026' * 100_000}</p>" + PROSE,
    "brackets": f"<div>{'(' * 5_000}{'来源：' * 60}{'> ' * 200}</div>" + PROSE,
    "one endless line": f"<p>{'人工智能 AI news ' * 100_000}</p>",
    "entities": "<p>" + "&amp;&lt;&#x4e2d;" * 40_000 + "</p>",
    "nulls": "\0" * 1_000_000 + PROSE,
    "unclosed": "<div><p><a href=x>" * 20_000 + PROSE,
    "title": f"<title>{'A | ' * 50_000}</title><h1>{'A | ' * 5_000}</h1>" + PROSE,
}


@pytest.mark.parametrize("inside", PAGES.values(), ids=PAGES)
def test_a_hostile_page_ends(read, inside):
    try:
        article = read(f"<html><body>{inside}</body></html>").article
    except UnreadablePage as error:
        assert "\n" not in str(error)  # noqa: PT017 - an article is as good an end
    else:
        assert len(article.text) <= MAX_TEXT
        assert len(article.title or "") <= 300
