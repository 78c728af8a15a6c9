"""Name what can become of one try to deliver, as values: a channel returns one of these and raises nothing on purpose.

Whatever a channel raises nevertheless counts as `RetryLater` with the exception's type alone, because its message may
hold a secret, an address or text of a page. For the same reason a `why` is written by us, never quoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has taken it over."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """It did not arrive, but may; `after` is the receiver's own wish. `ambiguous` where it may have arrived after all."""

    why: str
    after: timedelta | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never arrive as it is: park it.

    `theirs` where the other side said so, or its address forbids it, rather than we of this one message.
    """

    why: str
    theirs: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """The destination says it wants nothing any more: park it and disable the destination."""

    why: str


Outcome = Delivered | RetryLater | Refused | Gone
