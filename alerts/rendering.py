"""Render a delivery: subject, text, HTML and JSON, from values alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.cards import write_card
from alerts.message import Message
from alerts.payload import notice_payload, payload
from alerts.safe_text import one_line
from alerts.subscription import Subscription
from alerts.view import MOST_STORIES, Names, StoryView, view_stories
from alerts.wording import WORDINGS, Wording
from state.deliveries import Contents, Notice
from state.records import Delivery


class Renderer:
    """Write messages from templates that are ours alone; what pages said only ever fills them, escaped."""

    def __init__(self, names: Names, subscriptions: Mapping[str, Subscription]) -> None:
        self._names = names
        self._subscriptions = subscriptions
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, contents: Contents) -> Message:
        """Give every form of one delivery; labels are in its subscription's language."""
        if contents.notice is not None:
            return self._render_notice(contents.delivery, contents.notice)
        subscription = self._subscriptions.get(contents.delivery.subscription)
        words = WORDINGS[subscription.lang if subscription else "en"]
        stories = view_stories(contents, words, self._names)
        subject = _subject(stories, words)
        filling = {
            "stories": stories[:MOST_STORIES],
            "more_stories": max(0, len(stories) - MOST_STORIES),
            "words": words,
            "subject": subject,
            "delivery_id": contents.delivery.id,
        }
        return Message(
            id=contents.delivery.id,
            created=contents.delivery.told,
            attempt=contents.delivery.attempts,
            subject=subject,
            text=self._templates.get_template("alert.txt.j2").render(filling),
            html=self._templates.get_template("alert.html.j2").render(filling),
            payload=payload(contents, self._names),
            card=write_card(stories[:MOST_STORIES], words, subject, contents.delivery.id),
            thread=_thread(contents) if len(stories) == 1 else None,
        )

    def _render_notice(self, delivery: Delivery, notice: Notice) -> Message:
        subject = one_line(f"[yuewatch] {notice.title}")
        lines = [one_line(line, 500) for line in notice.lines]
        filling = {
            "subject": subject,
            "title": one_line(notice.title),
            "lines": lines,
            "delivery_id": delivery.id,
        }
        return Message(
            id=delivery.id,
            created=delivery.told,
            attempt=delivery.attempts,
            subject=subject,
            text="\n".join((one_line(notice.title), "", *lines, "", f"Delivery: {delivery.id}")),
            html=self._templates.get_template("notice.html.j2").render(filling),
            payload=notice_payload(delivery, notice),
        )


def _subject(stories: tuple[StoryView, ...], words: Wording) -> str:
    if not stories:
        return words.untitled
    first = stories[0]
    if len(stories) > 1:
        return one_line(words.digest_subject.format(count=len(stories), headline=first.headline))
    subject = words.subject.format(kind="/".join(first.kinds) or "yuewatch", headline=first.headline)
    return one_line(words.update_subject.format(subject=subject) if first.update else subject)


def _thread(contents: Contents) -> str:
    """Name what mails on one matter share: all stages of a policy, else one story."""
    first = contents.alerts[0]
    threads = (item.match.facts.get("thread") for item in contents.alerts if item.match)
    return str(next((thread for thread in threads if thread), first.alert.story_id))
