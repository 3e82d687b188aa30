"""Floor 7: the command ``sesmail``. Each subcommand is a file; `main` finds them.

May import floors 0 to 6. Results go to stdout, all else to stderr.
"""

from __future__ import annotations
