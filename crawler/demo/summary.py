"""Sum a demo up so that a stranger understands it, and say where yuewatch and the newsroom's own notes disagree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text
from sqlite_utils import Database

from crawler.demo.agreement import Agreement, Sent, compare
from crawler.demo.newsroom import Newsroom
from crawler.demo.receivers import HookReceiver, MailSink
from crawler.logs import clean
from state import articles, deliveries, matches, stories
from state.database import open_reader
from state.figures import figures
from state.reasons import Reason

_WIDEST = 96


def summarise(
    state: Path, newsroom: Newsroom, mail: MailSink, hooks: HookReceiver, recoveries: int = 0
) -> Group:
    """Give the summary of what a state file holds after a demo."""
    with open_reader(state) as db:
        counted = figures(db)
        agreement = _agreement(db, newsroom)
        told = list(_alerts(db))
        shared = list(_stories(db))
        held = _held(db)
    figures_table = Table("", "", show_header=False, box=None, title="What happened", title_justify="left")
    for name, text in (
        ("requests answered by the sites", str(newsroom.requests())),
        (
            "pages stored",
            f"{counted['pages']['stored']}, {counted['pages']['quarantined']} of them unreadable",
        ),
        (
            "articles",
            f"{counted['articles']['stored']}, {counted['articles']['folded']} with a body that stood twice and was folded",
        ),
        (
            "stories",
            f"{counted['stories']['open']}; {counted['stories']['duplicates']} articles joined one as a duplicate",
        ),
        (
            "matches",
            f"{counted['matches']['events']} announcements, {counted['matches']['mentions']} mere mentions",
        ),
        ("alerts raised", _reasons(state)),
        ("held and sent together", held),
        ("endpoints that recovered", str(recoveries)),
        ("deliveries", ", ".join(f"{number} {name}" for name, number in counted["deliveries"].items())),
        (
            "received",
            f"{len(mail.accepted)} mails, {len(hooks.accepted)} webhooks; {hooks.repeats} seen twice by id",
        ),
    ):
        figures_table.add_row(name, text)
    return Group(figures_table, Text(), *shared, Text(), *told, Text(), *_verdict(agreement))


def _reasons(state: Path) -> str:
    with open_reader(state) as db:
        return ", ".join(f"{number} {reason}" for reason, number in sorted(deliveries.reasons(db).items()))


def _held(db: Database) -> str:
    """Count what was held: messages sent of each kind with their alerts, and what waits for the next digest."""
    sent: Counter[str] = Counter()
    alerts: Counter[str] = Counter()
    for delivery in deliveries.listing(db):
        if delivery.held_for is None:
            continue
        kind = f"{delivery.held_for} waiting" if delivery.state == "held" else str(delivery.held_for)
        sent[kind] += 1
        alerts[kind] += len(delivery.alert_ids)
    return (
        ", ".join(f"{number} {kind} ({alerts[kind]} alerts)" for kind, number in sorted(sent.items()))
        or "none"
    )


def _stories(db: Database) -> Iterator[Text]:
    yield Text("Stories that several sites carry", style="italic")
    for story_id in stories.ids(db):
        story = stories.find(db, story_id)
        lead = articles.find(db, story.lead) if story is not None and story.members else None
        if story is None or lead is None:
            continue
        yield Text(clean(f" • {lead.title or lead.url} ({lead.publisher or lead.source_id})"[:_WIDEST]))
        for member in story.members:
            carrier = articles.find(db, member.url)
            name = (carrier.publisher or carrier.source_id or "") if carrier is not None else ""
            yield Text(
                clean(f"     {member.relation.replace('_', ' ')}: {name}: {member.evidence}"[:_WIDEST])
            )


def _alerts(db: Database) -> Iterator[Text]:
    yield Text("Alerts that reached people, each with its evidence", style="italic")
    for alert, carrying in deliveries.every_alert(db):
        if not carrying:
            continue
        match = next(
            (item for item in matches.of_article(db, alert.article_url) if item.rule == alert.rule), None
        )
        sentence = match.evidence[0].sentence if match is not None and match.evidence else ""
        fate = ", ".join(f"{item.destination} {item.state} after {item.attempts}" for item in carrying)
        yield Text(clean(f" • {alert.rule} → {alert.subscription} ({fate})"))
        yield Text(clean(f"     “{sentence}”"))


def _agreement(db: Database, newsroom: Newsroom) -> Agreement:
    rows = list(articles.every(db))
    story_of = {row["key"]: row["story_id"] for row in rows}
    kinds: dict[tuple[str, str], str] = defaultdict(str)
    for row, match in matches.every(db):
        kinds[(row["article_url"], match.rule)] = match.kind
    sent = [
        Sent(alert.story_id, kinds[(alert.article_url, alert.rule)], alert.subscription)
        for alert, _ in deliveries.every_alert(db)
        if alert.reason != Reason.OLD
    ]
    return replace(compare(newsroom.on_show(), story_of, sent), astray=tuple(_astray(db)))


def _astray(db: Database) -> Iterator[str]:
    """Name alerts that went another way than their reason says: muted but sent, or to be sent and neither sent nor held."""
    for alert, carrying in deliveries.every_alert(db):
        fates = {item.state for item in carrying}
        wanted = {"delivered", "held"} if Reason(alert.reason).delivers else set()
        if not fates <= wanted or bool(fates) != bool(wanted):
            yield f"{alert.rule} → {alert.subscription} ({alert.reason})"


def _verdict(agreement: Agreement) -> Iterator[Text]:
    """Tell honestly where the result and the newsroom's own notes differ."""
    yield Text("Against the newsroom's own notes on what its articles are", style="italic")
    yield Text(
        f"   {agreement.articles} pages, {agreement.stories} stories, {agreement.owed} of which owe an alert"
    )
    if agreement.complete:
        yield Text("   everything agrees")
    for what, names in (
        ("not read", agreement.unread),
        ("read against robots.txt", agreement.trespassed),
        ("one story split into several", agreement.split),
        ("several stories merged into one", tuple(" + ".join(names) for names in agreement.merged)),
        ("alert missed", agreement.missed),
        ("alert not wanted", agreement.unwanted),
        ("told twice", agreement.repeated),
        ("went another way than its reason says", agreement.astray),
    ):
        if names:
            yield Text(f"   {what}: {', '.join(names)}")
