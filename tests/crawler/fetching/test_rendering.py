"""Pages that come to be by script, shown by a real Chromium that reaches nothing inside."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from disguises import INSIDE
from loopback import http

from crawler.fetching.browser import missing

needs_chromium = pytest.mark.skipif(missing(None) is not None, reason=str(missing(None)))


@pytest.fixture
def show(fetch):
    """Fetch pages by browser; give what became of the first."""

    def shown(*urls, **order):
        notes = fetch(*urls, browser=True, **order)["notes"]
        return notes[urls[0]]

    return shown


def _script(code, text="before"):
    return http(f"<body><p id=p>{text}</p><script>const p = document.getElementById('p');{code}</script>")


def _children(pid):
    """Give the processes that a process started, whole tree, with their command lines."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            parents[int(folder.name)] = (parent, (folder / "cmdline").read_text())
        except OSError:
            continue
    found = {}
    grown = {pid}
    while grown:
        grown = {child for child, (parent, _) in parents.items() if parent in grown}
        found |= {child: parents[child][1] for child in grown}
    return found


def _chromium(pid):
    return [
        child
        for child, line in _children(pid).items()
        if "chrom" in line.split("\0")[0] and "--type=" not in line
    ]


def test_pages_that_need_no_browser_start_none(fetch_with, loopback):
    fetch = fetch_with()
    site = loopback.site({"/": http("<p>plain</p>")})
    outcome = fetch(f"{site}/")
    assert outcome["notes"][f"{site}/"]["status"] == 200
    assert not outcome["playwright"]
    assert _children(fetch._process.pid) == {}


@needs_chromium
def test_what_scripts_fetch_and_write_is_read_under_the_one_honest_name(show, loopback):
    site = loopback.site(
        {
            "/": _script("fetch('/data').then(a => a.text()).then(t => { p.textContent = t })"),
            "/data": http("made by script", content_type="text/plain"),
        }
    )
    note = show(f"{site}/")
    assert '<p id="p">made by script</p>' in note["start"]
    assert {asked.headers["user-agent"] for asked in loopback.asked} == {"yuewatch/0.1 (news monitor)"}
    assert "authorization" not in str([asked.headers for asked in loopback.asked])


@needs_chromium
def test_redirects_are_followed_before_the_browser_comes_in_and_only_good_web_pages_are_shown(
    show, fetch, loopback
):
    site = loopback.site(
        {
            "/": http("", 302, Location="/there"),
            "/there": _script("p.textContent = location.pathname"),
            "/gone": http("<p id=p>gone</p><script>p.textContent = 'shown'</script>", 404),
            "/data.json": http('{"a": "<script>"}', content_type="application/json"),
        }
    )
    assert ">/there</p>" in show(f"{site}/")["start"]
    notes = fetch(f"{site}/gone", f"{site}/data.json", browser=True)["notes"]
    assert notes[f"{site}/gone"]["status"] == 404
    assert notes[f"{site}/data.json"]["start"] == '{"a": "<script>"}'
    assert loopback.paths(site) == ["/", "/there", "/gone", "/data.json"]


@needs_chromium
def test_a_page_in_another_charset_comes_out_as_utf_8(show, loopback):
    text = "<meta charset=gb18030><p id=p></p><script>p.textContent = '广东省印发方案'</script>"
    site = loopback.site({"/": http(text.encode("gb18030"), content_type="text/html; charset=gb18030")})
    assert ">广东省印发方案</p>" in show(f"{site}/")["start"]


@needs_chromium
def test_no_way_that_a_page_knows_leads_inside(show, loopback):
    with (
        socket.create_server((INSIDE, 0)) as inside,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        datagrams.bind((INSIDE, 0))
        tcp, udp = f"{INSIDE}:{inside.getsockname()[1]}", f"{INSIDE}:{datagrams.getsockname()[1]}"
        attempts = {
            "fetch": f"fetch('http://{tcp}/').then(() => say('in'), () => say('no'))",
            "disguised": f"fetch('http://0x7f.0.0.3:{tcp.split(':')[1]}/').then(() => say('in'), () => say('no'))",
            "redirect": "fetch('/within').then(() => say('in'), () => say('no'))",
            "socket": f"const w = new WebSocket('ws://{tcp}/'); w.onopen = () => say('in'); w.onerror = () => say('no')",
            "beacon": f"navigator.sendBeacon('http://{tcp}/'); say('no')",
            "image": f"const i = new Image(); i.src = 'http://{tcp}/'; i.onload = () => say('in'); i.onerror = () => say('no')",
            "frame": f"const f = document.createElement('iframe'); f.src = 'http://{tcp}/'; document.body.append(f); say('no')",
            "window": f"window.open('http://{tcp}/'); say('no')",
            "leave": f"setTimeout(() => {{ location = 'http://{tcp}/' }}, 300); say('no')",
            "peer": f"const c = new RTCPeerConnection({{iceServers: [{{urls: 'stun:{udp}'}}, {{urls: 'turn:{tcp}?transport=tcp', username: 'a', credential: 'b'}}]}}); c.createDataChannel('d'); c.createOffer().then(o => c.setLocalDescription(o)); say('no')",
            "prefetch": f"const l = document.createElement('link'); l.rel = 'preconnect'; l.href = 'http://{tcp}/'; document.head.append(l); say('no')",
        }
        code = "const say = (word) => { p.textContent += word + ' ' };"
        code += "".join(f"{{ {attempt} }};" for attempt in attempts.values())
        site = loopback.site(
            {"/": _script(code, text=""), "/within": http("", 302, Location=f"http://{tcp}/")}
        )
        note = show(f"{site}/")
        assert "error" not in note, note
        told = note["start"].partition("</p>")[0]
        assert told.count("no ") == len(attempts)
        assert "in " not in told
        for listener, take in ((inside, socket.socket.accept), (datagrams, lambda it: it.recv(1))):
            listener.settimeout(0)
            with pytest.raises(BlockingIOError):
                take(listener)


@needs_chromium
def test_a_page_gets_no_more_than_its_share_and_nothing_that_robots_txt_forbids(show, loopback):
    site = loopback.site(
        {
            "/robots.txt": http("User-agent: *\nDisallow: /api/\n", content_type="text/plain"),
            "/": _script(
                "fetch('/api/secret').catch(() => { p.textContent = 'forbidden' });"
                "for (let i = 0; i < 300; i++) fetch('/flood?' + i).catch(() => {})"
            ),
            "/flood": http("x", content_type="text/plain"),
        }
    )
    assert ">forbidden</p>" in show(f"{site}/")["start"]
    paths = loopback.paths(site)
    assert "/api/secret" not in paths
    assert len([path for path in paths if path.startswith("/flood")]) == 59  # the forbidden one counts too


@needs_chromium
def test_a_held_host_is_not_asked_for_parts_of_a_page_either(show, loopback):
    other = loopback.site({"/part": http("x", Access_Control_Allow_Origin="*")})
    site = loopback.site({"/": _script(f"fetch('{other}/part').catch(() => {{ p.textContent = 'held' }})")})
    note = show(f"{site}/", hold={other.removeprefix("http://"): 3600})
    assert ">held</p>" in note["start"]
    assert loopback.paths(other) == []


@needs_chromium
def test_dialogs_are_dismissed_and_a_part_that_hangs_is_cut_off(show, loopback):
    never = asyncio.Event()
    site = loopback.site(
        {
            "/": http(
                "<body onload=\"p.textContent = confirm('ok?') + ' loaded'\"><p id=p></p>"
                "<script>alert('hello'); prompt('name?')</script><script src=/hangs></script>"
            ),
            "/hangs": lambda asked: never.wait(),
        }
    )
    note = show(f"{site}/", settings={"DOWNLOAD_TIMEOUT": 4.5})
    assert ">false loaded</p>" in note["start"]


@needs_chromium
def test_what_never_rests_or_grows_without_end_is_a_failure_that_costs_no_other_page(show, fetch, loopback):
    site = loopback.site(
        {
            "/endless": _script("for (;;) {}"),
            "/huge": _script("p.textContent = 'x'.repeat(11 * 2 ** 20)"),
            "/": _script("p.textContent = 'well'"),
        }
    )
    note = show(f"{site}/endless", settings={"DOWNLOAD_TIMEOUT": 3})
    assert note["error"] == f"{site}/endless was not shown: its scripts did not come to rest within 3 s"
    assert note["retryable"]
    note = show(f"{site}/huge")
    assert note["error"] == f"{site}/huge was not read: its scripts made more than 10 MB of it"
    assert not note["retryable"]
    assert ">well</p>" in show(f"{site}/")["start"]


@needs_chromium
def test_a_killed_browser_costs_the_page_it_showed_and_is_replaced_for_the_next(show, fetch, loopback):
    pid = fetch._process.pid

    def kill(asked):
        for chromium in _chromium(pid):
            os.kill(chromium, signal.SIGKILL)
        return http("x")

    site = loopback.site(
        {"/": _script("p.textContent = 'well'"), "/dies": _script("fetch('/kill')"), "/kill": kill}
    )
    note = show(f"{site}/dies")
    assert (
        note["error"]
        == f"{site}/dies was not shown: the browser ended meanwhile; the next page starts another"
    )
    assert note["retryable"]
    assert ">well</p>" in show(f"{site}/")["start"]
    assert len(_chromium(pid)) == 1
