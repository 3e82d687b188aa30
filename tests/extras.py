"""What each extra brings, tried where it alone is installed: ``python tests/extras.py flask``. `nox -s extras` does it.

The extra's own part works; every other one says, when it is built, which line installs it; and no framework came along.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec

from sesmail.errors import MissingExtra

FRAMEWORKS = {"django", "flask", "starlette", "fastapi"}
OF_EXTRA = {"django": {"django"}, "flask": {"flask"}, "fastapi": {"fastapi", "starlette"}}


def _django() -> object:
    from sesmail.integrations.django import EmailBackend

    return EmailBackend


def _flask() -> object:
    from sesmail.integrations.flask import SesMail

    return SesMail()


def _fastapi() -> object:
    from sesmail.integrations.fastapi import MailerDep, mail_lifespan

    return MailerDep, mail_lifespan


def _direct() -> object:
    from sesmail import Mailer

    return Mailer("ses://us-east-1?client=direct")


def _local() -> object:
    from sesmail.local import LocalSes

    with LocalSes(smtp=True) as ses:
        return ses.smtp.port


def _templates(file: str, text: str = "Hi", *, inline_css: bool = False) -> object:
    from sesmail import Templates

    return Templates({file: text}, inline_css=inline_css).render("a")


TRIES: dict[str, Callable[[], object]] = {
    "django": _django,
    "flask": _flask,
    "fastapi": _fastapi,
    "direct": _direct,
    "local": _local,
    "css": lambda: _templates("a.html", inline_css=True),
    "mjml": lambda: _templates("a.mjml", "<mjml><mj-body></mj-body></mjml>"),
    "markdown": lambda: _templates("a.md"),
    "babel": lambda: _templates("a.txt", "{{ 1|number }}"),
}


def main(extra: str) -> None:
    """Try the extra that is installed, and each that is not."""
    TRIES[extra]()
    for other in TRIES.keys() - {extra}:
        assert f'pip install "sesmail[{other}]"' in _said_without(other), f"{other}, where only {extra} is installed"
    found = {name for name in FRAMEWORKS if find_spec(name)}
    assert found == OF_EXTRA.get(extra, set()), found


def _said_without(extra: str) -> str:
    try:
        TRIES[extra]()
    except MissingExtra as error:
        return str(error)
    return "it works"


if __name__ == "__main__":
    main(sys.argv[1])
