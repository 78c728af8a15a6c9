"""Decide which articles are one piece of news: copies, translations, rewrites, digests, corroboration."""
