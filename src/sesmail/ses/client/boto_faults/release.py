"""Release: an error is kept, in a report or a queue, and must not keep connections, keys and the request with it.

Its traceback holds the functions that it came through, and these hold what they worked with. A connection that an error
holds on to stays open, however often its client is closed: urllib3 closes a pool when nobody knows it any more.
"""

from __future__ import annotations

from traceback import clear_frames

from sesmail.ses.client.boto_faults.stage import links

_HOLDS = ("pool", "request")


def release(error: BaseException) -> None:
    """Take from it, and from what it was made of, all but what they say and where they were raised."""
    for link in links(error):
        clear_frames(link.__traceback__)
        for name in _HOLDS:
            if name in vars(link):
                setattr(link, name, None)
