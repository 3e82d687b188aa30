"""Stands in."""


def link(url: object) -> str:
    return str(url)
