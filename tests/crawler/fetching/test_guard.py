"""The resolver that hands out only addresses which may be connected to."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.fetching import guard as guarding
from crawler.fetching.guard import GuardedResolver
from state.addresses import parse_networks


class Names:
    """Resolve every name to what the test says, as a hostile name server would."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def resolveHostName(self, receiver, host, port, types, semantics):  # noqa: N802 - Twisted's interface
        receiver.resolutionBegan(SimpleNamespace(name=host))
        for address in self.answers.pop(0):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()


class Receiver:
    """Note what is handed out."""

    def __init__(self):
        self.addresses, self.ended = [], False

    def resolutionBegan(self, resolution):  # noqa: N802 - Twisted's interface
        assert resolution.name

    def addressResolved(self, address):  # noqa: N802 - Twisted's interface
        self.addresses.append(address.host)

    def resolutionComplete(self):  # noqa: N802 - Twisted's interface
        self.ended = True


def _resolve(guard, host="gd.example"):
    receiver = Receiver()
    guard.resolveHostName(receiver, host, 80)
    assert receiver.ended
    return receiver.addresses


@pytest.fixture
def guarded():
    def made(*answers, allowed=()):
        return GuardedResolver(SimpleNamespace(nameResolver=Names(*answers)), parse_networks(allowed))

    return made


def test_of_mixed_answers_only_the_public_ones_are_handed_out(guarded):
    guard = guarded(["10.0.0.1", "8.8.8.8", "::1", "2606:4700:4700::1111", "::ffff:127.0.0.1"])
    assert _resolve(guard) == ["8.8.8.8", "2606:4700:4700::1111"]


def test_a_name_that_changes_its_mind_is_judged_each_time(guarded):
    """DNS rebinding: the answer that is connected to is the answer that was judged."""
    guard = guarded(["8.8.8.8"], ["127.0.0.1"], ["8.8.4.4"])
    assert [_resolve(guard) for _ in range(3)] == [["8.8.8.8"], [], ["8.8.4.4"]]


def test_in_a_thousand_trials_of_rebinding_only_public_addresses_are_handed_out(guarded):
    rng = random.Random(1)
    outside = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"]
    within = ["127.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"]
    answers = [rng.sample(outside + within, rng.randint(1, 4)) for _ in range(1000)]
    guard = guarded(*answers)
    for answer in answers:
        assert _resolve(guard) == [address for address in answer if address in outside]


def test_the_reason_of_a_refusal_is_kept_for_as_long_as_it_is_the_latest_word(guarded):
    guard = guarded(["10.0.0.1"], [])
    _resolve(guard)
    assert guard.refused == {"gd.example": "10.0.0.1 is private use"}
    _resolve(guard)
    assert guard.refused == {}


def test_listed_addresses_are_handed_out(guarded):
    assert _resolve(guarded(["127.0.0.1", "127.0.0.2"], allowed=["127.0.0.1"])) == ["127.0.0.1"]


def test_refusals_do_not_pile_up(guarded, monkeypatch):
    monkeypatch.setattr(guarding, "_REMEMBERED", 10)
    guard = guarded(*[["10.0.0.1"]] * 100)
    for number in range(100):
        _resolve(guard, f"{number}.example")
    assert 1 <= len(guard.refused) <= 10
