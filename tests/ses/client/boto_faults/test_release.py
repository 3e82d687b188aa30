"""An error that is kept keeps neither connection nor keys nor request."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from urllib3.connectionpool import HTTPConnectionPool

from sesmail.errors import SendError
from sesmail.lines.patience import Patience
from sesmail.local import LocalSes
from sesmail.ses.call import ApiFault
from sesmail.ses.client.boto import BotoClient
from sesmail.ses.client.boto_faults.stage import links
from sesmail.testing import CuttingProxy
from tests.ses.client.boto.asking import KEYS, host_and_port, send


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9) as ses:
        ses.identity("example.com").verify()
        yield ses


@pytest.mark.parametrize("trouble", ["reset", "slow", "garble", "throttle"])
def test_a_kept_error_lets_connections_close(ses: LocalSes, trouble: str) -> None:
    with CuttingProxy(*host_and_port(ses)) as proxy:
        boto = BotoClient(
            region="us-east-1",
            credentials=KEYS,
            endpoint_url=f"http://{proxy.host}:{proxy.port}",
            patience=Patience(read_s=0.2),
        )
        getattr(ses.chaos, trouble)(*([1] if trouble == "slow" else []))
        with pytest.raises((SendError, ApiFault)) as caught:
            boto.call(send())
        kept = caught.value
        boto.call(send())
        boto.close()
        proxy.join()
        gc.collect()
        pools = [
            each for each in gc.get_objects() if issubclass(type(each), HTTPConnectionPool) and each.port == proxy.port
        ]

    assert not pools
    for link in links(kept):
        traceback = link.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_globals["__name__"].startswith(("botocore.", "urllib3.", "http.")):
                assert not traceback.tb_frame.f_locals
            traceback = traceback.tb_next
        assert not getattr(link, "request", None)
    assert kept.__cause__, "and still says where it came from"
    assert kept.__cause__.__traceback__
