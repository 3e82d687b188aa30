"""LocalSes: the box with its door open. What a test or a program on a desk holds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

from sesmail.errors import SetupError
from sesmail.local.box import DEFAULT_REGION, Box, Start
from sesmail.local.chaos import Chaos
from sesmail.local.clock import BoxClock
from sesmail.local.control.control import PUBLIC
from sesmail.local.endpoint import Endpoint
from sesmail.local.events import Event
from sesmail.local.handles import AccountHandle, IdentityHandle
from sesmail.local.http.door import HttpDoor
from sesmail.local.keeper import Folder
from sesmail.local.keys import DEFAULT_ACCOUNT, DEFAULT_KEY, DEFAULT_SECRET, AccessKey, Role, user_arn
from sesmail.local.ledger import SentMail
from sesmail.local.listeners import Listener
from sesmail.local.policy import Policy
from sesmail.local.smtp.options import SmtpAccess, SmtpOptions
from sesmail.local.verification.links import VerificationMail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.local.smtp.door import SmtpDoor

Document = str | Mapping[str, object]


class LocalSes:
    """A local Amazon SES, for clients in any language: SES v2 and v1, and the calls of STS that credentials need.

    >>> import boto3
    >>> from sesmail.local import LocalSes
    >>> with LocalSes() as ses:
    ...     ses.identity("shop@example.com").verify()
    ...     client = boto3.client("sesv2", **ses.client_options)
    ...     answer = client.send_email(
    ...         FromEmailAddress="shop@example.com",
    ...         Destination={"ToAddresses": ["success@simulator.amazonses.com"]},
    ...         Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}},
    ...     )
    ...     client.close()
    ...     [mail.subject for mail in ses.sent]
    ['Hello']

    A new account is in the sandbox, sends 200 mails a day and one a second, and has no identity, as with Amazon.
    ``sandbox``, ``quota`` and ``rate`` say otherwise, for every Region. Nothing is kept when it ends, unless ``folder``
    names a place. The door opens on loopback and at any free port; ``port=0`` means that. With ``smtp``, which needs
    the extra ``local``, it speaks SMTP too: see `smtp`. What is to go wrong is said to `chaos`.
    """

    def __init__(
        self,
        *,
        sandbox: bool = True,
        quota: float | None = None,
        rate: float | None = None,
        region: str = DEFAULT_REGION,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_hosts: Sequence[str] = (),
        check_signatures: bool = False,
        control_rate: float | None = None,
        clock: BoxClock | None = None,
        keep: int = 10_000,
        folder: str | PathLike[str] | None = None,
        on_call: Listener | None = None,
        smtp: bool | SmtpOptions = False,
    ) -> None:
        self.clock = clock or BoxClock()
        start = Start(sandbox=sandbox, quota=quota, rate=rate)
        self.box = Box(start=start, clock=self.clock, keep=keep, control_rate=control_rate)
        if folder is not None:
            kept = Folder(Path(folder), self.box)
            self.box.keeper = kept
            kept.load()
        self.chaos = Chaos()
        self._region = region
        self.clock.on_advance = self._keep
        endpoint = Endpoint(
            self.box, check_signatures=check_signatures, region=region, on_call=on_call, chaos=self.chaos
        )
        self._door = HttpDoor(
            endpoint.answer,
            host=host,
            port=port,
            hosts=allow_hosts,
            public=PUBLIC,
            cut_after=endpoint.cut_after,
            on_open=partial(setattr, self.box, "url"),
        )
        self._smtp = self._smtp_door(smtp, host, on_call) if smtp else None

    def _smtp_door(self, smtp: bool | SmtpOptions, host: str, on_call: Listener | None) -> SmtpDoor:
        from sesmail.local.smtp.door import SmtpDoor
        from sesmail.local.smtp.endpoint import SmtpEndpoint

        options = smtp if isinstance(smtp, SmtpOptions) else SmtpOptions()
        endpoint = SmtpEndpoint(self.box, self._region, on_call=on_call)
        return SmtpDoor(endpoint, options=options, chaos=self.chaos, host=host)

    # ── open and closed ──────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> Self:
        """Open the door, and that of SMTP if there is one."""
        with ExitStack() as undo:
            self._door.start()
            undo.callback(self._door.stop)
            if self._smtp:
                self._smtp.start()
            undo.pop_all()
        return self

    def stop(self) -> None:
        """Close it. What was sent can still be looked at."""
        doors = [door for door in (self._smtp, self._door) if door]
        for door in doors:
            door.check_stop()
        for door in doors:
            door.stop()
        self._keep()

    def _keep(self) -> None:
        with self.box.lock:
            self.box.keeper.changed()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"LocalSes({len(self.sent)} mails)"

    # ── what clients need ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def url(self) -> str:
        """Where clients find it."""
        return self._door.url

    @property
    def client_options(self) -> dict[str, str]:
        """What ``boto3.client`` takes beside the service's name."""
        return {
            "endpoint_url": self.url,
            "region_name": self._region,
            "aws_access_key_id": DEFAULT_KEY,
            "aws_secret_access_key": DEFAULT_SECRET,
        }

    @property
    def speaks_smtp(self) -> bool:
        """Whether it was built with ``smtp``."""
        return self._smtp is not None

    @property
    def smtp(self) -> SmtpAccess:
        """What clients of SMTP need, if the box was built with ``smtp=True`` and is open."""
        if self._smtp is None:
            raise SetupError("this box does not speak SMTP: build it with LocalSes(smtp=True)")
        return self._smtp.access

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which AWS's own tools and SDKs find it, and do not look for Amazon's credentials."""
        return {
            "AWS_ENDPOINT_URL_SESV2": self.url,
            "AWS_ENDPOINT_URL_SES": self.url,
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_ACCESS_KEY_ID": DEFAULT_KEY,
            "AWS_SECRET_ACCESS_KEY": DEFAULT_SECRET,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_REGION": self._region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            **{name: _without_proxy(os.environ.get(name, "")) for name in ("NO_PROXY", "no_proxy")},
        }

    # ── what happened ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def sent(self) -> tuple[SentMail, ...]:
        """The mails that were taken, oldest first."""
        with self.box.lock:
            return tuple(self.box.ledger)

    @property
    def events(self) -> tuple[Event, ...]:
        """What SES would tell about them, oldest first."""
        with self.box.lock:
            return self.box.events.all()

    @property
    def verification_mails(self) -> tuple[VerificationMail, ...]:
        """The mails that ask the owners of addresses to open a link, oldest first."""
        with self.box.lock:
            return tuple(self.box.letters)

    def forget(self) -> None:
        """Empty the ledger, the events and the verification mails. Quotas and identities stay."""
        with self.box.lock:
            self.box.ledger.clear()
            self.box.letters.clear()

    # ── what a person, a console or the DNS would do ─────────────────────────────────────────────────────────────

    def identity(self, name: str, *, region: str = "", account: str = DEFAULT_ACCOUNT) -> IdentityHandle:
        """An address or a domain: ``ses.identity("example.com").verify()``."""
        return IdentityHandle(self.box, region or self._region, name, account=account)

    @property
    def account(self) -> AccountHandle:
        """The account in the default Region."""
        return self.account_in(self._region)

    def account_in(self, region: str, *, account: str = DEFAULT_ACCOUNT) -> AccountHandle:
        """The account in another Region, or another account. They share nothing."""
        return AccountHandle(self.box, region, account=account)

    def allow(self, policy: Document | None) -> None:
        """What the box's own key may do, as an IAM policy; ``None`` is everything.

        >>> from sesmail.local import LocalSes
        >>> rule = {"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}
        >>> LocalSes().allow({"Version": "2012-10-17", "Statement": rule})
        """
        self.add_key(DEFAULT_KEY, DEFAULT_SECRET, policy=policy, user="local")

    def add_key(
        self,
        key_id: str,
        secret: str,
        *,
        policy: Document | None = None,
        account: str = DEFAULT_ACCOUNT,
        user: str = "",
    ) -> None:
        """A key of an IAM user, in this account or another."""
        arn = user_arn(account, user or key_id)
        parsed = None if policy is None else Policy.parse(policy, principals=False)
        with self.box.lock:
            self.box.keys.add(AccessKey(key_id, secret, account, arn, parsed))

    def add_role(self, arn: str, *, external_id: str = "", policy: Document | None = None) -> None:
        """A role that AssumeRole gives keys for: to those who know the external id, if it has one."""
        parsed = None if policy is None else Policy.parse(policy, principals=False)
        with self.box.lock:
            self.box.keys.roles[arn] = Role(arn, external_id, parsed)


def _without_proxy(already: str) -> str:
    """A proxy is for other machines than this one."""
    return ",".join(filter(None, (already, "127.0.0.1,localhost,::1")))
