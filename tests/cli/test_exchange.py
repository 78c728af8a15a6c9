"""`yuewatch import` and `yuewatch export`: articles in and out as JSON lines, in the shapes that are promised."""

from __future__ import annotations

import json

import pytest
from press import page, story

HTML = page(story(7), published="2026-11-20T09:30:00+08:00").split(b"\r\n\r\n", 1)[1].decode()


@pytest.fixture
def bring(desk):
    """Import rows (or raw lines) and give how it ended."""
    desk.write(subscriptions=[{"id": "me"}])

    def run(*rows, words=()):
        lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        return desk.here("import", "-", *words, given=b"\n".join(lines) + b"\n")

    return run


def _row(number, **fields):
    title = story(number)
    return {
        "url": f"https://gd.example/{number}",
        "title": title,
        "text": f"{title}, its makers say.\nMore.",
    } | fields


def test_an_import_goes_the_whole_walk_in_the_order_given_and_alerts_nobody(bring, desk):
    rows = [_row(3), _row(1), _row(2, text="", title=story(2, event=False))]
    done = bring(*rows)
    assert (done.code, done.out) == (
        0,
        "3 articles stored, 0 known already, 0 bad rows skipped, 2 matches\n",
    )
    assert [row["url"] for row in desk.rows("export", "articles")] == [row["url"] for row in rows]
    assert len(desk.rows("export", "stories")) == 3
    assert {row["url"] for row in desk.rows("export", "matches")} == {rows[0]["url"], rows[1]["url"]}
    assert {row["reason"] for row in desk.rows("export", "alerts")} == {"import"}
    assert not any(row["deliveries"] for row in desk.rows("export", "alerts"))


def test_with_notify_imported_articles_alert_like_new_ones(bring, desk):
    assert bring(_row(1), words=["--notify"]).code == 0
    assert [row["reason"] for row in desk.rows("export", "alerts")] == ["new"]


def test_bad_rows_are_told_by_line_number_and_the_rest_goes_in(bring, desk):
    lines = [
        _row(1),
        b"",
        b"this is no JSON",
        b'{"url": "https://gd.example/cut", "title": "cu',
        {"title": "no address"},
        {"url": "https://gd.example/nothing"},
        {"url": "not an address", "title": "x"},
        {"url": "ftp://gd.example/x", "title": "x"},
        _row(2, title=["a", "list"]),
        _row(3, fetched_at="yesterday"),
        _row(4, fetched_at="2026-11-21T08:00:00"),
        [1, 2, 3],
        b"null",
        b"[" * 100_000,
        b"\xff\xfe",
        {"url": "https://gd.example/half", "title": "half \ud83d a pair", "text": "x"},
        {"url": "https://gd.example/empty", "html": "<html><body></body></html>"},
        _row(5, surprise="unknown keys are no trouble"),
    ]
    done = bring(*lines)
    assert done.code == 5
    told = dict(line.split(": skipped: ") for line in done.err.splitlines())
    assert sorted(told, key=lambda name: int(name.removeprefix("line "))) == [
        f"line {number}" for number in range(3, 18)
    ]
    assert "url" in told["line 5"]
    assert told["line 6"].endswith("it has neither text nor html nor title")
    assert "fetched_at" in told["line 10"]
    assert "fetched_at" in told["line 11"]
    assert "https://gd.example/empty" in told["line 17"]
    assert {row["url"] for row in desk.rows("export", "articles")} == {
        "https://gd.example/1",
        "https://gd.example/5",
    }
    assert done.out.startswith("2 articles stored, 0 known already, 15 bad rows skipped")


def test_what_was_exported_can_be_imported_elsewhere_as_it_was(bring, desk, tmp_path):
    dated = {"published": "2026-11-21T08:30", "publisher": "Example Daily", "original_source": "Agency"}
    bring(_row(1, lang="en", **dated), {"url": "https://gd.example/2", "html": HTML}, _row(3))
    out = desk.rows("export", "articles")
    desk.state = tmp_path / "second.db"
    lines = "\n".join(json.dumps(row) for row in out).encode()
    second = desk.here("--state", desk.state, "import", "-", given=lines)
    assert (second.code, second.out.startswith("3 articles stored")) == (0, True), second.err
    again = desk.rows("--state", str(desk.state), "export", "articles")
    assert [row | {"story_id": None} for row in again] == [row | {"story_id": None} for row in out]
    assert out[0]["published"]["evidence"] == "given"


@pytest.mark.parametrize("date", ["next tuesday", "2026-13-45", "05/03/2019"])
def test_a_date_that_cannot_be_read_is_told_and_not_passed_over(bring, date):
    """Without a date it would count as news."""
    done = bring(_row(1, published=date), _row(2, published=" 2026-11-21 "))
    assert done.out.startswith("1 articles stored, 0 known already, 1 bad rows skipped")
    assert f"line 1: skipped: published {date!r} is neither a day nor a time" in done.err


def test_blanks_and_forms_of_language_are_put_right(bring, desk):
    bring(
        {"url": " https://gd.example/1 ", "title": "  ", "text": "Words. ", "lang": "ZH-CN", "published": ""}
    )
    (row,) = desk.rows("export", "articles")
    assert (row["url"], row["title"], row["lang"], row["published"]["value"]) == (
        "https://gd.example/1",
        None,
        "zh",
        None,
    )


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"fetched_at": "0001-01-01T00:00:00+14:00"}, "nothing was fetched in the year 1"),
        ({"url": "https://me:secret@gd.example/1"}, "the address holds a login"),
    ],
)
def test_what_no_page_can_have_is_refused(bring, odd, why):
    done = bring(_row(1, **odd))
    assert (done.code, why in done.err, "secret" in done.err) == (1, True, False)


def test_what_was_imported_before_is_known_and_changes_nothing(bring, desk):
    bring(_row(1))
    again = bring(_row(1, title="another title"), _row(2))
    assert again.out.startswith("1 articles stored, 1 known already")
    assert desk.rows("export", "articles")[0]["title"] == story(1)


def test_nothing_in_is_nothing_done_and_only_bad_rows_is_a_failure(bring):
    assert bring(b"").code == 3
    assert bring(b"nonsense").code == 1


def test_what_a_row_says_wins_over_its_html_and_the_html_fills_the_rest(bring, desk):
    bring(
        {"url": "https://gd.example/all", "html": HTML},
        {
            "url": "https://gd.example/some",
            "html": HTML,
            "title": "Given title",
            "published": "2026-11-01",
            "lang": "fr",
        },
    )
    read, given = desk.rows("export", "articles")
    assert (read["title"], read["published"]["value"]) == (story(7), "2026-11-20T09:30:00+08:00")
    assert len(read["text"]) > 500
    assert (given["title"], given["published"]["value"], given["lang"]) == ("Given title", "2026-11-01", "fr")
    assert given["published"]["evidence"] == "given"
    assert given["text"] == read["text"]


def test_the_shapes_are_those_that_are_promised(bring, desk):
    bring(_row(1, published="2026-11-21", lang="en", source="elsewhere"), words=["--notify"])
    (article,) = desk.rows("export", "articles")
    assert {
        "url",
        "title",
        "text",
        "lang",
        "published",
        "publisher",
        "original_source",
        "author",
        "folded",
        "entities",
    } <= set(article)
    assert {"value", "precision", "evidence", "raw"} <= set(article["published"])
    assert set(article["folded"]) == {"copies", "chars_removed"}
    assert {"id", "kind", "surface", "start", "end"} <= set(article["entities"][0])
    (match,) = desk.rows("export", "matches")
    assert {"url", "story_id", "rule", "kind", "status", "evidence"} <= set(match)
    assert {"sentence", "start", "end", "terms"} <= set(match["evidence"][0])
    assert (match["rule"], match["kind"], match["status"]) == ("robot-unveiled", "company", "event")
    (stored,) = desk.rows("export", "stories")
    assert {"story_id", "lead", "members", "contains", "corroborates"} <= set(stored)
    assert (stored["story_id"], stored["lead"], stored["members"]) == (
        match["story_id"],
        article["url"],
        [],
    )
    (alert,) = desk.rows("export", "alerts")
    assert {
        "alert_id",
        "story_id",
        "rule",
        "subscription",
        "created",
        "reason",
        "deliveries",
    } <= set(alert)
    assert alert["created"].endswith("+00:00")


def test_entities_and_evidence_point_where_they_say(bring, desk):
    bring(_row(1))
    (article,) = desk.rows("export", "articles")
    for entity in article["entities"]:
        assert article["text"][entity["start"] : entity["end"]] == entity["surface"]
    (match,) = desk.rows("export", "matches")
    for evidence in match["evidence"]:
        where = article[evidence["where"]]
        assert where[evidence["start"] : evidence["end"]] == evidence["sentence"]


def test_an_export_goes_to_a_file_too_and_chinese_stays_readable(bring, desk):
    bring(
        {"url": "https://gd.example/zh", "title": "深圳发布机器人", "text": "深圳今天发布会爬楼梯的机器人。"}
    )
    target = desk.folder / "articles.jsonl"
    assert desk.here("export", "articles", "--output", target).code == 0
    text = target.read_text("utf-8")
    assert "深圳发布机器人" in text
    assert json.loads(text)["lang"] == "zh"


def test_an_export_can_be_imported_again(bring, desk):
    bring(_row(1, published="2026-11-21"), _row(2))
    first = desk.rows("export", "articles")
    given = "".join(json.dumps(row | {"published": row["published"]["value"]}) + "\n" for row in first)
    desk.write(state="again.db")
    assert desk.here("import", "-", given=given.encode()).code == 0
    same = ("url", "title", "text", "lang")
    assert [[row[key] for key in same] for row in desk.rows("export", "articles")] == [
        [row[key] for key in same] for row in first
    ]


@pytest.mark.parametrize("noun", ["articles", "stories", "matches", "alerts"])
def test_there_is_nothing_to_export_from_an_empty_state(noun, bring, desk):
    bring(b"")
    assert (desk.here("export", noun).code, desk.here("export", noun).out) == (3, "")


def test_an_export_without_a_state_says_what_to_do(desk):
    desk.write()
    told = desk.here("export", "articles")
    assert told.code == 1
    assert told.err.startswith("yuewatch: there is no state file at")
    assert not desk.state.exists()


def test_a_file_that_is_not_there_is_wrong_usage(desk):
    desk.write()
    assert desk.here("import", "nowhere.jsonl").code == 2
