"""What may stand for a color."""

from __future__ import annotations

import pytest

from sesmail.errors import MailError
from sesmail.templates.colors import color


@pytest.mark.parametrize("value", ["#fff", "#2B50d8", "navy", "RebeccaPurple"])
def test_what_every_client_reads_is_taken_as_it_is(value: str) -> None:
    assert color(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "#ff",
        "#ffff",
        "#2b50d8ff",
        "rgb(1,2,3)",
        "red;x:y",
        "red}",
        "url(x)",
        "#fff\n",
        " red",
        "red</style>",
        None,
        7,
    ],
)
def test_everything_else_is_refused(value: object) -> None:
    with pytest.raises(MailError, match="a color is #rgb, #rrggbb or a name"):
        color(value) if value is not None else color("")
