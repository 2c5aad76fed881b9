"""What may be stored as a document, and where it lies: a folder, or a bucket that checks every signature."""

from __future__ import annotations

import hashlib
import hmac
import io
import sys
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.documents import DocumentStore, Folder
from engine.errors import InvalidInput, NotFound, TooLarge, Unavailable
from engine.file_types import is_of_type
from engine.object_store import Bucket, Credentials, signature_headers
from engine.screening import CommandScreen, read_screen

TYPES = {"txt": "text/plain", "pdf": "application/pdf"}
EMPTY = hashlib.sha256(b"").hexdigest()


def office(*names: str) -> bytes:
    """A package with these entries."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name in names:
            package.writestr(name, b"x")
    return target.getvalue()


@pytest.mark.parametrize(
    ("extension", "content", "is_one"),
    [
        ("pdf", b"%PDF-1.7 ...", True),
        ("pdf", b"<script>alert(1)</script>", False),
        ("png", b"\x89PNG\r\n\x1a\n...", True),
        ("png", b"\xff\xd8\xff...", False),
        ("jpeg", b"\xff\xd8\xff\xe0", True),
        ("docx", office("[Content_Types].xml", "word/document.xml"), True),
        ("docx", office("[Content_Types].xml", "xl/workbook.xml"), False),
        ("docx", office("word/document.xml"), False),
        ("docx", b"PK\x03\x04 torn", False),
        ("xlsx", office("[Content_Types].xml", "xl/workbook.xml"), True),
        ("xlsx", office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), False),
        ("txt", "一份说明".encode(), True),
        ("txt", "一份说明".encode("gb18030"), True),
        ("csv", "a,b".encode("utf-16"), True),
        ("csv", b"MZ\x90\x00\x03\x00", False),
        ("txt", b"", True),
        ("dwg", b"anything", True),
    ],
)
def test_a_file_is_what_its_content_says(extension: str, content: bytes, is_one: bool) -> None:
    assert is_of_type(extension, content) is is_one


def test_the_same_content_is_stored_once_and_read_only_unchanged(tmp_path: Path) -> None:
    store = DocumentStore(Folder(tmp_path), TYPES, 10)
    first, second = store.put("a.txt", b"text"), store.put("b.txt", b"text")
    assert (first.sha256, first.size, first.media_type) == (hashlib.sha256(b"text").hexdigest(), 4, "text/plain")
    assert second.sha256 == first.sha256
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert store.get(first.sha256) == b"text"
    file.write_bytes(b"next")
    with pytest.raises(NotFound, match="changed"):
        store.get(first.sha256)
    file.unlink()
    with pytest.raises(NotFound, match="missing"):
        store.get(first.sha256)
    with pytest.raises(TooLarge):
        store.put("a.txt", b"12345678901")


def refuses_eicar(name: str, content: bytes) -> str | None:
    return f"a test virus in {name}" if b"EICAR" in content else None


def test_what_the_screen_refuses_is_not_stored(tmp_path: Path) -> None:
    screen = read_screen(f"python:{__name__}:refuses_eicar")
    store = DocumentStore(Folder(tmp_path / "there"), TYPES, 100, screen)
    with pytest.raises(InvalidInput, match="is not accepted: a test virus in"):
        store.put("a.txt", b"X5O!P%@AP EICAR")
    assert not (tmp_path / "there").exists()
    assert store.put("a.txt", b"clean").size == 5


def test_a_command_decides_by_its_exit_code() -> None:
    def screen(body: str, seconds: float = 20) -> CommandScreen:
        return CommandScreen(
            (sys.executable, "-c", f"import sys, time; data = sys.stdin.buffer.read(); {body}"), seconds
        )

    assert screen("sys.exit(0)")("a.txt", b"x") is None
    assert screen("print('Eicar FOUND', len(data)); sys.exit(1)")("a.txt", b"123") == "Eicar FOUND 3"
    assert screen("sys.exit(1)")("a.txt", b"x") == "the check of uploaded files refused it"
    for broken in (screen("sys.exit(2)"), screen("time.sleep(9)", 0.2), CommandScreen(("/no/such/scanner",))):
        with pytest.raises(Unavailable):
            broken("a.txt", b"x")


@pytest.mark.parametrize("setting", ["python:nowhere:f", "python:os:nothing", "python:os:sep", "a 'b", " "])
def test_a_screen_that_cannot_be_used_is_told(setting: str) -> None:
    with pytest.raises(ValueError, match=r"function|command line"):
        read_screen(setting)


def test_signatures_are_those_of_the_published_examples() -> None:
    """AWS's own example of a GET with the header `Range` (Signature Version 4, S3 API reference)."""
    credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    url = "https://examplebucket.s3.amazonaws.com/test.txt"
    at = datetime(2013, 5, 24, tzinfo=UTC)
    signed = signature_headers(credentials, "GET", url, EMPTY, at, {"Range": "bytes=0-9"})
    assert signed["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


class _Objects(BaseHTTPRequestHandler):
    """A stand-in for a bucket: it works the signature out by itself, and compares digests as S3 does."""

    held: dict[str, bytes]
    secret: str
    status: int | None

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.status is not None:
            return self._send(self.status)
        sent = dict(part.split("=", 1) for part in self.headers["authorization"].split(" ", 1)[1].split(","))
        names = sent["SignedHeaders"].split(";")
        request = [self.command, self.path, "", *(f"{name}:{self.headers[name]}" for name in names)]
        request += ["", sent["SignedHeaders"], self.headers["x-amz-content-sha256"]]
        _, day, region, service, end = sent["Credential"].split("/")
        key = f"AWS4{self.secret}".encode()
        for part in (day, region, service, end):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{self.headers['x-amz-date']}\n{day}/{region}/{service}/{end}\n{digest}"
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == sent["Signature"]
        if not right or hashlib.sha256(body).hexdigest() != self.headers["x-amz-content-sha256"]:
            return self._send(403)
        if self.command == "PUT":
            self.held[self.path] = body
            return self._send(200)
        found = self.held.get(self.path)
        return self._send(404) if found is None else self._send(200, found if self.command == "GET" else b"")

    def _send(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def bucket() -> Iterator[tuple[str, type[_Objects]]]:
    """(address, the stand-in): its ``held`` objects by path, its ``status`` to answer everything with."""
    handler = type("Objects", (_Objects,), {"held": {}, "secret": "secret", "status": None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/papers/sancha", handler
    server.shutdown()
    server.server_close()


def test_a_bucket_keeps_what_a_folder_keeps(bucket: tuple[str, type[_Objects]]) -> None:
    address, objects = bucket
    store = DocumentStore(Bucket(address, Credentials("key", "secret", "cn-north-1")), TYPES, 100)
    stored = store.put("说明.txt", "内容".encode())
    assert store.put("again.txt", "内容".encode()).sha256 == stored.sha256
    assert list(objects.held) == [f"/papers/sancha/{stored.sha256[:2]}/{stored.sha256}"]
    assert store.get(stored.sha256) == "内容".encode()
    with pytest.raises(NotFound, match="missing"):
        store.get(EMPTY)
    objects.held[next(iter(objects.held))] = b"other"
    with pytest.raises(NotFound, match="changed"):
        store.get(stored.sha256)


def test_a_bucket_that_does_not_answer_as_it_should_is_unavailable(bucket: tuple[str, type[_Objects]]) -> None:
    address, objects = bucket
    with pytest.raises(Unavailable, match="403"):
        DocumentStore(Bucket(address, Credentials("key", "wrong")), TYPES, 100).put("a.txt", b"x")
    objects.status = 503
    with pytest.raises(Unavailable, match="503"):
        Bucket(address, Credentials("key", "secret")).read(EMPTY)
    with pytest.raises(Unavailable, match="ConnectError"):
        Bucket("http://127.0.0.1:1/papers", Credentials("key", "secret")).has(EMPTY)
