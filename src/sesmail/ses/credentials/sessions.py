"""Sessions: of botocore and boto3, with the credentials that were asked for; and the role that renews itself.

A session is not safe from many threads, and is not meant for a process that forked. Who makes one sees to both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sesmail.errors import SetupError
from sesmail.ses.client.boto_faults import Origin, credentials_error
from sesmail.ses.credentials.credentials import Credentials

Session = Any  # botocore and boto3 make much of theirs at run time, and ship no types
_SESSION_NAME = "sesmail"


def new_session(credentials: Credentials, region: str) -> Session:
    """A session of botocore. Raises `SetupError` where the profile, or a file that it is looked for in, is not good."""
    from botocore.session import Session as BotocoreSession

    session = BotocoreSession(profile=credentials.profile or None)
    if region:
        session.set_config_variable("region", region)
    _check_profile(session)
    if credentials.role_arn:
        session.register_component("credential_provider", _Role(credentials, region))
    elif keys := credentials.keys():
        session.set_credentials(keys.access_key, keys.secret_key, keys.token or None)
    return session


def _check_profile(session: Session) -> None:
    """A profile may be named by the environment too."""
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    try:
        session.get_scoped_config()
    except ProfileNotFound as error:
        name = str(session.profile)
        raise SetupError(f"there is no profile {name!r:.100}{_nearest(name, session.available_profiles)}") from error
    except BotoCoreError as error:
        raise credentials_error(error, Origin()) from error


def _nearest(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    match = get_close_matches(name, known, n=1, cutoff=0.5)
    if match:
        return f"; did you mean {match[0]!r}?"
    return " in AWS's configuration files" if known else ": AWS's configuration files have none"


def boto3_session(session: Session) -> Session:
    """The same as a session of boto3."""
    import boto3

    return boto3.Session(botocore_session=session)


def origin(credentials: Credentials, session: Session, region: str) -> Origin:
    """What is known of where its keys come from, for errors."""
    chain = session.get_component("credential_provider")
    return Origin(
        region=region,
        profile=session.profile or "",
        role_arn=credentials.role_arn,
        looked_in=tuple(provider.METHOD for provider in chain.providers),
    )


class _Role:
    """Stands where botocore's chain would, and gives keys of a role. They are renewed by who uses them: botocore."""

    METHOD = "assume-role"

    def __init__(self, credentials: Credentials, region: str) -> None:
        own = replace(
            credentials,
            role_arn="",
            external_id="",
            role_session_name="",
            role_duration_s=None,
            sts_endpoint_url="",
        )
        self._base = new_session(own, region)
        self._setting = credentials
        self._region = region
        self.providers = self._base.get_component("credential_provider").providers

    def load_credentials(self) -> object:
        """What asks for keys when they are first needed, and again 15 minutes before they end."""
        from botocore.credentials import DeferredRefreshableCredentials

        return DeferredRefreshableCredentials(refresh_using=self._keys, method=self.METHOD)

    def _keys(self) -> Mapping[str, str]:
        try:
            keys = self._assume()
            return {
                "access_key": keys["AccessKeyId"],
                "secret_key": keys["SecretAccessKey"],
                "token": keys["SessionToken"],
                "expiry_time": keys["Expiration"].isoformat(),
            }
        except Exception as error:
            raise credentials_error(error, origin(self._setting, self._base, self._region)) from error

    def _assume(self) -> Mapping[str, Any]:
        from botocore.config import Config

        # To ask twice does no harm here.
        config = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"})
        place = self._setting.sts_endpoint_url or None
        client = self._base.create_client("sts", region_name=self._region or None, endpoint_url=place, config=config)
        try:
            answer: Mapping[str, Mapping[str, Any]] = client.assume_role(**self._asked())
            return answer["Credentials"]
        finally:
            client.close()

    def _asked(self) -> Mapping[str, object]:
        setting = self._setting
        asked = {
            "RoleArn": setting.role_arn,
            "RoleSessionName": setting.role_session_name or _SESSION_NAME,
            "ExternalId": setting.external_id,
            "DurationSeconds": setting.role_duration_s,
        }
        return {name: value for name, value in asked.items() if value}
