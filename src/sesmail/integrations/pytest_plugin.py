"""The pytest plugin: fixtures for tests that send mail. Every pytest run loads it, so it imports next to nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sesmail.local import LocalSes
    from sesmail.testing.mailbox import Mailbox

_MARKER = "local_ses(sandbox=True, quota=None, rate=None, ...): what the fixture local_ses is like"
# What would lead a client past the box, or to a profile of somebody's own.
_IN_THE_WAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Catches what every `Mailer` and `AsyncMailer` sends while the test runs: see `sesmail.testing.capture`.

    Where a framework that sends mail of its own is in use, what it sends is caught too.
    """
    from contextlib import ExitStack

    from sesmail.testing.mailbox import capture

    with capture() as caught, ExitStack() as stack:
        for is_in_use, world in _WORLDS:
            if is_in_use():
                stack.enter_context(_found(world)())
        yield caught


def _uses_django() -> bool:
    """Whether this run has a Django with settings. It is never imported for that."""
    conf = sys.modules.get("django.conf")
    return conf is not None and conf.settings.configured and "django.core.mail" in sys.modules


# Whether a world is in use here, and what catches its mail, by name: only who uses it has it imported.
_WORLDS = ((_uses_django, "sesmail.integrations.django.testing:in_django"),)


def _found(name: str) -> Callable[[], AbstractContextManager[object]]:
    from importlib import import_module

    module, _, function = name.partition(":")
    found: Callable[[], AbstractContextManager[object]] = getattr(import_module(module), function)
    return found


@pytest.fixture
def local_ses(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSes]:
    """A local SES of the test's own, which all AWS clients made while it runs talk to: see `sesmail.local.LocalSes`."""
    from inspect import signature

    from sesmail.errors import SetupError, UnknownOption
    from sesmail.local import LocalSes
    from sesmail.ses.client import environment

    marker = request.node.get_closest_marker("local_ses")
    options = dict(marker.kwargs) if marker else {}
    known = [name for name in signature(LocalSes).parameters if name != "port"]
    for option in options:
        if option not in known:
            raise UnknownOption(option, known=known, where="the marker local_ses")
    if marker and marker.args:
        raise SetupError("the marker local_ses takes names: @pytest.mark.local_ses(sandbox=False)")
    with LocalSes(**options) as ses:
        for name in _IN_THE_WAY:
            monkeypatch.delenv(name, raising=False)
        smtp = ses.smtp.environment if ses.speaks_smtp else {}
        # By the last one, an integration that catches the mails of tests knows that these are for the box.
        for name, value in {**ses.environment, **smtp, "SESMAIL_LOCAL_SES": ses.url}.items():
            monkeypatch.setenv(name, value)
        environment.changed()  # for mailers that were built before
        yield ses
        environment.changed()  # what is used next finds the variables of before
