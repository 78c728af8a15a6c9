import asyncio
import gzip
import json
import re
from dataclasses import asdict
from urllib.parse import urlsplit

import feedparser
import pytest

from crawler.demo.newsroom import Newsroom


async def read(browser, url):
    async with browser.get(url) as response:
        assert response.status == 200, url
        return await response.read()


async def test_each_site_has_a_port_of_its_own_on_loopback(newsroom):
    addresses = asdict(newsroom.addresses)
    assert len(addresses) == 6
    assert {urlsplit(address).hostname for address in addresses.values()} == {"127.0.0.1"}
    assert len({urlsplit(address).port for address in addresses.values()}) == 6


async def test_every_address_serves_its_article(newsroom, browser, manuscripts):
    for stage in ("morning", "noon", "evening"):
        newsroom.publish(stage)
    shown = newsroom.on_show()
    assert {article.id for article in shown} == set(manuscripts)
    for article in shown:
        page = (await read(browser, article.url)).decode(article.manuscript.charset)
        start = article.title.split("'")[0].split('"')[0]
        assert start in page, article.url


async def test_the_feeds_parse_and_link_to_articles(newsroom, browser):
    shown = {article.url for article in newsroom.on_show()}
    for address, path, version in (
        (newsroom.addresses.daily, "/rss/yaowen.xml", "rss20"),
        (newsroom.addresses.daily_en, "/atom.xml", "atom10"),
    ):
        feed = feedparser.parse(await read(browser, address + path))
        assert feed.version == version
        assert not feed.bozo
        assert feed.entries
        assert {entry.link.split("?")[0] for entry in feed.entries} <= shown
        assert all(entry.published_parsed for entry in feed.entries)


async def test_the_json_feed_says_no_dates_as_its_pages_only_say_how_long_ago(newsroom, browser):
    feed = json.loads(await read(browser, newsroom.addresses.aggregator + "/feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert all("date_published" not in item for item in feed["items"])
    page = (await read(browser, feed["items"][0]["url"])).decode()
    assert "ago / Read about" in page


async def test_the_disclosure_listing_has_the_shape_of_government_sites(newsroom, browser):
    listing = json.loads(await read(browser, newsroom.addresses.portal + "/gkmlpt/api/all/0"))
    vouchers = next(item for item in listing["articles"] if item["id"] == 4806311)
    assert vouchers["url"].endswith("/gkmlpt/content/4/4806/post_4806311.html")
    assert vouchers["document_number"].startswith("粤工信算力〔20")
    assert vouchers["created_at"].endswith("00:00:00")
    assert listing["classify"]["post_count"] == len(listing["articles"])


async def test_the_sitemap_index_leads_to_a_news_sitemap_and_a_compressed_archive(newsroom, browser):
    base = newsroom.addresses.company
    index = (await read(browser, f"{base}/sitemap.xml")).decode()
    assert f"{base}/sitemap-news.xml" in index
    assert "news:publication_date" in (await read(browser, f"{base}/sitemap-news.xml")).decode()
    archive = gzip.decompress(await read(browser, f"{base}/sitemap-archive.xml.gz")).decode()
    assert f"{base}/news/first-delivery-robot" in archive


async def test_one_page_is_gb18030_and_calls_itself_gb2312(newsroom, browser):
    article = next(article for article in newsroom.on_show() if article.id == "portal/school-ai-classes")
    async with browser.get(article.url) as response:
        assert "charset" not in response.headers["Content-Type"]
        body = await response.read()
    assert b'charset="gb2312"' in body
    assert "李䶮" in body.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        body.decode("gb2312")


async def test_a_doubled_page_prints_the_body_twice_with_a_notice_between(newsroom, browser):
    article = next(article for article in newsroom.on_show() if article.id == "republisher/unilumin-stage")
    page = (await read(browser, article.url)).decode()
    first, second = page.split("gathered automatically")
    assert first.count("Zooming Technology") == second.count("Zooming Technology") == 1
    assert "(Source: Linghai Daily)" not in first
    assert "(Source: Linghai Daily)" in second


async def test_one_document_has_several_addresses(newsroom):
    again = [article for article in newsroom.on_show() if article.truth.relation == "same_document"]
    assert {article.id for article in again} >= {"portal/compute-vouchers", "republisher/unilumin-stage"}
    assert all(article.truth.of == article.id for article in again)


async def test_links_between_sites_lead_to_the_ports_in_use(newsroom, browser):
    newsroom.publish("morning")
    reprint = next(article for article in newsroom.on_show() if article.id == "daily/ai-appliance-plan")
    original = next(article for article in newsroom.on_show() if article.id == "portal/ai-appliance-plan")
    assert f'href="{original.url}"' in (await read(browser, reprint.url)).decode()


async def test_publishing_a_stage_makes_its_articles_appear_once(newsroom, browser):
    feed = newsroom.addresses.daily + "/rss/yaowen.xml"
    before = await read(browser, feed)
    fresh = newsroom.publish("morning")
    assert {article.manuscript.stage for article in fresh} == {"morning"}
    after = feedparser.parse(await read(browser, feed))
    links = {entry.link for entry in after.entries}
    assert links - {entry.link for entry in feedparser.parse(before).entries} == {
        article.url for article in fresh if article.manuscript.site == "daily"
    }
    assert newsroom.publish("morning") == ()


async def test_articles_of_a_later_stage_are_minutes_old_when_they_appear(newsroom):
    fresh = newsroom.publish("noon")
    assert fresh
    for article in fresh:
        assert article.manuscript.age.total_seconds() <= 900


async def test_before_its_stage_an_article_is_nowhere(newsroom, browser):
    async with browser.get(newsroom.addresses.company + "/news/wok-two-launch") as response:
        assert response.status == 404


async def test_an_unchanged_list_answers_304_until_something_is_published(newsroom, browser):
    feed = newsroom.addresses.daily_en + "/atom.xml"
    async with browser.get(feed) as response:
        validators = {
            "If-None-Match": response.headers["ETag"],
            "If-Modified-Since": response.headers["Last-Modified"],
        }
    async with browser.get(feed, headers=validators) as response:
        assert response.status == 304
        assert await response.read() == b""
    newsroom.publish("noon")
    async with browser.get(feed, headers=validators) as response:
        assert response.status == 200


async def test_a_broken_site_answers_500_and_keeps_its_robots_txt(newsroom, browser):
    listing = newsroom.addresses.portal + "/gkmlpt/api/all/0"
    newsroom.break_site("portal")
    async with browser.get(listing) as response:
        assert response.status == 500
    await read(browser, newsroom.addresses.portal + "/robots.txt")
    newsroom.mend_site("portal")
    assert json.loads(await read(browser, listing))["articles"]


async def test_a_site_under_maintenance_serves_html_where_its_feed_was(newsroom, browser):
    feed = newsroom.addresses.daily + "/rss/yaowen.xml"
    newsroom.break_site("daily", "html")
    async with browser.get(feed) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert "rebuilt" in await response.text()
    newsroom.mend_site("daily")
    assert feedparser.parse(await read(browser, feed)).entries


async def test_a_rebuilt_site_shows_the_same_articles_in_other_markup(newsroom, browser):
    notices = newsroom.addresses.portal + "/zwgk/tzgg/index.html"
    before = (await read(browser, notices)).decode()
    newsroom.rebuild_site("portal")
    newsroom.publish("noon")
    after = (await read(browser, notices)).decode()
    assert 'class="list"' in before
    assert 'class="list"' not in after
    links = set(re.findall(r'href="(/zwgk/tzgg/content/[^"]+)"', before))
    assert links < set(re.findall(r'href="(/zwgk/tzgg/content/[^"]+)"', after))


async def test_what_is_published_while_a_site_is_broken_shows_after_it_was_mended(newsroom, browser):
    newsroom.break_site("portal")
    newsroom.publish("evening")
    newsroom.mend_site("portal")
    listing = json.loads(await read(browser, newsroom.addresses.portal + "/gkmlpt/api/all/0"))
    assert any("东莞" in item["title"] for item in listing["articles"])


async def test_requests_are_counted_by_path_and_status(newsroom, browser):
    base = newsroom.addresses.company
    await asyncio.gather(*(read(browser, f"{base}/robots.txt") for _ in range(3)))
    assert newsroom.hits("company") == {("/robots.txt", 200): 3}
    assert newsroom.requests("company") == newsroom.requests() == 3


async def test_robots_txt_forbids_what_the_manuscripts_call_forbidden(newsroom, browser):
    robots = (await read(browser, newsroom.addresses.company + "/robots.txt")).decode()
    forbidden = [article for article in newsroom.on_show() if article.manuscript.forbidden]
    assert forbidden
    assert all(urlsplit(article.url).path.startswith("/careers/") for article in forbidden)
    assert "Disallow: /careers/" in robots


async def test_a_newsroom_that_was_not_started_says_so():
    with pytest.raises(RuntimeError, match="start"):
        Newsroom().publish("start")
