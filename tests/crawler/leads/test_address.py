import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.leads.address import MAX_LENGTH, absolute, canonical_key

ONE_DOCUMENT = {
    "scheme, port, host case, fragment": (
        "https://www.example.com/news/1.html",
        "http://www.example.com/news/1.html",
        "HTTP://WWW.Example.COM:80/news/1.html#comments",
        "https://www.example.com:443/news/1.html",
        "https://www.example.com./news/1.html",
    ),
    "dots and doubled slashes": (
        "https://www.example.com/a/b",
        "https://www.example.com/a/../a/./b",
        "https://www.example.com//a///b/",
    ),
    "index pages": (
        "https://www.example.com/topic",
        "https://www.example.com/topic/",
        "https://www.example.com/topic/index.html",
        "https://www.example.com/topic/index.shtml",
    ),
    "tracking, order and escapes of the query": (
        "https://www.example.com/a?id=3&lang=zh",
        "https://www.example.com/a?lang=zh&utm_source=rss&utm_medium=feed&id=3",
        "https://www.example.com/a?id=3&fbclid=x&lang=zh&spm=1.2.3",
        "https://www.example.com/a?id=%33&lang=zh&from=timeline",
    ),
    "Chinese paths and host names": (
        "https://例子.测试/新闻?标题=智能",
        "http://xn--fsqu00a.xn--0zwm56d/%e6%96%b0%e9%97%bb?%E6%A0%87%E9%A2%98=%E6%99%BA%E8%83%BD",
    ),
    "AMP": (
        "https://www.example.com/2026/story",
        "https://www.example.com/2026/story/amp/",
        "https://www.example.com/2026/story?amp=1",
        "https://www.google.com/amp/s/www.example.com/2026/story",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/2026/story/amp",
    ),
    "sessions": (
        "https://www.example.com/show.jsp?id=7",
        "https://www.example.com/show.jsp;jsessionid=A1B2C3?id=7",
        "https://www.example.com/show.jsp?id=7&PHPSESSID=abc",
    ),
    "mobile hosts that are known": (
        "https://www.163.com/dy/article/KK2AFVBI0552YKV6.html",
        "https://m.163.com/dy/article/KK2AFVBI0552YKV6.html",
    ),
    "nfcms: one post id a host": (
        "https://gdii.gd.gov.cn/zwgk/tzgg1011/content/post_4908393.html",
        "http://gdii.gd.gov.cn/gkmlpt/content/4/4908/mpost_4908393.html?jump=true",
        "https://gdii.gd.gov.cn/zzzq/content/post_4908393.html#3115",
    ),
    "zcjdpt: every city shows the same ids": (
        "https://zcjd.cloud.gd.gov.cn/api/home/article?id=4798",
        "http://www.dg.gov.cn/zcjdpt?id=4798",
        "http://smzj.maoming.gov.cn/zcjdpt?id=4798",
    ),
    "sznews: one id over the group": (
        "https://www.sznews.com/news/content/2026-11/20/content_31800011.htm",
        "https://www.sznews.com/news/content/mb/2026-11/20/content_31800011.htm",
        "https://www.eyeshenzhen.com/content/2026-11/20/content_31800011.htm",
        "http://www.szdaily.com/content/2026-11/20/content_31800011.htm",
    ),
    "southcn: the second hash is the article": (
        "https://news.southcn.com/node_54a44f01a2/9a8b7c6d5e.shtml",
        "https://economy.southcn.com/node_b36d35b4e2/9a8b7c6d5e.shtml",
    ),
    "nfplus: four shapes": (
        "https://pc.nfapp.southcn.com/38/10012345.html",
        "https://static.nfnews.com/content/202611/20/c10012345.html",
        "https://static.nfapp.southcn.com/content/202611/20/c10012345.html",
    ),
    "China Daily: the WS id": (
        "https://www.chinadaily.com.cn/a/202311/13/WS6551e2e5a31090682a5eded9.html",
        "https://global.chinadaily.com.cn/a/202311/13/WS6551e2e5a31090682a5eded9.html",
    ),
    "People's Daily in traditional characters": (
        "http://gd.people.com.cn/n2/2026/1120/c123932-40000001.html",
        "http://gd.people.com.cn/BIG5/n2/2026/1120/c123932-40000001.html",
    ),
    "SCMP: the slug follows the headline": (
        "https://www.scmp.com/tech/big-tech/article/3300001/new-headline?utm_source=rss_feed",
        "https://www.scmp.com/tech/article/3300001/old-headline",
    ),
    "Gate: languages, slugs and mirrors": (
        "https://www.gate.com/news/detail/9138790",
        "https://www.gate.com/zh-tw/news/detail/steady-progress-9138790",
        "https://app.wrgsb.com/tr/news/detail/9138790",
    ),
    "INDICS: only the id counts": (
        "https://intl.indics.com/newsRelease/getNewsDetails.ht?id=1000000001401730",
        "http://intl.indics.com/newsRelease/getNewsDetails.ht?type=2&id=1000000001401730",
    ),
}

DIFFERENT_DOCUMENTS = {
    "ids under names that look like tracking": (
        "https://www.example.com/show?cid=1",
        "https://www.example.com/show?cid=2",
        "https://www.example.com/show?uid=1",
        "https://www.example.com/show?source=17",
        "https://www.example.com/show?ref=17",
        "https://www.example.com/show?gallery=1",
    ),
    "a bare number as the query": (
        "https://www.example.com/?12345",
        "https://www.example.com/?12346",
        "https://www.example.com/",
    ),
    "index pages with a query": (
        "https://www.example.com/index.php?id=1",
        "https://www.example.com/index.php?id=2",
    ),
    "routes behind the hash": (
        "https://www.example.com/app#/detail/1",
        "https://www.example.com/app#/detail/2",
        "https://www.example.com/app#!detail",
    ),
    "case of the path": ("https://www.example.com/A1", "https://www.example.com/a1"),
    "other ports": ("https://www.example.com:8443/a", "https://www.example.com/a"),
    "mobile hosts that are not known": ("https://m.example.com/a", "https://www.example.com/a"),
    "one post id on two hosts, and on a clone": (
        "https://gdii.gd.gov.cn/zwgk/content/post_4908393.html",
        "https://gdstc.gd.gov.cn/zwgk/content/post_4908393.html",
        "https://clone.example.com/zwgk/content/post_4908393.html",
    ),
    "a family's path on a foreign host or port": (
        "https://example.com/news/detail/9138790",
        "https://www.gate.com/news/detail/9138790",
        "https://www.gate.com:8443/news/detail/9138790",
    ),
    "interpretations without their id": (
        "http://www.dg.gov.cn/zcjdpt?id=1",
        "http://www.dg.gov.cn/zcjdpt?page=1",
    ),
    "pages of one China Daily story": (
        "https://www.chinadaily.com.cn/a/202311/13/WS6551e2e5a31090682a5eded9.html",
        "https://www.chinadaily.com.cn/a/202311/13/WS6551e2e5a31090682a5eded9_2.html",
    ),
}


@pytest.mark.parametrize("urls", ONE_DOCUMENT.values(), ids=ONE_DOCUMENT.keys())
def test_addresses_of_one_document_get_one_key(urls):
    assert len({canonical_key(url) for url in urls}) == 1


@pytest.mark.parametrize("urls", DIFFERENT_DOCUMENTS.values(), ids=DIFFERENT_DOCUMENTS.keys())
def test_addresses_of_different_documents_never_share_a_key(urls):
    assert len({canonical_key(url) for url in urls}) == len(urls)


def test_a_key_reads_like_an_address():
    assert (
        canonical_key("http://gdii.gd.gov.cn/a/content/post_1.html")
        == "https://gdii.gd.gov.cn/content/post_1.html"
    )
    assert canonical_key("http://[::1]:80/a") == "https://[::1]/a"
    assert canonical_key("https://user:secret@example.com/a") == "https://example.com/a"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news",
        "/news/1.html",
        "//example.com/a",
        "ftp://example.com/a",
        "javascript:alert(1)",
        "mailto:news@example.com",
        "http://",
        "http:///a",
        "http://exa mple.com/",
        "http://example.com:99999/",
        "http://[::1/a",
        "https://example.com/" + "a" * MAX_LENGTH,
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ValueError):
        canonical_key(url)


HOSTS = st.sampled_from(
    [
        "www.gd.gov.cn", "example.com:8080", "例子.中国", "m.163.com", "app.wrgsb.com", "www.google.com", "[::1]",
        "a-b.cdn.ampproject.org", "gd.people.com.cn", "WWW.SCMP.COM", "news.southcn.com", "intl.indics.com",
    ]
)  # fmt: skip
SEGMENTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "content", "post_12.html", "mpost_3.html", "amp", "index.html", "..", ".", "%2f", "%E4%BD", "",
            "a;jsessionid=1", "news", "detail", "123", "amp/s/x.com", "c/s", "BIG5", "n1", "node_0123456789",
            "0123456789.shtml", "zcjdpt", "article",
        ]
    ),
)  # fmt: skip
QUERIES = st.one_of(
    st.text(max_size=10),
    st.sampled_from(
        ["utm_source=1", "id=3", "jump=true", "from=rss", "a=%E4&b", "p=1&&", "=", "&amp;x", "amp"]
    ),
)
ADDRESSES = st.builds(
    lambda scheme, host, path, query, fragment: (
        f"{scheme}://{host}/{'/'.join(path)}?{'&'.join(query)}#{fragment}"
    ),
    st.sampled_from(["http", "https", "HTTP"]),
    HOSTS,
    st.lists(SEGMENTS, max_size=5),
    st.lists(QUERIES, max_size=3),
    st.one_of(st.text(max_size=6), st.sampled_from(["!/a", "/detail/1"])),
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(ADDRESSES, st.text(max_size=40)))
def test_the_key_of_a_key_is_the_key(url):
    try:
        key = canonical_key(url)
    except ValueError:
        return
    assert canonical_key(key) == key
    assert key.startswith("https://")
    assert key.isascii()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_every_link_that_is_made_absolute_has_a_key(href):
    url = absolute("https://www.example.com/list/index.html", href)
    if url is not None:
        canonical_key(url)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("1.html", "https://www.example.com/list/1.html"),
        (" ../a b.html\n", "https://www.example.com/a%20b.html"),
        ("/新闻", "https://www.example.com/%E6%96%B0%E9%97%BB"),
        ("//other.example.org/x", "https://other.example.org/x"),
        ("?page=2", "https://www.example.com/list/index.html?page=2"),
        ("http://other.example.org/x#top", "http://other.example.org/x#top"),
    ],
)
def test_links_become_absolute_as_a_browser_would_make_them(href, url):
    assert absolute("https://www.example.com/list/index.html", href) == url


@pytest.mark.parametrize(
    "href",
    [
        "",
        "   ",
        "#top",
        "javascript:void(0)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "mailto:a@b.c",
        "file:///etc/passwd",
        "ftp://example.com/",
        "http://user:secret@example.com/",
        "https://[::1",
        "a" * (MAX_LENGTH + 1),
    ],
)
def test_links_not_worth_fetching_are_none(href):
    assert absolute("https://www.example.com/list/index.html", href) is None
