"""What the chats of docs/how-to/chat-channels.md are sent, through Apprise's own services; their hosts cannot be set."""

from __future__ import annotations

import io
import json
import re

import pytest
import requests
import responses

from alerts.channels import apprise_child
from alerts.channels.apprise import _task

# Apprise asks for modules that Python has deprecated, and takes a warning that is an error for a missing service.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CHATS = {
    "feishu": "feishu://0123456789abcdef0123456789abcdef",
    "dingtalk": "dingtalk://SECabc123@0123456789abcdef",
    "wecombot": "wecombot://0123abcd-0123-0123-0123-0123456789ab",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
    "tgram": "tgram://123456789:ABCdefGHIjklABCdefGHIjklABCdefGHIjkl/12345",
}
TAKEN = {"ok": True, "code": 0, "errcode": 0, "result": {"message_id": 1}}


@pytest.fixture
def told(monkeypatch, capsys, message):
    """Do what the child process does, here; give the word it says and what the service was sent."""
    monkeypatch.setattr(apprise_child, "watch_connections", lambda networks: [])
    monkeypatch.setattr(requests.Session, "send", requests.Session.send)  # put back what the child replaces

    def told(chat, answer=TAKEN):
        body = "ok" if chat == "slack" and answer is TAKEN else json.dumps(answer)
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(_task(CHATS[chat], [], message))))
        with responses.RequestsMock() as service:
            service.add(responses.POST, re.compile("https://.*"), body=body)
            apprise_child.main()
            sent = [json.loads(call.request.body) for call in service.calls]
        return capsys.readouterr().out, sent

    return told


HEADLINE = "Guangdong issues plan for computing hubs"
LINK = "https://news.example/1.html"


@pytest.mark.parametrize(("chat", "where"), [("feishu", "content"), ("wecombot", "text")])
def test_a_chat_of_plain_text_gets_headline_sentence_and_address(told, chat, where):
    word, (sent,) = told(chat)
    assert word == "delivered"
    (text,) = sent[where].values()
    assert text.startswith(f"[Policy] {HEADLINE}")
    assert f"\n{LINK}\n" in text
    assert "“The province will build three computing hubs for artificial intelligence by 2028.”" in text
    assert len(text.encode()) <= 2048


def test_dingtalk_gets_markdown_with_a_linked_origin(told):
    _, (sent,) = told("dingtalk")
    assert sent["msgtype"] == "markdown"
    text = sent["markdown"]["text"]
    assert text.startswith(f"# ［Policy］ {HEADLINE}\n")
    assert f"[2026-11-21 17:30 UTC+08:00 · Example Daily]({LINK})" in text
    assert "> The province will build three computing hubs for **artificial intelligence** by 2028." in text


def test_slack_gets_its_own_kind_of_links_and_bold(told):
    word, (sent,) = told("slack")
    assert word == "delivered"
    (attachment,) = sent["attachments"]
    assert attachment["title"] == f"［Policy］ {HEADLINE}"
    assert f"<{LINK}|2026-11-21 17:30 UTC+08:00 · Example Daily>" in attachment["text"]
    assert "*artificial intelligence*" in attachment["text"]


def test_telegram_gets_links_and_bold_that_do_not_nest(told):
    _, (sent,) = told("tgram")
    assert sent["parse_mode"] == "MARKDOWN"
    assert sent["text"].startswith(f"*［Policy］ {HEADLINE}*\n")
    assert f"\n[2026-11-21 17:30 UTC+08:00 · Example Daily]({LINK})\n" in sent["text"]
    assert "*artificial intelligence*" in sent["text"]


@pytest.mark.parametrize(
    ("chat", "answer"),
    [
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}),
        ("wecombot", {"errcode": 45009, "errmsg": "api freq out of limit"}),
    ],
)
def test_a_refusal_with_status_200_is_a_failure(told, chat, answer):
    assert told(chat, answer)[0] == "failed"
