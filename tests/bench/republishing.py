"""Republish real articles in the ways that sites do, for measuring how well copies are recognised.

Each edit takes an article's title and paragraphs and gives them back changed. The frames, bylines and disclaimers are
ours; only the base texts come from outside, and stay outside the repository.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import opencc

_TO_TRADITIONAL = opencc.OpenCC("s2t")

_ZH_SYNONYMS = (
    ("表示", "指出"), ("进一步", "更加"), ("日前", "近日"), ("推动", "促进"), ("举行", "举办"), ("加快", "加速"), ("目前", "当前"),
    ("包括", "涵盖"), ("重要", "关键"), ("同时", "此外"), ("提升", "提高"), ("全面", "全方位"), ("开展", "推进"), ("超过", "逾"),
    ("建设", "打造"), ("发布", "公布"),
)  # fmt: skip
_EN_SYNONYMS = (
    ("said", "stated"), ("also", "additionally"), ("but", "however"), ("however", "yet"), ("more than", "over"), ("help", "assist"),
    ("big", "large"), ("show", "demonstrate"), ("begin", "start"), ("began", "started"), ("many", "numerous"), ("about", "around"),
    ("according to", "per"), ("announced", "revealed"), ("because", "since"), ("while", "whereas"),
)  # fmt: skip

_ZH_FRAME = {
    "head": ["首页 > 资讯 > 正文", "来源：综合整理", "作者：小编", "发布时间：{date}  浏览次数：{n}", "字号：大 中 小", "分享到：微信 微博 朋友圈"],
    "foot": ["责任编辑：李明", "免责声明：本文转载自其他媒体，转载目的在于传递更多信息，不代表本网赞同其观点。", "版权归原作者所有，如有侵权请联系删除。",
             "扫一扫关注公众号", "上一篇：{other}", "下一篇：{another}", "相关推荐", "{other}", "{another}", "热门评论", "登录后参与评论",
             "关于我们 | 联系我们 | 网站地图", "Copyright © 2026 版权所有", "粤ICP备0000000号"],
}  # fmt: skip
_EN_FRAME = {
    "head": ["Home / News / Article", "By Staff Writer", "Published: {date} | {n} views", "Share on Facebook Twitter LinkedIn",
             "Listen to this article", "3 min read"],
    "foot": ["Disclaimer: this article was republished from another source and does not reflect our views.", "Read more: {other}",
             "Related articles", "{other}", "{another}", "Sign up for our newsletter to get the latest stories in your inbox.",
             "Leave a comment", "You must be logged in to post a comment.", "About us Contact Privacy Terms",
             "Copyright 2026. All rights reserved."],
}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """Hold what an edit works on."""

    title: str
    paragraphs: tuple[str, ...]
    han: bool

    @property
    def body(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass(frozen=True)
class Surroundings:
    """Give an edit its chance and the headlines of unrelated articles for frames."""

    chance: random.Random
    titles: tuple[str, ...]
    others: tuple[Text, ...]


Edit = Callable[[Text, Surroundings], Text]


def sentences(text: str, *, han: bool) -> list[str]:
    """Split a paragraph after each sentence, keeping every character."""
    return [
        s
        for s in re.split(r"(?<=[。！？])" if han else r"(?<=[.!?])(?<!\b[A-Z]\.) (?=[A-Z“\"])", text)
        if s.strip()
    ]


def joined(parts: list[str], *, han: bool) -> str:
    return ("" if han else " ").join(parts)


def verbatim(text: Text, _: Surroundings) -> Text:
    return text


def framed(text: Text, around: Surroundings) -> Text:
    frame = _ZH_FRAME if text.han else _EN_FRAME
    other, another = around.chance.sample(around.titles, 2)
    n = around.chance.randrange(100, 90000)

    def fill(lines: list[str]) -> list[str]:
        kept = [line for line in lines if around.chance.random() < 0.8]
        return [
            line.format(other=other, another=another, n=n, date=f"2026-03-{n % 28 + 1:02}") for line in kept
        ]

    return replace(text, paragraphs=(*fill(frame["head"]), *text.paragraphs, *fill(frame["foot"])))


def cut(text: Text, around: Surroundings) -> Text:
    """Keep the first paragraphs: between a third and two thirds of the text."""
    parts = [s for p in text.paragraphs for s in [*sentences(p, han=text.han), "\n"]]
    whole = len(text.body)
    share = around.chance.uniform(0.34, 0.67)
    kept, length = [], 0
    for part in parts:
        kept.append(part)
        length += len(part)
        if length >= share * whole:
            break
    body = "".join(kept) if text.han else " ".join(kept)
    lines = tuple(line.strip() for line in body.split("\n") if line.strip())
    return replace(text, paragraphs=lines)


def embedded(text: Text, around: Surroundings) -> Text:
    """Stand whole inside a portal page whose lists and teasers weigh about as much as the article."""
    framed_text = framed(text, around)
    teasers = around.chance.sample(around.titles, min(len(around.titles), 12))
    blurbs = [sentences(o.paragraphs[0], han=o.han)[0][:70] for o in around.chance.sample(around.others, 3)]
    half = len(teasers) // 2
    return replace(text, paragraphs=(*teasers[:half], *framed_text.paragraphs, *blurbs, *teasers[half:]))


def edited(text: Text, around: Surroundings) -> Text:
    """Drop 15 % of the sentences and change one character in a hundred."""
    lines = []
    for paragraph in text.paragraphs:
        parts = sentences(paragraph, han=text.han)
        kept = [part for part in parts if around.chance.random() > 0.15]
        lines.append(_mistyped(joined(kept, han=text.han), around.chance, han=text.han))
    lines = [line for line in lines if line] or list(text.paragraphs)
    return replace(text, paragraphs=tuple(lines))


def _mistyped(line: str, chance: random.Random, *, han: bool) -> str:
    letters = "的了在是和有中大为上" if han else "etaoinshr"
    return "".join(chance.choice(letters) if c.isalpha() and chance.random() < 0.01 else c for c in line)


def other_script(text: Text, around: Surroundings) -> Text:
    """Turn Chinese to traditional characters; English to curly quotes, long dashes and capital headlines."""
    if text.han:
        turned = tuple(_TO_TRADITIONAL.convert(p) for p in text.paragraphs)
        return replace(text, title=_TO_TRADITIONAL.convert(text.title), paragraphs=turned)
    turned = tuple(p.replace("'", "’").replace(" - ", " – ").replace('"', "”") for p in text.paragraphs)
    return replace(text, title=text.title.upper(), paragraphs=turned)


def other_headline(text: Text, around: Surroundings) -> Text:
    """Replace the headline by the beginning of a sentence from the middle of the text."""
    parts = [s for p in text.paragraphs for s in sentences(p, han=text.han)]
    middle = parts[len(parts) // 2].strip()
    return replace(text, title=middle[:24] if text.han else " ".join(middle.split()[:9]))


def reflowed(text: Text, around: Surroundings) -> Text:
    """Break paragraphs elsewhere."""
    parts = [s for p in text.paragraphs for s in sentences(p, han=text.han)]
    lines, size = [], 0
    while size < len(parts):
        step = around.chance.randrange(1, 4)
        lines.append(joined(parts[size : size + step], han=text.han))
        size += step
    return replace(text, paragraphs=tuple(lines))


def doubled(text: Text, around: Surroundings) -> Text:
    """Stand twice in one page, with a disclaimer between."""
    line = (_ZH_FRAME if text.han else _EN_FRAME)["foot"][1]
    return replace(text, paragraphs=(*text.paragraphs, line, text.title, *text.paragraphs))


def reordered(text: Text, around: Surroundings) -> Text:
    """Keep the first paragraph, or the first sentence of a single one, and shuffle what follows."""
    if len(text.paragraphs) < 3:
        parts = [s for p in text.paragraphs for s in sentences(p, han=text.han)]
    else:
        parts = list(text.paragraphs)
    first, rest = parts[0], parts[1:]
    around.chance.shuffle(rest)
    return replace(text, paragraphs=(first, *rest))


def reworded(text: Text, around: Surroundings) -> Text:
    """Exchange common words for synonyms."""
    words = around.chance.sample(_ZH_SYNONYMS if text.han else _EN_SYNONYMS, 9)

    def exchange(line: str) -> str:
        for old, new in words:
            line = line.replace(old, new) if text.han else re.sub(rf"\b{old}\b", new, line)
        return line

    return replace(text, title=exchange(text.title), paragraphs=tuple(exchange(p) for p in text.paragraphs))


def introduced(text: Text, around: Surroundings) -> Text:
    """Put an editor's note of its own before the text."""
    notes = (
        (
            "编者按：近期业内动态频频，读者关注度持续上升。小编为大家整理了相关报道，供参考阅读。欢迎在评论区留下您的看法。",
        )
        if text.han
        else (
            "Editor's note: Interest in this subject has grown among our readers over the past months. We bring you the full report below. Tell us what you think.",
        )
    )
    return replace(text, paragraphs=(*notes, *text.paragraphs))


def undated(text: Text, around: Surroundings) -> Text:
    """Lose dateline and first words, and have half-width punctuation and stray spaces."""
    first = (
        re.sub(r"^[^：:（(]{0,24}(?:[（(][^）)]{0,12}[）)])?[：:]", "", text.paragraphs[0])
        if text.han
        else re.sub(r"^[A-Z][A-Za-z ,]{2,30}(?:\([A-Za-z]+\))? [—–-] ", "", text.paragraphs[0])
    )
    lines = (first, *text.paragraphs[1:])
    if text.han:
        table = str.maketrans("，。：；（）", ",.:;()")
        lines = tuple(re.sub(r"([\u4e00-\u9fff])(\d)", r"\1 \2", line.translate(table)) for line in lines)
    return replace(text, paragraphs=lines)


def beheaded(text: Text, around: Surroundings) -> Text:
    """Lose the first sentence and half of the last third."""
    parts = [[*sentences(p, han=text.han)] for p in text.paragraphs]
    parts[0] = parts[0][1:]
    keep = max(2, round(len(parts) * 0.85))
    lines = tuple(joined(p, han=text.han) for p in parts[:keep] if p)
    return replace(text, paragraphs=lines or text.paragraphs)


def worn(text: Text, around: Surroundings) -> Text:
    """Be edited, cut to its first paragraphs, given another headline and framed, as after several hands."""
    for edit in (edited, other_headline, cut, framed):
        text = edit(text, around)
    return text


EDITS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        verbatim, framed, cut, embedded, edited, other_script, other_headline, reflowed, doubled, reordered, reworded,
        introduced, undated, beheaded, worn,
    )
}  # fmt: skip


def digest(texts: list[Text], around: Surroundings) -> Text:
    """Put the first paragraphs of several articles on one page, as daily briefs do."""
    han = texts[0].han
    lines = []
    for number, text in enumerate(texts, 1):
        lines += [f"{number}、{text.title}" if han else f"{number}. {text.title}", text.paragraphs[0]]
    return Text(
        "早报：今日要闻速览" if han else "Morning brief: the stories to know today", tuple(lines), han
    )
