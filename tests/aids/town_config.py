"""Write the configuration of a daemon that watches a town."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

PACK = Path(__file__).parents[1] / "packs" / "robots"
_RETRY = ["200ms", *["1s"] * 7]
_STUBBORN = ["200ms", *["1s"] * 60]
"""Every kill in the middle of a delivery costs it a try."""


def configure(town, folder, *, every="1s", desks=None, digests=()):
    """Write `yuewatch.yaml` and its secrets into `folder`; give the path of the former.

    With `desks` every channel and way of holding is on besides: a mail at once, a group by webhook, a group by chat, and
    a daily digest by webhook at each of the times `digests` (of UTC), each to a destination of its own.
    """
    _write_secret(folder / "secret", "whsec_c2VjcmV0LWZvci10aGUtY3Jhc2gtdGVzdHMhIQ==")
    settings = {
        "state": str(folder / "state.db"),
        "pack": str(PACK),
        "pack_sources": False,
        "sources": [
            {
                "id": f"site-{site.number}",
                "kind": "feed",
                "url": f"{site.base}/feed.xml",
                "every": every,
                "baseline": False,
                "max_leads": 2000,
            }
            for site in town.sites
        ],
        "fetching": {"delay": "0s", "allow_addresses": ["127.0.0.1"]},
        "subscriptions": [{"id": "all", "destinations": ["hook"]}],
        "destinations": {"hook": _hook(folder, f"{town.receiver.base}/", _RETRY)},
    }
    if desks is not None:
        _add_desks(settings, folder, desks, digests)
    path = folder / "yuewatch.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def digest_times(count, apart):
    """Give `count` minutes that lie ahead, the first within one, each then twice as far as the one before."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return [now + timedelta(minutes=1), *(now + timedelta(minutes=apart * 2**n) for n in range(1, count))]


def _add_desks(settings, folder, desks, digests):
    web = f"http://127.0.0.1:{desks.web_port}"
    _write_secret(folder / "chat", f"json://127.0.0.1:{desks.web_port}/chat")
    group = {"wait": "1s", "interval": "3s"}
    settings["subscriptions"] += [
        {"id": "mail", "destinations": ["mail"]},
        {"id": "group", "destinations": ["group"], "group": group},
        {"id": "chat", "destinations": ["chat"], "group": group},
    ]
    settings["destinations"] |= {
        "mail": {
            "type": "email",
            "to": "mail@desks.example",
            "from": "yuewatch@desks.example",
            "host": "127.0.0.1",
            "port": desks.mail_port,
            "security": "none",
            "retry": _STUBBORN,
        },
        "group": _hook(folder, f"{web}/group", _STUBBORN),
        "chat": {"type": "apprise", "url_file": str(folder / "chat"), "retry": _STUBBORN},
    }
    for moment in digests:
        name = f"digest-{moment:%H%M}"
        digest = {"every": "daily", "at": f"{moment:%H:%M}"}
        settings["subscriptions"].append({"id": name, "destinations": [name], "digest": digest})
        settings["destinations"][name] = _hook(folder, f"{web}/{name}", _STUBBORN)


def _hook(folder, url, retry):
    return {
        "type": "webhook",
        "url": url,
        "secret_file": str(folder / "secret"),
        "allow": ["127.0.0.1"],
        "retry": retry,
    }


def _write_secret(path, text):
    path.write_text(text + "\n")
    path.chmod(0o600)
