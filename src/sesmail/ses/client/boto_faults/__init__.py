"""What botocore raises, as errors of ours. The one border to it, for those who send by it and for those who fetch keys.

Rule 1: classes are known by their names, the nearest one first. So nothing of botocore is imported here, and a class
        that some version lacks is no trouble.
Rule 2: the class alone does not tell whether a mail is out. TLS may break before the request or behind it, and a proxy
        too, and it is one class. Where it was raised tells; see `stage`. When in doubt, the outcome is unknown.
Rule 3: what happens while keys are fetched concerns no mail, whatever it looks like: nothing was sent.
Rule 4: an error that was translated holds neither a connection nor the request any more; see `release`.
Rule 5: texts of botocore quote what was given to it. They are repeated for settings only.
"""

from __future__ import annotations

from sesmail.ses.client.boto_faults.calls import NO_REGION, boto_error, making_error, torn
from sesmail.ses.client.boto_faults.keys import credentials_error, missing
from sesmail.ses.client.boto_faults.origin import Origin

__all__ = ["NO_REGION", "Origin", "boto_error", "credentials_error", "making_error", "missing", "torn"]
