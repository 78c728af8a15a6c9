"""JSON lines: any file of articles, with bad rows named by their line, read on where it was left."""

import json

from crawler.backfill.rows import next_rows
from crawler.exchange import BadRow
from state.backfill_files import File

WORDS = "Shenzhen today unveiled the {0} robot, which runs an AI model called {0}. It will be shown in {0} halls by {0}."


def row(number, day="2025-03-05"):
    return {
        "url": f"https://news.example/{number}",
        "title": f"Shenzhen unveils robot {number * 7919}",
        "text": WORDS.format(f"ka{number * 104729}"),
        "published": day,
    }


def test_blocks_go_on_where_the_last_one_ended(rows):
    path = rows(*(row(number) for number in range(40)))
    file = File(0, str(path), path.stat().st_size)
    lines = []
    while file.state != "done":
        block = next_rows(path, file)
        lines += [line for line, _ in block.rows]
        file = block.file
    assert lines == list(range(1, 41))


def test_bad_rows_are_named_by_their_line_and_the_rest_goes_in(house, rows):
    path = rows(row(1), b"{not json", {"url": "ftp://x/y", "text": "z"}, row(2, "1999-01-01"), row(3), b"")
    code, last, _ = house.backfill(
        "--since", "2025-01-01", "--until", "2025-12-31", "--via", "jsonl", "--from", path
    )
    assert code == 5
    assert last["report"]["articles"] == 2
    why = [item["why"] for item in last["report"]["failures"]]
    assert len(why) == 2
    assert "line 2" in why[0]
    assert "line 3" in why[1]
    assert house.count("SELECT count(*) FROM alerts WHERE reason <> 'backfill'") == 0


def test_a_line_longer_than_any_article_is_one_bad_row(rows, monkeypatch):
    monkeypatch.setattr("crawler.backfill.rows.MAX_LINE", 2000)
    monkeypatch.setattr("crawler.exchange.MAX_LINE", 2000)
    path = rows({"url": "https://x.example/1", "text": "x" * 9000}, row(2))
    block = next_rows(path, File(0, str(path), 0))
    assert isinstance(block.rows[0], BadRow)
    assert (block.rows[0].line, block.rows[1][0]) == (1, 2)
    assert json.loads(path.read_bytes().splitlines()[1])["url"] == block.rows[1][1].url
    assert block.file.state == "done"
