"""A site's own archive: what is asked for, in which order, and when it stops."""

import json

import pytest


def days(paper):
    """Give the days of the pages that were asked for, in the order of asking."""
    return [path[6:16].replace("/", "-") for _, path in paper.times if path.startswith("/news/")]


def listings(paper):
    return [path for _, path in paper.times if not path.startswith(("/news/", "/robots"))]


def test_sitemaps_are_walked_newest_first_and_only_for_the_months_asked_for(house, paper):
    code, last, _ = house.backfill("map", "--since", "2025-02-20", "--until", "2025-03-10")
    assert code == 0
    assert last["report"]["articles"] == 19
    assert days(paper) == sorted(days(paper), reverse=True)
    assert (days(paper)[0], days(paper)[-1]) == ("2025-03-10", "2025-02-20")
    assert listings(paper) == ["/sitemap.xml", "/sitemap-2025-03.xml.gz", "/sitemap-2025-02.xml.gz"]


@pytest.mark.parametrize(
    ("source", "pages"),
    [
        ("list", ["/list/", "/list/index_2.html", "/list/index_3.html"]),
        ("api", ["/api/list", "/api/list?page=2", "/api/list?page=3"]),
    ],
)
def test_a_paged_listing_is_followed_until_it_shows_only_older_news(house, paper, source, pages):
    code, last, _ = house.backfill(source, "--since", "2025-02-20", "--until", "2025-03-10")
    assert code == 0
    assert last["report"]["articles"] == 19
    assert listings(paper) == pages


def test_a_listing_ends_where_the_site_has_no_further_page(house, paper):
    code, last, _ = house.backfill("list", "--since", "2024-12-01", "--until", "2025-03-31")
    assert code == 0
    assert last["report"]["articles"] == 90
    assert last["report"]["failures"] == []
    assert listings(paper)[-1] == "/list/index_6.html"


def test_a_source_without_pages_is_walked_by_the_sitemaps_its_robots_txt_names(house, paper, sources):
    code, last, _ = house.backfill(
        "list", "--since", "2025-03-25", "--until", "2025-03-31", "--via", "sitemap"
    )
    assert code == 0
    assert last["report"]["articles"] == 7
    assert "/sitemap.xml" in listings(paper)


def test_what_is_held_already_is_not_fetched_again(house, paper):
    house.backfill("map", "--since", "2025-03-20", "--until", "2025-03-31")
    paper.asked.clear()
    code, last, _ = house.backfill("list", "--since", "2025-03-18", "--until", "2025-03-31")
    assert code == 0
    assert last["report"]["pages"] == {"done": 2, "held": 12}
    assert len(paper.fetched()) == 2


def test_a_dry_run_plans_and_stores_nothing(house, paper):
    code, last, _ = house.backfill("map", "--since", "2025-03-01", "--until", "2025-03-31", "--dry-run")
    assert code == 0
    assert last["plan"]["pages"] == 31
    assert last["plan"]["planned_with"] == 2
    assert last["plan"]["requests"] == 31
    assert paper.fetched() == {}
    assert not house.state.exists()


def test_pages_that_fail_are_named_with_the_reason_and_asked_again_on_request(house, paper):
    gone, broken = "/news/2025/03/20/78.html", "/news/2025/03/21/79.html"
    paper.faults = {gone: 404, broken: 404}
    args = ("map", "--since", "2025-03-15", "--until", "2025-03-31")
    code, last, _ = house.backfill(*args)
    assert code == 5
    assert last["report"]["articles"] == 15
    assert [item["why"] for item in last["report"]["failures"]] == [
        f"{paper.base}{gone} answered HTTP 404",
        f"{paper.base}{broken} answered HTTP 404",
    ]
    paper.faults = {gone: 404}
    code, last, _ = house.backfill(*args, "--resume", "--retry-failed")
    assert code == 5
    assert last["report"]["articles"] == 16
    assert [item["why"] for item in last["report"]["failures"]] == [f"{paper.base}{gone} answered HTTP 404"]


def test_a_listing_that_cannot_be_read_costs_only_itself(house, paper):
    paper.faults = {"/sitemap-2025-02.xml.gz": 404}
    code, last, _ = house.backfill("map", "--since", "2025-02-01", "--until", "2025-03-31")
    assert code == 5
    assert last["report"]["articles"] == 31
    assert last["report"]["weeks_without_data"] == [{"from": "2025-01-27", "to": "2025-02-23"}]
    assert "sitemap-2025-02" in last["report"]["failures"][0]["why"]


def test_a_budget_of_requests_stops_in_order_and_resume_goes_on(house, paper):
    args = ("map", "--since", "2025-03-01", "--until", "2025-03-31")
    code, last, _ = house.backfill(*args, "--max-requests", "12")
    assert code == 5
    assert last["report"]["note"] == "the budget of 12 requests is used up"
    assert sum(paper.asked.values()) <= 13  # robots.txt is not counted
    code, last, _ = house.backfill(*args)
    assert code == 1
    code, last, _ = house.backfill("--resume")
    assert code == 0
    assert last["report"]["articles"] == 31
    assert set(paper.fetched().values()) == {1}


def test_the_report_says_which_weeks_have_no_data(house, tmp_path):
    page = tmp_path / "report.html"
    code, last, _ = house.backfill("map", "--since", "2024-12-02", "--until", "2025-01-12", "--report", page)
    assert code == 0
    assert last["report"]["weeks_without_data"] == [{"from": "2024-12-02", "to": "2024-12-29"}]
    html = page.read_text()
    assert "2024-12-02 to 2024-12-29 (4 weeks)" in html
    assert html.count('class="gap"') == 4
    assert "http" not in html.split("</style>")[1].replace("https://", "http").split("<h2>")[1]


def test_bad_orders_end_in_one_clear_line(house):
    for args, code, words in (
        (("nobody", "--since", "2025-01-01"), 4, "no source 'nobody'"),
        (("map",), 2, "--since"),
        (("--since", "2025-01-01"), 2, "name the SOURCEs"),
        (("map", "--since", "2025-03-01", "--until", "2025-02-01"), 2, "the range is empty"),
        (("--since", "2025-01-01", "--via", "warc"), 2, "--from"),
        (("--resume",), 1, "nothing to resume"),
    ):
        ended, _, told = house.backfill(*args)
        assert ended == code, args
        assert words in told
        assert "Traceback" not in told
    assert json.dumps(house.count("SELECT 1")) == "null"
