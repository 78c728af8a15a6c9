"""Read, validate and locate the configuration; wrong files are told by file, line, key and remedy."""
