"""Decide which IP addresses are public, the one judgement that fetching and delivering share.

The standard library's `is_global` is not enough: it calls NAT64, 6to4 and compatible forms of 127.0.0.1 global. The
table follows IANA's special-purpose registries for IPv4 and IPv6; addresses that embed an IPv4 address are unwrapped
and judged by what they embed.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(block), name)
    for block, name in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private use"),
        ("100.64.0.0/10", "shared address space"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link local"),
        ("172.16.0.0/12", "private use"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private use"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_REFUSED_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(block), name)
    for block, name in (
        ("100::/64", "discard only"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
# Not 64:ff9b:1::/48: it is for local use, never public, and where in it the IPv4 address stands is up to its operator.
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_COMPATIBLE = IPv6Network("::/96")


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read the addresses or networks that a configuration lists as allowed; raise ValueError naming a bad one."""
    return tuple(ip_network(text, strict=False) for text in texts)


def refusal(address: str | Address, allowed: Iterable[Network] = ()) -> str | None:
    """Tell why `address` may not be connected to (the name of its block), or None where it may."""
    ip = ip_address(address.split("%")[0]) if isinstance(address, str) else address
    if any(ip.version == network.version and ip in network for network in allowed):
        return None
    if isinstance(ip, IPv4Address):
        return _refusal_v4(ip)
    embedded = _embedded(ip)
    if embedded is not None:
        inner = refusal(embedded, allowed)
        return f"{inner} (inside {ip})" if inner else None
    if ip not in _GLOBAL_V6:
        return "not global unicast"
    return next((name for network, name in _REFUSED_V6 if ip in network), None)


def _refusal_v4(ip: IPv4Address) -> str | None:
    return next((name for network, name in _REFUSED_V4 if ip in network), None)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """Find the IPv4 address that an IPv6 address leads to (mapped, NAT64, 6to4, Teredo, compatible)."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _SIX_TO_FOUR:
        return IPv4Address((int(ip) >> 80) & 0xFFFFFFFF)
    if ip in _TEREDO:
        return IPv4Address((int(ip) & 0xFFFFFFFF) ^ 0xFFFFFFFF)
    if ip in _COMPATIBLE and int(ip) > 1:
        return IPv4Address(int(ip))
    return None
