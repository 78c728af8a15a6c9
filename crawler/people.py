"""Let people subscribe and leave: double opt-in, one token to leave, nothing kept of who was erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from alerts.subscription import Lang, Subscription
from alerts.tokens import id_in, is_signed, sign
from state import outbox, subscribers
from state.deliveries import Notice
from state.errors import StateError
from state.subscribers import Subscriber
from state.times import stamp

_TITLES: dict[Lang, str] = {"en": "Please confirm your subscription", "zh": "请确认您的订阅"}
_LINES: dict[Lang, tuple[str, ...]] = {
    "en": (
        "Somebody, you we hope, asked for messages of {name} to this address.",
        "If you want them, answer this mail or give this code to whoever asked you: {token}",
        "If not, do nothing: nothing else will be sent.",
    ),
    "zh": (
        "有人（希望是您）请求将“{name}”的消息发送到此地址。",
        "如需接收，请回复此邮件，或将以下代码交给向您提出邀请的人：{token}",
        "如不需要，请忽略此邮件，我们不会再发送任何内容。",
    ),
}


@dataclass(frozen=True, slots=True)
class Audience:
    """Hold everybody who may be written to, with the code by which each can leave, by id."""

    people: tuple[Subscriber, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


NOBODY = Audience()


def add(db: Database, address: str, subscription: str, now: datetime) -> str:
    """Note a request and give its state; the mail that asks for confirmation is written by whoever delivers."""
    return subscribers.add(db, address, subscription, now).state


def invite(db: Database, subscriptions: Mapping[str, Subscription], now: datetime) -> int:
    """Queue the confirmation mails that are due; give their number."""
    key = subscribers.token_key(db)
    number = 0
    for one in subscribers.every(db, active=True):
        subscription = subscriptions.get(one.subscription)
        if one.state != "pending" or one.invited_at is not None or subscription is None:
            continue
        token = sign(key, "confirm", one.id, stamp(one.asked_at))
        lang = subscription.lang
        lines = tuple(line.format(name=subscription.name, token=token) for line in _LINES[lang])
        notice = Notice(f"confirm {one.id} {stamp(one.asked_at)}", _TITLES[lang], lines)
        outbox.notify(db, one.id, notice, now)
        subscribers.set_invited(db, one.id, now)
        number += 1
    return number


def confirm(db: Database, token: str, within: timedelta, now: datetime) -> str:
    """Confirm the request that a token answers; give its subscription. Confirming twice is fine.

    Raises StateError for a token that is not ours, or that answers too late.
    """
    one = subscribers.find(db, id_in(token))
    asked = stamp(one.asked_at) if one is not None else ""
    if not is_signed(subscribers.token_key(db), "confirm", token, asked) or one is None:
        raise StateError(
            "this token confirms nothing; the mail with it may have been replaced by a later one"
        )
    if one.state == "unsubscribed":
        raise StateError("this subscription was ended after the token was sent; add the address again")
    if one.state == "pending" and now - one.asked_at > within:
        raise StateError("this token is too old; add the address again for a new one")
    if one.state == "pending":
        subscribers.confirm(db, one.id, now)
    return one.subscription


def unsubscribe(db: Database, token: str, now: datetime) -> str:
    """End the subscription that a token is for; give its name. Ending it twice is fine.

    Raises StateError for a token that is not ours.
    """
    one = subscribers.find(db, id_in(token))
    if not is_signed(subscribers.token_key(db), "unsubscribe", token) or one is None:
        raise StateError("this token ends nothing; it may belong to a subscriber who was erased already")
    if one.state != "unsubscribed":
        subscribers.unsubscribe(db, one.id, now)
    return one.subscription


def erase(db: Database, address: str) -> int:
    """Delete all that is kept of an address, held deliveries included; give the number of subscriptions it had."""
    ids = [one.id for one in subscribers.of_address(db, address)]
    subscribers.erase(db, ids)
    return len(ids)


def export(db: Database, address: str) -> list[dict[str, Any]]:
    """Give all that is kept of an address, one object for each subscription."""
    return [
        {
            "address": one.address,
            "subscription": one.subscription,
            "state": one.state,
            "created": one.created.isoformat(),
            "confirmed": one.confirmed_at.isoformat() if one.confirmed_at else None,
            "ended": one.ended_at.isoformat() if one.ended_at else None,
            "messages": subscribers.messages(db, one.id),
        }
        for one in subscribers.of_address(db, address)
    ]


def audience(db: Database) -> Audience:
    """Give everybody who may be written to."""
    people = subscribers.every(db, active=True)
    key = subscribers.token_key(db) if people else b""
    return Audience(people, {one.id: sign(key, "unsubscribe", one.id) for one in people})


def with_people(
    subscriptions: Sequence[Subscription], people: Sequence[Subscriber]
) -> tuple[Subscription, ...]:
    """Add to each subscription the destinations of the people who confirmed it."""
    return tuple(
        replace(
            subscription,
            destinations=(
                *subscription.destinations,
                *(
                    one.id
                    for one in people
                    if one.state == "confirmed" and one.subscription == subscription.id
                ),
            ),
        )
        for subscription in subscriptions
    )
