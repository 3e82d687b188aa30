"""Nodemailer: a peer in another language and process. Python asks, `node/bench.mjs` builds and reads its own clock."""

from __future__ import annotations

import atexit
import json
import subprocess
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from shutil import which
from typing import IO, cast

from benchmarks.mail import File, Mail

FOLDER = Path(__file__).parent / "node"


class Nodemailer:
    """The release that ``node/package.json`` pins, brought by npm when it is not there yet."""

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

    def job(self, mail: Mail) -> NodeJob:
        """Hand the mail over once."""
        node = _node()
        return NodeJob(node, str(node.ask("load", mail=_as_json(mail))))

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

    def build(self) -> bytes:
        """The mail, once."""
        return b64decode(str(self._node.ask("build", id=self._mail)))

    def cpu_s(self, loops: int) -> float:
        """The CPU seconds of Node's process, all its threads, for so many mails."""
        return cast("float", self._node.ask("time", id=self._mail, loops=loops))


class Node:
    """A process that takes a line of JSON and answers with one. It lives as long as the run, so it stays warm."""

    def __init__(self) -> None:
        process = subprocess.Popen(
            ["node", "bench.mjs"], cwd=FOLDER, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        atexit.register(process.communicate)
        self._input = cast("IO[str]", process.stdin)
        self._output = cast("IO[str]", process.stdout)

    def ask(self, command: str, **arguments: object) -> object:
        """Have something done and wait for it."""
        self._input.write(json.dumps({"command": command, **arguments}) + "\n")
        self._input.flush()
        answer = self._output.readline()
        if not answer:
            raise RuntimeError("Node has ended; its message stands above")
        return cast("object", json.loads(answer))


@cache
def _node() -> Node:
    return Node()


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
