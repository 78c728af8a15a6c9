"""A source under watch on a made-up clock: it publishes by a habit, falls ill on cue, and the state is a real file."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler.health import watch
from crawler.leads.leads import Leads
from crawler.rounds import Listing
from crawler.timetable import taught
from state import health, leads, rhythms, sources
from state.health import Read
from state.records import Lead, Source
from state.sources import Poll

HOUR = timedelta(hours=1)
LOOK = 2 * HOUR
SHOWN = 20
Fault = Callable[["Ward", Leads], Leads]


@dataclass
class Ward:
    """Look at one source every two hours; `ill` changes what it shows, `page` what its pages hold, `grade` lets it fail."""

    db: object
    source: Source
    times: Sequence[datetime]
    now: datetime
    ill: Fault | None = None
    grade: str | None = None
    page: Callable[[random.Random], Read] | None = None
    redirect: str | None = None
    cut_off: datetime | None = None
    since: datetime | None = None
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def live(self, until: datetime) -> list[health.Finding]:
        """Let time pass; give the findings opened."""
        opened: list[health.Finding] = []
        while self.now < until:
            self.now += LOOK
            opened += self._look().opened
        return opened

    def _look(self) -> watch.Turn:
        before = sources.all_states(self.db)[self.source.id]
        if self.grade is not None:
            poll = Poll(self.source.id, self.now, self.now + LOOK, error=f"it failed ({self.grade})")
            sources.record_poll(self.db, poll)
            return watch.after_failure(self.db, self.source, self.grade, self.now)
        shown = Leads(tuple(self._items()))
        if self.ill is not None:
            shown = self.ill(self, shown)
        new = leads.add(self.db, shown.items, "live", self.now)
        body = repr([(lead.url, lead.title, lead.published) for lead in shown.items])
        unchanged = body == before.body_hash
        rhythm = rhythms.load(self.db, self.source.id, self.now)
        rhythms.store(
            self.db, self.source.id, taught(rhythm, self.source, new, before.last_success, self.now)
        )
        sources.record_poll(
            self.db,
            Poll(
                self.source.id,
                self.now,
                self.now + LOOK,
                status=200,
                body_hash=body,
                unchanged=unchanged,
                new_leads=len(new),
            ),
        )
        for _ in new:
            page = self.page(self.rng) if self.page else Read(self.rng.randint(700, 1600), "zh")
            watch.after_page(self.db, self.source.id, page, self.now)
        listing = Listing(
            self.source, before, 200, None if unchanged else shown, final_url=self.redirect or self.source.url
        )
        return watch.after_look(self.db, listing, new, self.now)

    def _items(self) -> list[Lead]:
        until = self.now if self.cut_off is None else min(self.now, self.cut_off)
        told = [moment for moment in self.times if moment <= until][-SHOWN:]
        return [self.lead(moment) for moment in reversed(told)]

    def lead(self, moment: datetime, site: str = "https://gd.example", shift: timedelta = 0 * HOUR) -> Lead:
        """Make the item that was published at a moment."""
        name = f"{site}/{moment.timestamp():.3f}.html"
        return Lead(name, name, self.source.id, f"News of {moment}", (moment + shift).isoformat())

    def usual_gap(self) -> timedelta:
        """Give the silence that is usual for it: the longest of a week, in all weeks but one."""
        longest = sorted(health.load_vitals(self.db, self.source.id).longest.values())
        return timedelta(hours=longest[-2])


def admit(db: object, times: Sequence[datetime], start: datetime, kind: str = "listing") -> Ward:
    """Make a source known to the state and put it under watch."""
    source = Source(
        "gd", kind, "https://gd.example/list", zone="Asia/Shanghai", every=LOOK, options={"item": "li"}
    )
    sources.register(db, source.id, source.url, start)
    return Ward(db, source, times, start)


# What can go wrong: each takes the ward and sets it up; the kind of finding it must lead to.


def _shows(fault: Fault) -> Callable[[Ward], None]:
    def fall_ill(ward: Ward) -> None:
        ward.ill = fault

    return fall_ill


def _fails(grade: str) -> Callable[[Ward], None]:
    def fall_ill(ward: Ward) -> None:
        ward.grade = grade

    return fall_ill


def _reads(page: Callable[[random.Random], Read]) -> Callable[[Ward], None]:
    def fall_ill(ward: Ward) -> None:
        ward.page = page

    return fall_ill


def _falls_silent(ward: Ward) -> None:
    ward.cut_off = ward.now


def _shuffles(ward: Ward) -> None:
    ward.cut_off = ward.now

    def shuffle(ward: Ward, shown: Leads) -> Leads:
        return replace(shown, items=tuple(ward.rng.sample(shown.items, len(shown.items))))

    ward.ill = shuffle


def _goes_back(ward: Ward) -> None:
    ward.cut_off = ward.now - timedelta(days=14)


def _to_login(ward: Ward) -> None:
    ward.redirect = "https://gd.example/user/login?next=/list"


def _each(change: Callable[[Ward, Lead], Lead]) -> Callable[[Ward], None]:
    return _shows(lambda ward, shown: replace(shown, items=tuple(change(ward, lead) for lead in shown.items)))


def _archive(ward: Ward, shown: Leads) -> Leads:
    moved = [
        ward.lead(
            datetime.fromisoformat(lead.published or ""), "https://gd.example/archive", -400 * 24 * HOUR
        )
        for lead in shown.items
    ]
    return replace(shown, items=tuple(moved))


def _renamed(ward: Ward, lead: Lead, site: str) -> Lead:
    return ward.lead(datetime.fromisoformat(lead.published or ""), site)


def _new_in_future(ward: Ward, lead: Lead) -> Lead:
    moment = datetime.fromisoformat(lead.published or "")
    return ward.lead(moment, shift=5 * 365 * 24 * HOUR) if moment > ward.since else lead


FAULTS: dict[str, tuple[Callable[[Ward], None], str]] = {
    "falls silent": (_falls_silent, "quiet"),
    "changes its bytes but shows no news": (_shuffles, "quiet"),
    "shows its archive as news": (_shows(_archive), "stale"),
    "shows nothing": (_shows(lambda _, shown: replace(shown, items=())), "empty"),
    "shows a tenth": (_shows(lambda _, shown: replace(shown, items=shown.items[: SHOWN // 10])), "drifted"),
    "loses its titles": (_each(lambda _, lead: replace(lead, title=None)), "drifted"),
    "loses its dates": (_each(lambda _, lead: replace(lead, published=None)), "drifted"),
    "shows an old copy": (_goes_back, "backwards"),
    "has a clock years ahead": (_each(_new_in_future), "ahead"),
    "links to another host": (_each(lambda w, lead: _renamed(w, lead, "https://spam.example")), "elsewhere"),
    "shortens its articles": (_reads(lambda rng: Read(rng.randint(80, 160), "zh")), "shorter"),
    "changes its language": (_reads(lambda rng: Read(rng.randint(700, 1600), "en")), "other language"),
    "puts pages behind a login": (
        _reads(lambda _: Read(error="it asks for a login", grade="login")),
        "unreadable",
    ),
    "redirects to a login": (_to_login, "login"),
    "loses its name": (_fails("dns"), "failing"),
    "lets its certificate run out": (_fails("tls"), "failing"),
    "is gone": (_fails("gone"), "failing"),
    "breaks": (_fails("server"), "failing"),
    "asks for patience for ever": (_fails("busy"), "failing"),
    "does not answer": (_fails("timeout"), "failing"),
    "keeps us out": (_fails("forbidden"), "failing"),
    "turns into a page": (_fails("unreadable"), "failing"),
}
UTC_START = datetime(2026, 8, 31, tzinfo=UTC)
