"""Read a pack: the names, words, documents and rules of one beat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import re2

from rules.documents import Documents, Issuer, read_documents
from rules.gazetteer import (
    Places,
    entity_aliases,
    government_concept,
    near_key,
    organisation_concept,
    place_concept,
)
from rules.lexicon import lexicon_aliases, lexicon_concept, wider_keys
from rules.located import Located
from rules.resolution import ANAPHOR, MASK
from rules.rule import Rule
from rules.rule_reader import RuleReader
from rules.spec import (
    AmbiguousSpec,
    ComputedSpec,
    ConceptSpec,
    DocumentsSpec,
    EntitySpec,
    PackFile,
    PackHead,
    ReadingSpec,
)
from rules.terms import Alias, Concept
from rules.text import fold
from rules.vocabulary import Vocabulary
from state.errors import RuleError

_LEXICON = {
    "topics": "topic",
    "instruments": "instrument",
    "events": "event",
    "noise": "noise",
    "cues": "cue",
}
_SECTIONS = ("places", "organisations", "government", *_LEXICON, "rules")


@dataclass(frozen=True, slots=True)
class Pack:
    """Hold all that is known of one beat. `version` changes with every change of its files."""

    id: str
    version: str
    name_en: str
    name_zh: str
    home: str
    zone: str
    places: Places
    vocabulary: Vocabulary
    aliases: tuple[Alias, ...]
    reading: ReadingSpec
    computed: ComputedSpec
    documents: Documents
    rules: tuple[Rule, ...]

    def named_in(self, place: str) -> frozenset[str]:
        """Give the ids of all that names a place or a part of it: itself, places it contains, their government bodies."""
        inside = self.places.within(place)
        return inside | self.vocabulary.bodies_of(inside)


class _Entry(NamedTuple):
    """Hold one value of a section with where it was written."""

    spec: Any
    file: Located
    path: tuple[str | int, ...]


def parse_pack(files: Mapping[str, str]) -> Pack:
    """Read a pack from the texts of its files, user files last.

    Args:
        files: File name to YAML text. Later files add to earlier ones, and override what has the same id.

    Raises:
        RuleError: For anything that cannot be used, with `where` as file:line:column.
    """
    read = [(located, located.read()) for located in (Located(name, text) for name, text in files.items())]
    head, head_file = _head(read)
    sections = {section: _merged(read, section) for section in _SECTIONS}
    places = Places([entry.spec for entry in sections["places"].values()], head.home)
    if head.home not in places:
        raise head_file.complain(f"home {head.home!r} is none of the places", ("pack", "home"))
    _check_places(sections, places)
    named = list(_entities(sections, places)) + list(_words(sections))
    vocabulary = Vocabulary(concept for _, concept in named)
    _check_contexts(named, vocabulary)
    documents = _last(read, "documents") or (DocumentsSpec(), read[0][0])
    return Pack(
        id=head.id,
        version=f"{head.version}+{_digest(files)}",
        name_en=head.name.get("en", head.id),
        name_zh=head.name.get("zh", head.id),
        home=head.home,
        zone=head.zone,
        places=places,
        vocabulary=vocabulary,
        aliases=tuple(_aliases(named, read)),
        reading=_checked_reading(read),
        computed=_checked_computed(read),
        documents=read_documents(
            documents[0],
            _issuers(sections, places),
            RuleReader(vocabulary, documents[1]),
            documents[1],
        ),
        rules=tuple(
            RuleReader(vocabulary, entry.file).rule(entry.spec, entry.path)
            for entry in sections["rules"].values()
        ),
    )


_Read = list[tuple[Located, PackFile]]


def _digest(files: Mapping[str, str]) -> str:
    """Give eight hexadecimal digits that change with any change of the files."""
    return sha256("\0".join(part for pair in files.items() for part in pair).encode()).hexdigest()[:8]


def _head(read: _Read) -> tuple[PackHead, Located]:
    """Find the head of the pack; the first one counts, so that a user's file cannot take a pack over by accident."""
    for located, file in read:
        if file.pack is not None:
            return file.pack, located
    raise RuleError(
        "no file has a pack: section with id, version, name and home", where=", ".join(_names(read))
    )


def _names(read: _Read) -> list[str]:
    return [located.name for located, _ in read]


def _merged(read: _Read, section: str) -> dict[str, _Entry]:
    """Merge one section of all files by id; a repeated id inside one file is an error."""
    merged: dict[str, _Entry] = {}
    for located, file in read:
        seen: set[str] = set()
        for number, spec in enumerate(getattr(file, section)):
            if spec.id in seen:
                raise located.complain(
                    f"the id {spec.id!r} stands twice in {section}", (section, number, "id")
                )
            seen.add(spec.id)
            merged[spec.id] = _Entry(spec, located, (section, number))
    return merged


def _last(read: _Read, section: str) -> tuple[Any, Located] | None:
    """Give a section that is one value: the last file that has it wins."""
    return next(
        ((value, located) for located, file in reversed(read) if (value := getattr(file, section))), None
    )


def _check_places(sections: Mapping[str, Mapping[str, _Entry]], places: Places) -> None:
    """Refuse parents and places that are not in the pack."""
    for section, key in (("places", "parent"), ("organisations", "place"), ("government", "place")):
        for entry in sections[section].values():
            place = getattr(entry.spec, key)
            if place is not None and place not in places:
                raise entry.file.complain(f"{place!r} is none of the places", (*entry.path, key))


def _entities(
    sections: Mapping[str, Mapping[str, _Entry]], places: Places
) -> Iterator[tuple[_Entry, Concept]]:
    """Make the concepts of places, organisations and government bodies."""
    for entry in sections["places"].values():
        yield entry, place_concept(entry.spec, places)
    specs: dict[str, ConceptSpec] = {key: entry.spec for key, entry in sections["topics"].items()}
    for entry in sections["organisations"].values():
        for number, topic in enumerate(entry.spec.topics):
            if topic not in sections["topics"]:
                raise entry.file.complain(f"{topic!r} is none of the topics", (*entry.path, "topics", number))
        topics = dict.fromkeys(
            key for topic in entry.spec.topics for key in wider_keys("topic", topic, specs)
        )
        yield entry, organisation_concept(entry.spec, places, tuple(topics))
    for entry in sections["government"].values():
        yield entry, government_concept(entry.spec, places)


def _issuers(sections: Mapping[str, Mapping[str, _Entry]], places: Places) -> Iterator[Issuer]:
    """Say whose document numbers open with what."""
    for entry in sections["government"].values():
        for prefix in entry.spec.prefixes:
            place = entry.spec.place
            home = "home" in places.chain(place)
            yield Issuer(fold(prefix).plain, entry.spec.id, home, places.parents(place))


def _words(sections: Mapping[str, Mapping[str, _Entry]]) -> Iterator[tuple[_Entry, Concept]]:
    """Make the concepts of topics, instruments, events, noise and cues."""
    for section, field in _LEXICON.items():
        specs: dict[str, ConceptSpec] = {key: entry.spec for key, entry in sections[section].items()}
        for entry in sections[section].values():
            for number, wider in enumerate(entry.spec.within):
                if wider not in specs:
                    raise entry.file.complain(
                        f"{wider!r} is none of the {section}", (*entry.path, "within", number)
                    )
            yield entry, lexicon_concept(field, entry.spec, specs)


def _check_contexts(named: list[tuple[_Entry, Concept]], vocabulary: Vocabulary) -> None:
    """Refuse contexts that ask for concepts the pack does not have."""
    for entry, _ in named:
        for number, ambiguous in enumerate(entry.spec.ambiguous):
            for index, word in enumerate(ambiguous.near):
                key = near_key(word)
                wrong = None if key.startswith("term:") else vocabulary.complaint(key)
                if wrong:
                    raise entry.file.complain(wrong, (*entry.path, "ambiguous", number, "near", index))


def _aliases(named: list[tuple[_Entry, Concept]], read: _Read) -> Iterator[Alias]:
    """Give every alias of the pack: names, words, masks, anaphors and the words contexts look for."""
    near: dict[str, None] = {}
    for entry, concept in named:
        spec = entry.spec
        yield from (
            entity_aliases(spec, concept) if isinstance(spec, EntitySpec) else lexicon_aliases(spec, concept)
        )
        contexts: tuple[AmbiguousSpec, ...] = spec.ambiguous
        near.update((near_key(word), None) for ambiguous in contexts for word in ambiguous.near)
    for key in near:
        if key.startswith("term:"):
            yield Alias(Concept("term", key, (key,)), key.removeprefix("term:"))
    mask = Concept(MASK, MASK, (MASK,))
    for _, file in read:
        for word in file.masks:
            yield Alias(mask, word)
        for anaphor in file.anaphora:
            concept = Concept(ANAPHOR, anaphor.kind, (f"{ANAPHOR}:{anaphor.kind}",), anaphor.kind)
            for word in anaphor.words:
                yield Alias(concept, word)


def _checked_reading(read: _Read) -> ReadingSpec:
    """Give the reading section, its regexes tried."""
    found = _last(read, "reading")
    if found is None:
        return ReadingSpec()
    spec, located = found
    for key in ("metadata", "datelines", "digests", "former"):
        _try_regexes(getattr(spec, key), located, ("reading", key))
    return ReadingSpec.model_validate(spec)


def _checked_computed(read: _Read) -> ComputedSpec:
    """Give the section on computed organisations, its regexes tried."""
    found = _last(read, "computed")
    if found is None:
        return ComputedSpec()
    spec, located = found
    for kind in ("company", "government"):
        for key in ("after", "before"):
            _try_regexes(getattr(getattr(spec, kind), key), located, ("computed", kind, key))
    return ComputedSpec.model_validate(spec)


def _try_regexes(patterns: tuple[str, ...], located: Located, path: tuple[str | int, ...]) -> None:
    """Refuse what RE2 cannot compile."""
    options = re2.Options()
    options.log_errors = False
    for number, pattern in enumerate(patterns):
        try:
            re2.compile(pattern, options)
        except re2.error as error:
            raise located.complain(f"not a regex of RE2: {error}", (*path, number)) from error
