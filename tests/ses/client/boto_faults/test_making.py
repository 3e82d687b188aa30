"""What is said when no client can be made, which is before any mail."""

from __future__ import annotations

import pytest
from botocore.exceptions import InvalidRegionError, NoRegionError, PartialCredentialsError

from sesmail.errors import CredentialsMissing, SetupError
from sesmail.ses.client.boto_faults.calls import making_error
from sesmail.ses.client.boto_faults.origin import Origin


def test_keys_that_are_half_there_are_told_as_such() -> None:
    error = making_error(PartialCredentialsError(provider="env", cred_var="secret"), "sesv2", Origin())

    assert isinstance(error, CredentialsMissing)


@pytest.mark.parametrize(
    "raised", [NoRegionError(), InvalidRegionError(region_name="x_y"), ValueError("Invalid endpoint: nowhere")]
)
def test_whatever_else_is_a_matter_of_the_settings(raised: Exception) -> None:
    error = making_error(raised, "ses", Origin(region="eu-west-1"))

    assert isinstance(error, SetupError)
    assert str(error)
