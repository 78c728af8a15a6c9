"""`yuewatch sources repair`: find out how a listing that drifted can be read again, and write that down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crawler.cli.context import DONE, FAILED, NOTHING, Context, console, finish, pass_context
from crawler.cli.probing import print_object, print_sample
from crawler.cli.source_edits import own_file, tell_how_to_reload
from crawler.health.remedy import counted, said
from crawler.logs import clean
from state import leads
from state.database import open_reader
from state.errors import ConfigurationError

if TYPE_CHECKING:
    from crawler.configuration.load import Configuration
    from crawler.probing.mending import Mending
    from crawler.probing.repair import Brought
    from state.records import Source


@click.command()
@click.argument("source")
@click.option("--write", is_flag=True, help="Change the source in the configuration file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@pass_context
def repair(context: Context, source: str, *, write: bool, as_json: bool) -> None:
    """Propose selectors by which the listing SOURCE can be read again, from its page of today.

    What it brought before tells its list from others on the page. Nothing is stored, and without --write nothing is
    changed.
    """
    configuration = context.load()
    listing = _listing(configuration, source)
    mending = _mend(configuration, listing)
    block = _block(configuration, mending)
    if as_json:
        print_object(mending.shape())
    else:
        _print(listing, mending, block)
    if mending.repair.options is None:
        finish(NOTHING if mending.repair.leads else FAILED)
    if write:
        _write(context, configuration, source, block)
        if not as_json:
            tell_how_to_reload(context)
    finish(DONE)


def _listing(configuration: Configuration, name: str) -> Source:
    source = configuration.sources.get(name)
    if source is None:
        raise ConfigurationError(f"there is no source {name!r}; `yuewatch sources list --all` shows the ids")
    if source.kind != "listing":
        raise ConfigurationError(
            f"source {name} is of kind {source.kind}, and only listings have selectors; "
            f"`yuewatch sources probe {source.url}` looks for another entry"
        )
    return source


def _mend(configuration: Configuration, source: Source) -> Mending:
    from crawler.probing.mending import mend  # noqa: PLC0415 - a list of sources must not wait for Scrapy
    from crawler.probing.visit import visit  # noqa: PLC0415
    from crawler.reactor import run as run_on_reactor  # noqa: PLC0415

    brought = _brought(configuration, source)
    return run_on_reactor(lambda: visit(configuration, lambda asker: mend(asker, source, brought)))


def _brought(configuration: Configuration, source: Source) -> Brought:
    from crawler.probing.repair import Brought  # noqa: PLC0415 - as above

    if not configuration.state.exists():
        return Brought.of(())
    with open_reader(configuration.state) as database:
        return Brought.of(leads.latest(database, source.id))


def _block(configuration: Configuration, mending: Mending) -> dict[str, Any]:
    """Write the repair as the block of the source, above what its family says."""
    from crawler.catalogue.pack import read_families  # noqa: PLC0415 - as above
    from crawler.configuration.load import pack_catalogue  # noqa: PLC0415
    from crawler.probing.mending import block_of  # noqa: PLC0415

    text, place = pack_catalogue(configuration)
    families = read_families(text, place) if text else {}
    family = families.get(mending.source.family or "", {})
    return block_of(mending.repair.options or {}, family.get("listing") or {})


def _print(source: Source, mending: Mending, block: dict[str, Any]) -> None:
    from crawler.catalogue.editing import written  # noqa: PLC0415 - as above

    out, found = console(), mending.repair
    out.print(f"source         {source.id}, {clean(source.url)}")
    out.print(f"as it is       {clean(said(source.options))}")
    if found.options is None:
        out.print(
            f"nothing to mend: {counted(found.leads, found.known)}, and no other description finds more"
            if found.leads
            else "no repair was found: nothing on the page of today can be read as a list of news; "
            "look for another page of the site with `yuewatch sources probe`"
        )
        return
    out.print(f"proposed       {clean(said(found.options))}")
    out.print(f"would find     {counted(found.leads, found.known)}, {found.dated} with a date")
    print_sample(mending.leads.items, mending.readings)
    out.print("\nsources:")
    out.print(clean(written({"id": source.id, "listing": block})), end="")


def _write(context: Context, configuration: Configuration, name: str, block: dict[str, Any]) -> None:
    from crawler.configuration.rewrite import rewrite  # noqa: PLC0415 - as above

    file = own_file(context)
    rewrite(file, lambda text: _mended(configuration, text, name, block, str(file)))
    console(stderr=True).print(f"source {name} was mended in {file}")


def _mended(configuration: Configuration, text: str, name: str, block: dict[str, Any], file: str) -> str:
    """Mend a source where it stands in the file; one of the pack is copied into it, mended."""
    from crawler.catalogue.editing import with_block, with_sources  # noqa: PLC0415 - as above
    from crawler.catalogue.pack import read_written  # noqa: PLC0415
    from crawler.configuration.load import pack_catalogue  # noqa: PLC0415

    if any(one.get("id") == name for one in configuration.settings.sources):
        return with_block(text, name, "listing", block, file)
    shipped = read_written(*pack_catalogue(configuration))[name]
    remark = f"As the pack {configuration.settings.pack} has it, but mended."
    return with_sources(text, [shipped | {"listing": block}], file, remark)
