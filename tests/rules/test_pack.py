import json
from pathlib import Path

import pytest

from rules.matcher import failing_examples
from rules.pack import parse_pack
from rules.spec import schema
from state.errors import RuleError

HEAD = 'pack: {id: p, version: "1", name: {en: P}, home: here}\nplaces:\n  - {id: here, kind: state, names: [Here]}\n'
RULE = """rules:
  - id: mine
    name: {en: Mine, zh: 我的}
    kind: watch
    query: 'place:here AND "new law"'
    examples: {alert: [Here comes a new law], quiet: [Here comes the sun]}
"""


def failure(files):
    with pytest.raises(RuleError) as caught:
        parse_pack(files)
    return str(caught.value)


def test_a_small_pack_works_and_its_examples_come_out():
    pack = parse_pack({"pack.yaml": HEAD, "rules.yaml": RULE})
    assert [rule.id for rule in pack.rules] == ["mine"]
    assert failing_examples(pack) == ()


def test_the_version_changes_with_the_files():
    one = parse_pack({"pack.yaml": HEAD, "rules.yaml": RULE})
    two = parse_pack({"pack.yaml": HEAD, "rules.yaml": RULE.replace("sun", "moon")})
    assert one.version.startswith("1+")
    assert one.version != two.version


def test_a_later_file_adds_rules_and_overrides_by_id():
    more = RULE.replace("Mine", "Ours") + RULE.split("\n", 1)[1].replace("id: mine", "id: other")
    pack = parse_pack({"pack.yaml": HEAD, "rules.yaml": RULE, "user.yaml": more})
    assert {rule.id: rule.name_en for rule in pack.rules} == {"mine": "Ours", "other": "Mine"}


def test_a_failing_example_is_told_with_the_reason():
    pack = parse_pack({"pack.yaml": HEAD, "rules.yaml": RULE.replace("comes a new law", "is no law")})
    (line,) = failing_examples(pack)
    assert line.startswith("rule mine, example 1 (alert): it stays silent")
    assert "“new law”" in line


@pytest.mark.parametrize(
    ("rules", "where", "words"),
    [
        (RULE.replace("kind: watch", "knd: watch"), "r.yaml:4:5", "unknown key 'knd'"),
        (RULE.replace("    kind: watch\n", ""), "r.yaml:2", "'kind' is missing"),
        (RULE.replace("place:here", "place:hree"), "r.yaml:5:19", "did you mean place:here"),
        (RULE.replace('AND "new', 'AND AND "new'), "r.yaml:5:28", "cannot stand here"),
        (RULE.replace("{alert: [Here comes a new law], ", "{"), "r.yaml:6", "must alert"),
        (RULE.replace("id: mine", "id: Mine!"), "r.yaml:2:9", "is not allowed as 'id'"),
        (
            RULE.replace("    kind:", "    window: sentnce\n    kind:"),
            "r.yaml:4:13",
            "is not allowed as 'window'",
        ),
        (RULE + RULE.split("\n", 1)[1], "r.yaml:7:9", "stands twice"),
        (RULE.replace("kind: watch", "kind: watch\n    kind: other"), "r.yaml:5:5", "stands twice"),
        ("rules: [", "r.yaml:2:1", "not YAML"),
        ("- a list", "r.yaml:1:1", "mapping of sections"),
        ("a: &x [1]\nb: *x\n", "r.yaml", "aliases"),
    ],
)
def test_every_error_names_file_line_and_column(rules, where, words):
    message = failure({"pack.yaml": HEAD, "r.yaml": rules})
    assert message.startswith(where)
    assert words in message


def test_the_column_of_a_query_is_found_in_a_folded_block():
    rules = RULE.replace("""'place:here AND "new law"'""", ">-\n      place:here AND\n      place:nowhere")
    assert failure({"pack.yaml": HEAD, "r.yaml": rules}).startswith("r.yaml:7:13")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("places:\n  - {id: x, kind: city, parent: nowhere, names: [X]}\n", "none of the places"),
        ("organisations:\n  - {id: x, place: nowhere, names: [X]}\n", "none of the places"),
        ("organisations:\n  - {id: x, topics: [nothing], names: [X]}\n", "none of the topics"),
        ("topics:\n  - {id: x, within: [y], terms: [X]}\n", "none of the topics"),
        (
            "topics:\n  - {id: x, ambiguous: [{names: [X], near: ['org:nobody']}]}\n",
            "no concept 'org:nobody'",
        ),
        ("reading: {metadata: ['(']}\n", "not a regex of RE2"),
        ("documents: {number: '('}\n", "not a regex of RE2"),
    ],
)
def test_a_pack_that_does_not_hold_together_is_refused(more, words):
    assert words in failure({"pack.yaml": HEAD, "more.yaml": more})


def test_a_pack_needs_a_head_and_its_home():
    assert "no file has a pack: section" in failure({"rules.yaml": RULE})
    assert "home 'there' is none of the places" in failure(
        {"pack.yaml": HEAD.replace("home: here", "home: there")}
    )


def test_huge_and_deep_files_end_in_one_line():
    assert "at most" in failure({"pack.yaml": HEAD, "big.yaml": "# " + "x" * 5_000_000})
    assert "not YAML" in failure({"pack.yaml": HEAD, "deep.yaml": "[" * 100_000})


def test_the_schema_for_editors_is_that_of_the_code():
    stored = Path(__file__).parents[2] / "rules" / "schema.json"
    assert json.loads(stored.read_text("utf-8")) == schema()
