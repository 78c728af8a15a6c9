"""Choose a page's headline among what calls itself a title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from rapidfuzz import fuzz

from crawler.reading.blocks import Block, fold_key, squeeze
from crawler.reading.boilerplate import is_call, is_footer
from crawler.reading.credits import is_breadcrumb, is_credit_line
from crawler.reading.structured import Claims

_TAIL = re.compile(
    r"\s*(?:\s[|｜]\s?|\s?[|｜]|\s[-–—·•:]\s|[_]+|\s*-{2,}\s*|\s[»«›‹]\s|[—–]{1,2}|(?<=[\u4e00-\u9fff”》])-(?=[\u4e00-\u9fff]))\s*"
)
_SITE = re.compile(
    r"^[\u4e00-\u9fffA-Za-z0-9]{1,12}(?:网|网站|新闻|日报|晚报|报|频道|门户|客户端|资讯|在线|财经|快讯|社|網|日報|晚報|時報|報|新聞|財經)$"
)
_GENERIC = re.compile(
    r"^(?:首页|主页|新闻|正文|新闻中心|新闻详情|详情|详情页|文章详情|列表|home|index|news|article|untitled|document|login|登录|error|404.*|not found|page not found)$",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"^[\u4e00-\u9fff]{2,18}(?:局|厅|委员会|办公室|人民政府|管委会|门户网站|官方网站|官网|集团|有限公司)$"
)
_ENDS_SENTENCE = re.compile(r"[.。;；,，:：]$")
_MAX = 300
_MAX_HEADINGS = 60
_ABOVE = 6
_MIN_HEADLINE = 24


def choose_title(claims: Claims, blocks: Sequence[Block], hint: str | None = None) -> str | None:
    """Give the headline, without the site's tail, or None where the page has none.

    A heading that the page's own `<title>`, social title or JSON-LD repeats is the headline; failing that, the
    best declared title without its tail. `hint` is what the feed or listing called it.
    """
    site_names = _site_names(claims)
    declared = [
        text
        for text in (
            claims.headline,
            claims.first("articletitle"),
            claims.first("og:title"),
            claims.first("twitter:title"),
            claims.first("dc.title", "dcterms.title", "citation_title", "title"),
            claims.page_title,
            hint,
        )
        if text
    ]
    declared = [cleaned for text in declared if (cleaned := _clean(text, site_names))]
    headings = list(islice(_headings(blocks), _MAX_HEADINGS))
    witnessed = _witnessed(headings, declared)
    if witnessed:
        return witnessed
    if declared:
        return declared[0]
    first = [text for tag, text in headings if tag == "h1" and not _is_generic(text, site_names)]
    return first[0] if len(first) == 1 else None


def strip_tail(title: str, site_names: Iterable[str]) -> str:
    """Cut `| Site` and `_频道_某某网` off a title, where the site's names or what such names end in prove it a tail."""
    keys = {fold_key(name) for name in site_names if name}
    for mark in _TAIL.finditer(title):
        pieces = [piece for piece in _TAIL.split(title[mark.end() :]) if piece.strip()]
        known = any(fold_key(piece) in keys for piece in pieces)
        if pieces and (known or _reads_like_site(pieces)) and len(fold_key(title[: mark.start()])) >= 4:
            return title[: mark.start()].strip()
    return title


def title_tail(page_title: str | None, title: str | None) -> str | None:
    """Give the site's name that a page's `<title>` carries behind the headline `title`, None where none is sure."""
    if not page_title or not title or not fold_key(page_title).startswith(fold_key(title)[:20]):
        return None
    last = _TAIL.split(page_title)[-1].strip()
    if not last or fold_key(last) in fold_key(title) or len(last) > 40:
        return None
    # Chinese platforms put keywords behind the headline as well; a site's name shows in how it ends.
    wide = any(ord(char) > 0x2E80 for char in last)
    return last if not wide or _SITE.search(last) else None


def _reads_like_site(pieces: Sequence[str]) -> bool:
    return _SITE.search(pieces[-1]) is not None and all(len(piece) <= 16 for piece in pieces)


def _site_names(claims: Claims) -> list[str]:
    names = [
        claims.publisher,
        claims.first("og:site_name", "application-name", "sitename", "al:android:app_name", "publisher"),
    ]
    return [name for name in names if name]


def _clean(title: str, site_names: Sequence[str]) -> str | None:
    text = strip_tail(squeeze(title)[: 2 * _MAX], site_names)[:_MAX]
    return None if not fold_key(text) or _is_generic(text, site_names) or is_breadcrumb(text) else text


def _is_generic(text: str, site_names: Sequence[str]) -> bool:
    """Tell whether a title names the site or a section and not the story."""
    return (
        bool(_OFFICE.match(text))
        or bool(_GENERIC.match(text))
        or fold_key(text) in {fold_key(name) for name in site_names}
    )


def _headings(blocks: Sequence[Block]) -> Iterable[tuple[str, str]]:
    """Join the blocks of one heading (a line break inside it does not end it), h1 before h2 before the rest."""
    joined: dict[int, tuple[str, list[str]]] = {}
    for block in blocks:
        if block.heading and not block.hidden:
            joined.setdefault(id(block.parent), (block.parent.tag, []))[1].append(block.text)
    for tag in ("h1", "h2", "h3"):
        for name, pieces in joined.values():
            if name == tag:
                yield name, _join(pieces)


def _join(pieces: Sequence[str]) -> str:
    text = pieces[0]
    for piece in pieces[1:]:
        text += piece if ord(text[-1]) > 0x2E80 and ord(piece[0]) > 0x2E80 else f" {piece}"
    return text


def _witnessed(headings: Sequence[tuple[str, str]], declared: Sequence[str]) -> str | None:
    """Find the heading that a declared title repeats, whole or as its beginning."""
    for title in declared:
        key = fold_key(title)
        for _, heading in headings:
            own = fold_key(heading)
            if len(own) < 4 or len(heading) > _MAX:
                continue
            if own == key or (len(own) >= 8 and key.startswith(own)) or fuzz.ratio(own, key) >= 90:
                return heading
    return None


def headline_above(blocks: Sequence[Block], lines: Sequence[str], first: int) -> str | None:
    """Find the headline of a page that declares none.

    It is the longest candidate right above block `first`, where the text begins, or else the text's own first line.
    """
    above = [
        block.text
        for block in blocks[max(0, first - _ABOVE) : first]
        if block.linked < 0.5
        and not block.hidden
        and block.weight >= _MIN_HEADLINE
        and _can_be_headline(block.text)
    ]
    if above:
        return max(above, key=len)
    index = headline_of(lines)
    return lines[index] if index is not None else None


def headline_of(lines: Sequence[str]) -> int | None:
    """Tell which of a text's first lines is its headline, None where it begins with prose at once.

    Breadcrumbs and credits may stand before it. A headline is short, ends no sentence and is followed by text.
    """
    for index, line in enumerate(lines[:6]):
        if is_breadcrumb(line) or is_credit_line(line):
            continue
        follows = index + 1 < len(lines)
        return index if follows and _is_headline(line) else None
    return None


def _can_be_headline(line: str) -> bool:
    return _is_headline(line) and not (
        is_breadcrumb(line) or is_credit_line(line) or is_call(line) or is_footer(line)
    )


def _is_headline(line: str) -> bool:
    wide = sum(1 for char in line if ord(char) > 0x2E80)
    limit = 60 if wide * 2 > len(line) else 220
    return (
        2 <= len(line) <= limit
        and not _ENDS_SENTENCE.search(line)
        and not re.search(r"[。]|[a-z]{3}\.\s+[A-Z]", line)
    )
