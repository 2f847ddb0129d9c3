"""The tree against the standard's vectors, against a naive tree, and against the verifier of another author (pymerkle)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings, strategies as st
from pymerkle import ConsistencyProof, InclusionProof, InmemoryTree, verify_consistency, verify_inclusion

from newscrawl.proof import merkle
from newscrawl.proof.tiles import Appender, Tiles, path

# The eight entries and the roots of their first n that implementations of certificate transparency are tested with.
LEAVES = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive(entries: list[bytes]) -> bytes:
    """The root as the standard defines it (RFC 9162, 2.1.1)."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + naive(entries[:split]) + naive(entries[split:])).digest()


def of(entries: list[bytes]) -> merkle.Node:
    """The nodes of a naive tree."""
    return lambda level, index: naive(entries[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(9))
def test_vectors(size):
    """The roots that everybody has."""
    assert merkle.root(size, of(LEAVES)).hex() == ROOTS[size]
    growing = merkle.Growing()
    for one in LEAVES[:size]:
        growing.add(merkle.leaf_hash(one))
    assert growing.root().hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
        (5, 8, ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (1, 5, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
    ],
)  # fmt: skip
def test_inclusion_vectors(index, size, path):
    """The proofs that everybody has."""
    assert [one.hex() for one in merkle.inclusion(index, size, of(LEAVES))] == path


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (1, 1, []),
        (1, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
        (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
        (2, 5, ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
    ],
)  # fmt: skip
def test_consistency_vectors(old, new, path):
    """The proofs that everybody has."""
    assert [one.hex() for one in merkle.consistency(old, new, of(LEAVES))] == path


def test_every_proof_of_small_trees():
    """All places in all trees up to 20: each proof holds, none holds anywhere else, and none with a hash changed, left out or added."""
    entries = [bytes([n]) * n for n in range(20)]
    node = of(entries)
    roots = [naive(entries[:size]) for size in range(21)]
    for size in range(1, 21):
        for index in range(size):
            proof = merkle.inclusion(index, size, node)
            holds = [other for other in range(20) if merkle.is_included(merkle.leaf_hash(entries[other]), index, size, proof, roots[size])]  # fmt: skip
            assert holds == [index]
            for wrong in _spoilt(proof):
                assert not merkle.is_included(
                    merkle.leaf_hash(entries[index]), index, size, wrong, roots[size]
                )
        for old in range(1, size + 1):
            proof = merkle.consistency(old, size, node)
            assert [
                o for o in range(1, 21) if merkle.is_consistent(old, size, roots[o], roots[size], proof)
            ] == [old]
            for wrong in _spoilt(proof):
                assert not merkle.is_consistent(old, size, roots[old], roots[size], wrong)


def _spoilt(proof: list[bytes]) -> list[list[bytes]]:
    """A proof with one hash changed, left out, or one too many."""
    changed = [[*proof[:n], bytes(32), *proof[n + 1 :]] for n in range(len(proof))]
    return [*changed, *([*proof[:n], *proof[n + 1 :]] for n in range(len(proof))), [*proof, bytes(32)]]


@pytest.mark.parametrize("wrong", [lambda: merkle.inclusion(3, 3, of(LEAVES)), lambda: merkle.consistency(4, 3, of(LEAVES)), lambda: merkle.consistency(0, 3, of(LEAVES))])  # fmt: skip
def test_no_proof(wrong):
    """Of what is not in the tree."""
    with pytest.raises(ValueError, match=r"entry 3|no proof"):
        wrong()


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=5), data=st.data())
def test_files_hold_the_tree(tmp_path_factory, sizes, data):
    """Appended in steps of any size: roots and proofs of every step, out of the files, are those of the naive tree."""
    folder = tmp_path_factory.mktemp("log")
    entries: list[bytes] = []
    checkpoints = []
    for number in sizes:
        appender = Appender(folder, len(entries))
        assert appender.old_root() == naive(entries)
        for _ in range(number):
            entries.append(b"entry %d" % len(entries))
            assert appender.add(entries[-1]) == len(entries) - 1
        appender.write()
        appender.tidy()
        assert appender.root() == naive(entries)
        checkpoints.append((len(entries), naive(entries)))
    tiles = Tiles(folder, len(entries))
    size, root = checkpoints[-1]
    index = data.draw(st.integers(0, size - 1))
    assert tiles.entry(index) == entries[index]
    assert merkle.is_included(
        merkle.leaf_hash(entries[index]), index, size, merkle.inclusion(index, size, tiles.node), root
    )
    for old, old_root in checkpoints:
        assert Tiles(folder, old).root() == old_root
        assert merkle.is_consistent(old, size, old_root, root, merkle.consistency(old, size, tiles.node))


def test_paths():
    """As the layout has them."""
    assert path(0, 1234067) == "tile/0/x001/x234/067"
    assert path("entries", 5, 17) == "tile/entries/005.p/17"
    assert path(63, 999) == "tile/63/999"


@pytest.mark.parametrize("size", [1, 2, 7, 255, 256, 257, 1000])
def test_another_authors_tree(tmp_path, size):
    """Pymerkle has the same roots, and takes our proofs."""
    entries = [b"%d" % n for n in range(size)]
    theirs = InmemoryTree(algorithm="sha256")
    ours = Appender(tmp_path, 0)
    for one in entries:
        theirs.append_entry(one)
        ours.add(one)
    ours.write()
    tiles = Tiles(tmp_path, size)
    root = tiles.root()
    assert root == theirs.get_root()
    for index in {0, size // 2, size - 1}:
        their_proof = theirs.prove_inclusion(index + 1, size)
        path_ = merkle.inclusion(index, size, tiles.node)
        leaf = merkle.leaf_hash(entries[index])
        assert _of_theirs(their_proof.serialize(), leaf) == path_
        verify_inclusion(
            leaf, root, InclusionProof.deserialize(_with(their_proof.serialize(), [leaf, *path_]))
        )
    old = (size + 1) // 2
    old_root = Tiles(tmp_path, old).root()
    assert old_root == theirs.get_root(old)
    proof = theirs.prove_consistency(old, size)
    assert isinstance(proof, ConsistencyProof)
    verify_consistency(old_root, root, proof)
    assert merkle.is_consistent(old, size, old_root, root, merkle.consistency(old, size, tiles.node))


def _of_theirs(serialized: dict, leaf: bytes) -> list[bytes]:
    """The hashes of their proof without the first, which is the entry's own."""
    first, *rest = [bytes.fromhex(one) for one in serialized["path"]]
    assert first == leaf
    return rest


def _with(serialized: dict, hashes: list[bytes]) -> dict:
    return {**serialized, "path": [one.hex() for one in hashes]}
