"""Turn the bytes of feeds, sitemaps, listings and JSON listings into leads."""
