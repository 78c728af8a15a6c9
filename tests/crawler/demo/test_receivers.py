import asyncio
import io
import json
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook

from crawler.demo.receivers import HookReceiver, MailSink, new_secret

SECRET = new_secret()


@pytest_asyncio.fixture
async def sink():
    sink = MailSink()
    await sink.open()
    yield sink
    await sink.close()


@pytest_asyncio.fixture
async def receiver():
    receiver = HookReceiver(SECRET)
    await receiver.open()
    yield receiver
    await receiver.close()


def letter():
    message = EmailMessage()
    message["Subject"] = "广东印发行动方案"
    message["From"] = "yuewatch@newsroom.example"
    message["To"] = "desk@newsroom.example"
    message.set_content("到2029年，建成60家智能工厂。")
    message.add_alternative("<p>到2029年</p>", subtype="html")
    return message


def post_letter(port):
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(letter())


def signed(payload, delivery="dl_1", secret=SECRET):
    body = json.dumps(payload, ensure_ascii=False)
    now = datetime.now(UTC)
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(delivery, now, body),
    }
    return body.encode(), headers


async def post(browser, receiver, body, headers):
    async with browser.post(receiver.url, data=body, headers=headers) as response:
        return response.status


async def test_mail_arrives_with_its_headers_and_text(sink):
    await asyncio.to_thread(post_letter, sink.port)
    (mail,) = sink.accepted
    assert mail.subject == "广东印发行动方案"
    assert mail.recipients == ("desk@newsroom.example",)
    assert "60家智能工厂" in mail.text


async def test_the_sink_fails_as_often_as_it_is_asked_and_then_takes_mail(sink):
    sink.fail_next()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await asyncio.to_thread(post_letter, sink.port)
    assert refused.value.smtp_code == 451
    await asyncio.to_thread(post_letter, sink.port)
    assert [mail.accepted for mail in sink.mails] == [False, True]


async def test_mail_is_told_as_it_arrives():
    told = []
    sink = MailSink(told.append)
    port = await sink.open()
    await asyncio.to_thread(post_letter, port)
    await sink.close()
    assert [mail.sender for mail in told] == ["yuewatch@newsroom.example"]


async def test_a_signed_webhook_is_verified_and_kept(receiver, browser):
    body, headers = signed({"type": "alert", "title": "行动方案"})
    assert await post(browser, receiver, body, headers) == 200
    (hook,) = receiver.hooks
    assert (hook.id, hook.verified) == ("dl_1", True)
    assert hook.payload["title"] == "行动方案"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-timestamp": "1"},
        {"webhook-id": "dl_2"},
    ],
)
async def test_what_does_not_verify_is_answered_401(receiver, browser, change):
    body, headers = signed({"type": "alert"})
    assert await post(browser, receiver, body, headers | change) == 401
    assert await post(browser, receiver, body, {}) == 401
    assert not receiver.accepted
    assert all(hook.payload is None for hook in receiver.hooks)


async def test_bytes_that_are_no_text_are_refused_not_fatal(receiver, browser):
    _, headers = signed({})
    assert await post(browser, receiver, b"\xff\xfe\x00", headers) == 401


async def test_a_signature_with_another_secret_is_refused(receiver, browser):
    body, headers = signed({}, secret=new_secret())
    assert await post(browser, receiver, body, headers) == 401


async def test_the_receiver_fails_once_and_takes_the_retry_with_the_same_id(receiver, browser):
    receiver.fail_next(status=503)
    body, headers = signed({"type": "alert"})
    assert await post(browser, receiver, body, headers) == 503
    assert await post(browser, receiver, body, headers) == 200
    assert [hook.status for hook in receiver.hooks] == [503, 200]
    assert list(receiver.accepted) == ["dl_1"]
    assert receiver.repeats == 0


async def test_a_repeated_delivery_is_acted_on_once_and_counted(receiver, browser):
    body, headers = signed({"type": "alert"})
    for _ in range(3):
        await post(browser, receiver, body, headers)
    assert list(receiver.accepted) == ["dl_1"]
    assert receiver.repeats == 2


async def test_an_oversized_body_is_refused(receiver, browser):
    assert await post(browser, receiver, io.BytesIO(b"x" * (2**20 + 1)), {}) == 413
