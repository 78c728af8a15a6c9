from __future__ import annotations

import pytest

from crawler.reading.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("广东发布人工智能新政", "zh"),
        ("腾讯", "zh"),
        ("DeepSeek接入微信", "zh"),
        ("HUAWEI Mate 70 发布", "zh"),
        ("港灣科技園與三所大學合建實驗室", "zh"),
        ("東京でAIの新製品を発表", "ja"),
        ("삼성전자, 광둥성에 새 공장", "ko"),
        ("Guangdong issues AI plan", "en"),
        ("WeRide lists in Hong Kong", "en"),
        ("The province will open factories, schools and homes for the elderly to pilots of robots.", "en"),
        (
            "Die Provinz öffnet Fabriken, Schulen und Pflegeheime für Versuche mit Robotern und Software.",
            "de",
        ),
        ("2026-03-05 12:30", None),
        ("", None),
    ],
)
def test_the_language_of_a_text(text, language):
    assert detect_language(text) == language


def test_a_chinese_text_may_quote_a_japanese_name():
    assert (
        detect_language("任天堂宣布《ゼルダ》系列新作将由深圳团队参与开发，预计明年发售，价格未定。") == "zh"
    )


def test_a_short_latin_text_believes_what_is_declared():
    assert detect_language("Robot final", declared="es-MX") == "es"


def test_a_declaration_does_not_turn_chinese_into_english():
    assert detect_language("广东公布一批场景", declared="en") == "zh"
