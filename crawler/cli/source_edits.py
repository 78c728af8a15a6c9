"""`yuewatch sources add`, `enable`, `disable`, `import-opml`, `export-opml`: change the configuration's own list."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from crawler.cli.context import FAILED, NOTHING, Context, console, finish, pass_context
from state.errors import ConfigurationError


@click.command()
@click.argument("target")
@click.option("--id", "name", help="What to call the source; else it is named after its address.")
@pass_context
def add(context: Context, target: str, name: str | None) -> None:
    """Add a source to the configuration file.

    TARGET is an address, which is probed for its best entry, or a YAML file with `sources:` such as `probe --write`
    makes.
    """
    file = own_file(context)
    if target.startswith(("http://", "https://")):
        entries = [_probed(context, target)]
    else:
        entries = _entries_of(Path(target))
    if name is not None:
        if len(entries) != 1:
            raise ConfigurationError(f"--id names one source, but {target} has {len(entries)}")
        entries = [entries[0] | {"id": name}]
    for added in add_entries(file, entries, rename=name is None):
        console().print(f"source {added} was added to {file}")
    tell_how_to_reload(context)


@click.command()
@click.argument("source", nargs=-1, required=True)
@pass_context
def enable(context: Context, source: tuple[str, ...]) -> None:
    """Watch SOURCEs again, or sources that the pack leaves off."""
    _switch(context, source, enabled=True)


@click.command()
@click.argument("source", nargs=-1, required=True)
@pass_context
def disable(context: Context, source: tuple[str, ...]) -> None:
    """Leave SOURCEs alone from now on; what they brought stays."""
    _switch(context, source, enabled=False)


@click.command("import-opml")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@pass_context
def import_opml(context: Context, file: Path) -> None:
    """Add the feeds of an OPML FILE, as other feed readers export it, to the configuration file."""
    from crawler.catalogue.opml import MAX_BYTES, read_opml  # noqa: PLC0415 - a list must not wait for it

    own = own_file(context)
    known = {source.url for source in context.load().sources.values()}
    with file.open("rb") as opened:
        outlines = read_opml(opened.read(MAX_BYTES + 1), str(file))
    entries = [_feed(one.url, one.title, one.lang) for one in outlines if one.url not in known]
    if not entries:
        console().print(f"{file} names {len(outlines)} feeds, all of which are there")
        finish(NOTHING)
    added = add_entries(own, entries)
    console().print(
        f"{len(added)} of {len(outlines)} feeds were added to {own}; the others are there already"
    )
    tell_how_to_reload(context)


@click.command("export-opml")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@pass_context
def export_opml(context: Context, output: Path | None) -> None:
    """Give the enabled feeds as OPML for other feed readers; sources of other kinds have no place in it."""
    from crawler.catalogue.opml import write_opml  # noqa: PLC0415 - as above

    enabled = [source for source in context.load().sources.values() if source.enabled]
    text = write_opml(enabled)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, "utf-8")
    feeds = sum(source.kind == "feed" for source in enabled)
    console(stderr=True).print(f"{feeds} feeds; {len(enabled) - feeds} sources of other kinds were left out")


def add_entries(file: Path, entries: Sequence[Mapping[str, Any]], *, rename: bool = True) -> list[str]:
    """Add entries to a configuration file, each under an id of its own; give the ids.

    Raises ConfigurationError, and leaves the file as it was, where it could not be used afterwards.
    """
    from crawler.catalogue.editing import with_sources  # noqa: PLC0415 - as above
    from crawler.configuration.load import load_configuration  # noqa: PLC0415
    from crawler.configuration.rewrite import rewrite  # noqa: PLC0415
    from crawler.probing.entry import free_id  # noqa: PLC0415

    taken = set(load_configuration(file).sources) if file.exists() else set()
    named: list[dict[str, Any]] = []
    for entry in entries:
        wanted = str(entry["id"])
        if not rename and wanted in taken:
            raise ConfigurationError(f"there is a source {wanted!r} already; give another --id")
        name = free_id(wanted, taken)
        taken.add(name)
        named.append(dict(entry) | {"id": name})
    rewrite(file, lambda text: with_sources(text, named, str(file)))
    return [str(one["id"]) for one in named]


def _probed(context: Context, url: str) -> dict[str, Any]:
    from crawler.cli.probing import probe_site  # noqa: PLC0415 - it needs this module

    findings = probe_site(context.load(), url)
    if findings.best is None:
        for remark in findings.remarks:
            console(stderr=True).print(remark)
        console(stderr=True).print(f"yuewatch: no working entry was found for {url}; nothing was added")
        finish(FAILED)
    assert findings.best is not None
    return findings.best.entry


def _entries_of(file: Path) -> list[dict[str, Any]]:
    from crawler.catalogue.yaml_lines import load_with_lines  # noqa: PLC0415 - as above

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{file} is neither an address nor a file that can be read: {error}"
        ) from error
    said = load_with_lines(text, str(file))[0]
    entries = said.get("sources") if isinstance(said, dict) else said
    if not isinstance(entries, list) or not all(isinstance(one, dict) and "id" in one for one in entries):
        raise ConfigurationError(f"{file} has no list of `sources:` with ids")
    return entries


def _switch(context: Context, names: Sequence[str], *, enabled: bool) -> None:
    from crawler.configuration.rewrite import rewrite  # noqa: PLC0415 - as above

    file = own_file(context)
    configuration = context.load()
    changed = 0
    for name in names:
        source = configuration.sources.get(name)
        if source is not None and source.enabled == enabled:
            console().print(f"{name} is {'enabled' if enabled else 'disabled'} already")
            continue
        rewrite(file, lambda text, name=name: _switched(context, text, name, enabled=enabled))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        changed += 1
        console().print(f"{name} is {'enabled' if enabled else 'disabled'} now")
    if not changed:
        finish(NOTHING)
    tell_how_to_reload(context)


def _switched(context: Context, text: str, name: str, *, enabled: bool) -> str:
    """Switch a source where it stands in the file; one of the pack is copied into it, switched."""
    from crawler.catalogue.editing import with_sources, with_switch  # noqa: PLC0415 - as above
    from crawler.catalogue.pack import read_written  # noqa: PLC0415
    from crawler.configuration.load import pack_catalogue  # noqa: PLC0415

    configuration = context.load()
    file = str(configuration.file)
    if any(one.get("id") == name for one in configuration.settings.sources):
        return with_switch(text, name, file, enabled=enabled)
    catalogue, place = pack_catalogue(configuration)
    shipped = read_written(catalogue, place) if catalogue else {}
    if name not in shipped:
        raise ConfigurationError(f"there is no source {name!r}; `yuewatch sources list --all` shows the ids")
    remark = f"As the pack {configuration.settings.pack} has it, but {'on' if enabled else 'off'}."
    return with_sources(text, [shipped[name] | {"enabled": enabled}], file, remark)


def _feed(url: str, title: str | None, lang: str | None) -> dict[str, Any]:
    from crawler.catalogue.settings import is_language  # noqa: PLC0415 - as above
    from crawler.probing.entry import entry_id  # noqa: PLC0415

    entry: dict[str, Any] = {"id": entry_id(url), "kind": "feed", "url": url}
    return entry | ({"name": title} if title else {}) | ({"lang": lang} if lang and is_language(lang) else {})


def own_file(context: Context) -> Path:
    """Give the configuration file that is changed; raise ConfigurationError where there is none."""
    from crawler.configuration.place import find_file  # noqa: PLC0415 - as above

    file = find_file(context.config)
    if file is None:
        raise ConfigurationError(
            "there is no configuration file to change; make one with `touch yuewatch.yaml`, an empty one will do"
        )
    return file


def tell_how_to_reload(context: Context) -> None:
    """Say how a running daemon takes a change over, where there is one."""
    from state.lock import holder_of  # noqa: PLC0415 - as above

    pid = holder_of(context.load().state)
    if pid is not None:
        console().print(f"the running yuewatch takes it over when told to: kill -HUP {pid}")
