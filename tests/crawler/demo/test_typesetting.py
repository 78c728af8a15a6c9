from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import UndefinedError

from crawler.demo.manuscripts import Manuscript, Truth
from crawler.demo.typesetting import Typesetter

OPENED = datetime(2031, 1, 2, 1, 30, tzinfo=UTC)


def written(slug="a", **kwargs):
    given = {
        "id": f"daily/{slug}",
        "site": "daily",
        "stage": "start",
        "age": timedelta(hours=2),
        "lang": "zh",
        "title": "甲",
        "lists": {"headlines": f"/{slug}"},
        "truth": Truth(story=slug, alert="none", why="An example."),
    }
    return Manuscript(**given | kwargs)


def test_dates_are_relative_to_the_opening():
    manuscript = written(
        body="自{{ zh_date(30) }}起，到{{ year + 2 }}年。\n\n{{ en_date(-2) }}, a {{ weekday(-2) }}"
    )
    piece = Typesetter((manuscript,), OPENED).set(manuscript, OPENED)
    assert piece.paragraphs == ("自2031年2月1日起，到2033年。", "December 31, 2030, a Tuesday")
    assert piece.published.isoformat() == "2031-01-02T07:30:00+08:00"


def test_a_path_may_carry_the_date():
    manuscript = written(lists={"headlines": "/content/%Y-%m/%d/c.htm"}, age=timedelta(days=3), body="乙")
    piece = Typesetter((manuscript,), OPENED).set(manuscript, OPENED)
    assert piece.path == "/content/2030-12/30/c.htm"


def test_lines_of_a_paragraph_join_as_their_language_does():
    chinese = written("a", body="春眠\n不觉晓")
    english = written("b", lang="en", body="early\nspring")
    typesetter = Typesetter((chinese, english), OPENED)
    assert typesetter.set(chinese, OPENED).paragraphs == ("春眠不觉晓",)
    assert typesetter.set(english, OPENED).paragraphs == ("early spring",)


def test_a_reprint_takes_title_and_text_and_a_digest_takes_paragraphs():
    original = written("a", title="原题", body="一\n\n二")
    reprint = written("b", title=None, text_of="daily/a")
    digest = written("c", body='三\n\n{{ paragraph("daily/a", 1) }}')
    typesetter = Typesetter((original, reprint, digest), OPENED)
    assert typesetter.set(reprint, OPENED).title == "原题"
    assert typesetter.set(reprint, OPENED).paragraphs == ("一", "二")
    assert typesetter.set(digest, OPENED).paragraphs == ("三", "二")


def test_a_misspelt_expression_fails_instead_of_printing_nothing():
    manuscript = written(body="{{ yaer }}")
    with pytest.raises(UndefinedError):
        Typesetter((manuscript,), OPENED).set(manuscript, OPENED)


@pytest.mark.parametrize(
    "opened",
    [
        datetime(2027, 12, 31, 15, 59, tzinfo=UTC),
        datetime(2027, 12, 31, 16, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 4, 0, tzinfo=UTC),
    ],
)
def test_every_article_can_be_set_on_any_day(manuscripts, opened):
    typesetter = Typesetter(tuple(manuscripts.values()), opened)
    for manuscript in manuscripts.values():
        piece = typesetter.set(manuscript, opened)
        assert piece.title
        assert all(piece.paragraphs)
        assert not any("{{" in text for text in (piece.title, piece.number, piece.summary, *piece.paragraphs))
        assert piece.published <= opened
