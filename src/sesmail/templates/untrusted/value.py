"""Value: whatever a template may hold. It is other people's data, so no narrower word would be true."""

from __future__ import annotations

from typing import Any, TypeAlias

Value: TypeAlias = Any
