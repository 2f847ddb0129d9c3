"""The Merkle tree of RFC 9162 (2.1), which is that of RFC 6962: hashes, proofs that an entry is in it, proofs that it only grew.

Pure. A tree is given as a function from a node's level and index to its hash: level 0 are the entries, a node of
level n covers 2^n of them and is asked for only where it is complete. The rules are those of the standard; the checks
of proofs are its algorithms (2.1.3.2 and 2.1.4.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

Node = Callable[[int, int], bytes]
"""The hash of a complete subtree, by its level and its index on that level."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without entries."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry's bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete(hashes: Sequence[bytes]) -> bytes:
    """The hash over a power of two of neighbouring nodes of one level."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def root(size: int, node: Node) -> bytes:
    """The root of the tree of the first `size` entries."""
    return span(0, size, node) if size else EMPTY


def span(start: int, end: int, node: Node) -> bytes:
    """The hash over the entries from `start` up to before `end`, of a subtree as the standard divides it."""
    found = None
    for level, index in reversed(list(_parts(start, end))):
        found = node(level, index) if found is None else node_hash(node(level, index), found)
    assert found is not None
    return found


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The proof that entry `index` is in the tree of `size` entries. Raises ValueError where it is not."""
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not among {size}")
    return list(reversed(list(_path(index, size, node))))


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of `new` entries begins with that of `old`. Raises ValueError where sizes are not in order."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new}")
    if old == new:
        return []
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(span(middle, end, node))
            end = middle
        else:
            proof.append(span(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(span(start, end, node))
    return proof[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether a proof shows that a leaf is entry `index` of the tree with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for one in proof:
        if not last:
            return False
        if first & 1 or first == last:
            found = node_hash(one, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, one)
        first, last = first >> 1, last >> 1
    return not last and found == expected


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of `new` entries begins with that of `old` (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    of_old = of_new = path[0]
    for one in path[1:]:
        if not last:
            return False
        if first & 1 or first == last:
            of_old, of_new = node_hash(one, of_old), node_hash(one, of_new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            of_new = node_hash(of_new, one)
        first, last = first >> 1, last >> 1
    return not last and of_old == old_root and of_new == new_root


class Growing:
    """The root of a tree that is read from its first entry on, in memory for one hash a level."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """One more entry, by its hash."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            size >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of what was added so far."""
        if not self._peaks:
            return EMPTY
        found = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            found = node_hash(peak, found)
        return found


def _parts(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees that a subtree consists of, from left to right."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _path(index: int, size: int, node: Node) -> Iterator[bytes]:
    """The neighbours on the way from the root to an entry."""
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            yield span(middle, end, node)
            end = middle
        else:
            yield span(start, middle, node)
            start = middle


def _split(number: int) -> int:
    """The largest power of two that is smaller than a number above 1."""
    return 1 << ((number - 1).bit_length() - 1)
