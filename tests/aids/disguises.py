"""An inside address in every disguise that some program takes for it."""

from __future__ import annotations

import itertools
from ipaddress import IPv4Address

INSIDE = "127.0.0.3"


def disguises(address):
    """Write an IPv4 address in as many ways as programs have been known to read."""
    number = int(IPv4Address(address))
    octets = [(number >> shift) & 255 for shift in (24, 16, 8, 0)]
    ways = (str, hex, lambda octet: f"0{octet:o}", lambda octet: f"0x{octet:04X}")
    forms = [
        ".".join(way(octet) for way, octet in zip(chosen, octets, strict=True))
        for chosen in itertools.product(ways, repeat=4)
    ]
    a, b, c, d = octets
    for way in ways:
        forms += [
            way(number),
            f"{way(a)}.{way(number & 0xFFFFFF)}",
            f"{way(a)}.{way(b)}.{way(number & 0xFFFF)}",
        ]
    forms += [form + "." for form in forms[::2]]
    hexed = f"{number >> 16:x}:{number & 0xFFFF:x}"
    six = [
        f"::ffff:{address}",
        f"::ffff:{hexed}",
        f"::{address}",
        f"::{hexed}",
        f"64:ff9b::{address}",
        f"64:ff9b::{hexed}",
        f"2002:{hexed}::",
        f"2002:{hexed}::1",
        f"2001::{number >> 16 ^ 0xFFFF:x}:{number & 0xFFFF ^ 0xFFFF:x}",
        f"0:0:0:0:0:ffff:{address}",
        f"0000:0000:0000:0000:0000:FFFF:{hexed.upper()}",
        f"64:ff9b:1::{address}",
    ]
    forms += [f"[{form}]" for form in six] + [f"[{form.upper()}]" for form in six]
    wide = str.maketrans("0123456789.", "０１２３４５６７８９。")
    forms += [address.translate(wide), f"{a}。{b}。{c}。{d}", f"{a}．{b}．{c}．{d}", f"①②⑦.{b}.{c}.{d}"]
    forms += ["".join(f"%{ord(sign):02x}" for sign in address), f"user@{address}", f"gd.example@{address}"]
    return list(dict.fromkeys(forms))
