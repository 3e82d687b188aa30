"""``python -m sesmail`` is the command ``sesmail``."""

from __future__ import annotations

from sesmail.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
