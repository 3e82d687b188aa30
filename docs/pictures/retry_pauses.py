"""Draws retry-pauses.svg: when a thousand mails that failed together are tried again. Run it to draw it anew."""  # noqa: INP001 - a script beside the pages that show what it draws

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

from sesmail import Email, Envelope, Outgoing, mime
from sesmail.errors import SendError, Throttled, Unavailable
from sesmail.policies import Sleep
from sesmail.policies.budget import Budget
from sesmail.policies.retry import Retry
from sesmail.transports import MemoryTransport

MAILS = 1000
STEP_S, END_S = 0.1, 7.0
LEFT, TOP, WIDTH, HEIGHT, GAP = 60, 44, 640, 130, 70
COLOURS = {2: "#2f6f9f", 3: "#e08a2e"}
MOST = 160  # tries in a step, at the upper end


class Still:
    """A clock that its sleepers move."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


def moments(error: SendError, random: Random) -> dict[int, Counter[int]]:
    """How many second and third tries begin in each step of time, where all fail. The policy is stepped by hand."""
    mail = Email(sender="shop@example.com", to="ada@example.org")
    outgoing = Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses)
    begun: dict[int, Counter[int]] = {number: Counter() for number in COLOURS}
    for _ in range(MAILS):
        clock = Still()
        flow = Retry(MemoryTransport(), budget=Budget(clock=clock), random=random.random, clock=clock).flow(outgoing)
        next(flow)
        for number in COLOURS:
            step = flow.throw(error)
            assert isinstance(step, Sleep)  # noqa: S101 - a picture, and its check
            clock.sleep(step.seconds)
            begun[number][int(clock.time / STEP_S)] += 1
            flow.send(None)
        flow.close()
    return begun


def panel(top: float, says: str, begun: dict[int, Counter[int]]) -> list[str]:
    """One diagram: time from left to right, tries upwards, the third ones on the second ones."""
    floor = top + HEIGHT
    per_s, per_try = WIDTH / END_S, HEIGHT / MOST
    lines = [f'<text x="{LEFT}" y="{top - 12}" class="head">{says}</text>']
    for tries in range(0, MOST + 1, 40):
        y = floor - tries * per_try
        lines.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#ddd"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tries}</text>')
    for step in range(round(END_S / STEP_S)):
        y = floor
        for number, colour in COLOURS.items():
            height = begun[number][step] * per_try
            y -= height
            if height:
                x, width = LEFT + step * STEP_S * per_s, STEP_S * per_s - 1
                lines.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
                )
    for second in range(int(END_S) + 1):
        x = LEFT + second * per_s
        lines.append(f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{second} s</text>')
    return lines


def picture() -> str:
    """The whole picture, the same each time."""
    random = Random(7)  # noqa: S311 - a picture
    below = TOP + HEIGHT + GAP
    height = below + HEIGHT + 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" font-family="sans-serif" font-size="12">',
        "<title>When a thousand mails that failed at the same moment are tried again</title>",
        "<style>.head { font-size: 14px; font-weight: bold }</style>",
        f'<rect width="720" height="{height}" fill="#fff"/>',
        f'<rect x="520" y="12" width="12" height="12" fill="{COLOURS[2]}"/><text x="537" y="22">second try</text>',
        f'<rect x="615" y="12" width="12" height="12" fill="{COLOURS[3]}"/><text x="632" y="22">third try</text>',
        *panel(TOP, "SES is not available: tries in each tenth of a second", moments(Unavailable("503"), random)),
        *panel(
            below, "Too many recipients a second: tries in each tenth of a second", moments(Throttled("slower"), random)
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("retry-pauses.svg").write_text(picture(), "utf-8")
