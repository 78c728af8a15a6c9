"""Turn the contents of a delivery into what a reader sees: one entry a story, cleaned, cut and in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from alerts.safe_text import one_line, web_link
from alerts.subscription import Lang
from alerts.wording import Wording
from state.deliveries import AlertContents, Carrier, Contents
from state.reasons import Reason
from state.records import Article, Entity, Evidence, Match, Severity, Span

MOST_STORIES = 50
MOST_QUOTATIONS = 3
MOST_NAMES = 12
MOST_CARRIERS = 8
LONGEST_HEADLINE = 300
LONGEST_QUOTATION = 600
_RANKS: dict[Severity, int] = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


@dataclass(frozen=True, slots=True)
class Names:
    """Translate ids into what readers call them; what is missing is shown by its id.

    `rules` are English names, `rules_zh` Chinese ones, for labels in Chinese.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    rules_zh: Mapping[str, str] = field(default_factory=dict)

    def rule(self, id_: str, lang: Lang) -> str:
        """Give the name of a rule in a language."""
        translated = self.rules_zh.get(id_) if lang == "zh" else None
        return translated or self.rules.get(id_, id_)


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a run of a quotation; `marked` where a rule's word stands."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class CarrierView:
    """Name another place that carries the story."""

    name: str
    relation: str
    link: str | None


@dataclass(frozen=True, slots=True)
class StoryView:
    """Hold one story as a reader sees it."""

    headline: str
    lang: str | None
    link: str | None
    kinds: tuple[str, ...]
    status: str
    severity: Severity
    severity_label: str
    published: str
    publisher: str
    quotations: tuple[tuple[Piece, ...], ...]
    quoted_from: str | None
    names: tuple[str, ...]
    carriers: tuple[CarrierView, ...]
    more_carriers: int
    corroborating: tuple[CarrierView, ...]
    why: tuple[str, ...]
    stage: str | None = None
    earlier: tuple[CarrierView, ...] = ()
    update: str | None = None


def view_stories(contents: Contents, wording: Wording, names: Names) -> tuple[StoryView, ...]:
    """Give one view for each story of a delivery, the most severe first, then in the order they came."""
    return tuple(view_story(group, wording, names) for group in by_severity(by_story(contents.alerts)))


def by_severity(groups: Iterable[list[AlertContents]]) -> list[list[AlertContents]]:
    """Put the most severe stories first, equals in the order they came."""
    return sorted(groups, key=lambda group: _RANKS[severest(group)])


def by_story(alerts: Iterable[AlertContents]) -> list[list[AlertContents]]:
    """Group alerts by their story, in the order they came."""
    groups: dict[str, list[AlertContents]] = {}
    for contents in alerts:
        groups.setdefault(contents.alert.story_id, []).append(contents)
    return list(groups.values())


def publisher_of(article: Article | Carrier, names: Names) -> str:
    """Name who published an article: as the page says, else as the source is called, else by its host."""
    source = names.sources.get(article.source_id or "") if isinstance(article, Article) else None
    return one_line(article.publisher or source or urlsplit(article.url).hostname or "", 80)


def quotations_of(group: Sequence[AlertContents]) -> tuple[tuple[Piece, ...], ...]:
    """Give the evidence sentences of a story's alerts, each once, with the matched words marked.

    A headline stands above them already, so it is quoted only where it is all the evidence there is.
    """
    all_of_it = [item for contents in group if contents.match for item in contents.match.evidence]
    found: dict[str, list[Span]] = {}
    for evidence in [item for item in all_of_it if item.where == "text"] or all_of_it:
        found.setdefault(evidence.sentence, []).extend(evidence.spans)
    shown = list(found.items())[:MOST_QUOTATIONS]
    return tuple(_pieces(Evidence(sentence, 0, 0, tuple(spans))) for sentence, spans in shown)


def severest(group: Sequence[AlertContents]) -> Severity:
    """Give the highest severity among a story's matches."""
    return min(
        (contents.match.severity for contents in group if contents.match),
        key=_RANKS.__getitem__,
        default="normal",
    )


def names_in(article: Article) -> tuple[str, ...]:
    """Give the entities of an article, each once, as the article first writes them."""
    first: dict[str, Entity] = {}
    for entity in sorted(article.entities, key=lambda entity: entity.start):
        first.setdefault(entity.id, entity)
    return tuple(one_line(entity.surface, 60) for entity in list(first.values())[:MOST_NAMES])


def _earlier(found: Sequence[Match], wording: Wording) -> tuple[CarrierView, ...]:
    """Link the stages of the same policy that were told of before, the latest last."""
    stages = [item for match in found for item in match.facts.get("earlier", ())][-MOST_CARRIERS:]
    return tuple(
        CarrierView(one_line(wording.stage_name(str(item["stage"])), 60), "", web_link(str(item["url"])))
        for item in stages
    )


def change_of(contents: AlertContents) -> str | None:
    """Name what is new to a reader who was told before: a much better source ("lead"), a stage of a policy ("stage")."""
    return contents.change or ("stage" if contents.alert.reason == Reason.UPDATE else None)


def _update(group: Sequence[AlertContents], wording: Wording) -> str | None:
    """Say what is new where all alerts of a story are updates."""
    changes = [change_of(contents) for contents in group]
    return wording.updates.get(changes[0] or "") if all(changes) else None


def _stage(found: Sequence[Match], wording: Wording) -> str | None:
    stage = next((match.facts.get("stage") for match in found if match.facts.get("thread")), None)
    return one_line(wording.stage_name(str(stage)), 60) if stage else None


def view_story(group: Sequence[AlertContents], wording: Wording, names: Names) -> StoryView:
    """Give the view of one story, told by one or more alerts."""
    first = group[0]
    found = [contents.match for contents in group if contents.match]
    severity = severest(group)
    status = "event" if any(match.status == "event" for match in found) or not found else "mention"
    return StoryView(
        headline=one_line(first.lead.title or first.article.title or "", LONGEST_HEADLINE)
        or wording.untitled,
        lang=first.lead.lang,
        link=web_link(first.lead.url),
        kinds=tuple(dict.fromkeys(one_line(wording.kind(match.kind), 60) for match in found)),
        status=wording.statuses[status],
        severity=severity,
        severity_label=wording.severities[severity],
        published=wording.date(first.lead.published),
        publisher=publisher_of(first.lead, names),
        quotations=quotations_of(group),
        quoted_from=publisher_of(first.article, names) if first.article.url != first.lead.url else None,
        names=names_in(first.article),
        stage=_stage(found, wording),
        earlier=_earlier(found, wording),
        carriers=tuple(_carrier(item, wording, names) for item in first.carriers[:MOST_CARRIERS]),
        more_carriers=max(0, first.carried_by - MOST_CARRIERS),
        corroborating=tuple(_carrier(item, wording, names) for item in first.corroborating[:MOST_CARRIERS]),
        update=_update(group, wording),
        why=tuple(dict.fromkeys(_why(contents, wording, names) for contents in group)),
    )


def _carrier(carrier: Carrier, wording: Wording, names: Names) -> CarrierView:
    return CarrierView(
        name=publisher_of(carrier, names),
        relation=wording.relations.get(carrier.relation, carrier.relation),
        link=web_link(carrier.url),
    )


def _why(contents: AlertContents, wording: Wording, names: Names) -> str:
    alert = contents.alert
    return wording.why.format(
        rule=one_line(names.rule(alert.rule, wording.lang), 100),
        subscription=one_line(names.subscriptions.get(alert.subscription, alert.subscription), 100),
    )


def _pieces(evidence: Evidence) -> tuple[Piece, ...]:
    """Cut a sentence into marked and unmarked runs; overlapping spans become one mark."""
    sentence, pieces, at = evidence.sentence, [], 0
    start, end = _window(evidence)
    for low, high in _merged(evidence.spans):
        low, high = max(low, start, at), min(high, end)
        if low >= high:
            continue
        pieces += [Piece(sentence[max(at, start) : low]), Piece(sentence[low:high], marked=True)]
        at = high
    pieces.append(Piece(sentence[max(at, start) : end]))
    if start > 0:
        pieces.insert(0, Piece("…"))
    if end < len(sentence):
        pieces.append(Piece("…"))
    return tuple(Piece(cleaned, piece.marked) for piece in pieces if (cleaned := _run(piece.text)))


def _run(text: str) -> str:
    """Clean a run but keep the single spaces at its ends, which part it from its neighbours."""
    inner = one_line(text, LONGEST_QUOTATION)
    lead = " " if text[:1].isspace() and inner else ""
    trail = " " if text[-1:].isspace() and inner else ""
    return f"{lead}{inner}{trail}" if inner else " " if text else ""


def _window(evidence: Evidence) -> tuple[int, int]:
    """Choose which part of a very long sentence to show: the one around its first mark."""
    if len(evidence.sentence) <= LONGEST_QUOTATION:
        return 0, len(evidence.sentence)
    first = min((span.start for span in evidence.spans), default=0)
    start = max(0, min(first - LONGEST_QUOTATION // 3, len(evidence.sentence) - LONGEST_QUOTATION))
    return start, start + LONGEST_QUOTATION


def _merged(spans: Iterable[Span]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if merged and span.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span.end))
        else:
            merged.append((span.start, span.end))
    return merged
