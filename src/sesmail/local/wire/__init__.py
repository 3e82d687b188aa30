"""The languages of AWS: HTTP requests into calls, results into HTTP replies. Paths and shapes come from the models."""

from __future__ import annotations
