"""The command line: one file per noun, put together in `crawler.cli.main`."""

from crawler.cli.main import main

__all__ = ["main"]
