import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from crawler.demo.manuscripts import STAGES
from crawler.demo.outlets import OUTLETS

SHARED = Path(os.environ.get("YUEWATCH_SHARED", Path(__file__).parents[3] / "../shared"))
LONGEST_COMMON = 60


def words(text):
    return " ".join(text.split())


def test_the_newsroom_has_the_promised_size(manuscripts):
    assert len(manuscripts) >= 40
    assert len({manuscript.site for manuscript in manuscripts.values()}) >= 5
    assert Counter(manuscript.stage != "start" for manuscript in manuscripts.values())[True] >= 10
    assert {manuscript.stage for manuscript in manuscripts.values()} == set(STAGES)


def test_every_article_is_listed_by_a_list_its_site_has(manuscripts):
    carried = {
        outlet.key: {name for channel in outlet.channels for name in channel.carries} for outlet in OUTLETS
    }
    for manuscript in manuscripts.values():
        assert set(manuscript.lists) <= carried[manuscript.site], manuscript.id


def test_no_two_articles_share_an_address(manuscripts):
    paths = [
        (manuscript.site, path)
        for manuscript in manuscripts.values()
        for path in set(manuscript.lists.values())
    ]
    assert len(paths) == len(set(paths))


def test_the_truth_is_one_consistent_account(manuscripts):
    stories = defaultdict(list)
    for manuscript in manuscripts.values():
        stories[manuscript.truth.story].append(manuscript)
    for name, members in stories.items():
        leads = [member.id for member in members if member.truth.relation == "lead"]
        assert len(leads) == 1, f"{name} is led by {leads}"
        assert len({member.truth.alert for member in members}) == 1, f"{name} alerts in two ways"
    for manuscript in manuscripts.values():
        truth = manuscript.truth
        assert truth.why.endswith("."), manuscript.id
        assert (truth.of is None) == (truth.relation == "lead"), manuscript.id
        if truth.of is not None:
            assert manuscripts[truth.of].truth.story == truth.story, manuscript.id
        for other in (*truth.contains, *filter(None, [truth.corroborates])):
            assert other in stories, manuscript.id
            assert other != truth.story, manuscript.id


def test_a_reprint_is_made_of_the_article_whose_text_it_prints(manuscripts):
    reprints = [manuscript for manuscript in manuscripts.values() if manuscript.text_of]
    assert len(reprints) >= 3
    for reprint in reprints:
        assert reprint.text_of == reprint.truth.of
        assert not reprint.body


def test_an_article_cannot_appear_before_what_it_was_made_of(manuscripts):
    for manuscript in manuscripts.values():
        if manuscript.truth.of is not None:
            original = manuscripts[manuscript.truth.of]
            assert STAGES.index(original.stage) <= STAGES.index(manuscript.stage), manuscript.id
            if original.stage == manuscript.stage:
                assert manuscript.age <= original.age, manuscript.id


def test_every_trap_the_demo_is_to_show_is_there(manuscripts):
    relations = Counter(manuscript.truth.relation for manuscript in manuscripts.values())
    assert relations["copy"] >= 4
    assert relations["translation"] >= 5
    assert relations["rewrite"] >= 4
    alerts = Counter(manuscript.truth.alert for manuscript in manuscripts.values())
    assert alerts["none"] >= 20
    assert any(manuscript.charset == "gb18030" for manuscript in manuscripts.values())
    assert any(manuscript.forbidden for manuscript in manuscripts.values())
    assert sum(manuscript.doubled for manuscript in manuscripts.values()) >= 2
    assert sum(manuscript.age.days > 1000 for manuscript in manuscripts.values()) >= 3
    assert sum(len(set(manuscript.lists.values())) > 1 for manuscript in manuscripts.values()) >= 3


@pytest.mark.skipif(not SHARED.is_dir(), reason="the seeds are not part of the repository")
def test_no_article_shares_a_long_run_with_a_seed(manuscripts):
    seeds = sorted(SHARED.glob("seeds/*.txt"))
    assert seeds
    runs = set()
    for seed in seeds:
        text = words(seed.read_text(encoding="utf-8"))
        runs.update(text[start : start + LONGEST_COMMON] for start in range(len(text) - LONGEST_COMMON + 1))
    for manuscript in manuscripts.values():
        own = words(f"{manuscript.title or ''} {manuscript.summary} {manuscript.body}")
        shared = {
            own[start : start + LONGEST_COMMON] for start in range(len(own) - LONGEST_COMMON + 1)
        } & runs
        assert not shared, f"{manuscript.id} shares {shared}"
