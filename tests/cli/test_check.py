"""`yuewatch check`, and what every verb says about a configuration that cannot be used."""

from __future__ import annotations

import textwrap

import pytest

GOOD = {"id": "gd", "kind": "feed", "url": "https://gd.example/feed"}


def _lines(outcome):
    return [line.removeprefix("yuewatch: ") for line in outcome.err.splitlines()]


def test_a_good_configuration_is_good_and_unwise_things_are_remarked(desk):
    desk.write(sources=[GOOD], subscriptions=[{"id": "me", "kinds": ["company", "health"]}])
    told = desk.here("check")
    assert told.code == 0
    assert told.out.splitlines()[-1] == "all good"
    remarks = [line for line in told.out.splitlines() if line.startswith("remark")]
    assert any("fetching.contact is not set" in line for line in remarks)
    assert any("fetching.allow_addresses" in line and "127.0.0.1" in line for line in remarks)
    assert any("subscription me has no destination" in line for line in remarks)
    assert [line for line in remarks if "of the kind" in line] == [
        "remark         subscription me asks for rules of the kind health, of which there is none yet"
    ]
    assert "1 of 1 sources enabled, 1 rules, 1 subscriptions, 0 destinations" in told.out


def test_a_digest_in_quiet_hours_is_remarked(desk):
    night = {"from": "22:00", "to": "07:00"}
    digests = {
        "early": {"every": "daily", "at": "06:00"},
        "late": {"every": "weekly"},
        "all": {"every": "hourly"},
    }
    desk.write(
        subscriptions=[
            {"id": name, "quiet_hours": night, "digest": digest} for name, digest in digests.items()
        ]
    )
    told = desk.here("check")
    assert told.code == 0
    assert [line for line in told.out.splitlines() if "quiet hours" in line] == [
        "remark         the digest of subscription early comes in its quiet hours; the time named for a digest goes before them"
    ]


def test_everything_that_is_wrong_is_told_at_once_by_file_line_and_key(desk):
    _expect(
        desk,
        """
        state: state.db
        fetching:
          delay: 2                                # fetching.delay: 2 has no unit
          allow_addresses: [localhost]            # fetching.allow_addresses: 'localhost'
          speed: fast                             # fetching.speed: unknown key
        reading: {workers: 0}                     # reading.workers
        log: {level: loud}                        # log.level
        wether: sunny                             # wether: unknown key
        """,
    )


def test_everything_that_is_wrong_with_sources_is_told_at_once(desk):
    _expect(
        desk,
        """
        sources:
          - id: Bad Name                          # id
            kind: feed
            url: https://gd.example/feed
          - id: a
            kind: fed                             # kind
            url: https://gd.example/a
          - id: b
            kind: feed
            url: gd.example/b                     # url
            colour: red                           # colour
          - id: c
            kind: feed
            url: https://gd.example/{page}        # url
            every: 1 hour                         # every
            zone: Mars/Olympus                    # zone
        """,
    )


def _expect(desk, text):
    """Check a configuration whose comments name what is said of their lines."""
    text = textwrap.dedent(text).lstrip()
    desk.file.write_text(text, "utf-8")
    told = desk.here("check")
    assert told.code == 4
    expected = {
        number: line.split("# ")[1] for number, line in enumerate(text.splitlines(), 1) if "# " in line
    }
    said = dict(line.removeprefix(f"{desk.file}:").split(": ", 1) for line in _lines(told))
    assert {int(number) for number in said} == set(expected)
    assert [number for number, words in expected.items() if words not in said[str(number)]] == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sources: [", 2, "not valid YAML"),
        ("a: b: c", 1, "not valid YAML"),
        ("log: {}\nlog: {}", 2, "stands twice"),
        ("- a\n- b", 1, ""),
        ("just text", 1, ""),
        ("pack: atlantis", 1, "there is no pack 'atlantis'"),
        ("pack: ./nowhere/", 1, "there is no folder"),
        ("fetching: {delay: 2 minutes}", 1, "write it like"),
        ("fetching: {max_body: lots}", 1, "write it like 16MiB"),
        ("sources: [{id: gd, kind: listing, url: 'https://gd.example/'}]", 1, "add `listing:`"),
        ("pack_sources: [no-such-source]", 1, "no source 'no-such-source'"),
        ("subscriptions: [{id: me, destinations: [nobody]}]", 1, "'nobody'"),
        ("subscriptions: [{id: me, rules: [none]}]", 1, "'none'"),
        ("subscriptions: [{id: me, digest: {every: daily, at: 8}}]", 1, 'write it like "08:00"'),
        ("subscriptions: [{id: me, quiet_hours: {from: 22:00, to: 700}}]", 1, "700 is not a time of day"),
        ("subscriptions: [{id: me, sources: [none]}]", 1, "'none'"),
        ("rules: [nowhere.yaml]", None, "nowhere.yaml"),
    ],
)
def test_each_mistake_names_its_place_and_its_remedy(text, line, words, desk):
    desk.file.write_text(text + "\n", "utf-8")
    told = desk.here("check")
    assert told.code == 4
    assert words in told.err
    if line is not None:
        assert told.err.startswith(f"yuewatch: {desk.file}:{line}: ")
    assert "Traceback" not in told.err


def test_a_file_that_is_no_text_or_not_there_is_told(desk):
    desk.file.write_bytes(b"state: \xff\xfe")
    assert desk.here("check").code == 4
    desk.file.unlink()
    told = desk.here("check")
    assert (told.code, told.err) == (4, f"yuewatch: there is no configuration file {desk.file}\n")


def test_a_rule_that_does_not_parse_names_file_and_line(desk):
    (desk.folder / "more.yaml").write_text(
        "rules:\n  - id: broken\n    name: {en: Broken, zh: 坏}\n    kind: company\n    query: (topic:ai AND\n"
        "    examples: {alert: [AI], quiet: [none]}\n",
        "utf-8",
    )
    desk.write(rules=["more.yaml"])
    told = desk.here("check")
    assert told.code == 4
    assert "more.yaml:5" in told.err
    assert "Traceback" not in told.err


def test_a_rule_that_fails_its_own_example_is_told(desk):
    (desk.folder / "more.yaml").write_text(
        "rules:\n  - id: harbour\n    name: {en: Harbour, zh: 港}\n    kind: company\n    query: topic:ai\n"
        "    examples: {alert: [Nothing of the kind], quiet: [Calm seas]}\n",
        "utf-8",
    )
    desk.write(rules=["more.yaml"])
    told = desk.here("check")
    assert told.code == 4
    assert "harbour" in told.out
    assert "Nothing of the kind" in told.out


@pytest.mark.parametrize(
    "verb", [["status"], ["crawl"], ["sources", "list"], ["explain", "https://gd.example/"]]
)
def test_no_verb_runs_with_a_bad_configuration(verb, desk):
    desk.file.write_text("wether: sunny\n")
    told = desk.here(*verb)
    assert told.code == 4
    assert told.err.startswith(f"yuewatch: {desk.file}:1: wether")


def test_with_no_configuration_at_all_the_shipped_pack_is_used(desk, monkeypatch):
    from click.testing import CliRunner

    from crawler.cli.main import main

    monkeypatch.chdir(desk.folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(desk.folder))
    for name in ("YUEWATCH_CONFIG", "YUEWATCH_STATE"):
        monkeypatch.delenv(name, raising=False)
    told = CliRunner().invoke(main, ["check"])
    assert told.exit_code == 0, told.output
    assert "none: defaults and the shipped pack" in told.stdout


@pytest.mark.parametrize("words", [["nonsense"], ["crawl", "--loud"], ["export", "weather"], ["explain"]])
def test_wrong_usage_is_told_with_exit_code_2(words, desk):
    desk.write()
    assert desk.here(*words).code == 2
