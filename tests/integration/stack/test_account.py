"""The right to pass through folders: no more than that, and for one account alone where the file system can."""

import errno
import os
import stat

from deploy.local.embedded.account import Account, let_pass, make_readable

SOMEBODY = Account(uid=54321, gid=54321)


def mode_of(folder):
    return stat.S_IMODE(folder.stat().st_mode)


def without_acls(monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOTSUP, "no ACLs here")

    monkeypatch.setattr(os, "setxattr", refuse)


def test_a_closed_folder_lets_one_account_pass_and_nobody_read(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    let_pass(closed / "inner", SOMEBODY)
    assert mode_of(closed) & stat.S_IROTH == 0
    before = os.getxattr(closed, "system.posix_acl_access")
    let_pass(closed / "inner", SOMEBODY)
    assert os.getxattr(closed, "system.posix_acl_access") == before


def test_a_folder_closed_again_is_opened_again(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    let_pass(closed / "inner", SOMEBODY)
    closed.chmod(0o700)  # takes away what the ACL had granted
    let_pass(closed / "inner", SOMEBODY)
    assert mode_of(closed) & stat.S_IXGRP  # of a folder with an ACL, these bits are its mask


def test_without_acls_others_may_pass_but_not_list(tmp_path, monkeypatch):
    without_acls(monkeypatch)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    let_pass(closed / "inner", SOMEBODY)
    assert mode_of(closed) == 0o701


def test_programs_installed_with_a_tight_umask_can_be_run(tmp_path):
    program = tmp_path / "tree" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text("")
    for path, mode in ((program, 0o700), (program.parent, 0o700), (program.parent.parent, 0o700)):
        path.chmod(mode)
    make_readable(tmp_path / "tree", SOMEBODY)
    assert mode_of(program) == 0o705
    assert mode_of(program.parent) == 0o705
