"""Credentials: what contradicts itself, and what AWS would never take, is found when it is built."""

from __future__ import annotations

import pickle
import re
from dataclasses import FrozenInstanceError, fields
from functools import cache
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import SetupError
from sesmail.ses.credentials import Credentials, Keys

SECRET = "hunter2-planted"
ROLE = "arn:aws:iam::123456789012:role/team/mailer"
KEYS: dict[str, Any] = {"access_key": "AKIA", "secret_key": SECRET}


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"access_key": "AKIA"}, "an access key without its secret: give secret_key too"),
        ({"secret_key": SECRET}, "a secret key without its access key: give access_key too"),
        ({"session_token": SECRET}, "a session token belongs to keys"),
        ({"session_token": SECRET, "profile": "shop"}, "a session token belongs to keys"),
        ({**KEYS, "profile": "shop"}, "keys and a profile are two answers"),
        ({**KEYS, "secret_key": f"{SECRET}\n"}, "the secret key holds a blank"),
        ({"external_id": SECRET}, "external_id is for a role: give role_arn too"),
        ({"role_session_name": "me"}, "role_session_name is for a role"),
        ({"role_duration_s": 900}, "role_duration_s is for a role"),
        ({"sts_endpoint_url": "http://localhost"}, "sts_endpoint_url is for a role"),
        ({"profile": "a\nb"}, "profile is the name of a profile"),
        ({"profile": 42}, "profile is the name of a profile"),
        ({"role_arn": "mailer"}, "'mailer' is no role; one is arn:aws:iam::123456789012:role/name"),
        ({"role_arn": "arn:aws:iam::123456789012:user/mailer"}, "is no role"),
        ({"role_arn": "arn:aws:iam::12345:role/mailer"}, "is no role"),
        ({"role_arn": ROLE + "\n"}, "is no role"),
        ({"role_arn": ROLE, "external_id": "x"}, "external_id is 2 to 1224"),
        ({"role_arn": ROLE, "external_id": SECRET + " "}, "external_id is 2 to 1224"),
        ({"role_arn": ROLE, "external_id": SECRET + "é"}, "external_id is 2 to 1224"),
        ({"role_arn": ROLE, "external_id": "x" * 1225}, "external_id is 2 to 1224"),
        ({"role_arn": ROLE, "role_session_name": "a b"}, "role_session_name is 2 to 64"),
        ({"role_arn": ROLE, "role_session_name": "a/b"}, "role_session_name is 2 to 64"),
        ({"role_arn": ROLE, "role_session_name": "x" * 65}, "role_session_name is 2 to 64"),
        ({"role_arn": ROLE, "role_duration_s": 899}, "role_duration_s is from 900 to 43200 seconds"),
        ({"role_arn": ROLE, "role_duration_s": 43_201}, "role_duration_s is from"),
        ({"role_arn": ROLE, "role_duration_s": 3600.5}, "role_duration_s is from"),
        ({"role_arn": ROLE, "sts_endpoint_url": "localhost:1"}, "sts_endpoint_url is like"),
        ({"role_arn": ROLE, "sts_endpoint_url": f"http://user:{SECRET}@localhost"}, "sts_endpoint_url is like"),
        ({"role_arn": ROLE, "sts_endpoint_url": "http://localhost/x?y"}, "sts_endpoint_url is like"),
    ],
)
def test_what_cannot_be_is_refused_and_no_secret_repeated(said: dict[str, Any], text: str) -> None:
    with pytest.raises(SetupError, match=text) as caught:
        Credentials(**said)

    assert SECRET not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    "said",
    [
        {},
        KEYS,
        {**KEYS, "session_token": "token"},
        {"profile": "shop"},
        {"profile": "größer shop"},
        {"role_arn": ROLE},
        {**KEYS, "role_arn": ROLE, "external_id": "a+=,.@:/-_9", "role_session_name": "a+=,.@-_9"},
        {"profile": "shop", "role_arn": "arn:aws-us-gov:iam::123456789012:role/m", "role_duration_s": 43_200},
        {"role_arn": ROLE, "role_duration_s": 900, "sts_endpoint_url": "https://sts.eu-west-1.amazonaws.com/"},
        {"role_arn": ROLE, "external_id": "x" * 1224, "sts_endpoint_url": "http://[::1]:4579"},
    ],
)
def test_what_can_be_is_taken(said: dict[str, Any]) -> None:
    credentials = Credentials(**said)

    assert credentials == Credentials(**said)
    assert pickle.loads(pickle.dumps(credentials)) == credentials


@cache
def _asked(parameter: str) -> Any:
    """What botocore's own model says of a parameter of AssumeRole. botocore itself enforces the least lengths only."""
    return Session().get_service_model("sts").operation_model("AssumeRole").input_shape.members[parameter].metadata


@given(st.text(st.sampled_from("aZ09+=,.@:/-_ \n*é٣"), max_size=70) | st.text(max_size=5))
@pytest.mark.parametrize(
    ("parameter", "name"), [("ExternalId", "external_id"), ("RoleSessionName", "role_session_name")]
)
def test_what_is_taken_for_a_role_sts_would_take(parameter: str, name: str, text: str) -> None:
    rules = _asked(parameter)
    fits = rules["min"] <= len(text) <= rules["max"] and re.fullmatch(rules["pattern"], text, re.ASCII) is not None
    try:
        Credentials(role_arn=ROLE, **{name: text})  # type: ignore[arg-type]
        taken = bool(text)
    except SetupError:
        taken = False

    assert taken == fits


def test_a_duration_is_what_sts_takes() -> None:
    rules = _asked("DurationSeconds")
    for seconds in (rules["min"], rules["max"]):
        Credentials(role_arn=ROLE, role_duration_s=seconds)
    for seconds in (rules["min"] - 1, rules["max"] + 1):
        with pytest.raises(SetupError):
            Credentials(role_arn=ROLE, role_duration_s=seconds)


def test_no_secret_is_printed() -> None:
    credentials = Credentials(
        access_key="AKIA",
        secret_key=SECRET,
        session_token=SECRET,
        role_arn=ROLE,
        external_id=SECRET,
        role_session_name="mailer",
        role_duration_s=900,
        sts_endpoint_url="http://localhost",
    )
    for printed in (repr(credentials), str(credentials), f"{credentials}", repr(credentials.source("eu-west-1"))):
        assert SECRET not in printed
    shown = ("access_key", "role_arn", "role_session_name", "role_duration_s", "sts_endpoint_url")
    for name in shown:
        assert f"{name}={getattr(credentials, name)!r}" in repr(credentials)
    assert len(fields(credentials)) == 9, "think of whether a new one may be printed"


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Credentials().profile = "shop"  # type: ignore[misc]


def test_keys_that_were_given_are_keys() -> None:
    assert Credentials(**KEYS, session_token="token").keys() == Keys("AKIA", SECRET, "token")
    assert Credentials().keys() is None
