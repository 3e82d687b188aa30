"""The client `direct`: signs by itself, speaks HTTP by h11, streams what is large, and asks botocore for keys only.

`client` puts it together. `endpoint`, `origin`, `proxy`, `way` and `trust` say where it speaks, and through whom.
`routes`, `body`, `rest_json`, `form`, `scalar` and `streams` make a request of a call, and `signing` signs it. `http`
is the session on one line, `wire` its language, and `replies`, `answer` and `xml` are what comes back. Nothing here
waits: the drivers of `sesmail.lines` do.
"""
