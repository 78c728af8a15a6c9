"""Find when an article was published, and say how we know."""
