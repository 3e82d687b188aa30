"""Shapes: what is wrong with a value, in the words of SES; and the models that they come from."""

from __future__ import annotations

import re

import pytest

from sesmail.errors import SetupError
from sesmail.local.models import service as service_module
from sesmail.local.models.service import Service
from sesmail.local.models.shapes import (
    Blob,
    Flag,
    ListOf,
    MapOf,
    Member,
    Moment,
    Number,
    Shape,
    Structure,
    Text,
    violations,
)

INSIDE = Structure("Inside", {"Name": Member(Text(minimum=1))}, ("Name",))


@pytest.mark.parametrize(
    ("shape", "value", "wrong"),
    [
        (Text(), 1, "Value '1' at 'a' failed to satisfy constraint: Member must be a string"),
        (Text(minimum=2), "x", "Member must have length greater than or equal to 2"),
        (Text(maximum=2), "xxx", "Member must have length less than or equal to 2"),
        (Text(pattern="[a-z]+"), "a1", "Member must satisfy regular expression pattern: [a-z]+"),
        (Text(pattern="a$"), "a\n", "Member must satisfy regular expression pattern: a$"),
        (Text(enum=("A", "B")), "C", "Member must satisfy enum value set: [A, B]"),
        (Blob(), "x", "Member must be a blob"),
        (Blob(maximum=1), b"secret", "Value '6 bytes' at 'a' failed"),
        (Number(whole=True), 1.5, "Member must be a whole number"),
        (Number(whole=True), True, "Member must be a whole number"),
        (Number(whole=False), "1", "Member must be a number"),
        (Number(whole=True, minimum=300), 299, "Member must have value greater than or equal to 300"),
        (Number(whole=True, maximum=5), 6, "Member must have value less than or equal to 5"),
        (Flag(), 1, "Member must be true or false"),
        (Moment(), "now", "Member must be a timestamp"),
        (Moment(), True, "Member must be a timestamp"),
        (ListOf(Text()), "ab", "Member must be a list"),
        (ListOf(Text(), maximum=1), ["a", "b"], "at 'a' failed to satisfy constraint: Member must have length less"),
        (ListOf(Text()), ["a", 1], "at 'a.2.member' failed to satisfy constraint: Member must be a string"),
        (MapOf(Text()), [], "Member must be a map"),
        (MapOf(Text(), maximum=0), {"k": "v"}, "Member must have length less than or equal to 0"),
        (MapOf(Text()), {"k": 1}, "at 'a.k.member' failed to satisfy constraint: Member must be a string"),
        (INSIDE, [], "Member must be a structure"),
        (INSIDE, {}, "Value null at 'a.name' failed to satisfy constraint: Member must not be null"),
        (INSIDE, {"Name": ""}, "at 'a.name' failed to satisfy constraint: Member must have length greater"),
        (INSIDE, {"Name": "x", "Colour": "red"}, "at 'a.colour' failed to satisfy constraint: Inside has no such"),
        (Text(maximum=1), "x" * 1000, "Value '" + "x" * 100 + "…' at 'a'"),
    ],
)
def test_what_is_wrong_is_said(shape: Shape, value: object, wrong: str) -> None:
    (said,) = violations(shape, value, "a")

    assert wrong in said


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Text(1, 3, "[a-z]*", ("abc",)), "abc"),
        (Blob(1, 3), b"abc"),
        (Number(whole=True, minimum=1, maximum=3), 3),
        (Number(whole=False), 0.5),
        (Flag(), False),
        (Moment(), 1.5),
        (ListOf(Text(), 0, 2), ("a", "b")),
        (MapOf(Flag()), {"a": True}),
        (INSIDE, {"Name": "x"}),
        (Structure("DkimAttributes"), {"SigningHostedZone": "of a later botocore"}),
    ],
)
def test_what_is_right_is_right(shape: Shape, value: object) -> None:
    assert list(violations(shape, value)) == []


@pytest.mark.parametrize("name", ["sesv2", "ses", "sts"])
def test_every_operation_of_every_model_is_understood(name: str) -> None:
    service = Service.of(name)

    for operation in service.operation_names:
        built = service.operation(operation)
        assert built is service.operation(operation)
        assert built.path.startswith("/")
        assert isinstance(built.takes, Structure)


def test_the_patterns_that_the_box_uses_are_python_s() -> None:
    """Models have patterns of Java. Some of STS are none of Python, and stand where the box has nothing to say."""
    broken = set()
    for name in ("sesv2", "ses", "sts"):
        for shape, raw in Service.of(name)._raw_shapes.items():
            try:
                re.compile(raw.get("pattern", ""))
            except re.error:
                broken.add(shape)

    assert broken <= {
        "tagKeyType",
        "tagValueType",
        "sessionPolicyDocumentType",
        "unrestrictedSessionPolicyDocumentType",
    }


def test_without_botocore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "find_spec", lambda _name: None)

    with pytest.raises(SetupError, match="pip install botocore"):
        Service.of.__wrapped__(Service, "sesv2")  # past the cache


def test_what_is_newer_is_so_in_its_own_shape_only() -> None:
    (said,) = violations(INSIDE, {"Name": "x", "SigningHostedZone": "of a later botocore"})

    assert "has no such member" in said
    assert Structure("DkimAttributes").known({"SigningHostedZone": "x", "Other": "y", "None": None}) == {"Other": "y"}
