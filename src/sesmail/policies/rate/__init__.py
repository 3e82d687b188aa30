"""No faster than the account may: recipients a second, and the quota of 24 hours.

`bucket` is the arithmetic and `line` who comes when; `store` is where both live, `standing` what the account said,
`day` what was sent since. `rate_limit` is the policy that puts them together.
"""
