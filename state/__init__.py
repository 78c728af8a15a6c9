"""The SQLite file and the frozen records that travel between folders; only here is SQL written."""
