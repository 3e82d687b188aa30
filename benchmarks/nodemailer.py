"""Nodemailer: a peer in another language and process. Python asks, `node/bench.mjs` builds and reads its own clock.

It takes part twice, since its compiler goes on making it cheaper for thousands of mails: in a process that has just
been warmed up, one per turn, and in one that lives and builds as long as the whole run.
"""

from __future__ import annotations

import atexit
import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from shutil import which
from typing import IO, TypeVar, cast

from benchmarks.mail import File, Mail

WARM_UP_MS = 1000  # some hundred mails: compiled, as in a program that has begun its work
LONG_WARM_UP_MS = 2000
FOLDER = Path(__file__).parent / "node"


T = TypeVar("T")


class Nodemailer:
    """The release that ``node/package.json`` pins, brought by npm when it is not there yet."""

    def __init__(self, *, long_running: bool) -> None:
        self._long_running = long_running

    @cached_property
    def why_missing(self) -> str:
        """What keeps it from running here; nothing when it can."""
        for program in ("node", "npm"):
            if not which(program):
                return f"{program} is not installed"
        return (
            ""
            if self._is_installed() or self._install()
            else "npm install failed; run it in benchmarks/node to see why"
        )

    @property
    def version(self) -> str:
        """The installed one, or nothing."""
        manifest = FOLDER / "node_modules" / "nodemailer" / "package.json"
        return str(json.loads(manifest.read_text("utf-8"))["version"]) if manifest.exists() else ""

    def job(self, mail: Mail) -> NodeJob | FreshNodeJob:
        """Get ready to build this mail."""
        return NodeJob.in_process(_node(), mail, LONG_WARM_UP_MS) if self._long_running else FreshNodeJob(mail)

    def _is_installed(self) -> bool:
        wanted = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"]["nodemailer"]
        return self.version == str(wanted)

    def _install(self) -> bool:
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=120)
        except (subprocess.SubprocessError, OSError):
            return False  # the peer is skipped, and the report says so
        return self._is_installed()


@dataclass(frozen=True, slots=True)
class NodeJob:
    """One mail that Node holds."""

    _node: Node
    _mail: str

    @classmethod
    def in_process(cls, node: Node, mail: Mail, warm_up_ms: int) -> NodeJob:
        """Hand the mail over and let it be built until the compiler has seen it often."""
        return cls(node, str(node.ask("load", mail=_as_json(mail), warm_up_ms=warm_up_ms)))

    def build(self) -> bytes:
        """The mail, once."""
        return b64decode(str(self._node.ask("build", id=self._mail)))

    def cpu_s(self, loops: int) -> float:
        """The CPU seconds of Node's process, all its threads, for so many mails."""
        return cast("float", self._node.ask("time", id=self._mail, loops=loops))


@dataclass(frozen=True, slots=True)
class FreshNodeJob:
    """One mail, and a new process for each turn."""

    _mail: Mail

    def build(self) -> bytes:
        """The mail, once."""
        return self._with_node(0, lambda job: job.build())

    def cpu_s(self, loops: int) -> float:
        """The CPU seconds of a process that has been building for a second."""
        return self._with_node(WARM_UP_MS, lambda job: job.cpu_s(loops))

    def _with_node(self, warm_up_ms: int, use: Callable[[NodeJob], T]) -> T:
        node = Node()
        try:
            return use(NodeJob.in_process(node, self._mail, warm_up_ms))
        finally:
            node.close()


class Node:
    """A process that takes a line of JSON and answers with one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "bench.mjs"], cwd=FOLDER, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._input = cast("IO[str]", self._process.stdin)
        self._output = cast("IO[str]", self._process.stdout)

    def ask(self, command: str, **arguments: object) -> object:
        """Have something done and wait for it."""
        self._input.write(json.dumps({"command": command, **arguments}) + "\n")
        self._input.flush()
        answer = self._output.readline()
        if not answer:
            raise RuntimeError("Node has ended; its message stands above")
        return cast("object", json.loads(answer))

    def close(self) -> None:
        """End of input ends it."""
        self._process.communicate()


@cache
def _node() -> Node:
    node = Node()
    atexit.register(node.close)
    return node


def _as_json(mail: Mail) -> dict[str, object]:
    return {
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html or None,
        "attachments": [_file_as_json(file) for file in mail.files],
    }


def _file_as_json(file: File) -> dict[str, object]:
    return {
        "filename": file.name,
        "content": b64encode(file.data).decode(),
        "contentType": file.content_type,
        "cid": file.content_id or None,
    }
