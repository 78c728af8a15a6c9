from __future__ import annotations

import pytest

from crawler.reading.attribution import attribute
from crawler.reading.credits import Credits


@pytest.mark.parametrize(
    "name",
    [
        "小编",
        "编辑部",
        "INDICS Operator",
        "Editor",
        "admin",
        "News Desk",
        "佚名",
        "本站",
        "105092",
        "editor@e.com",
    ],
)
def test_nobody_is_not_an_author(name):
    assert attribute(Credits(authors=(name,)), publisher=None).author is None


def test_authors_lose_roles_and_initials():
    told = Credits(authors=("记者 李明 王芳", "By Anna Lee (ale) and Ben Ho Follow"))

    assert attribute(told, publisher=None).author == "李明, 王芳, Anna Lee, Ben Ho"


def test_a_publisher_is_neither_its_own_source_nor_its_author():
    told = Credits(sources=("浪潮新闻", "新华社"), authors=("浪潮新闻",))
    decided = attribute(told, publisher="浪潮新闻")

    assert (decided.original_source, decided.chain, decided.author) == ("新华社", ("新华社",), None)


def test_what_the_page_declares_to_machines_fills_in():
    decided = attribute(Credits(), publisher="The Times", authors=("Anna Lee",), declared_source="Xinhua")

    assert (decided.publisher, decided.original_source, decided.author) == ("The Times", "Xinhua", "Anna Lee")


def test_the_printed_source_wins_over_the_declared_one():
    assert (
        attribute(Credits(sources=("新华社",)), publisher=None, declared_source="南方网").original_source
        == "新华社"
    )


def test_this_site_is_no_source():
    assert attribute(Credits(sources=("本网",)), publisher="云帆网").original_source is None
