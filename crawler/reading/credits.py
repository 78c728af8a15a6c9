"""Read the lines of a page that say where it comes from, when it appeared and who wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.reading.dates.printed import find_dates, narrow
from crawler.reading.dates.relative import end_of_phrase, find_phrase
from crawler.reading.dates.zone import UNKNOWN

_SOURCE = "信息来源|稿件来源|文章来源|新闻来源|内容来源|资料来源|稿源|来源|來源|转载自|轉載自|转自|本文转自|文章转自|via|original source|source"
_AUTHOR = "本报记者|本网记者|记者|作者|撰文|撰稿|written by|author|by"
_ISSUER = "发布机构|发布单位|发布部门|发文机关|发文单位|公开主体|发布者|publisher|published by|issued by"
_EDITOR = (
    "责任编辑|责编|编辑|編輯|采编|网编|编校|校对|审核|审校|初审|复审|终审|监制|值班主任|值班编辑|值班编委|通讯员|摄影|翻译|排版|统筹|策划|图片来源|图源"
    "|edited by|editors?|photos?|photographer|image credits?|credits?"
)
_DATE = (
    "发布时间|发布日期|发表时间|发表日期|公布时间|公布日期|公开时间|发布于|发表于|时间|日期|更新时间|更新日期|修改时间|更新于|上传时间|刊发时间|录入时间|公开日期|成文日期"
    "|发文日期|印发日期|生效日期|published(?: on| at)?|publication date|posted(?: on| at)?|release date|date|last updated(?: on)?"
    "|updated(?: on| at)?|modified|first published"
)
_COUNT = "浏览次数|浏览量|浏览|阅读次数|阅读量|阅读|点击数|点击|点击次数|访问量|评论数|评论|收藏|views?|reads?|hits|comments"
_FIELD = (
    "栏目|分类|标签|关键词|关键字|索引号|主题分类|主题词|文号|发文字号|名称|原标题|证券代码|股票代码|证券简称|股票简称|公告编号"
    "|公开方式|公开范围|公开类别|公文种类|主题类别|信息类别|体裁分类|有效性"
)
_OTHER = "字号|字体|字体大小|分享到|分享|打印|tags?|category|keywords?|topics?|share(?: on| to)?"
_LABELS = tuple(
    (kind, words)
    for kind, words in (
        ("source", _SOURCE),
        ("author", _AUTHOR),
        ("issuer", _ISSUER),
        ("editor", _EDITOR),
        ("date", _DATE),
        ("count", _COUNT),
        ("field", _FIELD),
        ("other", _OTHER),
    )
)
_ALTERNATIVES = "|".join(rf"(?P<{kind}>{words})" for kind, words in _LABELS)
# Chinese sets labels without a space before them; one of a single character needs a boundary all the same.
_LABEL = re.compile(
    rf"(?:^|(?<=[\s|,;·•(\[【/\d])|(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff]{{2}}))(?:{_ALTERNATIVES})\s*:\s*",
    re.IGNORECASE,
)
_BARE = re.compile(rf"^[\s(\[【]*(?:{_ALTERNATIVES})[\s)\]】]*:?\s*$", re.IGNORECASE)
_BYLINE = re.compile(r"^by\s+(?P<name>[A-Z][\w.'’-]+(?:\s+(?:and|&|,|[A-Z][\w.'’-]*)){1,7})$", re.IGNORECASE)
_BYLINE_ZH = re.compile(
    r"^[(\[【\s]*(?:(?:文|撰文|作者)\s*[|/丨]\s*|(?:本报|本网|本刊)?(?:见习)?记者\s*[|/丨\s]\s*)"
    r"(?P<name>[\u4e00-\u9fff·]{2,4}(?:[、\s]+(?!通讯员)[\u4e00-\u9fff·]{2,4}){0,4})(?:\s+通讯员.{0,20})?[)\]】\s]*$"
)
_AGENCY = re.compile(r"^\(?(?:additional )?(?:reporting|writing) by (?P<name>[^;.()]{3,80})", re.IGNORECASE)
_NOISE = re.compile(
    r"打印(?:本页)?|关闭(?:窗口)?|字号|字体|大\s*中\s*小|分享到?|收藏|我要纠错|微信|微博|\bprint\b|\bshare\b|[【\[(]\s*[大中小]+\s*[】\])]"
    r"|\bread(?:ing)?\s+about\s+\d+\s+min(?:ute)?s?\b|\b\d+\s*-?\s*min(?:ute)?s?\s+read\b|阅读(?:约|大约|需)?\s*\d+\s*分钟|\d+\s*(?:次|人)?阅读|阅读\s*\d+|\b\d+\s+views?\b",
    re.IGNORECASE,
)
_OUTLET = re.compile(
    r"(?:日报|日報|晚报|晚報|早报|早報|时报|時報|商报|导报|周刊|杂志|新闻网|新闻|资讯|在线|客户端|发布|电视台|广播|通讯社|社|网|報|报|台|观察|财经|证券)$"
    r"|^(?:[\w.&'’-]+\s){0,4}(?:Daily|Times|News|Post|Xinhua|Journal|Herald|Observer|Weekly|Magazine)$"
)
_DISCLAIMERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"endorsement of its (?:views|content|contents) by (?P<name>[A-Z][\w.&'’ -]{1,40}?)(?=[,.;]| nor| or )",
        r"(?:do(?:es)? not|don['’]t) (?:necessarily )?(?:reflect|represent) (?:the )?(?:views?|opinions?|positions?|official polic\w+)(?: or \w+)? of (?P<name>[A-Z][\w.&'’ -]{1,40}?)(?=[,.;]| nor| or |$)",
        r"(?:不代表|并不代表|不等于)(?P<name>(?!本|作者|我|平台|该)[\u4e00-\u9fffA-Za-z0-9]{2,12}?)(?:的)?(?:观点|立场|看法)",
    )
)
_BREADCRUMB = re.compile(
    r"^(?P<lead>(?:当前位置|您(?:的|现在的)?(?:当前)?位置|您现在的位置|location|you are here)\s*[:：]?\s*)?(?P<first>[^>»›]{1,40}?)\s*[>»›]\s*[^>»›]{1,60}(?:[>»›][^>»›]{0,80})*$",
    re.IGNORECASE,
)
_HOME = re.compile(r"^(?:首页|主页|网站首页|home(?:page)?|index)$", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？!?]|[a-z]{2}\.\s+[A-Z]|[a-z]{3}\.$")
_MAX_VALUE = 60


@dataclass(frozen=True, slots=True)
class Credits:
    """Hold what a page's own lines say of its origin: sources as met, nearest to the text first."""

    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    issuer: str | None = None
    disclaimed: str | None = None
    breadcrumb: str | None = None


@dataclass(frozen=True, slots=True)
class _Fields:
    """Hold a line cut at its labels: what stands before the first, then (label, value) pairs."""

    before: str
    pairs: tuple[tuple[str, str], ...] = field(default=())


def is_breadcrumb(line: str) -> bool:
    """Tell whether `line` is a path through the site, such as "Home > News > Policy"."""
    match = _BREADCRUMB.match(line) if len(line) <= 200 else None
    if match is None:
        return False
    steps = len(re.findall("[>»›]", line))
    return steps > 1 or bool(match["lead"]) or _HOME.match(match["first"]) is not None


def is_credit_line(line: str, *, closing: bool = False) -> bool:
    """Tell whether `line` says nothing but where, when and by whom, so that it is no part of the text.

    Behind the text, when `closing`, a bare date belongs to a signature and is text.
    """
    plain = narrow(line).strip()
    if not plain or len(plain) > 300:
        return False
    return all(_is_credit(cell, closing=closing) for cell in join_labels([plain]))


def _is_credit(plain: str, *, closing: bool) -> bool:
    if _BARE.match(plain) or _byline(plain):
        return True
    cut = _cut(plain)
    if not cut.pairs:
        return not closing and _is_bare_dateline(plain)
    return all(_is_value(kind, value) for kind, value in cut.pairs) and not _leftover(cut.before)


def join_labels(lines: Iterable[str]) -> list[str]:
    """Put labels and values that the markup keeps apart (cells of a table, spans) back into one line each."""
    joined: list[str] = []
    for line in lines:
        for cell in _cells(line):
            if joined and _waits_for_value(joined[-1]) and not _BARE.match(narrow(cell)):
                joined[-1] = f"{joined[-1].rstrip(':： ')}: {cell}"
            else:
                joined.append(cell)
    return joined


def label_kind(line: str) -> str | None:
    """Tell of what kind the label is that `line` consists of, None where it is none."""
    label = _BARE.match(narrow(line))
    return label.lastgroup if label is not None else None


def value_fits(kind: str, value: str) -> bool:
    """Tell whether `value` can be what a label of this kind announces: a date, a name, a number, but no sentence."""
    return _is_value(kind, narrow(value))


def _waits_for_value(line: str) -> bool:
    return label_kind(line) in {"source", "author", "issuer", "date"}


def _cells(line: str) -> list[str]:
    """Cut a row of a table into its cells where one of them is a label, else give the line whole."""
    cells = [cell for cell in (part.strip() for part in line.strip("| ").split("|")) if cell]
    if "|" not in line or len(cells) < 2 or not any(_BARE.match(narrow(cell)) for cell in cells):
        return [line]
    paired: list[str] = []
    for cell in cells:
        if paired and _BARE.match(narrow(paired[-1])) and not _BARE.match(narrow(cell)):
            paired[-1] = f"{paired[-1].rstrip(':： ')}: {cell}"
        else:
            paired.append(cell)
    return paired


def read_credits(lines: Iterable[str], closing: Iterable[str] = ()) -> Credits:
    """Read the credits in `lines`, in reading order and with joined labels; other lines are passed over.

    `closing` are the text's last paragraphs, among which republishers put their disclaimers.
    """
    sources: dict[str, bool] = {}
    authors: list[str] = []
    issuer = breadcrumb = None
    lines = list(lines)
    disclaimed = next((name for line in (*lines, *closing) if (name := _disclaimed(line))), None)
    for line in lines:
        plain = narrow(line).strip()
        if breadcrumb is None and is_breadcrumb(plain):
            breadcrumb = _site_of(plain)
        if not is_credit_line(line) or _BARE.match(plain):
            continue
        cut = _cut(plain)
        for kind, value in cut.pairs:
            name = clean_name(_first_name(value) if kind == "source" else value)
            if kind == "source" and name:
                sources.setdefault(name, plain.startswith(("(", "[", "【")))
            elif kind == "author" and name:
                authors.append(name)
            elif kind == "issuer" and name:
                issuer = issuer or name
        byline = _byline(plain)
        if byline:
            authors.append(byline["name"])
        elif not cut.pairs and _OUTLET.search(outlet := _leftover(plain)):
            sources.setdefault(outlet, False)
    # A source in brackets belongs to the text itself and is older than the label a republisher adds.
    ordered = sorted(sources, key=lambda name: not sources[name])
    return Credits(tuple(ordered), tuple(authors), issuer, disclaimed, breadcrumb)


def _byline(plain: str) -> re.Match[str] | None:
    return _BYLINE.match(plain) or _BYLINE_ZH.match(plain) or _AGENCY.match(plain)


def _cut(plain: str) -> _Fields:
    plain = plain.strip("()[]【】 ")
    marks = list(_LABEL.finditer(plain)) if ":" in plain else []
    if not marks:
        return _Fields(plain)
    ends = [mark.start() for mark in marks[1:]] + [len(plain)]
    pairs = tuple(
        (mark.lastgroup or "other", plain[mark.end() : end].strip())
        for mark, end in zip(marks, ends, strict=True)
    )
    return _Fields(plain[: marks[0].start()].strip(), pairs)


def _is_value(kind: str, value: str) -> bool:
    if kind == "date":
        dated = bool(find_dates(value, UNKNOWN)) or find_phrase(value) is not None
        return len(value) <= 80 and (not value or dated or value[0].isdigit())
    if kind == "count":
        return not value or value[0].isdigit()
    limit = _MAX_VALUE if kind in {"source", "author", "issuer"} else 2 * _MAX_VALUE
    return len(value) <= limit and not _SENTENCE.search(_without_dates(value))


def _is_bare_dateline(plain: str) -> bool:
    """Tell whether a line without labels is a date, or a date beside an outlet's name."""
    if len(plain) > 100 or _SENTENCE.search(_without_dates(plain)):
        return False
    dated = bool(find_dates(plain, UNKNOWN)) or find_phrase(plain) is not None
    rest = _leftover(plain)
    return not rest or (dated and bool(_OUTLET.search(rest)))


def _without_dates(plain: str) -> str:
    for found in reversed(find_dates(plain, UNKNOWN)):
        plain = plain[: found.start] + " " + plain[found.end :]
    phrase = find_phrase(plain)
    if phrase and len(phrase[0]) > 1:
        plain = plain[: phrase.start()] + " " + plain[end_of_phrase(plain, phrase) :]
    return plain


def _leftover(plain: str) -> str:
    """Give what a line says beyond dates and page controls."""
    rest = _NOISE.sub(" ", _without_dates(plain))
    rest = re.sub(r"^\s*(?:晚[上间]?|夜间?)?\s*\d{1,2}:\d{2}(:\d{2})?", " ", rest)
    return re.sub(r"\s+", " ", rest).strip(" |/·•-—–_,;:、()[]【】")


def clean_name(value: str) -> str | None:
    """Give the name in a credit's value, without dates, page controls and quotation marks; None where none is left."""
    name = _leftover(re.split(r"\s{2,}|[|｜]", value.strip())[0])
    name = name.strip("《》“”\"'<>.。")
    return name if 1 < len(name) <= _MAX_VALUE else None


def _first_name(value: str) -> str:
    """Take the outlet from "南岭日报 广东 举报": in Chinese a space ends a name, and what follows are page controls."""
    first, _, rest = value.partition(" ")
    return (
        first
        if rest and len(first) > 1 and ord(first[-1]) > 0x2E80 and not find_dates(first, UNKNOWN)
        else value
    )


def _disclaimed(line: str) -> str | None:
    return next((found["name"].strip() for pattern in _DISCLAIMERS if (found := pattern.search(line))), None)


def _site_of(plain: str) -> str | None:
    match = _BREADCRUMB.match(plain)
    first = re.split(r"[:：]", match["first"])[-1].strip() if match else ""
    return None if not first or _HOME.match(first) else first
