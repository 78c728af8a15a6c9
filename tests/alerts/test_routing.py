from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from alerts.routing import Reason, route
from alerts.subscription import Subscription
from alerts.timing import Digest, Timing
from state.records import Source, Story
from state.standing import NOTHING_STANDS, Mute, Standing

STORY = Story("st_1", "https://news.example/2026/plan.html")
DESK = Subscription(id="policy", destinations=("mail", "hook"))


@pytest.fixture
def routed(article, match, now):
    def routed(
        *subscriptions,
        matches=(match,),
        source=None,
        origin="live",
        fresh=True,
        story=STORY,
        standing=NOTHING_STANDS,
        **changes,
    ):
        return route(
            article=replace(article, **changes),
            source=source,
            story=story,
            standing=standing,
            matches=matches,
            subscriptions=subscriptions,
            origin=origin,
            fresh=fresh,
            now=now,
        )

    return routed


def test_a_live_match_alerts_every_destination_of_its_subscription(routed, now):
    result = routed(DESK)
    (alert,) = result.alerts
    assert (alert.rule, alert.subscription, alert.reason) == ("gd-policy", "policy", Reason.NEW)
    assert {delivery.destination for delivery in result.deliveries} == {"mail", "hook"}
    assert all(d.alert_ids == (alert.id,) and d.state == "due" and d.due_at == now for d in result.deliveries)


def test_the_same_match_always_has_the_same_ids(routed):
    assert routed(DESK) == routed(DESK)


def test_several_rules_on_one_article_share_one_delivery(routed, match):
    result = routed(DESK, matches=[match, replace(match, rule="gd-computing", kind="company")])
    assert len(result.alerts) == 2
    assert len(result.deliveries) == 2  # one for each destination
    assert all(len(delivery.alert_ids) == 2 for delivery in result.deliveries)


def test_two_subscriptions_to_one_destination_share_its_delivery(routed):
    everything = Subscription(id="all", destinations=("hook",))
    result = routed(DESK, everything)
    by_destination = {delivery.destination: delivery for delivery in result.deliveries}
    assert len(result.alerts) == 2
    assert len(by_destination["hook"].alert_ids) == 2
    assert len(by_destination["mail"].alert_ids) == 1


@pytest.mark.parametrize(
    ("origin", "fresh", "reason"),
    [
        ("baseline", True, Reason.BASELINE),
        ("backfill", True, Reason.BACKFILL),
        ("import", True, Reason.IMPORT),
        ("live", False, Reason.OLD),
    ],
)
def test_what_is_not_news_leaves_an_alert_with_its_reason_and_tells_nobody(routed, origin, fresh, reason):
    result = routed(DESK, origin=origin, fresh=fresh)
    assert [alert.reason for alert in result.alerts] == [reason]
    assert result.deliveries == ()
    assert not reason.delivers


def test_a_subscription_without_destinations_still_leaves_its_alerts(routed):
    result = routed(Subscription(id="archive"))
    assert len(result.alerts) == 1
    assert result.deliveries == ()


@pytest.mark.parametrize(
    ("wish", "heard"),
    [
        ({"rules": frozenset({"gd-policy"})}, True),
        ({"rules": frozenset({"gd-other"})}, False),
        ({"kinds": frozenset({"company"})}, False),
        ({"statuses": frozenset({"mention"})}, False),
        ({"severities": frozenset({"urgent", "normal"})}, True),
        ({"severities": frozenset({"urgent"})}, False),
        ({"languages": frozenset({"en"})}, True),
        ({"languages": frozenset({"zh"})}, False),
        ({"sources": frozenset({"example-daily"})}, True),
        ({"sources": frozenset({"other"})}, False),
        ({"places": frozenset({"guangdong"})}, True),
        ({"places": frozenset({"shenzhen"})}, False),
        ({"organisations": frozenset({"huawei"})}, False),
    ],
)
def test_a_subscription_hears_only_what_it_asks_for(routed, wish, heard):
    assert bool(routed(Subscription(id="s", **wish)).alerts) is heard


def test_the_places_of_a_source_count_as_the_article_s(routed):
    nanshan = Subscription(id="s", places=frozenset({"nanshan"}))
    source = Source(id="ns", kind="listing", url="https://ns.example/", places=("nanshan",))
    assert routed(nanshan, source=source).alerts
    assert not routed(nanshan).alerts


def test_the_place_of_an_issuer_on_no_list_counts_for_its_match(routed, match):
    foshan = Subscription(id="s", places=frozenset({"foshan"}))
    of_foshan = replace(match, rule="gd-office", facts={"places": ["foshan"]})
    (alert,) = routed(foshan, matches=(match, of_foshan)).alerts
    assert alert.rule == "gd-office"


def test_a_regional_language_tag_counts_as_its_language(routed):
    assert routed(Subscription(id="s", languages=frozenset({"zh"})), lang="zh-Hant").alerts


# When.

DAILY = Timing("UTC", digest=Digest("daily", time(8)))


def test_a_digest_is_held_and_equal_for_all_that_waits_for_it(routed, now):
    subscription = Subscription(id="s", destinations=("mail",), timing=DAILY)
    first = routed(subscription)
    second = routed(subscription, story=Story("st_2", "https://x.example/"))
    (one,), (other,) = first.deliveries, second.deliveries
    assert (one.state, one.held_for, one.due_at.hour) == ("held", Reason.DIGEST, 8)
    assert one.id == other.id
    assert one.alert_ids != other.alert_ids
    assert first.alerts[0].reason == Reason.DIGEST


def test_digests_of_two_subscriptions_are_kept_apart(routed):
    subscriptions = [Subscription(id=name, destinations=("mail",), timing=DAILY) for name in "ab"]
    assert len({delivery.id for delivery in routed(*subscriptions).deliveries}) == 2


def test_one_urgent_match_takes_the_others_along_at_once(routed, match):
    subscription = Subscription(id="s", destinations=("mail",), timing=DAILY)
    result = routed(subscription, matches=[match, replace(match, rule="quake", severity="urgent")])
    (delivery,) = result.deliveries
    assert (delivery.state, len(delivery.alert_ids)) == ("due", 2)


def test_caps_count_by_destination(routed):
    subscription = Subscription(id="s", destinations=("mail", "hook"), timing=Timing(per_hour=1))
    standing = Standing(this_hour={"mail": 1})
    result = routed(subscription, standing=standing)
    states = {delivery.destination: delivery.state for delivery in result.deliveries}
    assert states == {"mail": "held", "hook": "due"}
    assert result.alerts[0].reason == Reason.NEW


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("rule", "gd-policy", Reason.MUTED),
        ("rule", "other", Reason.NEW),
        ("organisation", "guangdong", Reason.MUTED_ARTICLE),
        ("source", "example-daily", Reason.MUTED_ARTICLE),
        ("story", "st_1", Reason.MUTED),
        ("story", "st_2", Reason.NEW),
        ("subscription", "policy", Reason.MUTED),
    ],
)
def test_a_mute_keeps_the_alert_and_tells_nobody(routed, now, kind, value, reason):
    mute = Mute(kind, value, now + timedelta(days=1), "too much of it", now)
    result = routed(DESK, standing=Standing(mutes=(mute,)))
    assert [alert.reason for alert in result.alerts] == [reason]
    assert bool(result.deliveries) is reason.delivers


def test_of_two_mutes_the_one_on_more_than_the_article_is_the_reason(routed, now):
    kinds = {"source": "example-daily", "story": "st_1"}
    mutes = tuple(Mute(kind, value, now + timedelta(days=1), "", now) for kind, value in kinds.items())
    (alert,) = routed(DESK, standing=Standing(mutes=mutes)).alerts
    assert alert.reason == Reason.MUTED


def test_a_mute_on_one_rule_leaves_the_other_loud(routed, match, now):
    mute = Mute("rule", "gd-policy", now + timedelta(days=1), "", now)
    result = routed(DESK, matches=[match, replace(match, rule="gd-other")], standing=Standing(mutes=(mute,)))
    assert sorted(alert.reason for alert in result.alerts) == [Reason.MUTED, Reason.NEW]
    assert all(len(delivery.alert_ids) == 1 for delivery in result.deliveries)


# Updates.


@pytest.mark.parametrize(
    ("updates", "followers", "reason"),
    [
        ({"stage"}, {"policy"}, Reason.UPDATE),
        ({"stage"}, set(), Reason.NEW),
        (set(), {"policy"}, Reason.NO_UPDATES),
        (set(), set(), Reason.NEW),
    ],
)
def test_a_new_stage_is_an_update_to_who_was_told_of_an_earlier_one(
    routed, match, updates, followers, reason
):
    staged = replace(
        match, facts={"thread": "po_1", "earlier": [{"stage": "draft", "url": "https://x.example"}]}
    )
    asker = replace(DESK, updates=frozenset(updates))
    result = routed(asker, matches=[staged], standing=Standing(followers=frozenset(followers)))
    assert [alert.reason for alert in result.alerts] == [reason]
    assert bool(result.deliveries) is reason.delivers
