from pathlib import Path

import pytest
import yaml

from alerts.settings import SubscriptionSettings
from crawler.catalogue.settings import SourceSettings
from crawler.configuration.settings import Settings
from crawler.demo.configuration import demo_configuration
from crawler.leads.read import read_leads


@pytest.fixture
def text(newsroom):
    return demo_configuration(
        newsroom.addresses,
        smtp_port=2525,
        webhook_url="http://127.0.0.1:9/alerts",
        secret_file=Path("webhook.secret"),
        state=Path("demo.db"),
    )


async def follow(browser, source):
    """Give the addresses a source leads to, through its index where it has one."""
    found, waiting = [], [source.url]
    while waiting:
        url = waiting.pop()
        async with browser.get(url) as response:
            leads = read_leads(await response.read(), source, url, dict(response.headers))
        found += [lead.url.split("?")[0] for lead in leads.items]
        waiting += leads.more
    return found


async def test_the_settings_accept_it(text):
    settings = Settings.model_validate(yaml.safe_load(text))
    assert {source["kind"] for source in settings.sources} == {"feed", "sitemap", "listing", "json"}
    assert settings.pack_sources is False
    assert settings.fetching.allow_addresses == ["127.0.0.1"]


async def test_every_subscription_leads_to_a_destination_that_exists(text):
    written = yaml.safe_load(text)
    subscriptions = [SubscriptionSettings.model_validate(entry) for entry in written["subscriptions"]]
    assert len(subscriptions) >= 2
    named = {name for subscription in subscriptions for name in subscription.destinations}
    assert named == set(written["destinations"])


async def test_it_holds_no_secret_and_no_yaml_alias(text):
    assert "whsec_" not in text
    assert "&id" not in text


async def test_its_sources_find_every_article_on_show(newsroom, browser, text):
    for stage in ("morning", "noon", "evening"):
        newsroom.publish(stage)
    sources = [SourceSettings.model_validate(entry).to_source() for entry in yaml.safe_load(text)["sources"]]
    found = [url for source in sources for url in await follow(browser, source)]
    assert len(found) == len(set(found))
    assert set(found) == {article.url for article in newsroom.on_show()}


async def test_a_broken_source_does_not_read_as_an_empty_one(newsroom, browser, text):
    from state.errors import UnreadableListing

    newsroom.break_site("daily", "html")
    entry = next(entry for entry in yaml.safe_load(text)["sources"] if entry["id"] == "daily")
    with pytest.raises(UnreadableListing):
        await follow(browser, SourceSettings.model_validate(entry).to_source())
