"""Hold docs/reference/webhook.schema.json, the example beside it, and what is really sent to one another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from alerts.payload import VERSION, payload
from alerts.view import Names
from state import articles, stories
from state.deliveries import Contents, Notice
from state.records import Delivery, Link, Placement

DOCS = Path(__file__).parents[2] / "docs/reference"
SCHEMA = json.loads((DOCS / "webhook.schema.json").read_text("utf-8"))
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    "type", "required", "properties", "items", "enum", "const", "anyOf", "$ref", "minItems", "minimum", "format",
    "title", "description", "$schema", "$defs",
}  # fmt: skip


def faults(value, schema, where="$"):
    """Name what in `value` is not as the schema says, and what is there that it does not describe."""
    assert set(schema) <= KNOWN
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    yield from faults_of_value(value, schema, where)
    if isinstance(value, dict) and "properties" in schema:
        yield from faults_of_object(value, schema, where)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{where} is too short"
        for place, item in enumerate(value):
            yield from faults(item, schema["items"], f"{where}[{place}]")


def faults_of_value(value, schema, where):
    if "anyOf" in schema:
        tried = [list(faults(value, choice, where)) for choice in schema["anyOf"]]
        yield from [] if [] in tried else min(tried, key=len)
    if value not in schema.get("enum", [schema.get("const", value)]):
        yield f"{where} is {value!r}"
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(type(value) is TYPES[name] for name in names):
        yield f"{where} is a {type(value).__name__}"
    elif isinstance(value, int) and value < schema.get("minimum", value):
        yield f"{where} is too small"


def faults_of_object(value, schema, where):
    yield from (f"{where}.{name} is missing" for name in schema["required"] if name not in value)
    yield from (f"{where}.{name} is not described" for name in value if name not in schema["properties"])
    for name, inner in schema["properties"].items():
        if name in value:
            yield from faults(value[name], inner, f"{where}.{name}")


def test_the_example_of_the_reference_is_as_the_schema_says():
    (example,) = re.findall(
        r"^```json\n(.*?)^```$", (DOCS / "webhook.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert list(faults(json.loads(example), SCHEMA)) == []


def test_the_schema_is_of_the_version_that_is_sent():
    assert SCHEMA["properties"]["version"] == {"const": VERSION}


def test_an_alert_with_everything_is_as_the_schema_says(newsroom, writer, now):
    newsroom.subscribe("hook")
    (delivery,) = newsroom.publish(original_source="Nandu")
    newsroom.publish(story="st_1", publisher=None, title=None)
    own = newsroom.article.__class__("https://own.example/", "Own", "text")
    writer.run_now(articles.insert, own, "live", now)
    writer.run_now(
        stories.place, own.url, Placement("st_own", None, links=(Link("st_1", "corroborates", "x"),)), now
    )
    body = payload(newsroom.contents(delivery), Names())
    assert body["data"]["stories"][0]["corroborated_by"]
    assert list(faults(body, SCHEMA)) == []


def test_an_alert_without_anything_is_too(newsroom, writer):
    newsroom.subscribe("hook")
    (delivery,) = newsroom.publish(title=None, lang=None, publisher=None, url="javascript:x", entities=())
    writer.run_now(lambda db: db.execute("DELETE FROM matches"))
    assert list(faults(payload(newsroom.contents(delivery), Names()), SCHEMA)) == []


def test_a_notice_is_too(newsroom, now):
    delivery = Delivery("dl_1", "hook", "operators", (), "due", now, now)
    told = newsroom.renderer().render(Contents(delivery, notice=Notice("k", "Disk", ("2 GB left",))))
    assert list(faults(told.payload, SCHEMA)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"type": "alert", "version": 2, "timestamp": "x", "data": {}},
        {
            "type": "alert",
            "version": 1,
            "timestamp": "x",
            "data": {"delivery_id": "d", "title": "t", "lines": [1]},
        },
    ],
)
def test_the_schema_objects_to_what_is_wrong(wrong):
    assert list(faults(wrong, SCHEMA)) != []
