"""Turn a rule into one English and one Chinese sentence."""

from __future__ import annotations

from collections.abc import Sequence

from rules.pack import Pack
from rules.query import AllOf, AnyOf, Fact, Inside, Leaf, Node, Without, parts_of
from rules.rule import Rule, Way, Window
from rules.silence import leaf_name
from rules.vocabulary import Vocabulary

EN, ZH = 0, 1
_WINDOWS = {
    "title": ("the headline", "标题"),
    "lead": ("the first {} sentences", "开头{}句"),
    "lead_sentence": ("one of the first {} sentences", "开头{}句中的一句"),
    "top": ("the headline and the first {} sentences", "标题与开头{}句"),
    "sentence": ("one sentence", "同一句"),
    "sentences": ("{} neighbouring sentences", "相邻{}句"),
    "paragraph": ("one paragraph", "同一段"),
    "words": ("{} words", "{}个词之内"),
    "article": ("the whole item", "全文"),
    "body": ("the text", "正文"),
    "item": ("the whole item", "全文"),
}
_AND, _OR = (" and ", "且"), (" or ", "或")
# A list of alternatives longer than this is cut; the rule itself has the rest.
MOST_ALTERNATIVES = 6
MOST_WAYS = 2
_SEVERITIES = {"urgent": "紧急", "high": "高", "normal": "中", "low": "低"}


def explain_rule(rule: Rule, pack: Pack) -> tuple[str, str]:
    """Say in one English and one Chinese sentence what a rule asks."""
    words = _Words(pack.vocabulary)
    return words.sentence(rule, EN), words.sentence(rule, ZH)


class _Words:
    """Say queries in words; `language` is EN or ZH."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def sentence(self, rule: Rule, language: int) -> str:
        """Say the whole rule; of many ways, what they have in common and what they differ in."""
        if len(rule.ways) > MOST_WAYS:
            when = self._summary(rule, language)
        else:
            when = ("; or when " if language == EN else "；或").join(
                self._way(way, language) for way in rule.ways
            )
        if language == EN:
            does = "reports a mention" if rule.status == "mention" else f"alerts ({rule.severity})"
            parts = [f"{rule.name_en}: {does} when {when}"]
            if rule.unless is not None:
                parts.append(f"never where there is {self._say(rule.unless, EN)}")
            if rule.recalls is not None:
                parts.append(f"and only as a mention where the sentence has {self._say(rule.recalls, EN)}")
            return "; ".join(parts) + "."
        does = "记为提及" if rule.status == "mention" else f"报警（{_SEVERITIES[rule.severity]}）"
        parts = [f"{rule.name_zh}：{when}时，{does}"]
        if rule.unless is not None:
            parts.append(f"有{self._say(rule.unless, ZH)}则不报")
        if rule.recalls is not None:
            parts.append(f"句中有{self._say(rule.recalls, ZH)}则只记为提及")
        return "；".join(parts) + "。"

    def _summary(self, rule: Rule, language: int) -> str:
        """Say what all ways ask for, what some of them ask for besides, and where."""
        asked = [list(parts_of(way.query)) for way in rule.ways]
        always = [part for part in asked[0] if all(part in each for each in asked)]
        more = dict.fromkeys(leaf for each in asked for part in each if part not in always for leaf in part)
        windows = list(dict.fromkeys(_window(way.window, language) for way in rule.ways))
        rivals = [leaf for leaf in rule.ways[0].rivals if all(leaf in way.rivals for way in rule.ways)]
        common = _AND[language].join(self._list(part, language) for part in always)
        besides = self._list(tuple(more), language)
        where = _OR[language].join(windows)
        if language == EN:
            text = f"{where} has {common} with {besides}" if common else f"{where} has {besides}"
            return f"{text}, before {self._list(rivals, EN)}" if rivals else text
        text = f"{where}有{common}，并有{besides}" if common else f"{where}有{besides}"
        return f"{text}，且先于{self._list(rivals, ZH)}" if rivals else text

    def _way(self, way: Way, language: int) -> str:
        """Say one way to fire."""
        place = _window(way.window, language)
        query = self._say(way.query, language)
        actor, action, rivals = (self._list(each, language) for each in (way.actor, way.action, way.rivals))
        counts = [(self._name(leaf, language), count) for leaf, count in way.at_least]
        if language == EN:
            said = [f"{place} has {query}"]
            said += [f"{actor} before {action}"] if action else []
            said += [f"{actor} before {rivals}"] if rivals else []
            said += [f"{name} at least {count} times" for name, count in counts]
            return ", ".join(said)
        said = [f"{place}有{query}"]
        said += [f"{actor}在{action}之前"] if action else []
        said += [f"{actor}先于{rivals}"] if rivals else []
        said += [f"{name}至少{count}次" for name, count in counts]
        return "，".join(said)

    def _say(self, node: Node, language: int, *, nested: bool = False) -> str:
        """Say a query."""
        match node:
            case Leaf():
                return self._name(node, language)
            case AllOf() | AnyOf():
                joint = _AND if isinstance(node, AllOf) else _OR
                parts = [self._say(part, language, nested=True) for part in node.parts[:MOST_ALTERNATIVES]]
                more = ["…"] if len(node.parts) > MOST_ALTERNATIVES else []
                text = joint[language].join([*parts, *more])
                return (f"({text})" if language == EN else f"（{text}）") if nested else text
            case Without():
                inner = self._say(node.part, language, nested=True)
                return f"no {inner}" if language == EN else f"没有{inner}"
            case Inside():
                inner = self._say(node.part, language, nested=True)
                place = _window(Window(node.scope, 2), language)  # type: ignore[arg-type]  # scopes are named like windows
                return f"{inner} in {place}" if language == EN else f"{place}中的{inner}"
            case Fact():
                name = {"source": ("source", "来源"), "lang": ("language", "语言")}[node.field][language]
                return f"{name} {node.value}"

    def _list(self, wanted: Sequence[Leaf], language: int) -> str:
        """Say alternatives."""
        names = [self._name(leaf, language) for leaf in wanted[:MOST_ALTERNATIVES]]
        return _OR[language].join([*names, "…"] if len(wanted) > MOST_ALTERNATIVES else names)

    def _name(self, leaf: Leaf, language: int) -> str:
        """Say one leaf."""
        return leaf_name(leaf, self._vocabulary)[language]


def _window(window: Window, language: int) -> str:
    """Say a window."""
    return _WINDOWS[window.kind][language].format(window.size)
