"""Say what readers call the rules, sources and subscriptions of a configuration."""

from __future__ import annotations

from alerts.view import Names
from crawler.configuration.load import Configuration


def reader_names(configuration: Configuration) -> Names:
    """Give the names by id."""
    return Names(
        rules={rule.id: rule.name_en for rule in configuration.pack.rules},
        sources={source.id: source.name for source in configuration.sources.values() if source.name},
        subscriptions={item.id: item.name for item in configuration.subscriptions},
        rules_zh={rule.id: rule.name_zh for rule in configuration.pack.rules},
    )
