from rules.explain import explain_rule


def rule(pack, name):
    return next(rule for rule in pack.rules if rule.id == name)


def test_a_rule_becomes_one_sentence_in_each_language(bavaria):
    english, chinese = explain_rule(rule(bavaria, "energy-company"), bavaria)
    assert english == (
        "Energy company: alerts (normal) when one sentence has a company of Bavaria and any event and energy."
    )
    assert chinese == "能源企业：同一句有Bavaria企业且任何动作且能源时，报警（中）。"


def test_order_exclusions_and_recalls_are_said(bavaria):
    english, chinese = explain_rule(rule(bavaria, "energy-law"), bavaria)
    assert "Bavaria before adoption" in english
    assert "before a place from elsewhere" in english
    assert "never where there is any kind of noise in the headline" in english
    assert "only as a mention where the sentence has im vergangenen Jahr" in english
    assert "标题" in chinese


def test_every_rule_of_the_shipped_pack_is_said_in_one_sentence(guangdong):
    for each in guangdong.rules:
        english, chinese = explain_rule(each, guangdong)
        assert english.startswith(each.name_en)
        assert english.count(". ") == 0
        assert english.endswith(".")
        assert chinese.startswith(each.name_zh)
        assert chinese.count("。") == 1
