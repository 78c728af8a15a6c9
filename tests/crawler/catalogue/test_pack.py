import pytest

from crawler.catalogue.lines import Lines
from crawler.catalogue.pack import build_sources, read_families, read_roles, read_sources, read_written
from crawler.catalogue.yaml_lines import load_with_lines
from state.errors import ConfigurationError

FILE = "sources.yaml"
CATALOGUE = """\
defaults:
  zone: Asia/Shanghai
  tier: 3
families:
  board:
    kind: json
    url: "{site}/api/list"
    role: issuer
    json:
      items: articles
      fields: {date: [day, time]}
sources:
  - id: first
    family: board
    site: https://first.example.com/
    places: [guangdong]
  - id: second
    family: board
    site: http://second.example.com/bureau
    tier: 1
    json:
      where: {open: 1}
  - {id: third, kind: feed, url: "https://third.example.com/feed", zone: UTC}
hosts:
  - {host: copies.example.net, role: republisher, remark: machine translations}
"""


def fails(text):
    with pytest.raises(ConfigurationError) as caught:
        read_sources(text, FILE)
    return caught.value


def test_a_family_fills_what_its_sources_leave_out():
    first, second, third = read_sources(CATALOGUE, FILE)

    assert first.url == "https://first.example.com/api/list"
    assert (first.kind, first.role, first.zone, first.tier, first.family) == (
        "json",
        "issuer",
        "Asia/Shanghai",
        3,
        "board",
    )
    assert first.options == {"items": "articles", "fields": {"date": ["day", "time"]}}
    assert second.url == "http://second.example.com/bureau/api/list"
    assert second.tier == 1
    assert second.options == {**first.options, "where": {"open": 1}}
    assert (third.zone, third.family, third.role) == ("UTC", None, "outlet")


def test_hosts_have_roles():
    assert read_roles(CATALOGUE, FILE) == {
        "first.example.com": "issuer",
        "second.example.com": "issuer",
        "third.example.com": "outlet",
        "copies.example.net": "republisher",
    }


def test_an_unknown_family_is_told_with_a_suggestion():
    error = fails(CATALOGUE.replace("family: board\n    site: https", "family: bord\n    site: https"))
    assert str(error) == 'sources.yaml:14: sources[0].family: no family "bord"; did you mean "board"?'
    assert error.where == "sources.yaml:14: sources[0].family"


def test_everything_wrong_is_told_at_once():
    text = CATALOGUE.replace("places: [guangdong]", "plces: [guangdong]").replace("tier: 1", "tier: 9")
    first, second = str(fails(text)).splitlines()
    assert first == 'sources.yaml:16: plces: unknown key; did you mean "places"?'
    assert second.startswith("sources.yaml:20: tier: 9 does not fit")


def test_a_missing_site_is_told_where_it_belongs():
    assert str(fails(CATALOGUE.replace("    site: https://first.example.com/\n", ""))) == (
        "sources.yaml:13: url: {site} is not filled in; add `site:`, or write the whole address"
    )


def test_an_id_given_twice_names_both_lines():
    said = str(fails(CATALOGUE.replace("id: third", "id: first")))
    assert said == 'sources.yaml:23: sources[2].id: "first" is taken by line 13; give it another id'


def test_an_address_given_twice_names_both_lines():
    said = str(fails(CATALOGUE.replace("http://second.example.com/bureau", "https://first.example.com")))
    assert said == "sources.yaml:17: sources[1].url: the source of line 13 has this address too; remove one"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sources.yaml:1: a catalogue is a mapping; begin it with `sources:`"),
        ("- a\n", "sources.yaml:1: a catalogue is a mapping; begin it with `sources:`"),
        ("sources: {id: a}\n", "sources.yaml:1: sources: a mapping does not fit"),
        ("sources: [a, b]\n", "sources.yaml:1: sources[0]: 'a' does not fit"),
        ("surces: []\n", 'sources.yaml:1: surces: unknown key; did you mean "sources"?'),
        (
            "hosts:\n  - {host: a.example, role: coppy}\n",
            "sources.yaml:2: hosts[0].role: 'coppy' is not one of",
        ),
        ("a: [\n", "sources.yaml:2: this is not valid YAML"),
    ],
)
def test_a_file_of_another_shape_is_told_in_one_line(text, said):
    assert str(fails(text)).startswith(said)


def test_a_family_that_is_wrong_points_at_its_source():
    text = CATALOGUE.replace("role: issuer", "role: emitter")
    assert (
        str(fails(text))
        .splitlines()[0]
        .startswith("sources.yaml:13: role: 'emitter' is not one of issuer, company")
    )


def test_an_empty_catalogue_is_no_error():
    assert read_sources("sources: []\n", FILE) == ()


def test_families_serve_sources_of_another_file():
    own, lines = load_with_lines(
        "sources:\n  - {id: mine, family: board, site: 'https://mine.example.org'}\n", "own.yaml"
    )

    (mine,) = build_sources(own["sources"], lines, families=read_families(CATALOGUE, FILE))

    assert (mine.url, mine.kind, mine.zone) == ("https://mine.example.org/api/list", "json", "UTC")


def test_a_source_as_it_is_written_gives_the_same_source_outside_its_catalogue():
    text = """
defaults: {zone: Asia/Shanghai, role: outlet, listing: {date: i, title: b}}
families:
  cms: {kind: listing, role: issuer, listing: {item: li, date: em}}
sources:
  - {id: a, family: cms, url: "https://a.example/"}
  - {id: b, kind: listing, url: "https://b.example/", listing: {pattern: x}}
"""
    families = read_families(text, "pack")
    copies = read_written(text, "pack").values()
    assert build_sources(list(copies), Lines("own", {}), families=families) == read_sources(text, "pack")
