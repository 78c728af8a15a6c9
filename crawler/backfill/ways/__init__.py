"""The ways into the past: sites' own listings, web archives, archive files."""
