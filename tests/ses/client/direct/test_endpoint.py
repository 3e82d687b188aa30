"""Endpoints of a client: what it is told and what the environment says, held to what botocore makes of the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import NoRegionError
from botocore.loaders import Loader
from botocore.session import Session

from sesmail.errors import SetupError
from sesmail.ses.call import Call, Service
from sesmail.ses.client.direct.endpoint import origin_for, region_for
from sesmail.ses.client.direct.routes import Routes

KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
LOADER = Loader()


def by_botocore(service: Service, environ: Mapping[str, str], region: str | None = "eu-west-1", **told: Any) -> str:
    """The URL that its client would call."""
    config = Config(use_fips_endpoint=told.get("use_fips"), use_dualstack_endpoint=told.get("use_dual_stack"))
    nowhere = {"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
    urls: list[str] = []

    def answer(request: AWSPreparedRequest, **_: object) -> _Answer:
        urls.append(request.url)
        return _Answer(service)

    with patch.dict(os.environ, {**nowhere, **environ}, clear=True):
        session = Session()
        session.register_component("data_loader", LOADER)
        client = session.create_client(service, region, endpoint_url=told.get("endpoint_url"), config=config, **KEYS)
        client.meta.events.register("before-send", answer)
        (client.get_account if service == "sesv2" else client.delete_identity)(**_CALLS[service].parameters)
        client.close()
    return urls[0]


class _Answer:
    status_code = 200
    headers: Mapping[str, str] = {}

    def __init__(self, service: Service) -> None:
        self.content = (
            b"{}" if service == "sesv2" else b"<DeleteIdentityResponse><DeleteIdentityResult/></DeleteIdentityResponse>"
        )


def ours(service: Service, environ: Mapping[str, str], **told: Any) -> str:
    origin = origin_for(service, "eu-west-1", environ, **told)
    request = Routes(origin).request(_CALLS[service])
    return f"{origin.scheme}://{origin.netloc}{request.target}"


_CALLS: dict[Service, Call] = {
    "sesv2": Call("sesv2", "GetAccount", {}),
    "ses": Call("ses", "DeleteIdentity", {"Identity": "example.com"}),
}
ALL = {"AWS_ENDPOINT_URL": "http://all.example:81"}
TWO = {"AWS_ENDPOINT_URL_SESV2": "https://two.example/base"}
ONE = {"AWS_ENDPOINT_URL_SES": "http://one.example"}
FIPS, DUAL = {"AWS_USE_FIPS_ENDPOINT": "true"}, {"AWS_USE_DUALSTACK_ENDPOINT": "True"}
IGNORED = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
OFF = {"AWS_USE_FIPS_ENDPOINT": "false", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}
ENVIRONMENTS: list[dict[str, str]] = [
    {}, ALL, TWO, ONE, {**ALL, **TWO, **ONE}, FIPS, DUAL, {**FIPS, **DUAL}, {**IGNORED, **ALL, **TWO}, {**OFF, **ALL},
    {**FIPS, **ALL}, {**DUAL, **TWO}, {"AWS_ENDPOINT_URL": "", **ONE}, {**IGNORED, **FIPS, **ALL},
]  # fmt: skip
TOLD: list[dict[str, Any]] = [{}, {"endpoint_url": "http://told.example:7/x"}, {"use_fips": False}]


@pytest.mark.parametrize("environ", ENVIRONMENTS)
def test_the_endpoint_is_the_one_that_botocore_would_take(environ: dict[str, str]) -> None:
    for service, told in product(_CALLS, TOLD):
        assert ours(service, environ, **told) == by_botocore(service, environ, **told)


@pytest.mark.parametrize(
    "told", [{"use_fips": True}, {"use_dual_stack": True}, {"use_fips": True, "use_dual_stack": True}]
)
def test_what_is_told_counts_more_than_the_environment(told: dict[str, Any]) -> None:
    for environ in ({}, OFF, {**FIPS, **DUAL}, {**IGNORED, **ALL}):
        assert ours("sesv2", environ, **told) == by_botocore("sesv2", environ, **told)


@pytest.mark.parametrize("told", [{"use_fips": True}, {"use_dual_stack": True}])
@pytest.mark.parametrize("environ", [ALL, TWO])
def test_one_host_and_the_wish_for_another_are_refused(environ: dict[str, str], told: dict[str, bool]) -> None:
    with pytest.raises(SetupError, match=f"^{next(iter(environ))} names one host"):
        ours("sesv2", environ, **told)
    with pytest.raises(SetupError, match=r"^endpoint_url names one host"):
        ours("sesv2", {}, endpoint_url="http://127.0.0.1:1", **told)


@pytest.mark.parametrize("name", [*FIPS, *DUAL, *IGNORED])
def test_a_switch_that_is_neither_on_nor_off_is_refused(name: str) -> None:
    for text in ("1", "yes", "tru", "off"):
        with pytest.raises(SetupError, match=f"{name} is true or false"):
            ours("sesv2", {name: text})
    assert ours("sesv2", {name: " "}) == ours("sesv2", {name: "FALSE"}) == ours("sesv2", {})


def test_a_broken_url_names_where_it_was_written() -> None:
    with pytest.raises(SetupError, match=r"^AWS_ENDPOINT_URL_SESV2 is no URL"):
        ours("sesv2", {"AWS_ENDPOINT_URL_SESV2": "two.example", **ALL})


# ── Regions ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "environ", [{"AWS_DEFAULT_REGION": "ap-south-1"}, {"AWS_DEFAULT_REGION": "ap-south-1", "AWS_REGION": "us-east-1"}]
)
def test_the_region_is_the_one_that_botocore_would_take(environ: dict[str, str]) -> None:
    host = by_botocore("sesv2", environ, region=None)
    assert host == f"https://email.{region_for('', environ)}.amazonaws.com/v2/email/account"


def test_a_region_that_is_given_counts_more() -> None:
    assert region_for("eu-west-1", {"AWS_DEFAULT_REGION": "ap-south-1"}) == "eu-west-1"


@pytest.mark.parametrize("environ", [{}, {"AWS_REGION": "us-east-1"}, {"AWS_DEFAULT_REGION": ""}])
def test_without_a_region_it_is_said_what_to_do(environ: dict[str, str]) -> None:
    with pytest.raises((NoRegionError, ValueError)):
        by_botocore("sesv2", environ, region=None)
    with pytest.raises(SetupError, match="give one, such as eu-west-1, or set AWS_DEFAULT_REGION") as caught:
        region_for("", environ)
    assert ("AWS_REGION alone is not read" in str(caught.value)) == ("AWS_REGION" in environ)


def test_what_is_no_region_is_refused() -> None:
    with pytest.raises(SetupError, match="is no Region"):
        region_for("", {"AWS_DEFAULT_REGION": "evil.example/"})
