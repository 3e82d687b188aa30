"""Profiles for the property tests: how many examples, chosen by SESMAIL_EXAMPLES."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

settings.register_profile(
    "sesmail",
    max_examples=int(os.environ.get("SESMAIL_EXAMPLES", "100")),
    deadline=None,  # machines are shared and noisy
    suppress_health_check=[HealthCheck.too_slow],
    # A failing example is printed with the line that repeats it; no state is kept between runs in CI.
    print_blob=True,
)
settings.load_profile("sesmail")

# A shell that starts the tests in the background has them ignore it, and some of them send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
