"""Sites of many makes on loopback: what a probe meets out there, in small and written by us.

Each make is a function that opens its site and gives the address to probe. Every site has `COUNT` articles; the sites
of `CLOSED` offer nothing that may or can be watched, and a probe must say so instead of writing an entry.
"""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

from loopback import Loopback, http
from press import page, story

COUNT = 12
NOW = datetime.now(UTC).replace(microsecond=0)
_ORGANS = ["市工信局", "省科技厅", "高新区", "市港务局", "省教育厅", "市交通局"]
_DEEDS = ["印发", "发布", "启动", "公布", "征求意见", "部署"]
_THINGS = [
    "智能工厂培育办法",
    "港口岸电补贴细则",
    "职业培训计划",
    "夜间公交线路方案",
    "科普场馆名录",
    "绿色货运试点",
]


def when(number: int) -> datetime:
    """Give the time of article `number`; 0 is the newest."""
    return NOW - timedelta(hours=2 + 19 * number)


def english(number: int) -> str:
    return story(number, event=number % 2 == 0)


def chinese(number: int) -> str:
    return f"{_ORGANS[number % 6]}{_DEEDS[number // 2 % 6]}{_THINGS[(number * 5 + 1) % 6]}第{number + 1}号"


def slug(number: int) -> str:
    return "-".join(english(number).lower().replace(".", "").split())


def _chinese_page(number: int, charset: str = "utf-8") -> bytes:
    title, day = chinese(number), when(number)
    text = "".join(
        f"<p>{title}。第{part}条规定，{_THINGS[(number + part) % 6]}由{_ORGANS[(number * part) % 6]}负责，"
        f"编号{number}{part}的单位应当在{part + 3}个工作日内报送材料，逾期{number + part}日未报的不予受理。</p>"
        for part in range(1, 6)
    )
    body = (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="{charset}"><title>{title}</title></head><body>'
        f'<div class="main"><h1>{title}</h1><div class="info">发布时间：{day:%Y-%m-%d %H:%M} 来源：本站</div>'
        f'<div class="content">{text}</div></div></body></html>'
    )
    return http(body.encode(charset), content_type=f"text/html; charset={charset}")


def _english_page(number: int) -> bytes:
    return page(english(number), published=when(number).isoformat())


def _html(body: str, head: str = "", lang: str = "en", charset: str = "utf-8") -> bytes:
    whole = f'<!doctype html><html lang="{lang}"><head><meta charset="{charset}"><title>Site</title>{head}</head><body>{body}</body></html>'
    return http(whole.encode(charset), content_type="text/html")


_NAV = '<nav class="top-nav"><a href="/">Home</a><a href="/about/">About us</a><a href="/contact/">Contact the editors</a><a href="/privacy-policy-and-terms/">Privacy policy and terms of use</a></nav>'
_FOOT = '<footer><a href="/imprint/">Imprint</a><a href="/jobs/">Jobs at the harbour office</a></footer>'


def _numbers() -> range:
    return range(COUNT)


def _rss(site: str, paths: dict[int, str], say=english) -> bytes:
    items = "".join(
        f"<item><title>{say(number)}</title><link>{site}{path}</link><pubDate>{when(number):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for number, path in paths.items()
    )
    return http(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>',
        content_type="application/rss+xml",
    )


def _pages(paths: dict[int, str], make=_english_page) -> dict[str, bytes]:
    return {path: make(number) for number, path in paths.items()}


def _list(
    paths: dict[int, str], say=english, entry='<li><a href="{path}">{title}</a> <span>{day}</span></li>'
) -> str:
    return "".join(
        entry.format(path=path, title=say(number), day=f"{when(number):%Y-%m-%d}", number=number)
        for number, path in paths.items()
    )


def wordpress(loopback: Loopback) -> str:
    paths = {number: f"/{when(number):%Y/%m/%d}/{slug(number)}/" for number in _numbers()}
    head = (
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">'
        '<link rel="alternate" type="application/rss+xml" title="News" href="/feed/">'
    )
    pages = _pages(paths)
    site = loopback.site(pages)
    pages["/"] = _html(f"{_NAV}<main>{_list(paths)}</main>{_FOOT}", head)
    pages["/feed/"] = _rss(site, paths)
    pages["/comments/feed/"] = _rss(site, {0: paths[0] + "#comment-1"})
    return site


def hugo(loopback: Loopback) -> str:
    paths = {number: f"/posts/{slug(number)}/" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    pages["/"] = _html(
        _NAV + _list(paths, entry='<article><h2><a href="{path}">{title}</a></h2></article>'),
        '<link rel="alternate" type="application/rss+xml" href="/index.xml" title="News">',
    )
    pages["/index.xml"] = _rss(site, paths)
    return site


def drupal(loopback: Loopback) -> str:
    paths = {number: f"/node/{4000 - number}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    entry = '<div class="views-row"><div class="views-field-title"><a href="{path}">{title}</a></div><div class="views-field-created">{day}</div></div>'
    pages["/"] = _html(f'{_NAV}<div class="view-content">{_list(paths, entry=entry)}</div>{_FOOT}')
    return site


def gkmlpt(loopback: Loopback) -> str:
    paths = {
        number: f"/gkmlpt/content/4/{4800 + number}/post_{4800100 + number}.html" for number in _numbers()
    }
    pages = _pages(paths, _chinese_page)
    site = loopback.site(pages)
    articles = [
        {
            "id": 4800100 + number,
            "title": chinese(number),
            "url": site + path,
            "created_at": int(when(number).timestamp()),
            "display_publish_time": int(when(number).timestamp()),
            "abstract": "",
        }
        for number, path in paths.items()
    ]
    pages["/"] = _html('<div id="app"></div><a href="/gkmlpt/index">政府信息公开</a>', lang="zh-CN")
    pages["/gkmlpt/api/all/0"] = http(
        json.dumps({"articles": articles, "total": 9000}), content_type="application/json"
    )
    return site


def post_portal(loopback: Loopback) -> str:
    paths = {number: f"/zwgk/tzgg/content/post_{2900200 - number}.html" for number in _numbers()}
    pages = _pages(paths, _chinese_page)
    site = loopback.site(pages)
    entry = '<li><a href="{path}" title="{title}">{title}</a><span class="date">{day}</span></li>'
    menu = '<div class="menu"><a href="/zwgk/">政务公开</a><a href="/hdjl/">互动交流</a><a href="/ysgk/">依申请公开指南</a></div>'
    pages["/zwgk/tzgg/"] = _html(
        f'{menu}<ul class="news-list">{_list(paths, chinese, entry)}</ul>', lang="zh-CN"
    )
    return f"{site}/zwgk/tzgg/"


def sznews(loopback: Loopback) -> str:
    paths = {
        number: f"/content/{when(number):%Y-%m/%d}/content_{30184 + number}.htm" for number in _numbers()
    }
    pages = _pages(paths, _chinese_page)
    site = loopback.site(pages)
    pages["/"] = _html(
        f'<div class="tit">{_list(paths, chinese, "<h3><a href={path}>{title}</a></h3>")}</div>', lang="zh-CN"
    )
    return site


def rss_in_the_footer(loopback: Loopback) -> str:
    paths = {number: f"/{number + 70}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    pages["/"] = _html(
        f'{_NAV}<p>Welcome to the harbour.</p><footer><a href="/syndication?type=2">RSS</a></footer>'
    )
    pages["/syndication?type=2"] = _rss(site, paths)
    return site


def atom(loopback: Loopback) -> str:
    paths = {number: f"/a/{slug(number)}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    entries = "".join(
        f'<entry><title>{english(number)}</title><id>tag:{number}</id><updated>{when(number).isoformat()}</updated><link href="{site}{path}"/></entry>'
        for number, path in paths.items()
    )
    pages["/"] = _html(
        "<p>Nothing to see.</p>", '<link rel="alternate" type="application/atom+xml" href="atom">'
    )
    pages["/atom"] = http(
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>{entries}</feed>',
        content_type="application/atom+xml",
    )
    return site


def json_feed(loopback: Loopback) -> str:
    paths = {number: f"/read/{slug(number)}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    items = [
        {
            "id": str(number),
            "url": site + path,
            "title": english(number),
            "date_published": when(number).isoformat(),
        }
        for number, path in paths.items()
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": items}
    pages["/"] = _html("<p>Made by a script.</p>")
    pages["/feed.json"] = http(json.dumps(feed), content_type="application/feed+json")
    return site


def sitemap_index_only(loopback: Loopback) -> str:
    paths = {number: f"/stories/{slug(number)}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)

    def urlset(*locations: str) -> bytes:
        urls = "".join(
            f"<url><loc>{site}{one}</loc><lastmod>{NOW:%Y-%m-%d}</lastmod></url>" for one in locations
        )
        return http(
            f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>',
            content_type="application/xml",
        )

    pages |= {
        "/": _html("<div id=root></div>"),
        "/sitemap.xml": http(
            f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{site}/page-sitemap.xml</loc></sitemap><sitemap><loc>{site}/post-sitemap.xml</loc></sitemap></sitemapindex>',
            content_type="application/xml",
        ),
        "/page-sitemap.xml": urlset("/", "/about/", "/contact/", "/jobs/"),
        "/post-sitemap.xml": urlset("/stories/", *paths.values()),
    }
    return site


def gzip_news_sitemap(loopback: Loopback) -> str:
    paths = {number: f"/n/{number + 500}.html" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    urls = "".join(
        f"<url><loc>{site}{path}</loc><news:news><news:publication_date>{when(number).isoformat()}</news:publication_date><news:title>{english(number)}</news:title></news:news></url>"
        for number, path in paths.items()
    )
    whole = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    pages |= {
        "/": _html("<div id=root></div>"),
        "/robots.txt": http(
            f"User-agent: *\nAllow: /\nSitemap: {site}/maps/news.xml.gz\n", content_type="text/plain"
        ),
        "/maps/news.xml.gz": http(gzip.compress(whole.encode()), content_type="application/gzip"),
    }
    return site


def gb18030_listing(loopback: Loopback) -> str:
    paths = {
        number: f"/art/{when(number):%Y/%m}/art_{77 + number}_{9900 + number}.html" for number in _numbers()
    }
    pages = _pages(paths, lambda number: _chinese_page(number, "gb18030"))
    site = loopback.site(pages)
    pages["/"] = _html(
        "<table>"
        + _list(paths, chinese, '<tr><td>·<a href="{path}">{title}</a></td><td>[{day}]</td></tr>')
        + "</table>",
        lang="zh",
        charset="gb18030",
    )
    return site


def next_data(loopback: Loopback) -> str:
    paths = {number: f"/newsroom/{slug(number)}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    posts = [
        {
            "id": number,
            "slug": slug(number),
            "title": english(number),
            "publishedAt": when(number).isoformat(),
        }
        for number in _numbers()
    ]
    told = json.dumps({"props": {"pageProps": {"posts": posts}}, "buildId": "x1"})
    pages["/newsroom"] = _html(
        f'<div id="__next">Loading</div><script id="__NEXT_DATA__" type="application/json">{told}</script>'
    )
    return f"{site}/newsroom"


def ir_table(loopback: Loopback) -> str:
    paths = {number: f"/news-releases/news-release-details/{slug(number)}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    rows = "".join(
        f'<tr><td class="views-field-date">{when(number):%b %d, %Y}</td><td><a href="{path}">{english(number)}</a></td><td><a href="/static/{number}.pdf">PDF version</a></td></tr>'
        for number, path in paths.items()
    )
    pages["/news-releases"] = _html(f"{_NAV}<table class=nirtable><tbody>{rows}</tbody></table>{_FOOT}")
    return f"{site}/news-releases"


def relative_dates(loopback: Loopback) -> str:
    paths = {number: f"/flash/{88000 + number}" for number in _numbers()}
    pages = _pages(paths, _chinese_page)
    site = loopback.site(pages)
    entry = '<div class="flash-item"><a class="flash-title" href="{path}">{title}</a><span class="flash-time">{number}小时前</span></div>'
    pages["/flash"] = _html(f'<div class="flash">{_list(paths, chinese, entry)}</div>', lang="zh-CN")
    return f"{site}/flash"


def behind_news(loopback: Loopback) -> str:
    paths = {number: f"/news/{slug(number)}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    noise = "".join(
        f'<li><a href="/products/{name}/">{name} robots for industry</a></li>'
        for name in ("arm", "cart", "drone", "crane")
    )
    menu = f'<header><ul class="mega-menu">{noise}<li><a href="/news">News</a></li></ul></header>'
    pages["/"] = _html(f"{menu}<h1>We make robots</h1>{_FOOT}")
    for name in ("arm", "cart", "drone", "crane"):
        pages[f"/products/{name}/"] = _html(f"<h1>{name}</h1>")
    card = '<div class="card"><a href="{path}"><img src="/x.jpg"></a><h3><a href="{path}">{title}</a></h3><time datetime="{day}">{day}</time></div>'
    pages["/news"] = _html(f'{menu}<div class="cards">{_list(paths, english, card)}</div>{_FOOT}')
    return site


def query_ids(loopback: Loopback) -> str:
    paths = {number: f"/show.php?cid=3&id={5100 + number}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    pages["/list.php"] = _html(
        f"{_NAV}<ul>{_list({n: p.replace('&', '&amp;') for n, p in paths.items()})}</ul>"
    )
    return f"{site}/list.php"


def json_interface(loopback: Loopback) -> str:
    paths = {number: f"/detail/{660 + number}.html" for number in _numbers()}
    pages = _pages(paths, _chinese_page)
    site = loopback.site(pages)
    rows = [
        {
            "articleTitle": chinese(number),
            "articleUrl": path,
            "pubTime": f"{when(number):%Y-%m-%d %H:%M:%S}",
            "cover": "/x.png",
        }
        for number, path in paths.items()
    ]
    pages["/"] = _html(
        "<div id=list></div><script>fetch('/api/articles?page=1').then(show)</script>", lang="zh-CN"
    )
    pages["/api/articles"] = http(
        json.dumps({"code": 0, "data": {"list": rows}}), content_type="application/json"
    )
    return site


def bare_words(loopback: Loopback) -> str:
    words = [
        "tariffs",
        "harbours",
        "orchards",
        "clinics",
        "trams",
        "markets",
        "bridges",
        "schools",
        "ferries",
        "canals",
        "mills",
        "parks",
    ]
    paths = {number: f"/press/{words[number]}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    entry = '<div class="teaser"><h2><a href="{path}">{title}</a></h2><p class="day">{day}</p></div>'
    pages["/press"] = _html(f'{_NAV}<div class="teasers">{_list(paths, english, entry)}</div>{_FOOT}')
    return f"{site}/press"


def feed_that_lies(loopback: Loopback) -> str:
    """A feed is declared and answers with an HTML page; the list beside it is good."""
    paths = {number: f"/{when(number):%Y%m%d}/{number + 40}.shtml" for number in _numbers()}
    pages = _pages(paths, _chinese_page)
    site = loopback.site(pages)
    pages["/"] = _html(
        f'<ul class="list">{_list(paths, chinese)}</ul>',
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml">',
        lang="zh-CN",
    )
    pages["/rss.xml"] = _html("<h1>This page has moved</h1>")
    return site


def hashes(loopback: Loopback) -> str:
    paths = {number: f"/node_{'a1b2c3d4e5'}/{number:02d}f3a9c{number:02d}e.shtml" for number in _numbers()}
    pages = _pages(paths, _chinese_page)
    site = loopback.site(pages)
    pages["/node_a1b2c3d4e5"] = _html(f'<div class="m-list">{_list(paths, chinese)}</div>', lang="zh-CN")
    return f"{site}/node_a1b2c3d4e5"


def two_columns(loopback: Loopback) -> str:
    """A portal whose columns have folders of their own, and a hot list with the same links beside them."""
    columns = ("policy", "industry", "people")
    paths = {
        number: f"/{columns[number % 3]}/{when(number):%Y-%m-%d}/doc-i{number + 310}.html"
        for number in _numbers()
    }
    pages = _pages(paths)
    site = loopback.site(pages)
    hot = "".join(f'<li><a href="{paths[number]}">{english(number)}</a></li>' for number in (3, 1, 2))
    pages["/"] = _html(
        f'{_NAV}<div class="feed">{_list(paths)}</div><div class="hot-rank"><ul>{hot}</ul></div>{_FOOT}'
    )
    return site


def feed_address(loopback: Loopback) -> str:
    """The address that is asked for is the feed itself."""
    paths = {number: f"/story/{number + 9}" for number in _numbers()}
    pages = _pages(paths)
    site = loopback.site(pages)
    pages["/rss/all.xml"] = _rss(site, paths)
    return f"{site}/rss/all.xml"


def forbidden(loopback: Loopback) -> str:
    paths = {number: f"/news/{number + 100}.html" for number in _numbers()}
    pages = _pages(paths) | {"/": _html(_list(paths)), "/robots.txt": http("User-agent: *\nDisallow: /\n")}
    return loopback.site(pages)


def login_wall(loopback: Loopback) -> str:
    form = _html('<form method="post"><input name="user"><input type="password" name="word"></form>')
    return loopback.site(
        {"/login": form, "/robots.txt": http(status=404), "*": http("", 302, Location="/login")}
    )


def nothing_to_watch(loopback: Loopback) -> str:
    return loopback.site({"/": _html(f"{_NAV}<h1>A card with an address</h1>{_FOOT}")})


def broken_hints(loopback: Loopback) -> str:
    """Everything the site points to is broken or no address at all."""
    links = "".join(
        f'<a href="{href}">RSS</a>' for href in ("http://[", "javascript:news()", "//", "http://h:99999/feed")
    )
    head = '<link rel="alternate" type="application/rss+xml" href="http://[::x]/"><base href="http://[">'
    script = (
        '<script>load("/api/news"); var x = "'
        + "/api/" * 2000
        + '"</script><script id="__NEXT_DATA__" type="application/json">{"a": [[[</script>'
    )
    maps = "Sitemap: http://[\nSitemap: javascript:1\nSitemap: \x00\nSitemap: sitemap-that-is-none.xml\n"
    return loopback.site(
        {
            "/": _html(links + script, head),
            "/robots.txt": http(f"User-agent: *\nAllow: /\n{maps}"),
            "/api/news": http('{"a": ' * 5000, content_type="application/json"),
            "/feed/": http(b"\x1f\x8bno gzip", content_type="application/rss+xml"),
        }
    )


OPEN = (
    wordpress, hugo, drupal, gkmlpt, post_portal, sznews, rss_in_the_footer, atom, json_feed, sitemap_index_only,
    gzip_news_sitemap, gb18030_listing, next_data, ir_table, relative_dates, behind_news, query_ids, json_interface,
    bare_words, feed_that_lies, hashes, two_columns, feed_address,
)  # fmt: skip
CLOSED = (forbidden, login_wall, nothing_to_watch, broken_hints)
