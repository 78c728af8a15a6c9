"""Turn the bytes of one page into one article."""
