"""Contrast of two colors, as WCAG 2.2 defines it."""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 4.5  # AA, for text of any size


def rgb(color: str) -> tuple[int, ...]:
    assert len(color) == 7, color
    return tuple(bytes.fromhex(color[1:]))


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Sequence[float]) -> float:
    linear = [part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
