"""List the channels. Adding one is a file beside this one, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.channels import apprise, email, webhook
from alerts.channels.channel import Channel
from alerts.retry import EMAIL, WEBHOOK

CHANNELS: Mapping[str, Channel[Any]] = {
    "email": Channel(email.EmailSettings, email.open_email, EMAIL, email.PATIENCE),
    "webhook": Channel(webhook.WebhookSettings, webhook.open_webhook, WEBHOOK, webhook.PATIENCE),
    "apprise": Channel(apprise.AppriseSettings, apprise.open_apprise, WEBHOOK, apprise.PATIENCE),
}
