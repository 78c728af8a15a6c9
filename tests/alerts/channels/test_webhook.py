from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.channels.webhook import WebhookSettings, open_webhook
from alerts.credentials import Surroundings
from alerts.outcome import Delivered, Gone, Refused, RetryLater
from state.addresses import parse_networks
from state.errors import ConfigurationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEWER = "whsec_bmV3ZXIgc2VjcmV0IG9mIHR3ZW50eS1mb3VyKw=="
LOOPBACK = parse_networks(["127.0.0.1"])
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code, *headers):
    return f"HTTP/1.1 {code} Whatever\r\nContent-Length: 0\r\n{''.join(h + chr(13) + chr(10) for h in headers)}\r\n".encode()


def sender(url, *, secret=SECRET, allowed=LOOPBACK, timeout="500ms", **settings):
    """Open a webhook; tries are short, because these receivers keep us waiting on purpose."""
    entry = WebhookSettings(type="webhook", url=url, secret_env="HOOK_SECRET", timeout=timeout, **settings)
    return open_webhook("destinations.hook", entry, Surroundings(environ={"HOOK_SECRET": secret}), allowed)


def test_a_receiver_can_verify_what_it_gets_with_the_standards_own_library(answers, message):
    hook = answers(OK)
    assert sender(hook.url)(message) == Delivered("HTTP 200")
    ((headers, body),) = hook.received
    assert Webhook(SECRET).verify(body, headers) == message.payload
    assert headers["webhook-id"] == message.id
    assert headers["content-type"].startswith("application/json")


def test_one_flipped_bit_is_noticed(answers, message):
    hook = answers(OK)
    sender(hook.url)(message)
    ((headers, body),) = hook.received
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(bytes([body[0] ^ 1]) + body[1:], headers, json_parse=False)


def test_a_repeat_has_the_same_id_and_a_timestamp_of_its_own(answers, message, monkeypatch):
    import time_machine

    hook = answers(status(500), OK)
    send = sender(hook.url)
    with time_machine.travel(datetime(2026, 11, 21, 10, tzinfo=UTC), tick=True) as clock:
        send(message)
        clock.shift(timedelta(minutes=10))
        send(message)
        (first, _), (second, body) = hook.received
        Webhook(SECRET).verify(body, second)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) >= 600


def test_while_a_secret_changes_receivers_accept_either(answers, message):
    hook = answers(OK)
    sender(hook.url, secret=f"{NEWER}\n{SECRET}")(message)
    ((headers, body),) = hook.received
    assert Webhook(SECRET).verify(body, headers)
    assert Webhook(NEWER).verify(body, headers)


def test_chinese_and_emoji_arrive_as_they_are(answers, message):
    hook = answers(OK)
    odd = replace(message, payload={"title": "粤府办〔2025〕6号 🚀 \u2028 end"})
    sender(hook.url)(odd)
    ((headers, body),) = hook.received
    assert Webhook(SECRET).verify(body, headers) == odd.payload


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(answers, message, code):
    assert isinstance(sender(answers(status(code)).url)(message), Delivered)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 422, 500, 502, 503, 504])
def test_any_other_status_is_a_failure_to_be_retried(answers, message, code):
    assert sender(answers(status(code)).url)(message) == RetryLater(f"HTTP {code}")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_failures_and_never_followed(answers, message, code):
    elsewhere = answers(OK)
    hook = answers(status(code, f"Location: {elsewhere.url}"))
    assert sender(hook.url)(message) == RetryLater(f"HTTP {code}")
    assert elsewhere.connections == 0


def test_410_is_the_end(answers, message):
    assert sender(answers(status(410)).url)(message) == Gone("HTTP 410")


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_in_seconds_is_the_receivers_wish(answers, message, code):
    hook = answers(status(code, "Retry-After: 120"))
    assert sender(hook.url)(message) == RetryLater(f"HTTP {code}", timedelta(seconds=120))


def test_retry_after_as_a_date_counts_from_now(answers, message):
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    outcome = sender(answers(status(503, f"Retry-After: {moment}")).url)(message)
    assert timedelta(minutes=59) < outcome.after <= timedelta(hours=1)


@pytest.mark.parametrize("wish", ["soon", "-5", "Fri, 99 Nov 2026", "1e9", "", "٣"])
def test_a_retry_after_that_makes_no_sense_is_no_wish(answers, message, wish):
    assert sender(answers(status(429, f"Retry-After: {wish}".encode().decode("latin-1"))).url)(
        message
    ) == RetryLater("HTTP 429")


def test_a_retry_after_in_the_past_means_now(answers, message):
    hook = answers(status(429, "Retry-After: Fri, 21 Nov 2025 10:00:00 GMT"))
    assert sender(hook.url)(message) == RetryLater("HTTP 429", timedelta(0))


def test_an_absurd_retry_after_is_bounded(answers, message):
    outcome = sender(answers(status(429, "Retry-After: " + "9" * 300)).url)(message)
    assert outcome.after <= timedelta(seconds=10**9)


# What receivers do instead of answering is in test_receiver_matrix.py.


@pytest.mark.parametrize(
    "reply",
    [
        b"hello\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 1000,
    ],
)
def test_a_reply_that_is_no_http_is_retried(answers, message, reply):
    assert isinstance(sender(answers(reply).url)(message), RetryLater)


def test_an_interim_answer_is_not_the_answer(answers, message):
    assert sender(answers(b"HTTP/1.1 100 Continue\r\n\r\n" + status(500)).url)(message) == RetryLater(
        "HTTP 500"
    )


def test_tls_with_a_known_authority_delivers(answers, message, server_tls, certificate):
    hook = answers(OK, tls=server_tls)
    assert sender(hook.url, ca_file=certificate[0])(message) == Delivered("HTTP 200")


def test_tls_with_an_unknown_authority_sends_nothing(answers, message, server_tls):
    hook = answers(OK, tls=server_tls)
    assert sender(hook.url)(message) == RetryLater("SSLCertVerificationError")
    assert hook.received == []


def test_a_tls_handshake_that_hangs_is_cut_off(receiver, message):
    hook = receiver(lambda self, connection: self.ended.wait())
    assert sender(f"https://127.0.0.1:{hook.port}/")(message) == RetryLater("time ran out")


# Where we may connect to.


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "127.1"],
)
def test_an_address_that_is_not_public_is_never_connected_to(answers, message, host):
    hook = answers(OK)
    outcome = sender(f"http://{host}:{hook.port}/hook", allowed=())(message)
    assert isinstance(outcome, Refused | RetryLater)
    assert hook.connections == 0


def test_the_refusal_names_the_block_and_the_remedy(answers, message):
    outcome = sender(answers(OK).url, allowed=())(message)
    assert outcome == Refused(
        "nothing was sent: the destination's address is not public (loopback); list it under allow: if that is intended",
        theirs=True,
    )


def test_a_destination_may_list_its_own_address(answers, message):
    assert isinstance(sender(answers(OK).url, allowed=(), allow=["127.0.0.0/8"])(message), Delivered)


def test_the_environment_s_proxy_is_not_used(answers, message, monkeypatch):
    proxy = answers(OK)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    hook = answers(OK)
    sender(hook.url)(message)
    assert (hook.connections, proxy.connections) == (1, 0)


# What the configuration may say.


def test_address_and_secret_may_come_from_files(tmp_path, answers, message):
    hook = answers(OK)
    for name, value in (("url", hook.url), ("secret", SECRET)):
        (tmp_path / name).write_text(value + "\n")
        (tmp_path / name).chmod(0o600)
    entry = WebhookSettings(type="webhook", url_file="url", secret_file="secret")
    send = open_webhook("destinations.hook", entry, Surroundings(tmp_path, {}), LOOPBACK)
    assert isinstance(send(message), Delivered)


@pytest.mark.parametrize(
    "secret", ["", "hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_a_weak_or_broken_secret_is_refused_without_showing_it(secret):
    with pytest.raises(ConfigurationError) as caught:
        sender("https://hooks.example/", secret=secret)
    assert "destinations.hook.secret" in str(caught.value)
    assert not secret or secret == "whsec_" or secret not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example/",
        "//x.example/",
        "https://",
        "https://x.example:99999/",
        "https://x y/",
        "https://ü.example/",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigurationError, match=r"destinations\.hook\.url"):
        sender(url)


def test_a_password_in_the_address_is_refused_without_showing_it():
    with pytest.raises(ConfigurationError) as caught:
        sender("https://user:hunter2@x.example/")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"url": "https://x.example/", "url_env": "HOOK", "secret_env": "S"},
        {"url": "https://x.example/"},
        {"url": "https://x.example/", "secret_env": "S", "secret_file": "s"},
        {"url": "https://x.example/", "secret_env": "S", "secrt": "x"},
    ],
)
def test_settings_that_are_not_complete_or_not_clear_are_refused(entry):
    with pytest.raises(ValidationError):
        WebhookSettings(type="webhook", **entry)


def test_neither_address_nor_secret_shows_in_what_might_be_logged(message):
    send = sender("https://hooks.example/T000/B000/XXXX")
    entry = WebhookSettings(type="webhook", url="https://hooks.example/T000/B000/XXXX", secret_env="S")
    assert "XXXX" not in repr(entry)
    assert json.dumps(message.payload)  # and the payload is plain JSON
    del send
