"""Run the receiver that docs/how-to/receive-webhooks.md shows against requests signed as ours are."""

from __future__ import annotations

import json

import pytest

from alerts.channels.webhook import _headers, _signers

PAGE = "docs/how-to/receive-webhooks.md"
SECRET = "whsec_" + "c2VjcmV0" * 6
OLD_SECRET = "whsec_" + "b2xkb2xk" * 6
EVENT = {"data": {"stories": [{"lead": {"title": "A plan", "url": "https://news.example/plan"}}]}}


@pytest.fixture
def receive(doc):
    """Give the function of the page's one Python block."""
    (code,) = doc(PAGE).blocks("python")
    space: dict = {}
    exec(code, space)
    return space["receive"]


def _request(secrets=SECRET, delivery="dl_1"):
    body = json.dumps(EVENT)
    return body.encode(), _headers(delivery, body, _signers("test", secrets))


def test_it_takes_what_we_sign_and_acts_once(receive, capsys):
    seen: set[str] = set()
    body, headers = _request()
    assert receive(body, headers, SECRET, seen) == 204
    assert receive(body, headers, SECRET, seen) == 204
    assert capsys.readouterr().out == "A plan https://news.example/plan\n"


def test_it_refuses_a_body_that_was_changed(receive):
    body, headers = _request()
    assert receive(body.replace(b"plan", b"flan"), headers, SECRET, set()) == 401


@pytest.mark.parametrize("receivers", [SECRET, OLD_SECRET])
def test_while_secrets_overlap_either_is_enough(receive, receivers):
    body, headers = _request(secrets=f"{SECRET}\n{OLD_SECRET}\n")
    assert receive(body, headers, receivers, set()) == 204
