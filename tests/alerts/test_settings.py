from __future__ import annotations

from datetime import time, timedelta

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from alerts.channels.table import CHANNELS
from alerts.credentials import Surroundings
from alerts.retry import EMAIL, WEBHOOK, Schedule
from alerts.settings import DestinationSettings, SubscriptionSettings, open_destinations, read_subscriptions
from alerts.timing import Digest, Group, QuietHours, Timing
from state.errors import ConfigurationError

MAIL = {"type": "email", "to": "reader@inbox.example", "from": "a@x.example", "host": "mail.example"}
HOOK = {"type": "webhook", "url": "https://hooks.example/x", "secret_env": "S"}
ENVIRON = {"S": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


class Configuration(BaseModel):
    """The part of the main configuration that is ours."""

    model_config = ConfigDict(extra="forbid")

    subscriptions: list[SubscriptionSettings] = []
    destinations: dict[str, DestinationSettings] = {}


def read(**parts):
    return Configuration.model_validate(parts)


def test_a_destination_is_told_apart_by_its_type():
    configuration = read(destinations={"desk": MAIL, "hook": HOOK})
    opened = open_destinations(configuration.destinations, Surroundings(environ=ENVIRON))
    assert {id_: (one.channel, one.schedule) for id_, one in opened.items()} == {
        "desk": ("email", EMAIL),
        "hook": ("webhook", WEBHOOK),
    }


def test_every_channel_of_the_table_can_be_configured():
    for name, channel in CHANNELS.items():
        assert channel.settings.model_fields["type"].annotation.__args__ == (name,)


def test_a_schedule_and_a_patience_of_ones_own():
    configuration = read(destinations={"desk": {**MAIL, "retry": ["1s", "2m"], "timeout": "9s"}})
    (desk,) = open_destinations(configuration.destinations, Surroundings(environ={})).values()
    assert desk.schedule == Schedule((timedelta(seconds=1), timedelta(minutes=2)))
    assert desk.patience == timedelta(seconds=9)


def test_an_opened_destination_shows_no_address_and_no_secret():
    configuration = read(destinations={"desk": MAIL, "hook": HOOK})
    opened = open_destinations(configuration.destinations, Surroundings(environ=ENVIRON))
    shown = repr(opened)
    assert "inbox.example" not in shown
    assert "hooks.example" not in shown
    assert "MfKQ9" not in shown


@pytest.mark.parametrize("fallback", ["desk", "nobody"])
def test_a_fallback_must_be_another_destination_that_exists(fallback):
    configuration = read(destinations={"desk": {**MAIL, "fallback": fallback}})
    with pytest.raises(ConfigurationError, match=r"destinations\.desk\.fallback"):
        open_destinations(configuration.destinations, Surroundings(environ={}))


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ({"type": "pigeon"}, ("destinations", "desk")),
        ({"to": "x@y.example"}, ("destinations", "desk")),
        ({**MAIL, "hst": "mail.example"}, ("destinations", "desk", "email", "hst")),
        ({**MAIL, "timeout": 5}, ("destinations", "desk", "email", "timeout")),
        ({**MAIL, "timeout": "999999w"}, ("destinations", "desk", "email", "timeout")),
    ],
)
def test_a_mistake_in_a_destination_is_found_where_it_is(entry, where):
    with pytest.raises(ValidationError) as caught:
        read(destinations={"desk": entry})
    assert [error["loc"] for error in caught.value.errors()] == [where]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Has Spaces"},
        {"id": ""},
        {"id": "x" * 65},
        {"statuses": ["rumour"]},
        {"severities": ["huge"]},
        {"lang": "de"},
        {"destinatons": []},
        {"rules": "gd-policy"},
    ],
)
def test_a_mistake_in_a_subscription_is_refused(change):
    with pytest.raises(ValidationError):
        read(subscriptions=[{"id": "desk", **change}])


def test_a_subscription_hears_events_of_everything_unless_told_otherwise():
    configuration = read(subscriptions=[{"id": "all"}])
    (subscription,) = read_subscriptions(configuration.subscriptions, configuration.destinations)
    assert subscription.statuses == {"event"}
    assert (subscription.name, subscription.lang, subscription.rules) == ("all", "en", frozenset())


def test_languages_are_compared_in_lower_case():
    configuration = read(subscriptions=[{"id": "all", "languages": ["ZH"]}])
    assert configuration.subscriptions[0].subscription().languages == {"zh"}


def test_a_time_of_day_may_have_seconds():
    entry = {"id": "desk", "digest": {"every": "daily", "at": "08:00:30"}}
    assert SubscriptionSettings.model_validate(entry).digest.at == time(8, 0, 30)


@pytest.mark.parametrize("number", [8, 800, 1320, 1800, 8.3, True])
def test_a_bare_number_is_no_time_of_day(number):
    with pytest.raises(ValidationError, match='write it like "08:00"'):
        SubscriptionSettings.model_validate({"id": "desk", "digest": {"every": "daily", "at": number}})


def test_when_is_read_into_a_timing():
    entry = {
        "id": "desk",
        "zone": "Asia/Shanghai",
        "digest": {"every": "weekly", "at": "08:30", "weekday": "friday"},
        "quiet_hours": {"from": "22:00", "to": "07:00"},
        "group": {"wait": "10s", "interval": "10m"},
        "per_hour": 12,
        "urgent_at_once": False,
    }
    assert SubscriptionSettings.model_validate(entry).subscription().timing == Timing(
        zone="Asia/Shanghai",
        digest=Digest("weekly", time(8, 30), 4),
        quiet=QuietHours(time(22), time(7)),
        group=Group(timedelta(seconds=10), timedelta(minutes=10)),
        per_hour=12,
        urgent=False,
    )


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"digest": {"every": "minutely"}}, "digest"),
        ({"digest": {"every": "daily", "at": "25:00"}}, "digest"),
        ({"digest": {"every": "daily", "time": "08:00"}}, "digest"),
        ({"quiet_hours": {"from": "22:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "22:00", "to": "22:00"}}, "quiet_hours"),
        ({"group": {"interval": "2d"}}, "group"),
        ({"per_hour": 0}, "per_hour"),
    ],
)
def test_a_mistake_in_when_is_found_where_it_is(change, where):
    with pytest.raises(ValidationError) as caught:
        SubscriptionSettings.model_validate({"id": "desk", **change})
    assert {error["loc"][0] for error in caught.value.errors()} == {where}


def test_a_destination_that_does_not_exist_is_named_with_those_that_do():
    configuration = read(destinations={"desk": MAIL}, subscriptions=[{"id": "a", "destinations": ["dsek"]}])
    with pytest.raises(ConfigurationError, match=r"subscriptions\.0\.destinations: .*'dsek' \(known: desk\)"):
        read_subscriptions(configuration.subscriptions, configuration.destinations)


def test_two_subscriptions_of_one_name_are_refused():
    configuration = read(subscriptions=[{"id": "a"}, {"id": "a"}])
    with pytest.raises(ConfigurationError, match=r"subscriptions\.1\.id"):
        read_subscriptions(configuration.subscriptions, configuration.destinations)
