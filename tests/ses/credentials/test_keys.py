"""Keys: their form, and how the environment is read, beside botocore."""

from __future__ import annotations

import os
from typing import Any

import botocore.exceptions
import pytest
from botocore.credentials import EnvProvider
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import CredentialsMissing, SetupError
from sesmail.ses.credentials import Keys
from sesmail.ses.credentials.keys import keys_in

SECRET = "hunter2-planted"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("", "secret"), "the access key is empty"),
        (("AKIA", ""), "the secret key is empty"),
        ((f"{SECRET}\n", "secret"), "the access key holds a blank"),
        ((f"{SECRET}/20270115", "secret"), "the access key holds"),
        (("AKIA", f"{SECRET} "), "the secret key holds a blank"),
        (("AKIA", f"{SECRET}é"), "the secret key holds"),
        (("AKIA", "secret", f"{SECRET}\r\nX-Amz-Evil: 1"), "the session token holds"),
        (("AKIA", 42), "the secret key holds"),
        (("AKIA", None), "the secret key is empty"),
    ],
)
def test_keys_that_would_break_a_request_are_refused_and_not_repeated(keys: Any, text: str) -> None:
    with pytest.raises(SetupError, match=text) as caught:
        Keys(*keys)

    assert SECRET not in f"{caught.value} {caught.value!r}"


def test_keys_do_not_print_their_secret() -> None:
    assert repr(Keys("AKIA", SECRET, SECRET)) == "Keys(access_key='AKIA')"


_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ACCOUNT_ID")


@given(st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(["", "a", "b"])))
def test_the_environment_is_read_as_botocore_reads_it(environment: dict[str, str]) -> None:
    try:
        found = EnvProvider(environ=environment).load()
    except botocore.exceptions.PartialCredentialsError:
        with pytest.raises(CredentialsMissing, match="AWS_SECRET_ACCESS_KEY is not"):
            keys_in(environment)
        return
    keys = keys_in(environment)

    assert (keys is None) == (found is None)
    if keys:
        assert (keys.access_key, keys.secret_key, keys.token) == (found.access_key, found.secret_key, found.token or "")


def test_the_environment_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys_in() is None
    monkeypatch.setitem(os.environ, "AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setitem(os.environ, "AWS_SECRET_ACCESS_KEY", "secret")
    assert keys_in() == Keys("AKIA", "secret")
