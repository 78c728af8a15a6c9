"""One Scrapy spider per kind of source, driven by the source's data."""
