"""Bodies: their bytes in pieces are the bytes that they are, whatever the language."""

from __future__ import annotations

import json
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from hypothesis import example, given
from hypothesis import strategies as st

from sesmail import Email, Envelope, Outgoing, mime
from sesmail.errors import Unsupported
from sesmail.mail.frozen_map import FrozenMap
from sesmail.ses.call import Blob, Call
from sesmail.ses.calls import Api, Kind, send_call
from sesmail.ses.client.direct.body import Body
from sesmail.ses.client.direct.form import escaped, form_parts
from sesmail.ses.client.direct.rest_json import json_parts
from sesmail.ses.client.direct.scalar import scalar
from sesmail.ses.client.direct.streams import LONGEST_TEXT, SMALL, Base64, base64_pieces
from tests.examples import one_in
from tests.ses.client.direct.asking import spoken
from tests.ses.client.direct.trees import blob, plain, texts, trees
from tests.strategies import mails


def written(body: Body) -> bytes:
    """All of it, after it was held to what it says of itself."""
    pieces = list(body.pieces())
    data = b"".join(pieces)
    assert data == b"".join(body.pieces()), "twice is the same"
    assert spoken(body.measure(), []).result == (sha256(data).hexdigest(), len(data))
    if len(pieces) > 1:
        assert all(pieces)
        assert max(map(len, pieces)) <= 5 * SMALL
        assert min(map(len, pieces[:-1])) >= SMALL // 2
    return data


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(tree=trees)
def test_any_parameters_read_back_equal_from_json(tree: Any) -> None:
    assert json.loads(written(Body(json_parts(tree)))) == plain(tree)


@one_in(10)
@given(tree=trees, size=st.integers(SMALL - 5, SMALL + 5), lengths=st.lists(st.integers(0, 50_000), max_size=3))
def test_large_parameters_are_the_same_as_small_ones(tree: Any, size: int, lengths: list[int]) -> None:
    whole = {"tree": tree, "blob": blob(b"\xfb" * size, lengths), "text": ('é"\U0001f600a' * size)[:size]}
    assert json.loads(written(Body(json_parts(whole)))) == plain(whole)


def test_json_is_ascii_without_blanks() -> None:
    data = written(Body(json_parts({"a": ["é", "\U0001f600", "\x7f"], "b": {}, "c": [], "d": True, "e": 1})))
    assert data == b'{"a":["\\u00e9","\\ud83d\\ude00","\\u007f"],"b":{},"c":[],"d":true,"e":1}'


def test_mappings_of_any_class_are_written() -> None:
    assert written(Body(json_parts(FrozenMap({"a": FrozenMap({"b": ("c",)})})))) == b'{"a":{"b":["c"]}}'


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────


def flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from flat(f"{prefix}.{name}" if prefix else name, one)
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from flat(f"{prefix}.member.{number}", one)
        if not value:
            yield prefix, ""
    else:
        yield prefix, value if isinstance(value, str) else scalar(value)


@given(tree=st.dictionaries(texts.filter(bool), trees, max_size=4))
def test_any_parameters_read_back_equal_from_a_form(tree: dict[str, Any]) -> None:
    data = written(Body(form_parts("SendEmail", tree)))
    expected = [("Action", "SendEmail"), ("Version", "2010-12-01"), *flat("", plain(tree))]
    assert parse_qsl(data.decode("ascii"), keep_blank_values=True, strict_parsing=True) == expected


@one_in(10)
@given(size=st.integers(SMALL - 5, SMALL + 5), lengths=st.lists(st.integers(0, 50_000), max_size=3))
def test_a_large_form_is_the_same_as_a_small_one(size: int, lengths: list[int]) -> None:
    raw, text = bytes(range(256)) * (size // 200), ("ü &" * size)[:size]
    data = written(Body(form_parts("SendRawEmail", {"RawMessage": {"Data": blob(raw, lengths)}, "Text": text})))
    pairs = dict(parse_qsl(data.decode("ascii"), strict_parsing=True))
    assert (pairs["RawMessage.Data"], pairs["Text"]) == (b64encode(raw).decode(), text)


@given(text=texts)
def test_a_text_in_a_form_is_escaped_as_the_standard_library_does(text: str) -> None:
    assert f"x={escaped(text)}" == urlencode({"x": text})


# ── as botocore ──────────────────────────────────────────────────────────────────────────────────────────────────


def model(service: str, version: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2", version))


MODELS = {"sesv2": model("sesv2", "2019-09-27"), "ses": model("ses", "2010-12-01")}


def by_botocore(call: Call) -> Any:
    protocol = {"sesv2": "rest-json", "ses": "query"}[call.service]
    operation = MODELS[call.service].operation_model(call.operation)
    serializer = create_serializer(protocol, include_validation=False)
    return serializer.serialize_to_request(_whole(call.parameters), operation)["body"]


def _whole(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return value.to_bytes() if isinstance(value, Blob) else value


WAYS: list[tuple[Api, Kind]] = [("v2", "raw"), ("v2", "simple"), ("v1", "raw"), ("v1", "simple")]


def calls_of(mail: Email) -> Iterator[Call]:
    outgoing = Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses)
    for api, kind in WAYS:
        with suppress(Unsupported):
            yield send_call(outgoing, api=api, kind=kind)


@one_in(4)
@given(mail=mails)
def test_any_mail_says_what_botocore_would_say(mail: Email) -> None:
    for call in calls_of(mail):
        if call.service == "sesv2":
            assert json.loads(written(Body(json_parts(call.parameters)))) == json.loads(by_botocore(call))
        else:
            data = written(Body(form_parts(call.operation, call.parameters)))
            ours = parse_qsl(data.decode("ascii"), keep_blank_values=True, strict_parsing=True)
            assert dict(ours) == by_botocore(call)
            assert len(dict(ours)) == len(ours)


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────


@given(data=st.binary(max_size=200), lengths=st.lists(st.integers(0, 20), max_size=20))
@example(data=b"one by one", lengths=[1] * 9)
def test_base64_does_not_show_where_it_was_cut(data: bytes, lengths: list[int]) -> None:
    assert b"".join(base64_pieces(blob(data, lengths).chunks())) == b64encode(data)


@pytest.mark.parametrize("size", [49_152 * 4, 49_152 * 4 + 1, 49_152 * 4 - 1])
def test_a_body_that_ends_with_a_whole_piece_has_no_empty_one(size: int) -> None:
    data = b"x" * size
    assert written(Body([Base64(data)])) == b64encode(data)
    assert written(Body(form_parts("A", {"B": data}))).endswith(b64encode(data).replace(b"=", b"%3D"))


@pytest.mark.parametrize("size", [LONGEST_TEXT - 1, LONGEST_TEXT, LONGEST_TEXT + 1, SMALL - 100, SMALL + 1])
def test_a_text_is_the_same_at_each_of_the_borders(size: int) -> None:
    for text in ("a" * size, "a" * (size - 1) + "é", '"' * size):
        assert json.loads(written(Body(json_parts({"Data": text})))) == {"Data": text}
        pairs = parse_qsl(written(Body(form_parts("A", {"Data": text}))).decode())
        assert pairs[-1] == ("Data", text)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 49151, 49152, 49153, 98304, 200_000])
def test_base64_of_one_large_chunk_comes_in_pieces(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    pieces = list(base64_pieces([data[:size]]))
    assert b"".join(pieces) == b64encode(data[:size])
    assert max(map(len, pieces), default=0) <= SMALL


def test_a_small_body_is_one_piece_and_needs_no_pause() -> None:
    body = Body(json_parts({"Data": b"x" * (SMALL // 4 * 3 - 100)}))
    assert len(list(body.pieces())) == 1
    assert spoken(body.measure(), []).pauses == 0


def test_a_large_body_lets_others_work_in_between() -> None:
    body = Body(json_parts({"Data": b"x" * 1_000_000}))
    pieces = list(body.pieces())
    assert len(pieces) == spoken(body.measure(), []).pauses >= 1_333_333 // (2 * SMALL)


def test_a_large_body_is_never_held_whole() -> None:
    data = bytes(20_000_000)
    tracemalloc.start()
    body = Body(json_parts({"Data": blob(data, [40_000] * 500), "File": data}))
    spoken(body.measure(), [])
    size = sum(map(len, body.pieces()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 53_000_000
    assert peak < 1_000_000


def test_without_parts_it_is_empty() -> None:
    assert written(Body(())) == b""


# ── what is no parameter ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("value", [None, object(), {"a"}, float("nan"), float("inf"), bytearray(b"x")])
@pytest.mark.parametrize(
    "parts", [lambda value: json_parts({"a": [value]}), lambda value: form_parts("A", {"a": value})]
)
def test_what_is_no_parameter_is_refused(parts: Any, value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        parts(value)


def test_a_list_with_nothing_in_it_is_said() -> None:
    assert written(Body(form_parts("A", {"B": []}))).endswith(b"&B=")
