import pytest

from rules.query import AllOf, AnyOf, Inside, Leaf, QueryError, Without, compile_regex, parse_query


def parse(text):
    return parse_query(text, lambda key: "unknown" if "bad" in key else None)


def failure(text):
    with pytest.raises(QueryError) as caught:
        parse(text)
    return caught.value.position, str(caught.value)


def test_fields_phrases_brackets_and_not():
    assert parse('place:gd AND (topic:ai OR "Large Model") AND NOT noise:*') == AllOf(
        (
            Leaf("place:gd"),
            AnyOf((Leaf("topic:ai"), Leaf("term:large model"))),
            Without(Leaf("noise:*")),
        )
    )


def test_windows_of_the_text_are_fields_too():
    assert parse("title:org:x AND lead:(a OR b)") == AllOf(
        (Inside("title", Leaf("org:x")), Inside("lead", AnyOf((Leaf("term:a"), Leaf("term:b")))))
    )


def test_a_field_may_hold_a_list():
    assert parse("org:(a OR b)") == AnyOf((Leaf("org:a"), Leaf("org:b")))


def test_terms_are_folded_as_texts_are():
    assert parse("機器人") == Leaf("term:机器人")
    assert parse("ＡＩ*") == Leaf("term:ai*", prefix=True)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("a b", 2, "AND or OR"),
        ("a AND", 5, "ends too early"),
        ("(a OR b", 7, "bracket is missing"),
        ('a AND "b', 6, "never closed"),
        ("a AND /b", 6, "never closed"),
        ("a AND AND b", 6, "cannot stand here"),
        ("nosuch:a", 0, "unknown field 'nosuch'"),
        ("a AND org:bad", 10, "unknown"),
        ("a AND topic:ai^3", 12, "not supported"),
        ('"a b"~3', 0, "not supported"),
        ("NOT a", 0, "only excludes"),
        ("a && b", 2, "AND or OR"),
        ("a*b", 0, "only end"),
        ("x AND /(?=a)/", 6, "not a regex of RE2"),
        ("x AND /a*/", 6, "everywhere"),
        ("x AND /a{1000}/", 6, "too large"),
        ("title:(a AND topic:(b AND body:c))", 26, "cannot stand inside"),
        ("(" * 60 + "a" + ")" * 60, 0, "nested"),
        ("a OR " * 3000 + "a", 8000, "characters"),
    ],
)
def test_errors_name_the_column(text, position, words):
    where, message = failure(text)
    assert words in message
    assert where == position


def test_regexes_ignore_case_and_fold_their_own_letters():
    assert compile_regex("機器人\\d+").search("机器人10")
    assert compile_regex("abc").search("ABC")
