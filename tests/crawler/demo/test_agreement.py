import pytest

from crawler.demo.agreement import Sent, compare
from crawler.leads.address import canonical_key


@pytest.fixture
def shown(newsroom):
    for stage in ("morning", "noon", "evening"):
        newsroom.publish(stage)
    return newsroom.on_show()


@pytest.fixture
def perfect(shown):
    """What a yuewatch that makes no mistake would have in its state."""
    story_of = {
        canonical_key(article.url): article.truth.story
        for article in shown
        if not article.manuscript.forbidden
    }
    alerts = {
        Sent(article.truth.story, article.truth.alert, "desk")
        for article in shown
        if article.truth.alert != "none"
    }
    return story_of, alerts


async def test_the_ground_truth_agrees_with_itself(shown, perfect):
    agreement = compare(shown, *perfect)
    assert agreement.complete, agreement
    assert agreement.owed >= 12


async def test_each_disagreement_is_named(shown, perfect):
    story_of, alerts = perfect
    copy = next(a for a in shown if a.id == "republisher/kitchen-robot")
    sport = next(a for a in shown if a.id == "daily/tigers-win")
    lost = next(a for a in shown if a.id == "daily/weather-today")
    closed = next(a for a in shown if a.manuscript.forbidden)
    wrong = story_of | {
        canonical_key(copy.url): "elsewhere",
        canonical_key(sport.url): "lychee-plan",
        canonical_key(closed.url): "open-positions",
    }
    del wrong[canonical_key(lost.url)]
    sent = [
        *(alert for alert in alerts if alert.story_id != "training-ground-draft"),
        Sent("elsewhere", "company", "desk"),
        Sent("national-guideline", "policy", "desk"),
    ]
    agreement = compare(shown, wrong, sent)
    assert agreement.split == ("kitchen-robot", "tigers-win")
    assert agreement.merged == (("lychee-plan", "tigers-win"),)
    assert agreement.unread == ("daily/weather-today",)
    assert agreement.trespassed == ("company/open-positions",)
    assert agreement.missed == ("training-ground-draft",)
    assert agreement.unwanted == ("national-guideline",)
    assert agreement.repeated == ("kitchen-robot",)


async def test_a_corroborating_report_may_stay_silent(shown, perfect):
    story_of, alerts = perfect
    silent = [alert for alert in alerts if alert.story_id != "compute-vouchers-report"]
    assert compare(shown, story_of, silent).complete


async def test_an_alert_of_another_kind_is_unwanted(shown, perfect):
    story_of, alerts = perfect
    agreement = compare(shown, story_of, [*alerts, Sent("weride-nansha", "policy", "desk")])
    assert agreement.unwanted == ("weride-nansha",)
