"""Write the configuration of a daemon that watches a town."""

from pathlib import Path

import yaml

PACK = Path(__file__).parents[1] / "packs" / "robots"


def configure(town, folder, *, every="1s"):
    """Write `yuewatch.yaml` and the webhook's secret into `folder`; give the path of the former."""
    secret = folder / "secret"
    secret.write_text("whsec_c2VjcmV0LWZvci10aGUtY3Jhc2gtdGVzdHMhIQ==\n")
    secret.chmod(0o600)
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
        "destinations": {
            "hook": {
                "type": "webhook",
                "url": f"{town.receiver.base}/",
                "secret_file": str(secret),
                "allow": ["127.0.0.1"],
                "retry": ["200ms", *["1s"] * 7],
            }
        },
    }
    path = folder / "yuewatch.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path
