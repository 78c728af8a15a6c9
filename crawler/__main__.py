"""Let `python -m crawler` do what the command `yuewatch` does."""

from crawler.cli import main

main(prog_name="yuewatch")
