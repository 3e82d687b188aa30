"""Tenants: parts of an account with resources, a suppression list and a status of their own."""

from __future__ import annotations
