"""Take a publication date that a person or another program gives with a page."""

from __future__ import annotations

from datetime import tzinfo

from crawler.reading.dates.structured import read_date
from state.records import Published


def given_date(text: str, read: Published, zone: tzinfo) -> Published:
    """Prefer the date given as `text` to the one `read`, which becomes a conflict where it is another day.

    A text that is no date changes nothing, for then nobody gave one.
    """
    moment = read_date(text, zone)
    if moment is None:
        return read
    other = read_date(read.value, zone)
    rivals = set(read.conflicts)
    if other is not None and not other.agrees(moment):
        rivals.add(other.value)
    return Published(
        value=moment.value,
        precision=moment.precision,
        evidence="given",
        raw=moment.raw,
        zone_assumed=moment.zone_assumed,
        conflicts=tuple(sorted(rivals - {moment.value})),
    )
