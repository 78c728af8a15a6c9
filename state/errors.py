"""The error tree: every error yuewatch raises on purpose.

    YuewatchError
    ├── ConfigurationError     the user wrote something we cannot use        exit 4
    │   └── RuleError          a rule or pack file; carries line and column
    ├── StateError             the state file cannot be used
    │   ├── StateLocked        another daemon holds it; carries the holder's pid
    │   └── StateTooNew        written by a later version
    ├── FetchError             one address could not be fetched; carries `retryable` and `grade`
    │   ├── AddressRefused     it leads to an address that is not public
    │   ├── RobotsRefused      the site's robots.txt says no
    │   └── BodyRefused        too large, too slow or not what it says it is
    ├── ReadError              bytes were fetched but say nothing usable; carries `grade`
    │   ├── UnreadablePage     a page without an article
    │   └── UnreadableListing  a feed, sitemap, listing or JSON that does not parse
    └── DeliveryError          a destination is set up in a way that cannot work

Each message says what happened, to what, what we did and what the user can do.
"""

from __future__ import annotations


class YuewatchError(Exception):
    """Say what went wrong in one line that a user can act on."""

    exit_code = 1
    retryable = False


class ConfigurationError(YuewatchError):
    """Report something in the user's files; `where` is `file:line: key` as far as known."""

    exit_code = 4

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


class RuleError(ConfigurationError):
    """Report a rule or pack file that cannot be used."""


class StateError(YuewatchError):
    """Report a state file that cannot be used."""


class StateLocked(StateError):  # noqa: N818 - named for what it tells
    """Report that another process writes this state; `pid` is the holder's."""

    def __init__(self, message: str, *, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class StateTooNew(StateError):  # noqa: N818 - named for what it tells
    """Report a state file written by a later version of yuewatch."""


class FetchError(YuewatchError):
    """Report an address that could not be fetched."""

    grade = "other"

    def __init__(self, message: str, *, retryable: bool = True, grade: str | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.grade = grade or self.grade


class AddressRefused(FetchError):  # noqa: N818 - named for what it tells
    """Report an address that is not public and not listed in the configuration."""

    grade = "address"


class RobotsRefused(FetchError):  # noqa: N818 - named for what it tells
    """Report a page that the site's robots.txt keeps us from."""

    grade = "robots"


class BodyRefused(FetchError):  # noqa: N818 - named for what it tells
    """Report a body that is too large, too slow or not what it says it is."""

    grade = "body"


class ReadError(YuewatchError):
    """Report bytes that were fetched but say nothing usable."""

    grade = "unreadable"

    def __init__(self, message: str, *, grade: str | None = None) -> None:
        super().__init__(message)
        self.grade = grade or self.grade


class UnreadablePage(ReadError):  # noqa: N818 - named for what it tells
    """Report a page in which no article was found."""


class UnreadableListing(ReadError):  # noqa: N818 - named for what it tells
    """Report a feed, sitemap, listing page or JSON listing that does not parse."""


class DeliveryError(YuewatchError):
    """Report a destination that is set up in a way that cannot work."""
