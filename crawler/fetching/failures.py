"""Say in one clear line why a download failed, and whether trying again can help."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.fetching.manners import Manners
from state.errors import AddressRefused, BodyRefused, FetchError

_TOO_LARGE = "the body is larger than the limit"
_PLAIN = {
    "CannotResolveHostError": "its host name does not resolve",
    "DownloadConnectionRefusedError": "the connection was refused",
    "DownloadTimeoutError": "no complete answer came within the deadline",
    "DownloadCancelledError": _TOO_LARGE,
    "ResponseDataLossError": "the body broke off",
    "NoRouteError": "no route leads to its host",
    "BadGzipFile": "the body is not compressed as it says",
    "error": "the body is not compressed as it says",  # what zlib and brotli raise is called just that
    "ZstdError": "the body is not compressed as it says",
}
# What hides in a DownloadFailedError, by a word of its text; the first that fits.
_FAILED = (
    ("certificate", "its TLS certificate is not valid"),
    ("VerificationError", "its TLS certificate is for another host"),
    ("SSL", "no TLS connection could be made"),
    ("ParseError", "what answers does not speak HTTP"),
    ("ConnectionLost", "the connection broke before the answer was complete"),
    ("ConnectionDone", "the connection was closed before the answer was complete"),
)

# The kinds of failure that are treated differently, by words of the reasons above; the first that fits.
_GRADES = (
    ("does not resolve", "dns"),
    ("TLS", "tls"),
    ("no route", "route"),
    ("connection", "connect"),
    ("within the deadline", "timeout"),
    ("redirects", "gone"),
    ("body", "body"),
    ("HTTP 429", "busy"),
    ("HTTP 5", "server"),
)
_STATUS_GRADES = {
    401: "login",
    403: "forbidden",
    451: "forbidden",
    404: "gone",
    410: "gone",
    429: "busy",
    503: "server",
}


def explain(error: BaseException, request: Request, manners: Manners) -> FetchError:
    """Turn what the download of `request` raised into an error of ours that names the address."""
    if isinstance(error, FetchError):
        return error
    refused = manners.guard.refused.get(urlsplit(request.url).hostname or "") if manners.guard else None
    if refused is not None and type(error).__name__ == "CannotResolveHostError":
        return AddressRefused(
            f"{named(request)} was not fetched: {refused}; list it under fetching.allow_addresses if it is yours",
            retryable=False,
        )
    reason = why(error)
    line = f"{named(request)} was not fetched: {reason}"
    return (
        BodyRefused(line, retryable=False)
        if reason == _TOO_LARGE
        else FetchError(line, grade=grade_of(reason))
    )


def answered(url: str, status: int) -> FetchError:
    """Make the error of an answer that is one."""
    return FetchError(f"{url} answered HTTP {status}", grade=grade_of_status(status))


def grade_of(reason: str) -> str:
    """Grade a failure by what `why` said of it."""
    return next((grade for words, grade in _GRADES if words in reason), "other")


def grade_of_status(status: int) -> str:
    """Grade an answer of 400 or more."""
    if status in _STATUS_GRADES:
        return _STATUS_GRADES[status]
    return "server" if status >= 500 else "other"


def named(request: Request) -> str:
    """Name the address of a request, with the one that led there where it was redirected."""
    before = request.meta.get("redirect_urls")
    return f"{request.url} (where {before[0]} redirects to)" if before else request.url


def why(error: BaseException) -> str:
    """Say in a few words what an exception of Scrapy or Twisted means."""
    text = " ".join(str(error).split())[:300]
    if isinstance(error, HttpError):
        return _misled(error)
    if isinstance(error, IgnoreRequest):
        return "it redirects too often" if "max redirections" in text else _TOO_LARGE
    name = type(error).__name__
    if name == "DownloadFailedError":
        return next((meaning for word, meaning in _FAILED if word in text), f"the download failed ({text})")
    if isinstance(error, ValueError) and "request url" in text:
        return f"it redirects to what is no address ({text})"
    return _PLAIN.get(name, f"{name}: {text}".rstrip(": "))


def _misled(error: HttpError) -> str:
    """Explain an answer that is neither a page nor an error: a redirect that was not followed."""
    response = error.response
    target = response.headers.get(b"Location")
    if target is None:
        return f"it answered HTTP {response.status} without saying where to go"
    return f"it redirects to {target.decode('latin-1')[:200]}, which is neither http nor https"
