"""`yuewatch explain`: what became of an article, step by step, and why."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crawler.cli.context import Context, console, json_option, pass_context
from crawler.explanation import Explanation, explain_file, explain_url
from crawler.station import build_ingest


@click.command()
@click.argument("target")
@click.option("--source", "source_id", help="Read a FILE as if this source had brought it.")
@click.option("--url", help="The address a FILE was saved from.")
@click.option(
    "--fetched-at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"]),
    help="When a FILE was fetched; without it, phrases like “1 day ago” stay unresolved.",
)
@json_option
@pass_context
def explain(
    context: Context,
    target: str,
    source_id: str | None,
    url: str | None,
    fetched_at: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Explain what TARGET (a URL that was crawled, or a saved page or text file) says and why it did or did not alert."""
    configuration = context.load()
    ingest = build_ingest(configuration)
    path = Path(target)
    if path.is_file():
        explanation = explain_file(ingest, path, url=url, source_id=source_id, fetched_at=fetched_at)
    else:
        explanation = explain_url(ingest, configuration.state, target)
    if as_json:
        sys.stdout.write(json.dumps(explanation.shape(), ensure_ascii=False, default=str) + "\n")
    else:
        _show(explanation)


def _show(explanation: Explanation) -> None:
    out = console()
    shape = explanation.shape()
    for step in explanation.steps:
        out.print(f"• {step}")
    article: dict[str, Any] | None = shape["article"]
    if article is not None:
        out.print(f"\n{article['title'] or '(no title)'}")
        date = article["published"]
        out.print(
            f"  language {article['lang'] or '–'} · published {date['value'] or '–'} ({date['evidence'] or 'no evidence'}{', raw: ' + date['raw'] if date['raw'] else ''})"
        )
        out.print(
            f"  publisher {article['publisher'] or '–'} · original source {article['original_source'] or '–'} · author {article['author'] or '–'}"
        )
        out.print(
            f"  folded {article['folded']['copies']} copies, {article['folded']['chars_removed']} characters"
        )
        out.print(f"  entities {', '.join(sorted({entity['id'] for entity in article['entities']})) or '–'}")
    for match in shape["matches"]:
        out.print(f"\n{match['rule']} ({match['kind']}, {match['status']}): {match['reason']}")
        for item in match["evidence"]:
            out.print(f"  “{item['sentence']}”")
    if shape["story"] is not None:
        out.print(f"\nstory {shape['story']['story_id']}, lead {shape['story']['lead']}")
        for member in shape["story"]["members"]:
            out.print(f"  {member['relation']}: {member['url']} ({member['evidence']})")
    verdict = shape["verdict"]
    out.print(f"\n{'alerts' if verdict['alert'] else 'no alert'}: {verdict['reason']}")
