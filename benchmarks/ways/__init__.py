"""The ways out: what a send costs by the API of SES and by SMTP, beside the clients that others use.

Rule 1: every client is a process of its own (`worker`), so that none pays for another's garbage, threads or modules; it
        reads its own clock, and gets its turn by a line on its standard input. `core` says on which core.
Rule 2: what they send to is a sink (`sink`, `ses_sink`, `smtp_sink`): a process that does nothing but answer,
        always the same. Its time is never measured.
Rule 3: before a way is measured, the sink keeps one mail of it, and `proof` reads it back.
Rule 4: a package whose pins clash with boto3 of today lives in an environment of its own (`environment`), made when it
        is first needed. Where it cannot be made, whoever needs it is skipped, and the report says so.

`way` is the table of who takes part; `ours`, `by_boto3`, `by_aiobotocore`, `by_django_ses` and `by_smtp` are how each
of them sends. `way_case`, `way_memory`, `first_mail` and `smtp_counts` are the kinds of cases.
"""
