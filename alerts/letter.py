"""Write one alert as an e-mail that holds exactly the headers we chose, whatever the headline tries."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from alerts.message import Message
from alerts.safe_text import one_line, paragraph
from state.errors import DeliveryError


class _Verbatim(UnstructuredHeader, BaseHeader):
    """Write a header of addresses on one line: Python would make encoded words of a long one, which nobody reads there."""

    def fold(self, *, policy: policy.Policy[Any]) -> str:
        """Give the whole line."""
        return f"{self.name}: {self}{policy.linesep}"


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("List-Unsubscribe", "References"):
        registry.map_to_type(name, _Verbatim)
    return registry


# 7 bit, because not every relay on the way speaks 8BITMIME.
_POLICY = policy.SMTP.clone(cte_type="7bit", header_factory=_registry())
_HEADERS = frozenset(
    {
        "From", "To", "Subject", "Date", "Message-ID", "References", "List-Unsubscribe",
        "Auto-Submitted", "MIME-Version", "Content-Type",
    }
)  # fmt: skip
LONGEST_HEADER_LINE = 998
"""RFC 5322 section 2.1.1, in octets without the line end."""


def write_letter(
    message: Message,
    *,
    sender: str,
    sender_name: str,
    to: str,
    unsubscribe: str | None = None,
    code: str = "",
) -> bytes:
    """Give the bytes of a multipart mail with text and HTML.

    `Message-ID` comes from the delivery's id, so that a repeat can be recognised; all mails about one story refer to
    the same thread. `unsubscribe` is where the wish to stop is sent, `code` what it says then. The written bytes are
    read again: should there be any header that is not ours (section 4.8 of the reliability notes, CVE-2024-6923), the
    subject is replaced by the delivery's id, and should that not help, DeliveryError is raised.
    """
    stop = _way_to_stop(unsubscribe, f"unsubscribe {code}".strip()) if unsubscribe else None
    for subject in (one_line(message.subject), f"yuewatch {message.id}"):
        letter = _compose(message, subject, _addressed(sender, sender_name), to, stop)
        written = letter.as_bytes(policy=_POLICY)
        if _is_as_meant(written, letter):
            return written
    raise DeliveryError("the mail could not be written without stray headers; nothing was sent")


def _way_to_stop(address: str, subject: str) -> str:
    """Write a mailto: address as RFC 6068 asks; `=?` in it would also be read as the start of an encoded word."""
    return f"<mailto:{quote(address, safe='@')}?subject={quote(subject, errors='replace')}>"


def _addressed(sender: str, name: str) -> Address:
    return Address(one_line(name, 100), addr_spec=sender)


def _compose(message: Message, subject: str, sender: Address, to: str, stop: str | None) -> EmailMessage:
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = sender
    letter["To"] = Address(addr_spec=to)
    letter["Subject"] = subject
    letter["Date"] = format_datetime(message.created)
    letter["Message-ID"] = f"<{message.id}@{sender.domain}>"
    if message.thread:
        letter["References"] = f"<{message.thread}@{sender.domain}>"
    if stop:
        letter["List-Unsubscribe"] = stop
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(paragraph(message.text, 200_000))
    letter.add_alternative(paragraph(message.html, 500_000), subtype="html")
    return letter


def _is_as_meant(written: bytes, letter: EmailMessage) -> bool:
    head = written.partition(b"\r\n\r\n")[0]
    names = message_from_bytes(written, policy=policy.compat32).keys()
    return (
        sorted(names) == sorted(letter.keys())
        and len(set(names)) == len(names)
        and _HEADERS.issuperset(names)
        and all(len(line) <= LONGEST_HEADER_LINE for line in head.split(b"\r\n"))
        and b"\r" not in head.replace(b"\r\n", b"")
        and b"\n" not in head.replace(b"\r\n", b"")
    )
