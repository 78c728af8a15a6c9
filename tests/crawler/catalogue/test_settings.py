import warnings
from datetime import timedelta

import pytest
from pydantic import ValidationError

from crawler.catalogue.settings import SourceSettings

FEED = {"id": "example", "kind": "feed", "url": "https://www.example.com/feed"}


def settings(**changes):
    return SourceSettings.model_validate({**FEED, **changes})


def why(**changes):
    with pytest.raises(ValidationError) as caught:
        settings(**changes)
    return str(caught.value)


def test_three_keys_make_a_source():
    source = settings().to_source()
    assert (source.id, source.kind, source.url, source.name) == (*FEED.values(), "example")
    assert (source.tier, source.every, source.max_leads) == (2, timedelta(minutes=30), 200)
    assert (source.enabled, source.baseline, source.zone, source.options) == (True, True, "UTC", {})


@pytest.mark.parametrize(("tier", "every"), [(1, timedelta(minutes=15)), (3, timedelta(hours=2))])
def test_the_tier_sets_the_pace(tier, every):
    assert settings(tier=tier).to_source().every == every
    assert settings(tier=tier, every="1h30m").to_source().every == timedelta(minutes=90)


def test_options_are_what_was_written_and_nothing_more():
    source = settings(
        kind="json",
        json={"items": "data", "fields": {"url": "link", "date": ["a", "b"]}, "where": {"kind": 0}},
    ).to_source()
    assert source.options == {
        "items": "data",
        "fields": {"url": "link", "date": ["a", "b"]},
        "where": {"kind": 0},
    }


def test_post_and_form_are_kept_for_the_spider():
    source = settings(kind="json", json={"method": "POST", "form": {"page": "1"}}).to_source()
    assert source.options == {"method": "POST", "form": {"page": "1"}}


WRONG = {
    "an id with spaces": ({"id": "my feed"}, "String should match pattern"),
    "no address": ({"url": "www.example.com"}, "not an http or https address"),
    "another scheme": ({"url": "file:///etc/passwd"}, "not an http or https address"),
    "a slot nobody fills": ({"url": "https://www.example.com/{page}"}, "{page} is not filled in"),
    "a made-up zone": ({"zone": "Asia/Canton"}, "is no time zone of the IANA list"),
    "a zone that climbs": ({"zone": "../../etc/passwd"}, "is no time zone of the IANA list"),
    "a made-up charset": ({"charset": "utf-9"}, "is no charset we know"),
    "too often": ({"every": "0.5s"}, "greater than or equal to"),
    "no duration": ({"every": "often"}, "is not a duration"),
    "tier 4": ({"tier": 4}, "less than or equal to 3"),
    "too many leads": ({"max_leads": 100_000}, "less than or equal to 2000"),
    "an unknown key": ({"interval": "5m"}, "Extra inputs are not permitted"),
    "a language": ({"lang": "Chinese"}, "String should match pattern"),
    "another kind's block": ({"listing": {"item": "li"}}, "has a block `listing` but is of kind feed"),
    "a listing without options": ({"kind": "listing"}, "says not which links count"),
    "an empty listing": (
        {"kind": "listing", "listing": {"title": "h3"}},
        "says neither `item` nor `pattern`",
    ),
    "a bad selector": ({"kind": "listing", "listing": {"item": "li["}}, "is no CSS selector"),
    "a bad pattern": ({"feed": {"pattern": "(news"}}, "is no RE2 expression"),
    "look-around": ({"feed": {"pattern": "(?=news)"}}, "RE2 has no look-around"),
    "a bad day": ({"kind": "sitemap", "sitemap": {"since": "yesterday"}}, "String should match pattern"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_work_is_refused(changes, said):
    assert said in why(**changes)


def test_a_bad_pattern_prints_nothing_by_itself(capfd):
    why(feed={"pattern": "(news"})
    assert capfd.readouterr().err == ""


def test_the_model_shadows_nothing_of_pydantics():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        type("Again", (SourceSettings,), {"__module__": __name__})
