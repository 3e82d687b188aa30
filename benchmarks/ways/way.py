"""Way: who takes part, and how it is asked. The table of all ways is here."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import IO, cast

from benchmarks.imports import BOTO3, environment
from benchmarks.memory import ROOT
from benchmarks.peers import SESMAIL
from benchmarks.ways.environment import Environment
from benchmarks.ways.errand import ACCESS_KEY, REGION, SECRET_KEY, Errand

PYTHON = "Python"
_AIOBOTOCORE = Environment("aiobotocore", "aiobotocore>=3.10")


@dataclass(frozen=True, slots=True)
class Way:
    """A function in one of this folder's modules, and the package that it needs."""

    module: str
    function: str
    package: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Of our transport."""
    environment: Environment | None = None

    @property
    def version(self) -> str:
        """The package, and which one it is; nothing when it is missing."""
        if self.why_missing:
            return ""
        return f"{self.package} {self.environment.version(self.package) if self.environment else self._installed}"

    @property
    def why_missing(self) -> str:
        """What keeps it from taking part; nothing when it can."""
        if self.environment:
            return self.environment.why_missing
        return "" if self._installed else f"{self.package} is not installed (dependency group `bench`)"

    @property
    def _installed(self) -> str:
        if self.package == PYTHON:
            return platform.python_version()
        try:
            return version(self.package)
        except PackageNotFoundError:
            return ""

    @contextmanager
    def working(self, errand: Errand) -> Iterator[Worker]:
        """A process that sends in this way."""
        python = self.environment.python if self.environment else sys.executable
        errand = replace(errand, options=self.options)
        command = [python, "-m", "benchmarks.ways.worker", self.module, self.function, errand.as_json()]
        with subprocess.Popen(
            command, cwd=ROOT, env=surroundings(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield Worker(process)
            finally:
                process.kill()


class Worker:
    """A process that sends when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._input, self._output = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        self._heard()

    def ask(self, what: str, loops: int) -> float:
        """Have a mail sent so many times, and hear what that came to."""
        self._input.write(json.dumps([what, loops]) + "\n")
        self._input.flush()
        return cast("float", self._heard())

    def cpu_s(self, loops: int) -> float:
        """The CPU seconds of its process."""
        return self.ask("cpu_s", loops)

    def _heard(self) -> object:
        line = self._output.readline()
        if not line:
            raise RuntimeError("a worker has ended; its message stands above")
        return cast("object", json.loads(line))


def surroundings() -> dict[str, str]:
    """The environment of a process that sends: keys that open nothing, and neither settings nor proxies of the user."""
    ours = {name: value for name, value in environment().items() if not name.upper().startswith(("AWS_", "DJANGO_"))}
    for name in [name for name in ours if name.upper().endswith("_PROXY")]:
        del ours[name]
    return ours | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


# ── who takes part, by what they are asked to do ─────────────────────────────────────────────────────────────────

DIRECT = "sesmail, direct"
DIRECT_ALONE = "sesmail, direct, its client alone"
BOTO = "sesmail, boto3"
BOTO_LINE = "sesmail, boto3, from a URL"
BOTO_SIMPLE = "sesmail, boto3, simple content"
AIOBOTOCORE = "aiobotocore"
EMAIL_BOTO3 = "EmailMessage and boto3"
EMAIL_AIOBOTOCORE = "EmailMessage and aiobotocore"
DJANGO_SES = "django-ses"
ANYMAIL = "django-anymail"
IN_DJANGO = "sesmail in Django, boto3"
IN_DJANGO_DIRECT = "sesmail in Django, direct"
SESMAIL_AWAITED = "sesmail, awaited"
SMTPLIB = "smtplib"
AIOSMTPLIB = "aiosmtplib"

Ways = Mapping[str, Way]
_DIRECT, _BOTO = {"client": "direct"}, {"client": "boto3"}

RAW: Ways = {
    DIRECT: Way("ours", "api_raw", "h11", _DIRECT),
    DIRECT_ALONE: Way("ours", "client_raw", "h11"),
    BOTO: Way("ours", "api_raw", "boto3", _BOTO),
    BOTO3: Way("by_boto3", "raw", "boto3"),
}
RAW_AWAITED: Ways = {
    DIRECT: Way("ours", "api_raw_awaited", "h11", _DIRECT),
    BOTO: Way("ours", "api_raw_awaited", "boto3", _BOTO),
    AIOBOTOCORE: Way("by_aiobotocore", "raw", "aiobotocore", environment=_AIOBOTOCORE),
}
BUILD: Ways = {
    DIRECT: Way("ours", "api", "h11", _DIRECT),
    BOTO: Way("ours", "api", "boto3", _BOTO),
    EMAIL_BOTO3: Way("by_boto3", "build", "boto3"),
    DJANGO_SES: Way("by_django_ses", "build", "django-ses"),
}
BUILD_IN_DJANGO: Ways = {
    IN_DJANGO: Way("ours_in_django", "build", "django", _BOTO),
    IN_DJANGO_DIRECT: Way("ours_in_django", "build", "django", _DIRECT),
    BOTO_LINE: Way("ours", "api_by_line", "boto3", _BOTO),
    DJANGO_SES: BUILD[DJANGO_SES],
    ANYMAIL: Way("by_anymail", "build", "django-anymail"),
}
BUILD_LARGE: Ways = {
    DIRECT: BUILD[DIRECT],
    BOTO: BUILD[BOTO],
    BOTO_SIMPLE: Way("ours", "api", "boto3", {**_BOTO, "content": "simple"}),
    EMAIL_BOTO3: BUILD[EMAIL_BOTO3],
    DJANGO_SES: BUILD[DJANGO_SES],
}
BUILD_AWAITED: Ways = {
    DIRECT: Way("ours", "api_awaited", "h11", _DIRECT),
    BOTO: Way("ours", "api_awaited", "boto3", _BOTO),
    EMAIL_AIOBOTOCORE: Way("by_aiobotocore", "build", "aiobotocore", environment=_AIOBOTOCORE),
}
BY_SMTP: Ways = {
    SESMAIL: Way("ours", "smtp_raw", "sesmail"),
    SESMAIL_AWAITED: Way("ours", "smtp_raw_awaited", "sesmail"),
    SMTPLIB: Way("by_smtp", "by_smtplib", PYTHON),
    AIOSMTPLIB: Way("by_smtp", "by_aiosmtplib", "aiosmtplib"),
}
