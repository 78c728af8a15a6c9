"""The catalogue we ship, held to what it promises."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from crawler.catalogue.pack import read_roles, read_sources
from crawler.leads.address import canonical_key

ROOT = Path(__file__).parents[3]
FILE = ROOT / "rules/packs/guangdong_ai/sources.yaml"
SHARED = Path(os.environ.get("YUEWATCH_SHARED") or ROOT / "../shared") / "domain/sources.yaml"
SOURCES = read_sources(FILE.read_text("utf-8"), FILE.name)
UNSURE = ("probe it first", "confirm it first", "Dead", "Stale", "script", "Resets", "TLS")


def test_it_covers_the_province():
    assert len(SOURCES) > 190
    assert {source.kind for source in SOURCES} == {"feed", "sitemap", "listing", "json"}
    assert {"gdii-gkmlpt", "sz-gxj-notices", "gz-gxj-notices", "southcn-greater-bay-area", "scmp-tech"} <= {
        source.id for source in SOURCES
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_what_is_off_says_why_and_what_is_on_is_sure(source):
    if source.enabled:
        assert not any(word in source.remark for word in UNSURE)
    else:
        assert source.remark


def test_the_first_tier_is_never_slower_than_the_others():
    assert {source.every for source in SOURCES if source.tier == 1} == {timedelta(minutes=15)}


def test_every_source_has_a_zone_a_name_and_an_address_of_its_own():
    assert all(source.zone != "UTC" and source.name for source in SOURCES)
    assert len({(source.kind, source.url) for source in SOURCES}) == len(SOURCES)


def test_republishers_and_clones_are_known():
    roles = read_roles(FILE.read_text("utf-8"), FILE.name)
    assert roles["www.gd.gov.cn"] == "issuer"
    assert roles["app.wrgsb.com"] == "republisher"
    assert roles["zuizhijiaoyu.com"] == "clone"


@pytest.mark.skipif(not SHARED.is_file(), reason="../shared is absent")
def test_every_collected_source_is_in_or_left_out_on_purpose():
    collected = yaml.safe_load(SHARED.read_text("utf-8"))["sources"]
    text = FILE.read_text("utf-8")
    ours = {canonical_key(source.url) for source in SOURCES}
    for one in collected:
        for entry in one["urls"]:
            # The platform's HTML shells are reached through its interface instead.
            if entry["url"].endswith("/gkmlpt/index"):
                continue
            left_out = f"#   {entry['url']}: " in text
            assert left_out or canonical_key(entry["url"]) in ours, entry["url"]
