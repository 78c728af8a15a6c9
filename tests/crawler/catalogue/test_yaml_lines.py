import pytest

from crawler.catalogue.yaml_lines import load_with_lines
from state.errors import ConfigurationError

FILE = "watch.yaml"


def fails(text):
    with pytest.raises(ConfigurationError) as caught:
        load_with_lines(text, FILE)
    return str(caught.value)


def test_every_key_and_item_knows_its_line():
    text = "state: a.db\n\nsources:\n  - id: one\n    listing:\n      item: li\n  - {id: two, tier: 1}\n"

    loaded, lines = load_with_lines(text, FILE)

    assert loaded["sources"][1] == {"id": "two", "tier": 1}
    assert lines.line(("state",)) == 1
    assert lines.line(("sources",)) == 3
    assert lines.line(("sources", 0)) == 4
    assert lines.line(("sources", 0, "listing", "item")) == 6
    assert lines.line(("sources", 1, "tier")) == 7
    assert lines.where(("sources", 0, "listing", "item")) == "watch.yaml:6: sources[0].listing.item"


def test_what_the_file_does_not_have_is_where_its_surroundings_are():
    _, lines = load_with_lines("a: 1\nsources:\n  - id: one\n", FILE)
    assert lines.line(("sources", 0, "url")) == 3
    assert lines.line(("sources", 0, "function-after[check()]", "id")) == 3
    assert lines.line(("nothing",)) == 1
    assert lines.where(()) == "watch.yaml:1"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("22:00", "22:00"),
        ("2026-01-01", "2026-01-01"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("False", False),
        ("0123", 123),
        ("08", 8),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.10", 1.1),
        ("~", None),
        ("", None),
        ("null", None),
        ("= x", "= x"),
        ("30m", "30m"),
        ("12345678901234567890", 12345678901234567890),
    ],
)
def test_scalars_mean_what_they_look_like(written, value):
    loaded, _ = load_with_lines(f"key: {written}", FILE)
    assert loaded == {"key": value}
    assert type(loaded["key"]) is type(value)


def test_anchors_and_merges_work():
    loaded, lines = load_with_lines("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n", FILE)
    assert loaded["b"] == {"x": 1, "y": 3}
    assert lines.line(("b", "y")) == 4


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_an_empty_file_says_nothing(text):
    loaded, lines = load_with_lines(text, FILE)
    assert loaded is None
    assert lines.line(("any",)) == 1


def test_a_key_that_stands_twice_is_refused_with_both_lines():
    said = fails("a: 1\nsources:\n  - id: x\n    url: u\n    id: y\n")
    assert said.startswith(
        'watch.yaml:5: sources[0]: the key "id" stands twice in one place, first on line 3'
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2\nb: 3\n", 2),
        ("a: 1\n b: 2\n", 2),
        ("a:\n\t- b\n", 2),
        ("url: https://example.com: 80\n", 1),
        ("a: @x\n", 1),
        ("a: 'open\n", 2),
        ("--- 1\n--- 2\n", 2),
        ("a: !!python/object/apply:os.system [id]\n", 1),
        ("a: *unknown\n", 1),
    ],
)
def test_broken_yaml_is_told_with_its_line_and_a_remedy(text, line):
    said = fails(text)
    assert said.startswith(f"watch.yaml:{line}: this is not valid YAML")
    assert "check the indentation" in said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "a: &a\n  b: *a\n"])
def test_an_anchor_inside_itself_is_refused(text):
    assert "an anchor refers to itself" in fails(text)


def test_aliases_that_multiply_are_refused():
    levels = "\n".join(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9))
    assert "more than 200000 keys and values" in fails(f"a0: &a0 [x]\n{levels}\n")


@pytest.mark.parametrize("text", ["? [a, b]\n: 1\n", "? {a: 1}\n: 1\n"])
def test_keys_are_plain_text(text):
    assert "a key must be plain text" in fails(text)


def test_nesting_without_a_bottom_is_refused():
    assert "watch.yaml" in fails("[" * 20_000)


def test_control_characters_are_refused():
    assert "this is not valid YAML" in fails("a: \x07b\n")
