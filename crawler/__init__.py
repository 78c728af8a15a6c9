"""Fetching, reading, stories, schedule, pipeline, daemon and command line."""
