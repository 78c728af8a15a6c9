import pytest
import yaml

from rules.yaml_nesting import DEEPEST, check_nesting


@pytest.mark.parametrize("text", ["", "a: 1", "[" * DEEPEST + "]" * DEEPEST])
def test_what_people_write_passes(text):
    check_nesting(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "[" * 31 + "]" * 31])
def test_nesting_without_a_bottom_is_refused_with_its_line(text):
    with pytest.raises(yaml.MarkedYAMLError, match="more than 30 levels") as caught:
        check_nesting(f"# a line\n{text}")
    assert caught.value.problem_mark.line == 1
