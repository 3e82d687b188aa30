"""Any parameters, and what they are when everything is held in memory."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from sesmail.ses.call import Blob


class Bytes:
    """Content with chunks of any length."""

    def __init__(self, data: bytes, lengths: list[int]) -> None:
        self._data = data
        self._lengths = lengths

    @property
    def size(self) -> int:
        return len(self._data)

    def to_bytes(self) -> bytes:
        return self._data

    def chunks(self) -> Iterator[bytes]:
        start = 0
        for length in self._lengths:
            yield self._data[start : start + length]
            start += length
        yield self._data[start:]

    def __repr__(self) -> str:
        return f"Bytes({len(self._data)}, {self._lengths})"


def blob(data: bytes, lengths: list[int] | None = None) -> Blob:
    return Blob(Bytes(data, lengths or []))  # type: ignore[arg-type] # it is asked for bytes only


texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text(st.sampled_from('a"\\\n\0é\U0001f600/&=+% ~'), max_size=30),
)
blobs = st.builds(blob, st.binary(max_size=40), st.lists(st.integers(0, 9), max_size=8))
leaves = st.one_of(
    texts, st.binary(max_size=30), blobs, st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)
names = st.one_of(st.text(st.sampled_from("AbcDEF"), min_size=1, max_size=8), texts)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4), st.tuples(inner, inner)
    ),
    max_leaves=12,
)


def plain(value: Any) -> Any:
    """The same as json and forms have it: bytes are base64."""
    if isinstance(value, Blob | bytes):
        return b64encode(value if isinstance(value, bytes) else value.to_bytes()).decode()
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
