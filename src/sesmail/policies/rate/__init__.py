"""No faster than the account may: recipients a second, and the quota of 24 hours.

`bucket` is the arithmetic and `line` who comes when; `store` is where the lines live. `known` is an answer that is
remembered, `day` what was sent, and `notes` both of one account. `generation` tells processes apart. `rate_limit` is
the policy that puts them together, and `options` what a URL says of it.
"""
