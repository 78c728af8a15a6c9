"""The rules in the documentation work as they are printed."""

import re
from pathlib import Path

import pytest

from rules.matcher import failing_examples
from rules.pack import parse_pack
from state.errors import RuleError

ROOT = Path(__file__).parents[2]
PACK = ROOT / "rules" / "packs" / "guangdong_ai"
HOW_TO = ROOT / "docs" / "how-to" / "write-a-rule.md"
REFERENCE = ROOT / "docs" / "reference" / "rules.md"


def printed(path):
    blocks = re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    return [block for block in blocks if block.startswith(("rules:\n", "organisations:"))]


def with_pack(text):
    files = {
        path.name: path.read_text("utf-8") for path in PACK.glob("*.yaml") if path.name != "sources.yaml"
    }
    return parse_pack(files | {"hospital-rules.yaml": text})


@pytest.mark.parametrize("path", [HOW_TO, REFERENCE])
def test_the_printed_rules_and_names_work(path):
    blocks = printed(path)
    assert blocks
    for block in blocks:
        assert failing_examples(with_pack(block)) == ()


def test_the_sharpened_rule_works_too():
    text = HOW_TO.read_text("utf-8")
    ways = re.search(r"```yaml\n(    ways:.*?)```", text, re.DOTALL)[1]
    sharpened = re.sub(r"    query: .*\n    window: sentence\n", lambda _match: ways, printed(HOW_TO)[0])
    assert failing_examples(with_pack(sharpened)) == ()


@pytest.mark.parametrize(("right", "wrong"), [("topic:ai", "topic:ia"), ("医院)", "医院")])
def test_the_printed_errors_are_the_real_ones(right, wrong):
    with pytest.raises(RuleError) as caught:
        with_pack(printed(HOW_TO)[0].replace(right, wrong))
    assert str(caught.value) in HOW_TO.read_text("utf-8")


def test_every_key_field_and_window_is_in_the_reference():
    from rules.query import CONCEPT_FIELDS, FACT_FIELDS, SCOPES
    from rules.spec import PackFile, RuleSpec, WaySpec

    text = REFERENCE.read_text("utf-8")
    for name in (*CONCEPT_FIELDS, *FACT_FIELDS, *SCOPES):
        assert f"{name}:" in text, name
    for model in (RuleSpec, WaySpec, PackFile):
        for key in model.model_fields:
            assert f"`{key}`" in text, key
