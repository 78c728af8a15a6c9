"""A second beat runs on the same engine with no line of code changed."""

from rules.matcher import failing_examples


def test_its_own_examples_come_out(bavaria):
    assert failing_examples(bavaria) == ()


def test_a_policy_of_the_beat(bavarian, article):
    text = "MÜNCHEN (dpa) - Die Bayern freuen sich. Das Bayerische Kabinett beschließt eine Verordnung für Windkraft in Bayern."
    (match,) = [
        m
        for m in bavarian.read(article("Bayern beschließt Verordnung für Windkraft", text)).matches
        if m.status == "event"
    ]
    assert (match.rule, match.severity) == ("energy-law", "high")
    assert match.facts["stage"] == "adopted"


def test_masks_anaphors_and_contexts_are_its_own(bavarian, article, concepts):
    assert concepts(bavarian, article(None, "Bayern München gewinnt.")) == []
    assert concepts(bavarian, article(None, "Auf dem Hof in Augsburg.")) == [("Augsburg", "place:augsburg")]
    found = concepts(bavarian, article(None, "Hof in Oberfranken."))
    assert found == [("Hof", "place:hof")]
    reading = bavarian._reading(article(None, "Augsburg wächst. Der Freistaat hilft."), None)
    assert [hit.concept.place for hit in reading.hits] == ["augsburg", "bavaria"]


def test_a_firm_on_no_list_and_a_garbled_one(bavarian, article, statuses):
    assert statuses(bavarian, article("Augsburger Energieunternehmen eröffnet Windpark")) == {
        "energy-company": "event"
    }
    assert statuses(bavarian, article("Lech Power baut Windpark")) == {}
    assert statuses(bavarian, article("Lech Power baut Windpark", "Lechstrom ist stolz.")) == {
        "energy-company": "event"
    }


def test_what_happens_elsewhere_is_not_its_news(bavarian, article, statuses):
    assert statuses(bavarian, article("Hessen beschließt Verordnung für Windkraft, Bayern schaut zu")) == {}
