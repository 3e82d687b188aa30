"""Clients: who carries a `Call` to SES, and brings the answer back. `boto` is boto3; `direct` signs and speaks HTTP."""
