"""Identifiers: ordered, unique across threads and forks, canonical."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from shared.ids import ALPHABET, is_id, new_id, short_code


def test_ids_are_version_7_of_the_rfc_variant_and_increase():
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {uuid.UUID(one).version for one in ids} == {7}
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}


def test_threads_never_share_one():
    with ThreadPoolExecutor(8) as pool:
        ids = [one for many in pool.map(lambda _: [new_id() for _ in range(2_000)], range(8)) for one in many]
    assert len(set(ids)) == len(ids)


def test_a_forked_child_makes_other_ids_than_its_parent():
    new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, "\n".join(new_id() for _ in range(50)).encode())
        os._exit(0)
    mine = {new_id()[19:] for _ in range(50)}
    os.waitpid(child, 0)
    theirs = {one[19:] for one in os.read(reading, 65536).decode().split("\n")}
    assert len(theirs) == 50
    assert not mine & theirs


def test_what_is_no_canonical_uuid_is_no_id():
    assert is_id(new_id())
    for wrong in ("", "x" * 36, new_id().upper(), new_id().replace("-", ""), None, 7):
        assert not is_id(wrong)


@given(st.uuids())
def test_short_codes_are_six_unmistakable_characters_and_stable(identifier):
    code = short_code(str(identifier))
    assert len(code) == 6
    assert set(code) <= set(ALPHABET)
    assert code == short_code(str(identifier))
