"""What botocore's service models say of SES: its operations, their paths, and the shapes of what they take and give."""

from __future__ import annotations
