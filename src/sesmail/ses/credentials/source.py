"""Source: where keys come from, as those see it who sign without botocore. Safe from many threads, and after a fork."""

from __future__ import annotations

from threading import Lock
from typing import Any

from sesmail.errors import SesmailError
from sesmail.lines.per_process import PerProcess
from sesmail.ses.credentials.credentials import Credentials
from sesmail.ses.credentials.keys import Keys, keys_in

Session = Any  # botocore ships no types


class Source:
    """Keys by a setting."""

    def __init__(self, credentials: Credentials, region: str) -> None:
        self._setting = credentials
        self._given = credentials.keys()
        self._chain = PerProcess(lambda: _Chain(credentials, region))
        if self.at_hand() is None:
            self._chain.get().session()  # a profile that is not there is found now, and not by the first mail

    def at_hand(self) -> Keys | None:
        """Those that were given, or else those of the environment, unless a profile or a role was named."""
        if self._setting.role_arn or self._setting.profile:
            return None
        return self._given or keys_in()

    def fetch(self) -> Keys:
        """Those that are to be used now: at hand, or what botocore finds or renews."""
        return self.at_hand() or self._chain.get().keys()

    def __repr__(self) -> str:
        return f"Source({self._setting!r})"


class _Chain:
    """What botocore finds, in one process."""

    def __init__(self, credentials: Credentials, region: str) -> None:
        self._setting = credentials
        self._region = region
        self._lock = Lock()  # botocore's sessions have none; its keys, which renew themselves, have
        self._session: Session = None

    def session(self) -> Session:
        from sesmail.ses.credentials.sessions import new_session

        with self._lock:
            if self._session is None:
                self._session = new_session(self._setting, self._region)
            return self._session

    def keys(self) -> Keys:
        from sesmail.ses.client.boto_faults import credentials_error, missing
        from sesmail.ses.credentials.sessions import origin

        session = self.session()
        try:
            with self._lock:
                found = session.get_credentials()
            frozen = found and found.get_frozen_credentials()
        except SesmailError:
            raise
        except Exception as error:
            raise credentials_error(error, origin(self._setting, session, self._region)) from error
        if not frozen:
            raise missing(origin(self._setting, session, self._region))
        return Keys(frozen.access_key, frozen.secret_key, frozen.token or "")
