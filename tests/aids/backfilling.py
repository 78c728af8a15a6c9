"""Run `yuewatch backfill` as its user does, kill it, and compare what two runs left behind."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import nursery
import yaml

PACK = Path(__file__).parents[1] / "packs" / "robots"
SECRET = "whsec_c2VjcmV0LWZvci10aGUtY3Jhc2gtdGVzdHMhIQ==\n"


def configure(folder, sources, *, delay="0s", hook="http://127.0.0.1:9/", **more):
    """Write a configuration with these sources into a folder; give its path."""
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o600)
    settings = {
        "state": str(folder / "state.db"),
        "pack": str(PACK),
        "pack_sources": False,
        "sources": sources,
        "fetching": {"delay": delay, "allow_addresses": ["127.0.0.1"]},
        "subscriptions": [{"id": "all", "destinations": ["hook"]}],
        "destinations": {
            "hook": {
                "type": "webhook",
                "url": hook,
                "secret_file": str(folder / "secret"),
                "allow": ["127.0.0.1"],
                "retry": ["200ms", *["1s"] * 7],
            }
        },
        **more,
    }
    path = folder / "yuewatch.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def backfill(config, *args, timeout=120):
    """Run a backfill to its end; give its exit code, its last JSON line and what it wrote to standard error."""
    code, out, err = nursery.run("--config", config, "backfill", *args, patience=timeout)
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return code, lines[-1] if lines else {}, err


def start(config, *args):
    """Start a verb that goes on; all of them write to one log, which a wait in vain shows."""
    return nursery.start("--config", config, *args, out=_log(config))


def _log(config):
    return config.with_name("processes.log")


def wait_for(config, query, enough, *, timeout=60):
    """Wait until a count in the state reaches a number."""
    state = config.with_name("state.db")
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if state.exists() and (count(state, query) or 0) >= enough:
            return
        time.sleep(0.02)
    told = _log(config).read_text("utf-8")[-4000:] if _log(config).exists() else ""
    raise AssertionError(f"{query} never came to {enough}; the log says\n{told}")


def count(state, query):
    try:
        with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchone()[0]
    except sqlite3.OperationalError:
        return None


def outcome(state):
    """Give all stories, articles and matches, without the times at which they were written."""
    tables = {
        "articles": "id, url, key, title, text, lang, published, published_at, folded, entities, notes, source_id, origin, story_id, relation, evidence",
        "stories": "id, lead_url, merged_into",
        "story_links": "story_id, other_id, kind, evidence",
        "matches": "article_url, story_id, rule, kind, status, severity, evidence, reason",
        "alerts": "id, story_id, rule, subscription, article_url, reason",
    }
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as db:
        return {
            name: sorted(db.execute(f"SELECT {columns} FROM {name}").fetchall(), key=repr)
            for name, columns in tables.items()
        }
