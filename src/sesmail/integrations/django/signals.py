"""Signals: around each message.

``pre_send`` (``message``, ``backend``) is sent before a message is read, so a receiver may still change it; one that
raises `Withheld` stops it. ``post_send`` (``message``, ``backend``, ``result``, ``error``) is sent when it is over,
well or not. By then the mail may be out, so what a receiver of it raises is logged by Django and goes no further.
"""

from __future__ import annotations

from django.dispatch import Signal

pre_send = Signal()
post_send = Signal()
