"""The command `harness`, also as `python -m harness`.

It stands apart from the commands so that Ctrl-C while they are being imported ends quietly, too.
"""

from __future__ import annotations

import sys
from typing import NoReturn

INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line; ends the process with its exit code."""
    try:
        from harness.cli import run

        sys.exit(run())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
