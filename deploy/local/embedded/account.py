"""PostgreSQL refuses to run as root. When we are root, its processes run as an account without rights.

No account is created: `ruta` is used where the machine has one, else `nobody`, which every machine has.
That account gets the right to *pass through* the folders above its own (an ACL entry for it alone, or, where
the file system has no ACLs, the execute bit for others), never to list or read them.
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACL_ATTRIBUTE = "system.posix_acl_access"
ACL_VERSION = 2
USER_OBJ, USER, GROUP_OBJ, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_ID = 0xFFFFFFFF
PASS_THROUGH = 1


@dataclass(frozen=True)
class Account:
    """The account that the database processes run as."""

    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """What `subprocess.Popen` needs to start a process as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def unprivileged() -> Account | None:
    """The account to switch to, or None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    for name in ("ruta", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return None


def own(path: Path, account: Account | None) -> None:
    """Give `path`, a folder (created when missing) or file, to `account` alone, and let it be reached."""
    if not path.exists():
        path.mkdir(parents=True, mode=0o700)
    path.chmod(0o700 if path.is_dir() else 0o600)
    if account is not None:
        os.chown(path, account.uid, account.gid)
        let_pass(path, account)


def let_pass(path: Path, account: Account) -> None:
    """Let `account` pass through every folder above `path`."""
    for folder in path.resolve().parents:
        if not _passable(folder, account):
            _grant(folder, account)


def make_readable(tree: Path, account: Account) -> None:
    """Let `account` run the programs under `tree`, as an installer with a tight umask does not."""
    let_pass(tree, account)
    if _readable(tree, account):
        return
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _readable(tree: Path, account: Account) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH
    return tree.stat().st_mode & wanted == wanted or tree.stat().st_uid == account.uid


def _passable(folder: Path, account: Account) -> bool:
    entry = folder.stat()
    if entry.st_uid == account.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    granted = (USER, PASS_THROUGH, account.uid) in _acl_of(
        folder
    ) and entry.st_mode & stat.S_IXGRP  # the ACL's mask
    return bool(entry.st_mode & stat.S_IXOTH or granted)


def _acl_of(folder: Path) -> list[tuple[int, int, int]]:
    """The ACL as (tag, permissions, id); empty when the folder has none or the system knows none."""
    if not hasattr(os, "getxattr"):
        return []
    try:
        raw = os.getxattr(folder, ACL_ATTRIBUTE)
    except OSError:
        return []
    return [struct.unpack_from("<HHI", raw, at) for at in range(4, len(raw), 8)]


def _grant(folder: Path, account: Account) -> None:
    mode = folder.stat().st_mode
    entries = _acl_of(folder) or [
        (USER_OBJ, mode >> 6 & 7, NO_ID),
        (GROUP_OBJ, mode >> 3 & 7, NO_ID),
        (MASK, mode >> 3 & 7, NO_ID),
        (OTHER, mode & 7, NO_ID),
    ]
    entries = [one for one in entries if (one[0], one[2]) != (USER, account.uid)]
    entries = [(tag, bits | PASS_THROUGH if tag == MASK else bits, who) for tag, bits, who in entries]
    entries.append((USER, PASS_THROUGH, account.uid))
    raw = struct.pack("<I", ACL_VERSION) + b"".join(struct.pack("<HHI", *one) for one in sorted(entries))
    try:
        os.setxattr(folder, ACL_ATTRIBUTE, raw)
    except (AttributeError, OSError) as error:
        if getattr(error, "errno", errno.ENOTSUP) not in {errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}:
            raise
        folder.chmod(mode | stat.S_IXOTH)
