"""Every family of the shipped catalogue reads a recording of its content system, written by us after its shape."""

import re
from pathlib import Path

import pytest
import yaml

from crawler.catalogue.pack import read_sources
from crawler.leads.read import read_leads

ROOT = Path(__file__).parents[3]
CATALOGUE = ROOT / "rules/packs/guangdong_ai/sources.yaml"
RECORDINGS = ROOT / "tests/listings"
FAMILIES = sorted(yaml.safe_load(CATALOGUE.read_text("utf-8"))["families"])
TYPES = {".json": "application/json", ".html": "text/html", ".xml": "application/rss+xml"}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_familys_description_reads_its_recording(family):
    folder = RECORDINGS / family
    expected = yaml.safe_load((folder / "expected.yaml").read_text("utf-8"))
    answer = next(folder.glob("answer.*"))
    source = described(family, expected["source"])

    leads = read_leads(answer.read_bytes(), source, source.url, {"Content-Type": TYPES[answer.suffix]})

    assert [said(lead) for lead in leads.items] == expected["items"]
    assert leads.total == len(expected["items"])
    assert (leads.ttl.total_seconds() if leads.ttl else None) == expected.get("ttl")
    assert leads.remarks == ()


def test_every_recording_belongs_to_a_family():
    assert sorted(folder.name for folder in RECORDINGS.iterdir()) == FAMILIES


def described(family, own):
    """Give a source that says nothing but its address and leaves the rest to the shipped family."""
    shipped = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    one = {"id": "recording", "family": family, **own}
    text = yaml.safe_dump({**shipped, "sources": [one]}, allow_unicode=True)
    (source,) = read_sources(text, "recording.yaml")
    return source


def said(lead):
    told = {name: getattr(lead, name) for name in ("url", "key", "title", "published", "summary", "content")}
    return {name: value for name, value in told.items() if value is not None}


def test_recordings_are_small_and_name_nobody_real():
    for answer in RECORDINGS.glob("*/answer.*"):
        body = answer.read_bytes()
        assert len(body) < 4096
        assert re.search(
            "示例|Example", body.decode("gb18030" if answer.parent.name == "sznews" else "utf-8")
        )
