"""The catalogue of sources: configuration files in, checked `Source` values out."""
