"""Merkle trees of RFC 9162 (section 2.1): roots, proofs, and a root that grows entry by entry.

Hashes are SHA-256, 32 bytes. A leaf hash is SHA-256(0x00 || leaf), a node SHA-256(0x01 || left || right).
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the full subtrees of a growing log, largest first: all it takes to append and to tell the root.

    ValueError if `subtrees` does not fit `size` (one subtree per binary digit 1 of the size).
    """

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        self.size, self.subtrees = size, list(subtrees)
        if size < 0 or len(self.subtrees) != size.bit_count():
            raise ValueError(f"{len(self.subtrees)} subtrees do not make a log of {size} entries")

    def append(self, hashed_leaf: bytes) -> None:
        """Add one entry by its leaf hash."""
        carry, size = hashed_leaf, self.size
        while size & 1:
            carry = node_hash(self.subtrees.pop(), carry)
            size >>= 1
        self.subtrees.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """The Merkle tree hash of all entries so far."""
        if not self.subtrees:
            return EMPTY_ROOT
        whole = self.subtrees[-1]
        for subtree in reversed(self.subtrees[:-1]):
            whole = node_hash(subtree, whole)
        return whole


def root_of(hashed_leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of entries given by their leaf hashes, in constant memory."""
    frontier = Frontier()
    for hashed in hashed_leaves:
        frontier.append(hashed)
    return frontier.root()


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (size > 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(hashed_leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from entry `index` (from 0) to the root. IndexError if there is no such entry."""
    if not 0 <= index < len(hashed_leaves):
        raise IndexError(f"no entry {index} among {len(hashed_leaves)}")
    proof: list[bytes] = []
    low, high = 0, len(hashed_leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(root_of(hashed_leaves[middle:high]))
            high = middle
        else:
            proof.append(root_of(hashed_leaves[low:middle]))
            low = middle
    return proof[::-1]


def check_inclusion(hashed_leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows the leaf at `index` of a log of `size` entries with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, hashed_leaf
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(hashed_leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The hashes that show the log of `old_size` entries to be the beginning of this one; else ValueError."""
    size = len(hashed_leaves)
    if not 0 < old_size <= size:
        raise ValueError(f"a log of {old_size} entries cannot have grown to {size}")
    proof: list[bytes] = []
    low, high, whole = 0, size, True
    while old_size != high:
        middle = low + _split(high - low)
        if old_size <= middle:
            proof.append(root_of(hashed_leaves[middle:high]))
            high = middle
        else:
            proof.append(root_of(hashed_leaves[low:middle]))
            low, whole = middle, False
    if not whole:
        proof.append(root_of(hashed_leaves[low:high]))
    return proof[::-1]


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows the old log to be the beginning of the new one (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    return _climb(node, last, path) == (old_root, new_root)


def _climb(node: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The old and the new root that the path leads to; None if the path has the wrong length."""
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    return (old, new) if last == 0 else None
