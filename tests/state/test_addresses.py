"""Which addresses are public: IANA's special-purpose registries, and every way to hide an IPv4 address in an IPv6 one."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

import pytest

from state.addresses import parse_networks, refusal

REFUSED_V4 = {
    "0.0.0.0": "this network",
    "0.255.255.255": "this network",
    "10.0.0.1": "private use",
    "10.255.255.255": "private use",
    "100.64.0.1": "shared address space",
    "100.127.255.254": "shared address space",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "169.254.0.1": "link local",
    "169.254.169.254": "link local",  # cloud metadata
    "172.16.0.1": "private use",
    "172.31.255.255": "private use",
    "192.0.0.1": "protocol assignments",
    "192.0.0.170": "protocol assignments",
    "192.0.2.1": "documentation",
    "192.31.196.1": "AS112",
    "192.52.193.1": "AMT",
    "192.88.99.1": "6to4 relay",
    "192.168.0.1": "private use",
    "192.168.255.255": "private use",
    "192.175.48.1": "AS112",
    "198.18.0.1": "benchmarking",
    "198.19.255.255": "benchmarking",
    "198.51.100.1": "documentation",
    "203.0.113.255": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
}
PUBLIC_V4 = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
]
REFUSED_V6 = {
    "::": "not global unicast",
    "::1": "not global unicast",
    "64:ff9b:1::808:808": "not global unicast",  # local-use NAT64 is never public, whatever it embeds
    "64:ff9b:1:7f00:0:100::": "not global unicast",  # 127.0.0.1 where a /48 prefix keeps it
    "100::1": "not global unicast",  # discard only
    "100:0:0:1::1": "not global unicast",  # dummy prefix
    "::ffff:0:808:808": "not global unicast",  # IPv4-translated
    "2001:1::1": "protocol assignments",  # port control anycast
    "2001:2::1": "protocol assignments",  # benchmarking
    "2001:3::1": "protocol assignments",  # AMT
    "2001:4:112::1": "protocol assignments",  # AS112
    "2001:10::1": "protocol assignments",  # ORCHID
    "2001:20::1": "protocol assignments",  # ORCHIDv2
    "2001:30::1": "protocol assignments",  # drone remote id
    "2001:db8::1": "documentation",
    "2620:4f:8000::1": "AS112",
    "3fff::1": "documentation",
    "5f00::1": "not global unicast",  # segment routing
    "fc00::1": "not global unicast",  # unique local
    "fdff:ffff::1": "not global unicast",
    "fe80::1": "not global unicast",  # link local
    "fe80::1%eth0": "not global unicast",
    "fec0::1": "not global unicast",  # the old site local
    "ff02::1": "not global unicast",  # multicast
    "ff0e::1": "not global unicast",
    "4000::1": "not global unicast",  # not handed out yet
    "8000::1": "not global unicast",
}
PUBLIC_V6 = [
    "2001:4860:4860::8888",
    "2400:3200::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "2001:200::1",
]


def _mapped(v4):
    return IPv6Address(f"::ffff:{v4}")


def _compatible(v4):
    return IPv6Address(f"::{v4}")


def _nat64(v4):
    return IPv6Address(f"64:ff9b::{v4}")


def _six_to_four(v4):
    number = int(IPv6Address(f"::{v4}"))
    return IPv6Address((0x2002 << 112) | (number << 80) | 1)


def _teredo(v4):
    hidden = int(IPv6Address(f"::{v4}")) ^ 0xFFFFFFFF
    server = 0x08080808
    return IPv6Address((0x20010000 << 96) | (server << 64) | hidden)


HIDINGS = {
    "mapped": _mapped,
    "compatible": _compatible,
    "NAT64": _nat64,
    "6to4": _six_to_four,
    "Teredo": _teredo,
}


@pytest.mark.parametrize(("address", "block"), REFUSED_V4.items())
def test_special_ipv4_addresses_are_refused_by_the_name_of_their_block(address, block):
    assert refusal(address) == block


@pytest.mark.parametrize("address", PUBLIC_V4)
def test_public_ipv4_addresses_pass_right_up_to_the_edges_of_the_blocks(address):
    assert refusal(address) is None


@pytest.mark.parametrize(("address", "block"), REFUSED_V6.items())
def test_special_ipv6_addresses_are_refused(address, block):
    assert refusal(address) == block


@pytest.mark.parametrize("address", PUBLIC_V6)
def test_public_ipv6_addresses_pass(address):
    assert refusal(address) is None


@pytest.mark.parametrize("hiding", HIDINGS)
@pytest.mark.parametrize("inner", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "100.64.0.1"])
def test_an_ipv4_address_hidden_in_an_ipv6_one_is_judged_by_what_it_leads_to(hiding, inner):
    outer = HIDINGS[hiding](inner)
    assert refusal(outer) == f"{REFUSED_V4.get(inner) or refusal(inner)} (inside {outer})"


@pytest.mark.parametrize("hiding", HIDINGS)
def test_a_public_ipv4_address_inside_an_ipv6_one_passes(hiding):
    assert refusal(HIDINGS[hiding]("8.8.8.8")) is None


def test_the_standard_library_alone_would_let_loopback_through():
    """If this ever fails, Python has learned; our own table stays all the same."""
    assert HIDINGS["NAT64"]("127.0.0.1").is_global
    assert refusal(HIDINGS["NAT64"]("127.0.0.1")) is not None


@pytest.mark.parametrize(
    ("allowed", "address", "passes"),
    [
        (["127.0.0.1"], "127.0.0.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["127.0.0.0/8"], "127.9.9.9", True),
        (["10.0.0.0/24"], "10.0.1.1", False),
        (["10.1.2.3/24"], "10.1.2.200", True),  # host bits in a network are forgiven
        (["::1"], "::1", True),
        (["::1"], "127.0.0.1", False),
        (["fd00::/8"], "fd12::1", True),
        (["127.0.0.1"], "::ffff:127.0.0.1", True),  # the same address in other clothes
        (["127.0.0.1"], "64:ff9b::7f00:1", True),
        (["192.168.1.0/24"], "::ffff:192.168.2.1", False),
    ],
)
def test_listed_addresses_pass_and_their_neighbours_do_not(allowed, address, passes):
    assert (refusal(address, parse_networks(allowed)) is None) is passes


@pytest.mark.parametrize("text", ["localhost", "127.0.0.1/33", "127.0.0", "", "10.0.0.0-10.0.0.9"])
def test_what_is_no_network_is_named(text):
    with pytest.raises(ValueError, match=f"^{re.escape(repr(text))} "):
        parse_networks([text])
