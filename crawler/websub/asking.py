"""Ask a hub for a subscription, or for its end: WebSub, section 5.1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from alerts.http_line import refused
from state.addresses import Network
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
    form = {
        "hub.callback": callback,
        "hub.mode": mode,
        "hub.topic": subscription.topic,
        "hub.lease_seconds": int(LEASE.total_seconds()),
        "hub.secret": secret,
    }
    # The standard says 202; hubs of its forerunner, PubSubHubbub, verify at once and say 204.
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return refused("POST", subscription.hub, allowed, SECONDS, urlencode(form), headers)
