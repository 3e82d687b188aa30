"""Values on the wire: the shapes that no operation of today has in these places."""

from __future__ import annotations

import pytest

from sesmail.local.faults import Fault
from sesmail.local.models.shapes import Blob, Flag, ListOf, MapOf, Moment, Number, Shape, Text
from sesmail.local.wire import form_values, json_values, xml_values


@pytest.mark.parametrize(
    ("shape", "value", "as_json", "as_xml"),
    [
        (Blob(), b"\xff", "/w==", "/w=="),
        (Moment(), 1_800_000_000.5, 1_800_000_000.5, "2027-01-15T08:00:00.500Z"),
        (Flag(), True, True, "true"),
        (Number(whole=True), 7, 7, "7"),
        (Text(), "<a> & \r", "<a> & \r", "&lt;a&gt; &amp; &#13;"),
        (ListOf(Text()), ["a", "b"], ["a", "b"], "<member>a</member><member>b</member>"),
        (MapOf(Text()), {"a": "b"}, {"a": "b"}, "<entry><key>a</key><value>b</value></entry>"),
    ],
)
def test_every_shape_can_be_written(shape: Shape, value: object, as_json: object, as_xml: str) -> None:
    assert json_values.write(shape, value) == as_json
    assert xml_values.write(shape, value) == as_xml


def test_a_map_in_a_form_is_not_here() -> None:
    with pytest.raises(Fault, match="The map Tags is not implemented here"):
        form_values.read(MapOf(Text()), {"entry": {}}, "Tags")
