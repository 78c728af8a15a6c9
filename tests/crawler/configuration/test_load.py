"""What a configuration amounts to: packs, sources, rules."""

from __future__ import annotations

import pytest
import yaml
from desk import PACK

from crawler.configuration.load import load_configuration
from state.errors import ConfigurationError

OWN = {"id": "own", "kind": "feed", "url": "https://own.example/feed"}


@pytest.fixture
def load(tmp_path):
    def run(**written):
        file = tmp_path / "yuewatch.yaml"
        file.write_text(yaml.safe_dump({"pack": str(PACK)} | written), "utf-8")
        return load_configuration(file)

    return run


def test_relative_paths_are_relative_to_the_file_that_names_them(load, tmp_path):
    assert load(state="my.db").state == tmp_path / "my.db"
    (tmp_path / "pack").symlink_to(PACK)
    assert load(pack="./pack").pack.rules


def test_a_pack_s_sources_can_be_used_all_none_or_some(load):
    every = load(pack="guangdong_ai", pack_sources=True, sources=[]).sources
    some = list(every)[:2]
    assert len(every) > 10
    assert list(load(pack="guangdong_ai", pack_sources=some).sources) == some
    assert load(pack="guangdong_ai", pack_sources=False).sources == {}


def test_a_source_of_one_s_own_is_added_and_one_with_a_pack_source_s_id_replaces_it(load):
    every = load(pack="guangdong_ai").sources
    known = next(iter(every))
    ours = load(
        pack="guangdong_ai", sources=[OWN, OWN | {"id": known, "url": "https://own.example/2"}]
    ).sources
    assert len(ours) == len(every) + 1
    assert (ours["own"].url, ours[known].url) == (OWN["url"], "https://own.example/2")


def test_a_pack_without_sources_is_fine(load):
    assert load().sources == {}
    assert list(load(sources=[OWN]).sources) == ["own"]


def test_rules_of_one_s_own_are_added_to_the_pack_s(load, tmp_path):
    (tmp_path / "more.yaml").write_text(
        "rules:\n  - id: mine\n    name: {en: Mine, zh: 我的}\n    kind: company\n    query: topic:ai\n"
        "    examples: {alert: [Shenzhen unveils AI robot], quiet: [Calm seas]}\n",
        "utf-8",
    )
    assert {rule.id for rule in load(rules=["more.yaml"]).pack.rules} == {"robot-unveiled", "mine"}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"sources": [OWN, OWN | {"url": "https://own.example/b"}]}, "own"),
        ({"subscriptions": [{"id": "me"}, {"id": "me"}]}, "me"),
    ],
)
def test_an_id_that_is_used_twice_is_an_error(written, words, load):
    with pytest.raises(ConfigurationError, match=words):
        load(**written)


def test_a_secret_that_is_missing_is_told_with_file_and_line(load, tmp_path):
    hook = {"type": "webhook", "url": "https://hooks.example/x", "secret_file": "nowhere"}
    configuration = load(destinations={"desk": hook})
    with pytest.raises(ConfigurationError, match=r"yuewatch\.yaml:\d+: destinations\.desk\.") as told:
        configuration.open_destinations()
    assert "nowhere" in str(told.value)


def test_a_place_stands_for_all_it_contains_and_for_their_governments(load):
    (desk,) = load(pack="guangdong_ai", subscriptions=[{"id": "me", "places": ["shenzhen"]}]).subscriptions
    assert {"shenzhen", "nanshan", "sz-government"} <= desk.places
    assert not {"guangdong", "guangzhou", "gd-government"} & desk.places
    (desk,) = load(pack="guangdong_ai", subscriptions=[{"id": "me", "places": ["guangdong"]}]).subscriptions
    assert {"guangzhou", "shenzhen", "nanshan", "gd-government", "sz-government"} <= desk.places


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"rules": ["robot-unveild"]}, "there is no rule 'robot-unveild'; did you mean \"robot-unveiled\"?"),
        ({"sources": ["xyz"]}, "there is no source 'xyz'; `yuewatch sources list` shows what there is"),
        ({"places": ["guangdng"]}, "there is no place 'guangdng'; did you mean \"guangdong\"?"),
        ({"organisations": ["huawei"]}, "there is no organisation 'huawei'; the pack knows 0"),
    ],
)
def test_a_name_that_a_subscription_misspells_is_told_with_its_line_and_the_nearest(load, wish, words):
    (key,) = wish
    with pytest.raises(ConfigurationError) as refused:
        load(subscriptions=[{"id": "fine"}, {"id": "me", **wish}])
    assert words in str(refused.value)
    assert f"subscriptions[1].{key}" in str(refused.value)
    assert ".yaml:" in str(refused.value)
