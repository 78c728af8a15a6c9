"""Turn the topics, instruments, events, noise and cues of a pack into concepts and the words that say them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules.gazetteer import ambiguous_aliases
from rules.spec import ConceptSpec
from rules.terms import Alias, Concept, is_name_case, names_of

_VOWELS = "aeiou"


def lexicon_concept(field: str, spec: ConceptSpec, all_of_field: Mapping[str, ConceptSpec]) -> Concept:
    """Make the concept of one lexicon entry, which answers to every wider concept it belongs to."""
    keys = (*wider_keys(field, spec.id, all_of_field), f"{field}:*")
    en, zh = names_of(spec.terms or spec.verbs)
    en, zh = spec.name.get("en", en or spec.id), spec.name.get("zh", zh or spec.id)
    return Concept(field, spec.id, keys, en=en, zh=zh)


def wider_keys(field: str, own: str, all_of_field: Mapping[str, ConceptSpec]) -> tuple[str, ...]:
    """Give the keys of an entry and of all it belongs to, nearest first."""
    keys: dict[str, None] = {}
    waiting = [own]
    while waiting:
        current = waiting.pop(0)
        if f"{field}:{current}" in keys:
            continue
        keys[f"{field}:{current}"] = None
        waiting.extend(all_of_field[current].within if current in all_of_field else ())
    return tuple(keys)


def lexicon_aliases(spec: ConceptSpec, concept: Concept) -> Iterator[Alias]:
    """Give every word that says a concept."""
    for term in spec.terms:
        word = term.removesuffix("*")
        yield Alias(concept, word, is_name_case(word), prefix=word != term)
    for verb in spec.verbs:
        for form in verb_forms(verb):
            yield Alias(concept, form)
    for ambiguous in spec.ambiguous:
        yield from ambiguous_aliases(ambiguous, concept, name=False)


def verb_forms(verb: str) -> tuple[str, ...]:
    """Give the regular forms of an English verb; of several words the first is inflected ("roll out")."""
    head, space, tail = verb.partition(" ")
    if head.endswith("e"):
        past, present = f"{head}d", f"{head[:-1]}ing"
    elif head.endswith("y") and head[-2:-1] not in _VOWELS:
        past, present = f"{head[:-1]}ied", f"{head}ing"
    else:
        past, present = f"{head}ed", f"{head}ing"
    if head.endswith(("s", "x", "z", "ch", "sh")):
        third = f"{head}es"
    elif head.endswith("y") and head[-2:-1] not in _VOWELS:
        third = f"{head[:-1]}ies"
    else:
        third = f"{head}s"
    return tuple(f"{form}{space}{tail}" for form in (head, third, past, present))
