"""Made: a client of boto3 that is made here, from credentials or from a session of the program.

Rule 1: it does not repeat a call. botocore's own would, when an answer was lost, and the mail would go out twice.
Rule 2: sessions are not safe from many threads, and the connections of a client must not be shared with a parent. So
        it is made behind a lock, and once in each process.
Rule 3: one that is closed while others use it is closed when the last of them is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from sesmail.errors import SetupError
from sesmail.lines.patience import Patience
from sesmail.lines.per_process import PerProcess
from sesmail.ses.call import Service
from sesmail.ses.client.boto_faults import NO_REGION, Origin, making_error
from sesmail.ses.client.environment import age
from sesmail.ses.credentials import Credentials
from sesmail.ses.credentials.sessions import boto3_session, new_session, origin
from sesmail.ses.endpoints import check_region

BotocoreClient = Any  # botocore makes its classes at run time, and ships no types
Boto3Session = Any
_URL = re.compile(r"https?://[^\x00-\x20\x7f/?#@]+(?:/[^\x00-\x20\x7f?#]*)?")


class Made:
    """Lends a client that it makes when it is first needed. What can be wrong without asking anybody is found now."""

    def __init__(
        self,
        *,
        service: Service,
        region: str,
        credentials: Credentials,
        session: Boto3Session,
        endpoint_url: str,
        use_fips: bool | None,
        use_dual_stack: bool | None,
        max_connections: int,
        patience: Patience,
    ) -> None:
        if endpoint_url and not _URL.fullmatch(endpoint_url):
            raise SetupError("endpoint_url is like https://email.eu-west-1.amazonaws.com: no user and no query")
        self._service = service
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._given_session = _checked(session)
        self._asked_region = check_region(region) if region else ""
        self._config = _config(use_fips, use_dual_stack, max_connections, patience)
        self._begin()

    def _begin(self) -> None:
        self._age = age()
        self._mine = PerProcess(lambda: _Workshop(self._new_session, self._new_client))
        found, _ = self._mine.get().session()
        self.region = self._asked_region or check_region(_region_of(found))

    def _workshop(self) -> _Workshop:
        if self._age != age():
            self._mine.get().close()
            self._begin()
        return self._mine.get()

    @property
    def origin(self) -> Origin:
        """What is known of its keys."""
        return self._workshop().session()[1]

    @contextmanager
    def lent(self) -> Iterator[BotocoreClient]:
        """A context that has one."""
        workshop = self._workshop()
        shared = workshop.take()
        try:
            yield shared.client
        finally:
            workshop.give_back(shared)

    def close(self) -> None:
        """Close its connections. Who asks next gets a new one."""
        self._mine.get().close()

    def _new_session(self) -> tuple[Boto3Session, Origin]:
        if self._given_session is not None:
            profile = self._given_session.profile_name  # which is "default" where there is none
            return self._given_session, Origin(region=self._asked_region, profile=profile)
        session = new_session(self._credentials, self._asked_region)
        return boto3_session(session), origin(self._credentials, session, self._asked_region)

    def _new_client(self, session: Boto3Session, origin: Origin) -> BotocoreClient:
        from botocore.config import Config

        settings = {"region_name": self.region, "endpoint_url": self._endpoint_url or None}
        try:
            return session.client(self._service, **settings, config=Config(**self._config))
        except Exception as error:
            raise making_error(error, self._service, origin) from error


def _checked(session: Boto3Session) -> Boto3Session:
    """A session of the program, if it gave one."""
    if session is not None and not all(hasattr(session, name) for name in ("client", "region_name", "profile_name")):
        raise SetupError(f"a session is what boto3.Session() gives, and not a {type(session).__name__}")
    return session


def _region_of(session: Boto3Session) -> str:
    import os

    if not session.region_name:
        also = "; boto3 does not read AWS_REGION" if "AWS_REGION" in os.environ else ""
        raise SetupError(NO_REGION + also)
    return str(session.region_name)


def _config(
    use_fips: bool | None, use_dual_stack: bool | None, max_connections: int, patience: Patience
) -> Mapping[str, object]:
    config = {
        "retries": {"total_max_attempts": 1, "mode": "standard"},
        "connect_timeout": patience.connect_s,
        "read_timeout": patience.read_s,
        "max_pool_connections": max_connections,
    }
    # What is not said, the environment and the profile may say.
    asked = {"use_fips_endpoint": use_fips, "use_dualstack_endpoint": use_dual_stack}
    return {**config, **{name: value for name, value in asked.items() if value is not None}}


class _Shared:
    """A client, and how many use it just now."""

    __slots__ = ("client", "is_retired", "users")

    def __init__(self, client: BotocoreClient) -> None:
        self.client = client
        self.users = 0
        self.is_retired = False


class _Workshop:
    """The session and the client of one process."""

    def __init__(
        self,
        new_session: Callable[[], tuple[Boto3Session, Origin]],
        new_client: Callable[[Boto3Session, Origin], BotocoreClient],
    ) -> None:
        self._new_session = new_session
        self._new_client = new_client
        self._lock = Lock()
        self._session: tuple[Boto3Session, Origin] | None = None
        self._shared: _Shared | None = None

    def session(self) -> tuple[Boto3Session, Origin]:
        with self._lock:
            return self._opened()

    def _opened(self) -> tuple[Boto3Session, Origin]:
        if self._session is None:
            self._session = self._new_session()
        return self._session

    def take(self) -> _Shared:
        with self._lock:
            if self._shared is None:
                self._shared = _Shared(self._new_client(*self._opened()))
            self._shared.users += 1
            return self._shared

    def give_back(self, shared: _Shared) -> None:
        with self._lock:
            shared.users -= 1
            is_last = shared.is_retired and not shared.users
        if is_last:
            shared.client.close()

    def close(self) -> None:
        with self._lock:
            shared, self._shared = self._shared, None
            if shared is None:
                return
            shared.is_retired = True
            is_idle = not shared.users
        if is_idle:
            shared.client.close()
