"""Greeting: a session such as pools keep. It hears a greeting first; then every word it says has one answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import sleep

from sesmail.lines.dialogue import HEAR, Dialogue
from sesmail.lines.fault import Kind, LineFault, StaleLine


class Greeting:
    """Each word ends with a line feed."""

    def __init__(self) -> None:
        self.is_open = False
        self.idle: list[float] = []

    def open(self) -> Dialogue[None]:
        yield from heard_line()
        self.is_open = True

    def freshen(self, idle_s: float) -> Dialogue[None]:
        self.idle.append(idle_s)
        yield from ()

    def farewell(self) -> bytes:
        return b"quit\n"

    def ask(self, word: str) -> Dialogue[str]:
        self.is_open = False
        try:
            yield f"{word}\n".encode()
            answer = yield from heard_line()
        except LineFault as fault:
            if fault.kind is Kind.LOST and self.idle:
                raise StaleLine from fault
            raise
        self.is_open = True
        return answer


def heard_line() -> Dialogue[str]:
    heard = b""
    while not heard.endswith(b"\n"):
        data = yield HEAR
        if not data:
            raise LineFault(Kind.LOST, "the end")
        heard += data
    return heard.decode().strip()


# ── the other side ───────────────────────────────────────────────────────────────────────────────────────────────


def words(sock: socket.socket) -> Iterator[str]:
    """What is said, word by word."""
    with sock.makefile("r", encoding="utf-8") as file:
        for line in file:
            yield line.strip()


class Host:
    """Greets, and answers each word with the number of the connection and the word, after so long."""

    def __init__(self, *, delay_s: float = 0) -> None:
        self._delay_s = delay_s
        self.heard: list[list[str]] = []

    def __call__(self, sock: socket.socket) -> None:
        number = len(self.heard)
        self.heard.append([])
        try:
            self._attend(sock, number)
        finally:
            self.heard[number].append("end")

    def _attend(self, sock: socket.socket, number: int) -> None:
        sock.sendall(b"hello\n")
        for word in words(sock):
            self.heard[number].append(word)
            sleep(self._delay_s)
            if word != "quit":
                sock.sendall(f"{number} {word}\n".encode())
