"""Spiders for the rare site that data cannot describe; none is needed so far."""
