"""The one logger: asked only where somebody may be listening."""

from __future__ import annotations

import logging
import sys

import pytest

from sesmail._logging import DEBUG, WARNING, log


def test_the_levels_are_the_standard_ones() -> None:
    assert (DEBUG, WARNING) == (logging.DEBUG, logging.WARNING)


def test_who_listens_hears(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "sesmail"):
        log(DEBUG, "built %d", 1)

    assert caplog.record_tuples == [("sesmail", logging.DEBUG, "built 1")]


def test_where_logging_is_not_imported_nothing_is_said(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.DEBUG, "sesmail"), monkeypatch.context() as patch:
        patch.delitem(sys.modules, "logging")
        log(WARNING, "nobody hears this")

    assert caplog.record_tuples == []
