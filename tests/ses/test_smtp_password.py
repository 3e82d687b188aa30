"""The SMTP password: published vectors, our own, and what cannot be a secret."""

from __future__ import annotations

import pytest

from sesmail.errors import SetupError
from sesmail.ses.smtp_password import smtp_password, smtp_password_hint

# Of the documentation of AWS, and made up.
EXAMPLE = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
MADE_UP = "sesmailMadeUpSecret0123456789abcdefghijk"
VECTORS = [
    # published
    ("eu-central-1", "some+secret+key", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"),
    ("eu-central-1", "another+secret+key", "BBbphbrQmrKMx42d1N6+C7VINYEBGI5v9VsZeTxwskfh"),
    ("us-west-1", "some+secret+key", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"),
    ("us-west-1", "another+secret+key", "BKVmjjMDFk/qqw8EROW99bjCS65PF8WKvK5bSr4Y6EqF"),
    # our own
    ("us-east-1", EXAMPLE, "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"),
    ("us-west-2", EXAMPLE, "BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd"),
    ("eu-west-1", EXAMPLE, "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"),
    ("eu-central-1", EXAMPLE, "BF0/eIJm0ruTHsSjOkRuOGzGF+zeSyE3aiRzrzUQ8LwG"),
    ("ap-southeast-2", EXAMPLE, "BLNVIwl1Vk66qi8YP1q44PSaqUtaoyrS/0LT79VaGBfa"),
    ("us-gov-west-1", EXAMPLE, "BHW/eHvx1MM9YwW4wrJG6MGVQmLDCAM99G9YiSdGEIAw"),
    ("sa-east-1", EXAMPLE, "BMaY55NZ29oKHOmwPeGZOue+QPW4b9Vwt4rVGhRfAK+4"),
    ("us-east-1", MADE_UP, "BHukdtuzPCVGm3U6obq0QajiZ0xepiEk90MbwZRfkrxz"),
    ("us-west-2", MADE_UP, "BHy0eVCNm0yoa3zEIiE7Mmp0G0XHa+P6ercDUqFhVIqA"),
    ("eu-west-1", MADE_UP, "BBJ4PvcndNo7ZhCIMbiG5Owa1mRpKJ2M2UASXRrv3srW"),
    ("eu-central-1", MADE_UP, "BBQWfEigTaH0Tqrvdx5Er3Jxx2pRyhwB2OUZnHp8ERcJ"),
    ("ap-southeast-2", MADE_UP, "BJCqKcX2zuwOd43AF6UlcgobcJTjZEot+DwsmbozKy0L"),
    ("us-gov-west-1", MADE_UP, "BPLGKClnrLKsWS/5ft/+ydr9xqWC+9Cy1G59Ho0vXK8V"),
    ("sa-east-1", MADE_UP, "BNxDAGMRfCOVmWe7qagNETOlrxyx2uudIkUE8hmbqalc"),
]


@pytest.mark.parametrize(("region", "secret", "password"), VECTORS)
def test_the_password_is_that_of_the_vector(region: str, secret: str, password: str) -> None:
    assert smtp_password(secret, region) == password


@pytest.mark.parametrize(
    ("secret", "region", "reason"),
    [
        ("", "us-east-1", "the secret access key is empty"),
        ("hunter2", "", "the Region is empty"),
        ("hunter2\n", "us-east-1", "the secret access key holds a blank"),
        ("hunter2\0", "us-east-1", "the secret access key holds a blank"),
        ("hunter2 ", "us-east-1", "the secret access key holds a blank"),
        ("hunter2é", "us-east-1", "the secret access key holds a blank"),
        ("hunter2\ud800", "us-east-1", "the secret access key holds a blank"),
        ("hunter2", "us-east-1\r\n", "the Region holds a blank"),
    ],
)
def test_what_cannot_be_right_is_refused_and_not_repeated(secret: str, region: str, reason: str) -> None:
    with pytest.raises(SetupError, match=reason) as caught:
        smtp_password(secret, region)

    assert "hunter2" not in f"{caught.value!r}{caught.value.__context__!r}"


@pytest.mark.parametrize(
    ("password", "hint"),
    [
        (EXAMPLE, "this looks like a secret access key"),
        (MADE_UP, "this looks like a secret access key"),
        ("A" + EXAMPLE[1:], "this looks like a secret access key"),
        ("AnkqhOiWEcszZZzTMCQbOY1sPGoLFgMH9zhp4eNgSjo4", "this looks like an SMTP password from before 2019"),
        ("AKIAIOSFODNN7EXAMPLE", "this looks like the id of an access key"),
        ("ASIAIOSFODNN7EXAMPLE", "this looks like the id of an access key"),
        *((password, "") for _, _, password in VECTORS),
        ("", ""),
        ("correct horse battery staple", ""),
        (EXAMPLE + "\n", ""),
    ],
)
def test_what_is_no_password_gets_a_hint_that_does_not_repeat_it(password: str, hint: str) -> None:
    found = smtp_password_hint(password)

    assert found.startswith(hint)
    assert bool(found) == bool(hint)
    assert not password or password not in found
