"""Subscriptions as tokens: what cannot be said on a page is no token."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest

from sesmail.local.faults import Fault
from sesmail.local.lists.subscriptions import Subscription

SAID = ["123456789012", "us-east-1", "news", "", "ada@example.org", "0100-1"]


def token_of(text: bytes) -> str:
    return urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize("half", ["\ud800", "a\udfff", "\udc00\ud800"])
@pytest.mark.parametrize("place", range(6))
def test_half_of_a_surrogate_pair_is_in_no_link(place: int, half: str) -> None:
    said = [*SAID[:place], half, *SAID[place + 1 :]]
    spelled = json.dumps(said).encode(), json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")

    for text in spelled:
        with pytest.raises(Fault, match="no unsubscribe link") as caught:
            Subscription.parse(token_of(text))
        assert caught.value.v2 == ("BadRequestException", 400)


def test_a_whole_pair_is_a_character_like_others() -> None:
    said = [*SAID[:2], "\U0001f4ee", *SAID[3:]]

    assert Subscription.parse(token_of(json.dumps(said).encode())).contact_list == "\U0001f4ee"
