"""WARC files as they are found: sound, cut off, damaged, lying about their length, in one gzip member or none."""

import gzip
import zlib

import pytest
from archive import response_record

from crawler.backfill.ways.warc import MAX_BODY, Damage, Record, beginning, read_warc

RECORDS = [response_record(f"http://x.example/{n}", b"<html>%d</html>" % n * 20) for n in range(8)]
MEMBERS = [gzip.compress(record, mtime=0) for record in RECORDS]
STARTS = [sum(map(len, MEMBERS[:n])) for n in range(9)]


@pytest.fixture
def read(tmp_path):
    def run(data, **place):
        path = tmp_path / "some.warc.gz"
        path.write_bytes(data)
        found = list(read_warc(path, **place))
        urls = [int(item.url[-1]) for item in found if isinstance(item, Record)]
        return urls, [(item.offset, item.why) for item in found if isinstance(item, Damage)]

    return run


def test_a_sound_file_is_read_from_any_record_on(read):
    assert read(b"".join(MEMBERS)) == (list(range(8)), [])
    assert read(b"".join(MEMBERS), offset=STARTS[5], number=5) == ([5, 6, 7], [])
    assert read(b"".join(RECORDS)) == (list(range(8)), [])


def test_a_file_in_one_gzip_member_is_read_and_gone_on_with_by_count(read, tmp_path):
    whole = gzip.compress(b"".join(RECORDS))
    assert read(whole) == (list(range(8)), [])
    assert read(whole, number=6) == ([6, 7], [])
    assert beginning(tmp_path / "some.warc.gz", len(whole)) == 0


def test_a_file_that_was_cut_off_gives_what_it_has_and_says_where_it_ends(read):
    urls, damages = read(b"".join(MEMBERS)[: STARTS[5] + 30])
    assert urls == [0, 1, 2, 3, 4]
    assert damages == [(STARTS[5], "it ends in the middle of a record; everything before it was read")]


@pytest.mark.parametrize("cut", [1, 20, 60, 150])
def test_wherever_it_is_cut_nothing_before_is_lost_and_nothing_hangs(read, cut):
    urls, damages = read(b"".join(MEMBERS)[: STARTS[5] + cut])
    assert urls == [0, 1, 2, 3, 4]
    assert damages[-1] == (STARTS[5], "it ends in the middle of a record; everything before it was read")


@pytest.mark.parametrize("at", [0, 5, 30, 100])
@pytest.mark.parametrize("number", [0, 3, 7])
def test_a_damaged_record_costs_itself_only(read, at, number):
    data = bytearray(b"".join(MEMBERS))
    data[STARTS[number] + at : STARTS[number] + at + 12] = b"\xff" * 12
    urls, damages = read(bytes(data))
    assert urls == [n for n in range(8) if n != number]
    assert [offset for offset, _ in damages] == [STARTS[number]] * len(damages)
    assert damages


def test_a_record_that_promises_too_much_does_not_swallow_the_next(read):
    lying = RECORDS[3].replace(
        b"msgtype=response\r\nContent-Length: ", b"msgtype=response\r\nContent-Length: 99"
    )
    urls, damages = read(b"".join([*MEMBERS[:3], gzip.compress(lying, mtime=0), *MEMBERS[4:]]))
    assert urls == [0, 1, 2, 4, 5, 6, 7]
    assert [offset for offset, _ in damages] == [STARTS[3]]
    assert "promises" in damages[0][1]


def test_a_record_of_two_gigabytes_is_passed_over(tmp_path):
    size = 2 * 2**30
    head = response_record("http://x.example/huge", b"")[: -len(b"\r\n\r\n")]
    http = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    head = head.replace(b"Content-Length: %d" % http, b"Content-Length: %d" % (http + size))
    path = tmp_path / "huge.warc.gz"
    packer = zlib.compressobj(1, wbits=31)
    with path.open("wb") as file:
        file.write(MEMBERS[0] + packer.compress(head))
        for _ in range(size // 2**24):
            file.write(packer.compress(bytes(2**24)))
        file.write(packer.compress(b"\r\n\r\n") + packer.flush() + MEMBERS[1])
    found = list(read_warc(path))
    assert [type(item) for item in found] == [Record, Damage, Record]
    assert found[1].why == "a record of 2048 MiB was passed over; pages have 16 at most"


@pytest.mark.parametrize("data", [b"hello " * 100, b"<html></html>", gzip.compress(b"hello " * 100, mtime=0)])
def test_what_is_no_warc_says_so(read, data):
    urls, damages = read(data)
    assert urls == []
    assert len(damages) == 1


def test_an_empty_file_holds_nothing(read):
    assert read(b"") == ([], [])


def test_bodies_are_unpacked_as_their_headers_say(tmp_path):
    page = b"<html>" + b"words " * 50
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(page), page)
    bodies = [
        (page, ""),
        (gzip.compress(page, mtime=0), "Content-Encoding: gzip\r\n"),
        (page, "Content-Encoding: gzip\r\n"),
        (chunked, "Transfer-Encoding: chunked\r\n"),
        (zlib.compress(page), "Content-Encoding: deflate\r\n"),
    ]
    path = tmp_path / "some.warc.gz"
    path.write_bytes(
        b"".join(
            gzip.compress(response_record(f"http://x.example/{n}", body, head=head))
            for n, (body, head) in enumerate(bodies)
        )
    )
    assert [record.body for record in read_warc(path)] == [page] * 5


def test_a_page_that_unpacks_beyond_all_bounds_is_passed_over(tmp_path):
    bomb = gzip.compress(bytes(MAX_BODY + 1))
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(
        gzip.compress(response_record("http://x.example/0", bomb, head="Content-Encoding: gzip\r\n"))
    )
    (found,) = read_warc(path)
    assert "unpacks to more than 16 MiB" in found.why


def test_a_record_without_a_date_is_read_without_one(tmp_path):
    path = tmp_path / "some.warc.gz"
    path.write_bytes(gzip.compress(response_record("http://x.example/0", b"<p>", when=None)))
    (found,) = read_warc(path)
    assert found.captured is None
