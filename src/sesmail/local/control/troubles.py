"""What goes wrong: armed, looked at, and ended."""

from __future__ import annotations

from sesmail.errors import SetupError
from sesmail.local.control.asked import Asked, NotSo, said
from sesmail.local.http.message import HttpReply
from sesmail.local.trouble import Trouble


def chaos(asked: Asked) -> HttpReply:
    happened = [{**mishap.trouble.said, "step": mishap.step} for mishap in asked.chaos.happened]
    return said(200, {"armed": [trouble.said for trouble in asked.chaos.armed], "happened": happened})


def arm(asked: Asked) -> HttpReply:
    seed = asked.number("seed")
    about = {name: value for name, value in asked.fields.items() if name not in ("kind", "seed")}
    if about or "kind" in asked.fields:
        try:
            asked.chaos.arm(Trouble.of(str(asked.fields.get("kind", "")), **about))
        except SetupError as wrong:
            raise NotSo(400, str(wrong)) from wrong
    if seed is not None:
        asked.chaos.seed(int(seed))
    return chaos(asked)


def calm(asked: Asked) -> HttpReply:
    asked.chaos.clear()
    return chaos(asked)
