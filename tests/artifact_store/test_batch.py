"""A batch of files survives any cutting into chunks, and says when it was cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.artifact_store import batch
from mainstay.errors import BadInput

FILES = st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=300)), max_size=6)


def encode(files: list[tuple[str, bytes]]) -> bytes:
    frames = [batch.frame(batch.Head(path, len(content))) + content for path, content in files]
    return b"".join(frames) + batch.END


def decode(chunks: list[bytes]) -> list[tuple[str, bytes]]:
    reader = batch.Reader(chunks)
    return [(head.path, b"".join(reader.content(head.size))) for head in reader.heads()]


@given(FILES, st.integers(1, 97))
def test_any_cut_reads_back_the_same(files: list[tuple[str, bytes]], width: int) -> None:
    body = encode(files)
    chunks = [body[at : at + width] for at in range(0, len(body), width)]
    assert decode(chunks) == files


@given(FILES, st.data())
def test_a_body_that_ends_early_is_refused(
    files: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    body = encode(files)
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(BadInput, match="cut off"):
        decode([body[:cut]])


def test_something_else_is_not_a_batch() -> None:
    with pytest.raises(BadInput, match="not a batch"):
        decode([b'{"files": []}'])
    with pytest.raises(BadInput, match="head"):
        decode([b"\x00\x00\x00\x04nope"])
