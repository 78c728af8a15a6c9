"""Measure the Guangdong rules: quality on labelled items and general news, seeds, speed, hostile input.

Run `python tests/bench/rules.py [LABELLED.jsonl]`. The data lie beside the repository in ../shared (or where
$YUEWATCH_SHARED points); without them only speed and hostile input are measured. CPU time is reported.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rules.matcher import Findings, Matcher, failing_examples  # noqa: E402 - the checkout must be importable first
from rules.pack import Pack, parse_pack  # noqa: E402 - as above
from state.records import Article, Match, Published  # noqa: E402 - as above

SHARED = Path(os.environ.get("YUEWATCH_SHARED", ROOT / ".." / "shared"))
PACK = ROOT / "rules" / "packs" / "guangdong_ai"
BACKGROUND = {
    "English feeds": ("background-rss-2026-01-en-feed-items.jsonl.gz", "description"),
    "Chinese broadcasts": ("background-xwlb-zh-news-all.jsonl.gz", "text"),
    "Chinese AI news": ("background-juya-zh-ai-items.jsonl.gz", "text"),
}
# What domain knowledge expects of each seed: rule kind, status, and how the sentence begins.
SEEDS: dict[str, list[tuple[str, str, str]]] = {
    "000": [
        ("company", "event", "A search by Southern Reporter found that Zhouming Technology has now launched"),
        ("policy", "mention", "According to the “Guangdong Province’s Measures on Empowering Thousands"),
        ("policy", "mention", "The 2025 Guangdong Provincial Government Work Report pointed out"),
    ],
    "001": [
        (
            "policy",
            "mention",
            "According to the provincial Department of Science and Technology's AI Development",
        ),
        ("company", "mention", "Shen Jin, general manager of Qualcom's China investment department, said"),
    ],
    "002": [("policy", "event", "Guangdong is set to develop both general-purpose and industry-specific")],
    "003": [
        ("policy", "mention", "Shenzhen's action plan to accelerate the progress of next-generation"),
        (
            "policy",
            "mention",
            "The flagship incubator for large AI models, established by Nanshan earlier this year",
        ),
        (
            "policy",
            "mention",
            "In November 2022, Shenzhen was the first Chinese city to pass a local regulation",
        ),
    ],
    "004": [
        ("policy", "event", "South China’s Guangdong Province stands as the most recent testament"),
        ("policy", "mention", "Notably, other cities such as Beijing, Shenzhen in Guangdong Province"),
    ],
}
# Sentences that must not be the proof of an event.
SILENT = {
    "000": ("The founder of DeepSeek", "Both companies have been listed", "Founded in 2004"),
    "003": ("Cui Li", "Wang of Tencent"),
}
SEED_TITLES = {"001": "AI plays crucial role in industrial upgrading", "003": None}
SEED_DATES = {"001": "2018-10-17"}


class Score(NamedTuple):
    """Count right and wrong answers to "would a subscriber want this?"."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    kinds: int = 0
    items: int = 0
    in_body: int = 0

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.hits + self.false)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def load_pack(more: dict[str, str] | None = None) -> Pack:
    files = {
        path.name: path.read_text("utf-8")
        for path in sorted(PACK.glob("*.yaml"))
        if path.name != "sources.yaml"
    }
    return parse_pack(files | (more or {}))


def events(findings: Findings) -> list[Match]:
    return [match for match in findings.matches if match.status == "event"]


def items(path: Path) -> Iterator[dict[str, Any]]:
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    yield from map(json.loads, text.decode().splitlines())


_HERE = re.compile(
    "Guangdong|Guangzhou|Shenzhen|Dongguan|Foshan|Zhuhai|Greater Bay|Huawei|Tencent|WeChat|BYD|DJI|Honor|OPPO|vivo|TCL|Midea"
    "|XPeng|XPENG|WeRide|Pony|UBT|EngineAI|SwitchBot|Narwal|ZTE|GAC|广东|广州|深圳|东莞|佛山|珠海|惠州|粤港澳|大湾区|华为|腾讯|微信"
    "|QQ|元宝|混元|比亚迪|大疆|荣耀|小鹏|优必选|美的|格力|中兴|平安"
)
_TOPIC = re.compile(
    r"\bAI\b|artificial intelligence|[Rr]obo|人工智能|AI|大模型|模型|机器人|智能体|算力|智驾|自动驾驶|Agent"
)


def naive(article: Article) -> str:
    """Judge as a keyword list would: a place or company word, and an AI word, anywhere."""
    text = f"{article.title or ''}\n{article.text}"
    return "company" if _HERE.search(text) and _TOPIC.search(text) else "none"


def score(
    rows: list[dict[str, Any]], answer: Callable[[Article], tuple[str, bool]], *, borderline: bool
) -> Score:
    """Score answers (kind, whether a body sentence proves it) on labelled rows."""
    total = Score()
    for row in rows:
        if row["borderline"] and not borderline:
            continue
        kind, in_body = answer(Article(row["id"], row["title"], row["text"], row["lang"]))
        wanted, given = row["label"] != "none", kind != "none"
        total = Score(
            total.hits + (wanted and given),
            total.false + (given and not wanted),
            total.missed + (wanted and not given),
            total.kinds + (kind == row["label"]),
            total.items + 1,
            total.in_body + (given and in_body),
        )
    return total


def labelled(matcher: Matcher, path: Path) -> None:
    rows = list(items(path))

    def ours(article: Article) -> tuple[str, bool]:
        found = events(matcher.read(article))
        return (found[0].kind, found[0].evidence[0].where == "text") if found else ("none", False)

    print(f"\n{path.name}: {len(rows)} items, {sum(row['borderline'] for row in rows)} borderline")
    print(f"{'':34}{'precision':>10}{'recall':>8}{'F1':>7}{'kind':>7}{'evidence in body':>18}")
    for name, answer in (("rules", ours), ("naive keywords", lambda article: (naive(article), False))):
        for borderline in (False, True):
            got = score(rows, answer, borderline=borderline)
            body = f"{got.in_body}/{got.hits + got.false}" if name == "rules" else ""
            label = f"{name}, {'with' if borderline else 'without'} borderline"
            print(
                f"{label:34}{got.precision:10.3f}{got.recall:8.3f}{got.f1:7.3f}{got.kinds / got.items:7.3f}{body:>18}"
            )
    for row in rows:
        kind = ours(Article(row["id"], row["title"], row["text"], row["lang"]))[0]
        if kind != row["label"]:
            print(
                f"  {row['id']} {row['label']} -> {kind}{' (borderline)' if row['borderline'] else ''}: {row['title']}"
            )


def background(matcher: Matcher) -> None:
    """Print every alert on general news, to be judged by eye: most are wanted ones nobody labelled."""
    total = count = 0
    for name, (file, body) in BACKGROUND.items():
        path = SHARED / "eval" / file
        print(f"\nalerts in general news: {name}")
        for item in items(path):
            total += 1
            found = events(matcher.read(Article(file, item["title"], item[body])))
            if found:
                count += 1
                proof = found[0].evidence[0]
                print(
                    f"  {found[0].rule:18} {item['title']} || {proof.sentence[:140] if proof.where == 'text' else ''}"
                )
    print(f"{count} alerts in {total} items, wanted and unwanted")


def seeds(matcher: Matcher) -> None:
    print("\nseeds")
    right = wanted = 0
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        number = path.name[:3]
        text = path.read_text("utf-8")
        first, _, rest = text.partition("\n")
        title = SEED_TITLES.get(number, first)
        day = SEED_DATES.get(number)
        published = Published(day, "day") if day else Published()
        article = Article(path.name, title, text if title is None else rest, "en", published)
        matches = matcher.read(article).matches
        proofs = [(match.kind, match.status, proof.sentence) for match in matches for proof in match.evidence]
        for kind, status, beginning in SEEDS[number]:
            wanted += 1
            found = any(proof[:2] == (kind, status) and proof[2].startswith(beginning) for proof in proofs)
            right += found
            print(f"  {number} {'ok     ' if found else 'MISSING'} {kind} {status}: {beginning[:80]}")
        for beginning in SILENT.get(number, ()):
            wanted += 1
            fired = any(status == "event" and beginning in sentence for _, status, sentence in proofs)
            right += not fired
            print(f"  {number} {'FIRED  ' if fired else 'ok     '} must not fire: {beginning}")
    print(f"  {right} of {wanted}")


def cpu(run: Callable[[], object], times: int = 30) -> float:
    """Give the median CPU milliseconds of several runs."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append((time.process_time() - start) * 1000)
    return sorted(taken)[times // 2]


def invented_rules(number: int, pack: Pack) -> str:
    """Write rules as analysts would: a firm or topic, an event, and words of their own."""
    dice = random.Random(7)
    organisations = [alias.concept.key for alias in pack.aliases if alias.concept.field == "org"]
    acts = [alias.concept.key for alias in pack.aliases if alias.concept.field == "event"]

    def word() -> str:
        return "".join(
            dice.choice("bcdfghklmnprstvw") + dice.choice("aeiou") for _ in range(dice.randint(2, 4))
        )

    def han() -> str:
        return "".join(chr(dice.randint(0x4E00, 0x8FFF)) for _ in range(dice.randint(2, 4)))

    shapes = (
        lambda: f'("{word()} {word()}" OR {han()}) AND topic:ai AND event:company-act',
        lambda: f"{dice.choice(organisations)} AND ({word()} OR {han()}) AND {dice.choice(acts)}",
        lambda: f"place:guangdong AND ({word()} OR {word()} OR {han()} OR {han()}) AND NOT noise:*",
        lambda: (
            f"title:({dice.choice(organisations)} AND {dice.choice(acts)}) AND ({word()} OR /{word()}[0-9]+/)"
        ),
    )
    return "rules:\n" + "".join(
        f"  - id: r{index}\n    name: {{en: rule {index}}}\n    kind: watch\n    query: '{shapes[index % 4]()}'\n"
        "    examples: {alert: [x], quiet: [y]}\n"
        for index in range(number)
    )


def long_articles() -> dict[str, Article]:
    """Give an English and a Chinese article of 3 kB, of our own words, thick with names and topics."""
    english = (
        "Shenzhen's robot makers gathered on Tuesday to compare notes. UBTECH said its humanoid robots sort parcels at "
        "night. Huawei showed a cluster of Ascend chips, and Tencent spoke of an assistant for hospitals. The weather "
        "stayed fine, and the tea was strong. Officials of Guangdong Province listened and asked about prices. "
    )
    chinese = (
        "深圳市工业和信息化局近日召开座谈会，听取机器人企业意见。优必选介绍了人形机器人在仓库的应用，华为展示了算力集群，"
        "腾讯谈到医院里的智能助手。会上有人提到广州和东莞的经验，也有人担心成本。天气晴朗，茶很浓。"
    )
    return {
        "English": Article("bench", "Robot makers compare notes", (english * 12)[:3000], "en"),
        "Chinese": Article("bench", "机器人企业座谈", (chinese * 12)[:1000], "zh"),
    }


def speed() -> None:
    print("\nspeed: CPU ms for an article of 3 kB (UTF-8), median of 30")
    print(f"{'rules':>8}{'load s':>9}" + "".join(f"{name:>10}" for name in long_articles()))
    base = load_pack()
    for number in (0, 100, 10_000):
        start = time.process_time()
        pack = load_pack({"invented.yaml": invented_rules(number, base)}) if number else base
        matcher = Matcher(pack)
        load = time.process_time() - start
        cells = "".join(f"{cpu(lambda: matcher.read(article)):10.2f}" for article in long_articles().values())  # noqa: B023 - called at once
        print(f"{len(pack.rules):8}{load:9.1f}{cells}")


def hostile() -> None:
    million = 1_000_000
    texts = {
        "one letter": "a" * million,
        "one place name": "广东" * (million // 2),
        "names, topics, verbs": "广东人工智能发布" * (million // 8),
        "one sentence again and again": "Guangdong unveils AI action plan. " * (million // 34),
        "a line break after each letter": "a\n" * (million // 2),
        "a space after each Han character": "人 " * (million // 2),
        "brackets": "《" * million,
        "full stops": ". " * (million // 2),
        "every Han character": "".join(chr(0x4E00 + index % 20000) for index in range(million)),
        "combining marks": "e\u0301" * (million // 2),
    }
    print("\nhostile texts of 1 MB: CPU ms each")
    matcher = Matcher(load_pack())
    for name, text in texts.items():
        article = Article("hostile", text[:5000], text)
        print(f"  {name:36}{cpu(lambda: matcher.read(article), 3):8.1f}")  # noqa: B023 - called at once
    shapes = (
        r"(a+)+b",
        r"(a|aa)+b",
        r"(.*a){20}b",
        r"([a-z]+)*x",
        r"a{300}b",
        r"(x+x+)+y",
        r".*.*.*.*z",
        r"(\p{Han}+)+号",
    )
    rules = "rules:\n" + "".join(
        f"  - id: x{index}\n    name: {{en: x}}\n    kind: watch\n    query: 'topic:ai AND /{shapes[index % len(shapes)]}{index}/'\n"
        "    window: article\n    examples: {alert: [x], quiet: [y]}\n"
        for index in range(1000)
    )
    matcher = Matcher(load_pack({"regexes.yaml": rules}))
    print("1,000 hostile regexes on such a text: CPU ms together")
    for name in ("one letter", "names, topics, verbs", "every Han character"):
        article = Article("hostile", "AI", "AI " + texts[name])
        print(f"  {name:36}{cpu(lambda: matcher.read(article), 3):8.1f}")  # noqa: B023 - called at once


def main() -> None:
    pack = load_pack()
    matcher = Matcher(pack)
    failing = failing_examples(pack)
    number = sum(len(rule.examples) for rule in pack.rules)
    print(f"pack {pack.id} {pack.version}: {len(pack.rules)} rules, {len(pack.aliases)} names and words")
    print(f"examples as written: {number - len(failing)} of {number}", *failing, sep="\n  ")
    if (SHARED / "eval").is_dir():
        labelled(matcher, Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "eval" / "labelled-dev.jsonl")
        background(matcher)
        seeds(matcher)
    else:
        print(f"no data at {SHARED}: quality is not measured")
    speed()
    hostile()


if __name__ == "__main__":
    main()
