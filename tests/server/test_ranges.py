"""Parts of files, as browsers, resumed downloads and stock clients ask for them."""

from __future__ import annotations

import pytest

from mainstay.server import ranges
from tests.support.server import RunningServer

CONTENT = bytes(range(256)) * 8192  # two chunks
FILE = "/api/2.0/mlflow-artifacts/artifacts/ranges/file.bin"


@pytest.fixture(scope="module")
def target(server: RunningServer) -> str:
    assert server.request("PUT", FILE, CONTENT).status == 200
    return FILE


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=1048570-1048590", 1048570, 1048590),
        ("bytes=2097100-", 2097100, len(CONTENT) - 1),
        ("bytes=-5", len(CONTENT) - 5, len(CONTENT) - 1),
        ("bytes=5-99999999", 5, len(CONTENT) - 1),
        ("bytes=-99999999", 0, len(CONTENT) - 1),
    ],
)
def test_one_part_is_sent_alone(
    server: RunningServer, target: str, asked: str, start: int, end: int
) -> None:
    answer = server.request("GET", target, headers={"Range": asked})
    assert answer.status == 206
    assert answer.body == CONTENT[start : end + 1]
    assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(CONTENT)}"
    assert int(answer.headers["content-length"]) == end - start + 1


@pytest.mark.parametrize("asked", ["bytes=2097152-", "bytes=-0", "bytes=0-0,2-2,4-4,6-6,8-8,9-9"])
def test_what_cannot_be_sent_is_416_with_the_size(
    server: RunningServer, target: str, asked: str
) -> None:
    answer = server.request("GET", target, headers={"Range": asked})
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=9-3", "bytes=", "bytes=-", "nonsense"],
)
def test_what_is_not_one_part_is_the_whole_file(
    server: RunningServer, target: str, asked: str
) -> None:
    answer = server.request("GET", target, headers={"Range": asked})
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_resumed_download_of_a_changed_file_gets_the_whole(
    server: RunningServer, target: str
) -> None:
    headers = {"Range": "bytes=5-9", "If-Range": 'W/"1-1"'}
    answer = server.request("GET", target, headers=headers)
    assert (answer.status, answer.body) == (200, CONTENT)


def test_a_resumed_download_of_the_same_file_gets_the_rest(
    server: RunningServer, target: str
) -> None:
    tag = server.request("GET", target).headers["etag"]
    assert tag.startswith('"')  # strong: weak ones name no parts
    headers = {"Range": "bytes=5-9", "If-Range": tag}
    answer = server.request("GET", target, headers=headers)
    assert (answer.status, answer.body, answer.headers["etag"]) == (206, CONTENT[5:10], tag)
    known = server.request("GET", target, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (known.status, known.body) == (304, b"")
    other = FILE + ".changing"
    before, after = CONTENT, CONTENT[::-1]
    assert server.request("PUT", other, before).status == 200
    first = server.request("GET", other).headers["etag"]
    assert server.request("PUT", other, after).status == 200
    again = server.request("GET", other, headers={"Range": "bytes=5-9", "If-Range": first})
    assert (again.status, again.body) == (200, after)
    assert again.headers["etag"] != first


def test_no_part_of_an_empty_file_exists() -> None:
    with pytest.raises(ranges.Unsatisfiable):
        ranges.span("bytes=0-", 0)
    assert ranges.span(None, 0) is None
