"""Tell the language of an article."""

from __future__ import annotations

import re

import py3langid

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 60
_SAMPLE = 1200

# The languages whose short texts we meet; a headline of six words is beyond a choice among 140.
_COMMON = frozenset({"en", "zh", "ja", "ko", "de", "fr", "es", "pt", "it", "ru", "nl", "vi", "id"})


def detect_language(text: str, *, declared: str | None = None) -> str | None:
    """Tell the ISO 639-1 code of `text`: "zh" for both Chinese scripts, None where there are no words.

    Script decides for Chinese, Japanese and Korean. Otherwise a short text believes what its page or feed
    declares (a tag such as "en-GB"), and a longer one the classifier.
    """
    sample = text[:_SAMPLE]
    words = _WORD.findall(sample)
    if not words:
        return None
    by_script = _script_language(sample, words)
    if by_script is not None:
        return by_script
    letters = sum(len(word) for word in words)
    claim = _primary(declared)
    if letters < _ENOUGH and claim is not None:
        return claim
    ranked = py3langid.rank(sample)
    if letters >= _ENOUGH:
        return str(ranked[0][0])
    return next((str(code) for code, _ in ranked if code in _COMMON), None)


def _script_language(sample: str, words: list[str]) -> str | None:
    han, kana, hangul = (len(pattern.findall(sample)) for pattern in (_HAN, _KANA, _HANGUL))
    others = sum(
        1 for word in words if not _HAN.search(word) and not _KANA.search(word) and not _HANGUL.search(word)
    )
    if hangul > han + kana and hangul > others:
        return "ko"
    # A Chinese text may quote a Japanese name; Japanese prose has kana in every clause.
    if kana > 0.1 * (han + kana) and kana + han > others:
        return "ja"
    # Two Han characters make about a word.
    return "zh" if han > others else None


def _primary(tag: str | None) -> str | None:
    code = (tag or "").strip().lower().replace("_", "-").split("-")[0]
    return code if len(code) == 2 and code.isalpha() else None
