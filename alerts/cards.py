"""Write a delivery as a card for chats: short, the most severe story first, as plain text and as Markdown.

Chats differ in their Markdown. Used here is what DingTalk, Slack and Telegram share, with Apprise between them and us:
paragraphs, bold, links and quotations, none within another. None of them agrees with another on how to escape a
character, so what could mean something in a headline or quotation is replaced by its full-width twin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.safe_text import unmentioned
from alerts.view import CarrierView, Piece, StoryView
from alerts.wording import Wording

_TWINS = str.maketrans({"*": "＊", "[": "［", "]": "］", "`": "｀", "~": "～", "|": "｜", "\\": "＼"})
_IN_LINKS = str.maketrans({"(": "%28", ")": "%29", "*": "%2A", "[": "%5B", "]": "%5D", "|": "%7C"})
_MOST_CARRIERS = 3


@dataclass(frozen=True, slots=True)
class Writing:
    """Hold one flavour of a card: a title, and a block for each story, the most severe first."""

    title: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Hold a card in both flavours; `more` says with `{count}` how many blocks did not fit, `foot` ends every card."""

    plain: Writing
    markdown: Writing
    more: str
    foot: str


def write_card(stories: Sequence[StoryView], words: Wording, subject: str, delivery_id: str) -> Card:
    """Give the card of a delivery. Where it tells of one story only, the title is its headline."""
    alone = len(stories) == 1
    return Card(
        plain=Writing(unmentioned(subject), tuple(_plain(story, words, alone=alone) for story in stories)),
        markdown=Writing(_twins(subject), tuple(_markdown(story, words, alone=alone) for story in stories)),
        more=words.more_stories,
        foot=f"{words.delivery}{words.colon}{delivery_id}",
    )


def _plain(story: StoryView, words: Wording, *, alone: bool) -> str:
    lines = [] if alone else [unmentioned(story.headline)]
    lines += [unmentioned(_labels(story)), f"{story.published} · {unmentioned(story.publisher)}"]
    lines += [story.link] if story.link else []
    lines += [f"“{_quotation(story.quotations[0], unmentioned, '')}”"] if story.quotations else []
    return "\n".join(lines + (_background(story, words, unmentioned) if alone else []))


def _markdown(story: StoryView, words: Wording, *, alone: bool) -> str:
    origin = f"{story.published} · {_twins(story.publisher)}"
    paragraphs = [] if alone else [_linked(_twins(story.headline), story.link)]
    paragraphs += [_twins(_labels(story)), _linked(origin, story.link) if alone else origin]
    paragraphs += [f"> {_quotation(story.quotations[0], _twins, '**')}"] if story.quotations else []
    return "\n\n".join(paragraphs + (_background(story, words, _twins) if alone else []))


def _labels(story: StoryView) -> str:
    return " · ".join(label for label in (*story.kinds, story.status, story.severity_label) if label)


def _quotation(pieces: Sequence[Piece], clean: Callable[[str], str], mark: str) -> str:
    return "".join(f"{mark}{clean(one.text)}{mark}" if one.marked else clean(one.text) for one in pieces)


def _background(story: StoryView, words: Wording, clean: Callable[[str], str]) -> list[str]:
    """Name what a reader of one story may want to know besides."""
    lines = [f"{words.stage}{words.colon}{clean(story.stage)}"] if story.stage else []
    if story.carriers:
        lines.append(f"{words.carried_by}{words.colon}{_named(story.carriers, words, clean)}")
    if story.corroborating:
        lines.append(f"{words.corroborated_by}{words.colon}{_named(story.corroborating, words, clean)}")
    return [*lines, *(clean(why) for why in story.why)]


def _named(carriers: Sequence[CarrierView], words: Wording, clean: Callable[[str], str]) -> str:
    names = dict.fromkeys(clean(carrier.name) for carrier in carriers)
    shown = words.comma.join(list(names)[:_MOST_CARRIERS])
    left = len(names) - _MOST_CARRIERS
    return f"{shown} {words.more.format(count=left)}" if left > 0 else shown


def _linked(text: str, link: str | None) -> str:
    return f"[{text}]({link.translate(_IN_LINKS)})" if link else text


def _twins(text: str) -> str:
    return unmentioned(text).translate(_TWINS)
