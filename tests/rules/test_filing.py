from collections import Counter

from rules.filing import anchor
from rules.query import parse_query


def anchored(text, **names):
    node = parse_query(text, lambda _key: None)
    counts = Counter({key.replace("_", ":"): value for key, value in names.items()})
    found = anchor(node, counts)
    return None if found is None else set(found)


def test_a_rule_is_filed_under_the_rarest_thing_it_needs():
    assert anchored("topic:ai AND org:x", topic_ai=100, org_x=2) == {"org:x"}
    assert anchored("topic:ai AND (org:x OR org:y)", topic_ai=3, org_x=2, org_y=2) == {"topic:ai"}


def test_what_is_excluded_is_no_anchor():
    assert anchored("topic:ai AND NOT org:x", topic_ai=9, org_x=1) == {"topic:ai"}


def test_windows_do_not_matter():
    assert anchored("title:(topic:ai AND org:x)", topic_ai=9, org_x=1) == {"org:x"}


def test_a_regex_alone_has_none():
    assert anchored("/x[0-9]/") is None
    assert anchored("topic:ai OR /x[0-9]/") is None
    assert anchored("topic:ai AND /x[0-9]/") == {"topic:ai"}
