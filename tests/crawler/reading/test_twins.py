from lxml import html

from crawler.reading.blocks import cut_blocks
from crawler.reading.page import read_page
from crawler.reading.twins import count_twins, folded_outside
from state.records import Folded, Page

PARAGRAPHS = [
    "The harbour authority counted 214 robots on its quays this morning, nine more than a week ago, and expects thirty.",
    "Each of them carries containers of up to eleven tonnes and finds its way between the cranes without a driver on board.",
    "A dock worker who has watched them since May says that they never hurry, never rest and never once said good morning.",
]


def body(paragraphs):
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def blocks_of(markup):
    return cut_blocks(html.fromstring(f"<html><body>{markup}</body></html>").find("body"))


def test_a_second_run_in_a_container_of_its_own_is_reported_as_folded():
    page = (
        "<html><head><title>Robots on the quay</title></head><body><h1>Robots on the quay</h1>"
        f"<div id=desktop>{body(PARAGRAPHS)}</div><p>This text is for information only.</p><div id=mobile>{body(PARAGRAPHS)}</div>"
        "</body></html>"
    )
    article = read_page(Page("https://quay.example/1", "https://quay.example/1", page.encode(), None)).article
    assert article.text.count(PARAGRAPHS[0]) == 1
    assert article.folded == Folded(1, sum(map(len, PARAGRAPHS)))


def test_one_paragraph_that_is_quoted_elsewhere_is_no_copy():
    twins = count_twins(blocks_of(body(PARAGRAPHS) + body(PARAGRAPHS[:1])))
    assert folded_outside(PARAGRAPHS, twins) == Folded()


def test_three_runs_are_two_copies():
    twins = count_twins(blocks_of(f"<div>{body(PARAGRAPHS)}</div>" * 3))
    assert folded_outside(PARAGRAPHS, twins) == Folded(2, 2 * sum(map(len, PARAGRAPHS)))


def test_what_still_stands_twice_in_the_text_was_not_left_out():
    twins = count_twins(blocks_of(body(PARAGRAPHS) * 2))
    assert folded_outside(PARAGRAPHS * 2, twins) == Folded()
