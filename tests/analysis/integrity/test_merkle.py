"""The Merkle log against its twin, against the published vectors, and against forgers."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi_analysis.integrity import merkle
from gongzhi_analysis.reference import merkle as twin

# The leaves and roots used by the reference implementations of RFC 6962 (Certificate Transparency).
LEAVES = [
    bytes.fromhex(h)
    for h in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

logs = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def hashed(leaves: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(leaf) for leaf in leaves]


@pytest.mark.parametrize("size", ROOTS)
def test_published_roots(size: int) -> None:
    assert merkle.root_of(hashed(LEAVES[:size])).hex() == ROOTS[size]
    assert twin.root(LEAVES[:size]).hex() == ROOTS[size]


def test_the_root_of_nothing() -> None:
    assert merkle.root_of([]) == twin.root([]) == hashlib.sha256(b"").digest()


@given(logs)
def test_the_growing_root_equals_the_twins(leaves: list[bytes]) -> None:
    frontier = merkle.Frontier()
    for size, leaf in enumerate(leaves, 1):
        frontier = merkle.Frontier(frontier.size, frontier.subtrees)  # as if read back from a checkpoint
        frontier.append(merkle.leaf_hash(leaf))
        assert frontier.root() == twin.root(leaves[:size])


@given(logs, st.data())
def test_inclusion(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    hashes, root = hashed(leaves), twin.root(leaves)
    proof = merkle.inclusion_proof(hashes, index)
    assert proof == twin.inclusion_proof(leaves, index)
    assert merkle.check_inclusion(hashes[index], index, len(leaves), proof, root)
    assert not merkle.check_inclusion(merkle.leaf_hash(b"forged leaf"), index, len(leaves), proof, root)
    assert not merkle.check_inclusion(hashes[index], index, len(leaves), [*proof, root], root)
    assert not merkle.check_inclusion(hashes[index], len(leaves), len(leaves), proof, root)
    if proof:
        assert not merkle.check_inclusion(hashes[index], index, len(leaves), proof[:-1], root)


@given(logs, st.data())
def test_consistency(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    old_root, root = twin.root(leaves[:old]), twin.root(leaves)
    proof = merkle.consistency_proof(hashed(leaves), old)
    assert proof == twin.consistency_proof(leaves, old)
    assert merkle.check_consistency(old, len(leaves), old_root, root, proof)
    forged = hashlib.sha256(b"another past").digest()
    assert not merkle.check_consistency(old, len(leaves), forged, root, proof)
    assert not merkle.check_consistency(old, len(leaves), old_root, forged, proof)
    assert not merkle.check_consistency(old, len(leaves), old_root, root, [*proof, forged])
    assert not merkle.check_consistency(len(leaves) + 1, len(leaves), old_root, root, proof)


def test_what_cannot_be_proven_is_refused() -> None:
    hashes = hashed(LEAVES)
    with pytest.raises(IndexError):
        merkle.inclusion_proof(hashes, 8)
    with pytest.raises(ValueError, match="grown"):
        merkle.consistency_proof(hashes, 9)
    with pytest.raises(ValueError, match="subtrees"):
        merkle.Frontier(3, hashes[:1])
    assert not merkle.check_consistency(1, 2, hashes[0], hashes[1], [])
