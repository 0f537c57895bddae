"""The door to git: states of files out of its store, without touching the work tree, in one process each."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.contracts.errors import TallystickError
from tallystick.contracts.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["MAIN_BRANCHES", "GitError", "Repository", "git", "merged", "read_blobs", "short"]

MAIN_BRANCHES: Final = ("origin/HEAD", "origin/main", "main", "master")
_SHORT: Final = 9
_PLAIN_FILES: Final = frozenset((b"100644", b"100755"))
_ENDINGS: Final = (".avsc", ".yaml", ".yml")


class GitError(TallystickError):
    """What git cannot tell."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository.

    Attributes:
        top: Its work tree.
    """

    top: Path

    @classmethod
    def around(cls, path: Path) -> Repository:
        """The repository that a path is in.

        Raises:
            GitError: There is none, or no git.
        """
        fix = "name what to compare with: --against DIR or --against http://registry:8081"
        if shutil.which("git") is None:
            raise GitError("git is not installed", fix=fix)
        done = git(path, "rev-parse", "--show-toplevel")
        if b"not a git repository" in done.stderr:
            raise GitError(f"{path} is in no git repository", fix=fix)
        if done.returncode:  # such as a work tree that belongs to somebody else
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["it does not say why"]
            raise GitError(f"git does not read {path}: {said[0]}", fix=said[-1].strip() if said[1:] else fix)
        return cls(Path(done.stdout.decode().strip()))

    def commit(self, ref: str) -> str | None:
        """The commit that a name stands for, or None."""
        done = git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return done.stdout.decode().strip() or None

    def main_branch(self) -> str:
        """The name of the main branch.

        Raises:
            GitError: It is not to be found.
        """
        for name in MAIN_BRANCHES:
            if self.commit(name):
                return name
        told = f"there is no main branch here: none of {', '.join(MAIN_BRANCHES)}"
        raise GitError(told, fix="fetch it (git fetch origin main), or name what to compare with: --against <ref>")

    def require(self, ref: str) -> str:
        """The commit that a name stands for.

        Raises:
            GitError: It stands for none.
        """
        found = self.commit(ref)
        if found is None:
            names = git(self.top, "for-each-ref", "--format=%(refname:short)").stdout.decode().split()
            hint = did_you_mean(ref, names)
            raise GitError(
                f"{ref} is no commit of git, no folder and no address{hint if '?' in hint else ''}",
                fix=f"git fetch origin {ref}, or name a branch, a tag, a commit, a folder or a registry",
            )
        return found

    def merge_base(self, commit: str, ref: str) -> str:
        """The newest commit that the work tree and another commit have in common.

        Raises:
            GitError: There is none, or it has not been fetched.
        """
        if self.commit("HEAD") is None:
            return commit
        done = git(self.top, "merge-base", "HEAD", commit)
        if done.returncode == 0:
            return done.stdout.decode().strip()
        is_shallow = git(self.top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        if is_shallow:
            told = f"the history that HEAD and {ref} share is missing from this shallow clone"
            raise GitError(told, fix="git fetch --unshallow; with actions/checkout: fetch-depth: 0")
        raise GitError(f"HEAD and {ref} share no history", fix="name what to compare with: --against <ref>")

    def files(self, commit: str, folder: Path) -> dict[str, bytes]:
        """Every contract, sidecar and definition below a folder, as it was at a commit.

        Args:
            commit: The commit.
            folder: A folder of the work tree, whether it was there or not.

        Returns:
            Path below the folder -> content.
        """
        inside = folder.resolve().relative_to(self.top.resolve()).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        listing = git(self.top, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *((prefix,) if prefix else ()))
        blobs = {path.removeprefix(prefix): blob for path, blob in _listed(listing.stdout)}
        return dict(zip(blobs, read_blobs(self.top, blobs.values()), strict=True))


def read_blobs(folder: Path, blobs: Collection[str]) -> Iterator[bytes]:
    """The contents of blobs, in their order, all from one process."""
    done = git(folder, "cat-file", "--batch", data="".join(f"{blob}\n" for blob in blobs).encode())
    return _contents(done.stdout, len(blobs))


def short(commit: str) -> str:
    """A commit as people write it."""
    return commit[:_SHORT]


def merged(base: Mapping[str, bytes], ours: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a merge of two states makes of files; where both have changed the same lines, ours."""
    found: dict[str, bytes] = {}
    for path in sorted({*base, *ours, *theirs}):
        one, other, origin = ours.get(path), theirs.get(path), base.get(path)
        content = other if one == origin else one if other in {origin, one} else _merged_text(origin, one, other)
        if content is not None:
            found[path] = content
    return found


def _merged_text(base: bytes | None, ours: bytes | None, theirs: bytes | None) -> bytes | None:
    if base is None or ours is None or theirs is None:
        return ours
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for place, content in zip(places, (ours, base, theirs), strict=True):
            place.write_bytes(content)
        done = git(Path(folder), "merge-file", "--ours", "-p", *(str(place) for place in places))
    return done.stdout if done.returncode == 0 else ours


def _listed(listing: bytes) -> Iterator[tuple[str, str]]:
    for entry in listing.split(b"\0"):
        head, _, path = entry.partition(b"\t")
        name = path.decode(errors="surrogateescape")
        if head and head.split()[0] in _PLAIN_FILES and name.endswith(_ENDINGS) and "/." not in f"/{name}":
            yield name, head.split()[2].decode()


def _contents(batch: bytes, count: int) -> Iterator[bytes]:
    at = 0
    for _ in range(count):
        end = batch.index(b"\n", at)
        size = int(batch[at:end].rsplit(b" ", 1)[1])  # a clone that lacks a blob fetches it here by itself
        yield batch[end + 1 : end + 1 + size]
        at = end + size + 2


def git(folder: Path, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, which has to be installed."""
    # In plain English, which is looked into, and without asking anybody for a password.
    environment = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, input=data, capture_output=True, check=False)
