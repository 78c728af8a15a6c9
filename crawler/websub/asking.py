"""Ask a hub for a subscription, or for its end: WebSub, section 5.1."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from http.client import HTTPException
from urllib.parse import urlencode, urlsplit, urlunsplit

from alerts.dial import Dial
from alerts.http_line import HttpLine
from state.addresses import Network
from state.errors import AddressRefused
from state.hubs import Mode, Subscription

SECONDS = 15.0
"""How long a hub may take to answer in all."""
LEASE = timedelta(days=10)
"""What we ask for; the hub decides."""


def ask_hub(
    subscription: Subscription, mode: Mode, callback: str, secret: str, allowed: Sequence[Network]
) -> str | None:
    """Send the request; give why the hub did not take it, or None where it did and will verify it.

    Redirects are not followed. Like everything of ours it goes to public addresses only, and in clear to listed ones.
    """
    parts = urlsplit(subscription.hub)
    form = {
        "hub.callback": callback,
        "hub.mode": mode,
        "hub.topic": subscription.topic,
        "hub.lease_seconds": int(LEASE.total_seconds()),
        "hub.secret": secret,
    }
    headers = {"content-type": "application/x-www-form-urlencoded", "user-agent": "yuewatch"}
    try:
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        port = parts.port or (443 if tls else 80)
        with (
            Dial(allowed, SECONDS) as dial,
            closing(HttpLine(parts.hostname or "", port, dial, tls)) as line,
        ):
            target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            line.request("POST", target, body=urlencode(form), headers=headers)
            status = line.getresponse().status
    except AddressRefused as error:
        return str(error)
    except (HTTPException, OSError, ValueError) as error:
        return type(error).__name__
    # The standard says 202; hubs of its forerunner, PubSubHubbub, verify at once and say 204.
    return None if 200 <= status < 300 else f"HTTP {status}"
