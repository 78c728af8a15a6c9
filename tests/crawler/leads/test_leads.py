"""The maps of one index as one listing."""

from dataclasses import replace

from crawler.leads.leads import Leads, together
from state.records import Lead, Source

SOURCE = Source("example", "sitemap", "https://www.example.com/index.xml", zone="Asia/Shanghai")


def a_map(*names, day=None, **more):
    leads = (Lead(f"https://www.example.com/{name}", name, "example", published=day) for name in names)
    return Leads(tuple(leads), **more)


def names(leads):
    return [lead.key for lead in leads.items]


def test_the_newest_of_all_maps_are_kept():
    old = a_map("old-1", "old-2", day="2019-01-01")
    new = a_map("new-1", "new-2", day="2026-11-20")

    leads = together([old, new], replace(SOURCE, max_leads=3))

    assert names(leads) == ["new-1", "new-2", "old-1"]
    assert (leads.total, leads.remarks) == (4, ())


def test_maps_without_dates_have_a_fair_share_and_the_cut_is_said():
    dated = a_map("d1", "d2", "d3", "d4", day="2026-11-20")
    others = a_map("a1", "a2", "a3", "a4"), a_map("b1", "b2", "b3", "b4")

    leads = together([dated, *others], replace(SOURCE, max_leads=6))

    assert names(leads) == ["d1", "a1", "b1", "d2", "a2", "b2"]
    assert leads.remarks == ("12 addresses, 2 of their maps without dates; only 6 are looked at",)


def test_new_items_without_dates_at_the_head_of_one_map_go_by_what_follows_them_there():
    other = a_map("old", day="2019-01-01")
    headed = Leads((*a_map("fresh").items, *a_map("dated", day="2026-11-20").items))

    assert names(together([other, headed], SOURCE)) == ["fresh", "dated", "old"]


def test_of_a_document_in_two_maps_the_publication_date_counts_rather_than_the_last_change():
    edited = Lead(
        "https://www.example.com/a", "a", "example", published="2026-11-21T08:00:00+08:00", changed=True
    )
    news = replace(edited, published="2026-11-20T10:05:00+08:00", changed=False, title="News")

    (lead,) = together([Leads((edited,)), Leads((news,))], SOURCE).items

    assert lead == news


def test_a_document_in_two_maps_counts_once_and_what_each_map_remarks_is_kept():
    first, second = a_map("a", remarks=("cut off",)), a_map("a", "b")

    leads = together([first, second], SOURCE)

    assert (names(leads), leads.total, leads.remarks) == (["a", "b"], 2, ("cut off",))
