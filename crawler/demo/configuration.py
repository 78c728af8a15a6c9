"""Write the configuration that makes yuewatch watch the demo's newsroom and alert its receivers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from crawler.demo.newsroom import Addresses

_ZONE = "Asia/Shanghai"


def demo_configuration(
    addresses: Addresses,
    *,
    smtp_port: int,
    webhook_url: str,
    secret_file: Path,
    state: Path,
    every: str = "2s",
    baseline: bool = True,
    digest_at: str = "08:00",
) -> str:
    """Write a complete `yuewatch.yaml` for the newsroom.

    Args:
        addresses: Where the sites listen.
        smtp_port: Where the mail sink listens on 127.0.0.1.
        webhook_url: Where the webhook receiver listens.
        secret_file: File that holds the webhook's `whsec_…` secret; the configuration only names it.
        state: The state file.
        every: How often each source is due.
        baseline: Whether first contact alerts nobody.
        digest_at: When the daily digest goes out, UTC.
    """
    written = {
        "state": str(state),
        "pack_sources": False,
        "sources": [
            {"every": every, "baseline": baseline, "zone": _ZONE, **source} for source in _sources(addresses)
        ],
        "subscriptions": _subscriptions(digest_at),
        "destinations": _destinations(smtp_port, webhook_url, secret_file),
        # The demo's sites are on loopback, which is refused unless it is listed; they need no pause either.
        "fetching": {"delay": "0s", "allow_addresses": ["127.0.0.1"]},
    }
    head = "# The configuration of the demo: every address in it is on this machine.\n"
    return head + yaml.safe_dump(written, allow_unicode=True, sort_keys=False, width=100)


def _sources(addresses: Addresses) -> list[dict[str, Any]]:
    return [
        {
            "id": "portal-notices",
            "kind": "listing",
            "url": f"{addresses.portal}/zwgk/tzgg/index.html",
            "name": "粤政公开网",
            "role": "issuer",
            "lang": "zh",
            "places": ["guangdong"],
            "tier": 1,
            # Looked at more often, so that what is usual for it is known by the time its site is rebuilt.
            "every": "1s",
            "listing": {"item": "ul.list li", "link": "a", "title": "a", "date": "span.time"},
        },
        {
            "id": "portal-disclosure",
            "kind": "json",
            "url": f"{addresses.portal}/gkmlpt/api/all/0",
            "name": "粤政公开网",
            "role": "issuer",
            "lang": "zh",
            "places": ["guangdong"],
            "tier": 1,
            "json": {
                "items": "articles",
                "fields": {"url": "url", "title": "title", "date": ["display_publish_time", "created_at"]},
            },
        },
        {
            "id": "daily",
            "kind": "feed",
            "url": f"{addresses.daily}/rss/yaowen.xml",
            "name": "岭海日报",
            "role": "outlet",
            "lang": "zh",
            "places": ["guangdong"],
            "tier": 1,
        },
        {
            "id": "daily-en",
            "kind": "feed",
            "url": f"{addresses.daily_en}/atom.xml",
            "name": "Linghai Daily",
            "role": "outlet",
            "lang": "en",
        },
        {
            "id": "quayside",
            "kind": "listing",
            "url": f"{addresses.republisher}/en/news",
            "name": "Quayside Wire",
            "role": "republisher",
            "lang": "en",
            "tier": 3,
            "listing": {"pattern": r"/news/detail/\d+"},
        },
        {
            "id": "briefmill",
            "kind": "feed",
            "url": f"{addresses.aggregator}/feed.json",
            "name": "BriefMill",
            "role": "aggregator",
            "lang": "en",
            "tier": 3,
        },
        {
            "id": "pengyan",
            "kind": "sitemap",
            "url": f"{addresses.company}/sitemap.xml",
            "name": "Pengyan Robotics",
            "role": "company",
        },
    ]


def _subscriptions(digest_at: str) -> list[dict[str, Any]]:
    return [
        {"id": "policy-desk", "name": "Policy desk", "kinds": ["policy"], "destinations": ["desk-mail"]},
        {"id": "company-desk", "name": "Company desk", "kinds": ["company"], "destinations": ["desk-hook"]},
        {
            "id": "everything",
            "name": "Everything, for the archive",
            "destinations": ["desk-hook"],
        },
        {
            "id": "team",
            "name": "评论组",
            "destinations": ["team-mail"],
            "lang": "zh",
            "group": {"wait": "8s", "interval": "8s"},
        },
        {
            "id": "chief",
            "name": "Chief editor, once a day",
            "destinations": ["chief-mail"],
            "digest": {"every": "daily", "at": digest_at},
        },
    ]


def _destinations(smtp_port: int, webhook_url: str, secret_file: Path) -> dict[str, dict[str, Any]]:
    return {
        **{
            f"{name}-mail": {
                "type": "email",
                "to": f"{name}@newsroom.example",
                "from": "yuewatch@newsroom.example",
                "host": "127.0.0.1",
                "port": smtp_port,
                "security": "none",
                **_nearby(),
            }
            for name in ("desk", "team", "chief")
        },
        "desk-hook": {"type": "webhook", "url": webhook_url, "secret_file": str(secret_file), **_nearby()},
    }


def _nearby() -> dict[str, Any]:
    """Allow loopback, and pause shortly, so that a delivery that fails once is seen to arrive during the demo."""
    return {"allow": ["127.0.0.1"], "retry": ["1s", "2s", "2s", "4s", "8s"]}
