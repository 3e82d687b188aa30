"""Floor 2: speaking SES. Calls and what their answers mean, endpoints, the SMTP password, and the templates of SES.

May import floors 0 and 1 and the standard library; `simple` also the writer's hand for headers, in `sesmail.mime`.
Knows no network, disk or clock, but for two rooms whose work that is: `credentials`, where keys come from, and
`client`, which carries a call.
"""
