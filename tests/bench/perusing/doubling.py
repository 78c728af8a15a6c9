"""Write pages whose body stands twice, and pages that repeat lines on purpose."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from random import Random

BETWEEN = {
    "zh": ["声明：本页可能含有第三方内容，仅供参考，不构成任何建议。", "相关阅读", "责任编辑：李明"],
    "en": [
        "This page may hold content of third parties and is no advice of any kind.",
        "Related stories",
        "Editor: Li Ming",
    ],
}


def doubled(kind: str, lang: str, title: str, lines: list[str], random: Random) -> str:
    """Write the inside of a page whose body stands twice, in one of eight ways."""
    body = paragraphs(lines)
    between = paragraphs(BETWEEN[lang])
    headline = f"<p>{html.escape(title)}</p>"
    pages = {
        "one after the other": lambda: body + body,
        "matter between": lambda: body + between + body,
        "title and matter between": lambda: body + between + headline + body,
        "three times": lambda: body + body + body,
        "print copy in one line": lambda: (
            body + f"<p>{html.escape((' ' if lang == 'en' else '').join(lines))}</p>"
        ),
        "desktop and mobile": lambda: (
            f'<div class="pc">{body}</div><div class="mobile">{paragraphs(respaced(lines, lang))}</div>'
        ),
        "one sentence edited": lambda: body + paragraphs(edited(lines, lang, random)),
        "share text, cut short": lambda: body + paragraphs(lines[: max(3, round(len(lines) * 0.7))]),
    }
    return f'<div class="article-content">{pages[kind]()}</div>'


KINDS = (
    "one after the other",
    "matter between",
    "title and matter between",
    "three times",
    "print copy in one line",
    "desktop and mobile",
    "one sentence edited",
    "share text, cut short",
)


def paragraphs(lines: Iterable[str]) -> str:
    """Set lines as paragraphs."""
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def respaced(lines: list[str], lang: str) -> list[str]:
    """Change white space and punctuation as another template does."""
    if lang == "zh":
        return [f"　　{line}".replace("，", ",").replace("“", "「").replace("”", "」") for line in lines]
    return [
        f"  {line}".replace("“", '"').replace("”", '"').replace("’", "'").replace(" ", "  ", 3)
        for line in lines
    ]


def edited(lines: list[str], lang: str, random: Random) -> list[str]:
    """Rewrite one sentence."""
    at = random.randrange(len(lines))
    new = (
        "编辑部在第二版中改写了这一句话，并补充了新的说法。"
        if lang == "zh"
        else "The desk rewrote this sentence for the later edition."
    )
    sentences = re.split(r"(?<=[。！？])|(?<=[.!?])\s+", lines[at])
    sentences[0] = new
    return [*lines[:at], (" " if lang == "en" else "").join(sentences).strip(), *lines[at + 1 :]]


def legitimate(random: Random, count: int) -> list[str]:
    """Write texts that repeat lines on purpose: songs, price lists, tables of results, quoted slogans."""
    cities = [
        "广州",
        "深圳",
        "珠海",
        "佛山",
        "东莞",
        "惠州",
        "中山",
        "江门",
        "肇庆",
        "汕头",
        "湛江",
        "茂名",
        "韶关",
        "梅州",
        "清远",
        "潮州",
    ]
    words = [
        "harbour",
        "lantern",
        "river",
        "market",
        "summer",
        "window",
        "engine",
        "mountain",
        "silver",
        "garden",
    ]
    texts = []
    for number in range(count):
        pick = random.sample(cities, 8)
        refrain = "\n".join(
            f"Oh the {random.choice(words)} rolls on to the {random.choice(words)} tonight" for _ in range(4)
        )
        song = "\n".join(
            f"Verse {n} of the {random.choice(words)} and the {random.choice(words)} by the sea\n{refrain}"
            for n in range(4)
        )
        table = "\n".join(
            f"{city} | {random.randint(100, 999)} 亿元 | 同比增长 {random.randint(1, 90) / 10}%"
            for city in pick * 2
        )
        quote = "\n".join(f"{city}代表说：“坚持创新驱动，坚持实体经济，坚持制造业当家。”" for city in pick)
        listing = "\n".join(
            f"• {word} model {n}: 12 GB memory, 256 GB storage, two year warranty"
            for n, word in enumerate(words)
        )
        texts.append((song, table, quote, listing)[number % 4])
    return texts
