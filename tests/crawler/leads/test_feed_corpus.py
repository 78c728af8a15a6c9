"""Real feeds and pages of the world: the test data of another reader, kept beside the repository and never copied into it."""

import os
import tarfile
from pathlib import Path

import pytest

from state.errors import UnreadableListing

SHARED = Path(os.environ.get("YUEWATCH_SHARED") or Path(__file__).parents[3] / "../shared")
ARCHIVE = SHARED / "eval/feeds-dev-miniflux.tar.xz"

pytestmark = pytest.mark.skipif(not ARCHIVE.is_file(), reason="../shared is absent")

# Items with an address, counted by hand, and the newest title.
FEEDS = {
    "parser/testdata/encoding_ISO-8859-1.xml": (
        40,
        "Red Dead Redemption 2: Hinweise auf PC-Umsetzung in App von Rockstar Games",
    ),
    "parser/testdata/encoding_WINDOWS-1251.xml": (50, "Цитата #17703"),
    "parser/testdata/large_atom.xml": (25, "Using vale with vim"),
    "parser/testdata/large_rss.xml": (25, "Using vale with vim"),
    "parser/testdata/no_encoding_ISO-8859-1.xml": (
        9,
        "Perturbateurs endocriniens : quels effets sur le cerveau ?",
    ),
    "parser/testdata/rdf_UTF8.xml": (60, "OLED-TVs: Vorsichtsmaßnahmen gegen Einbrennen"),
    "parser/testdata/small_atom.xml": (20, "Parse podcast categories"),
    "parser/testdata/urdu_UTF8.xml": (
        26,
        "امریکہ کے ساتھ خفیہ معلومات کا تبادلہ اور فوجی تعاون معطل کر دیا: وزیر دفاع",
    ),
    "encoding/testdata/koi8r.xml": (2, "Вторая новость"),
    "xml/testdata/koi8r.xml": (2, "Вторая новость"),
}
# Valid feeds that hold nothing to fetch: no items, or items without an address.
BARREN = (
    "encoding/testdata/invalid-prolog.xml",
    "encoding/testdata/iso-8859-1.xml",
    "encoding/testdata/utf8-incorrect-prolog.xml",
    "encoding/testdata/utf8.xml",
    "encoding/testdata/windows-1252-incorrect-prolog.xml",
    "encoding/testdata/windows-1252.xml",
)
NO_FEEDS = (
    "encoding/testdata/iso-8859-1-meta-after-1024.html",
    "encoding/testdata/iso-8859-1.html",
    "encoding/testdata/utf8-meta-after-1024.html",
    "encoding/testdata/utf8.html",
    "sanitizer/testdata/miniflux_github.html",
    "sanitizer/testdata/miniflux_wikipedia.html",
    "scraper/testdata/iframe.html",
    "scraper/testdata/img.html",
    "scraper/testdata/p.html",
    "xml/testdata/iso88591.xml",
    "xml/testdata/iso88591_utf8_mismatch.xml",
)


@pytest.fixture(scope="module")
def corpus():
    with tarfile.open(ARCHIVE) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {
            member.name.partition("internal/reader/")[2]: archive.extractfile(member).read()
            for member in members
        }


@pytest.mark.parametrize("name", FEEDS)
def test_real_feeds_are_read_whole(read, corpus, name):
    count, title = FEEDS[name]
    leads = read("feed", corpus[name])
    assert (len(leads.items), leads.items[0].title) == (count, title)


@pytest.mark.parametrize("name", BARREN)
def test_feeds_without_anything_to_fetch_are_no_error(read, corpus, name):
    assert read("feed", corpus[name]).items == ()


@pytest.mark.parametrize("name", NO_FEEDS)
def test_what_is_no_feed_is_refused(read, corpus, name):
    with pytest.raises(UnreadableListing):
        read("feed", corpus[name])


def test_every_file_of_the_corpus_is_judged(corpus):
    judged = {*FEEDS, *BARREN, *NO_FEEDS}
    assert {name for name in corpus if name.endswith((".xml", ".html"))} == judged
