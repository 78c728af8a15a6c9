"""Decide a page's character encoding by evidence, because header, meta tag and bytes often disagree."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

import charset_normalizer

_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}?encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What the WHATWG Encoding Standard says browsers do with these labels: a superset covers what pages really hold.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
}
_CHINESE = ("gb18030", "big5hkscs")
# The most frequent characters of running Chinese text, in both scripts: a wrong table yields rare ones instead.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那"
    "社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已"
    "通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几"
    "九区强放决西被干做必战先回则任取据处府研究信息技术企业广东深圳州市省科创数智能模型人工"
    "這個為來時們會對發動過說產種經進著從業應開還後國學電點體當與關內數樣間變條結題總長統級資農據處廣東術創網報訊記聞東區"
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_ODD = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x80-\x9f]")
_NO_TEXT = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")
_SIGNS = re.compile(
    r"[\u00a1-\u00a6\u00a8-\u00aa\u00ac-\u00af\u00b1-\u00b6\u00b8-\u00ba\u00bc-\u00bf\u00d7\u00f7]"
)
# "ä¸­": UTF-8 bytes that somebody upstream read as Windows-1252 and encoded once more.
_TWICE_ENCODED = re.compile(
    r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u2122\u20ac]+"
)
# Characters of Windows-1252 beyond Latin-1, back to their bytes.
_TO_BYTES = {ord(bytes([byte]).decode("cp1252", "ignore") or "\0"): byte for byte in range(0x80, 0xA0)}
_SAMPLE = 50_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Hold a page's text with the encoding it was read in and why; it may contradict what the page or server says."""

    text: str
    charset: str
    evidence: str
    contradicts: bool = False


def decode(body: bytes, headers: Mapping[str, str], hint: str | None = None) -> Decoded:
    """Decode `body`; `headers` has lower-case keys and `hint` is what the configuration says of the source.

    Never fails: bytes that fit nothing come back with U+FFFD where they broke.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return Decoded(
                body[len(bom) :].decode("utf-8", "replace") if name == "utf-8" else _lenient(body, name),
                name,
                "bom",
            )
    if b"\x00" in body[:64]:
        name = "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be"
        return Decoded(_lenient(body, name), name, "bytes")
    declared = _declared(body, headers, hint)
    decoded = _as_utf8(body, declared) or _as_legacy(body, declared)
    contradicts = bool(declared) and decoded.charset not in declared and not body.isascii()
    return Decoded(_unmangle(decoded.text), decoded.charset, decoded.evidence, contradicts)


def is_binary(text: str) -> bool:
    """Tell whether a decoded `text` is no text at all: pictures, archives, noise."""
    sample = text[:4000]
    return len(_NO_TEXT.findall(sample)) > 0.1 * len(sample)


def _declared(body: bytes, headers: Mapping[str, str], hint: str | None) -> dict[str, str]:
    """Map each encoding that somebody claims to who does, most trusted first: meta tag, header, configuration."""
    claims = []
    found = _META.search(body[:8192])
    if found:
        claims.append(((found.group(1) or found.group(2)).decode("ascii", "ignore"), "meta"))
    header = _HEADER.search(headers.get("content-type", ""))
    if header:
        claims.append((header.group(1), "header"))
    if hint:
        claims.insert(0, (hint, "configured"))
    declared: dict[str, str] = {}
    for label, who in claims:
        try:
            name = codecs.lookup(label).name
        except LookupError:
            continue
        declared.setdefault(_WIDER.get(name, name), who)
    return declared


def _as_utf8(body: bytes, declared: Mapping[str, str]) -> Decoded | None:
    """Read as UTF-8 where the bytes prove it: no other encoding of real text is valid UTF-8 by chance."""
    who = declared.get("utf-8")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        beyond_ascii = _beyond_ascii(text)
        broken = text.count("\ufffd")
        if beyond_ascii == 0 or broken > 0.05 * beyond_ascii:
            return None
        return Decoded(text, "utf-8", who or "bytes")
    if body.isascii() and declared and "utf-8" not in declared:
        return None
    return Decoded(text, "utf-8", who or "bytes")


def _as_legacy(body: bytes, declared: Mapping[str, str]) -> Decoded:
    candidates = dict(declared)
    candidates.pop("utf-8", None)
    for name in _CHINESE:
        candidates.setdefault(name, "bytes")
    readings = [Decoded(_lenient(body, name), name, who) for name, who in candidates.items()]
    claimed = [reading for reading in readings if reading.evidence != "bytes"]
    best = max(readings, key=lambda reading: _plausibility(reading.text))
    trusted = max(claimed, key=lambda reading: _plausibility(reading.text), default=None)
    if trusted is not None and _plausibility(trusted.text) >= _plausibility(best.text) - 0.2:
        return trusted
    if _plausibility(best.text) > 0.5:
        return best
    guess = charset_normalizer.from_bytes(body[:65536]).best()
    if guess is not None:
        return Decoded(_lenient(body, guess.encoding), guess.encoding, "bytes")
    return trusted or best


def _plausibility(text: str) -> float:
    """Rate a reading between about 0 and 1: Chinese by its frequent characters, others by being made of letters."""
    sample = text[:_SAMPLE]
    beyond_ascii = _beyond_ascii(sample) or 1
    debris = 2 * len(_ODD.findall(sample)) / beyond_ascii
    han = _HAN.findall(sample)
    if len(han) > 0.3 * beyond_ascii:
        return sum(char in _FREQUENT for char in han) / len(han) - debris
    # Chinese bytes read as a Western encoding are full of signs such as ¤ ¥ ¦ » ¾ that no text has many of.
    return 0.5 - 2 * len(_SIGNS.findall(sample)) / beyond_ascii - debris


def _lenient(body: bytes, name: str) -> str:
    try:
        return body.decode(name, "replace")
    except (LookupError, UnicodeError):
        return body.decode("utf-8", "replace")


def _unmangle(text: str) -> str:
    """Undo one round of UTF-8 read as Windows-1252, where most of what is beyond ASCII shows it."""
    sample = text[:_SAMPLE]
    beyond_ascii = _beyond_ascii(sample)
    if beyond_ascii < 20 or sum(map(len, _TWICE_ENCODED.findall(sample))) < 0.8 * beyond_ascii:
        return text
    repaired = text.translate(_TO_BYTES).encode("latin-1", "replace").decode("utf-8", "replace")
    return repaired if repaired.count("\ufffd") < beyond_ascii // 20 else text


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))
