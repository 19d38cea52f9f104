"""Runs the command line: `python -m seedream "a red fox in snow"`."""

import sys

from seedream.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
