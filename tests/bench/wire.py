"""As much of HTTP/1.1 as the benchmark's client and gateway need: requests as bytes, answers with a known length."""

from __future__ import annotations


def request(method: str, netloc: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A whole request, ready to be written to a socket."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Answer:
    """One answer as it comes in: `feed()` says when it is whole. Raises ValueError for one without a length."""

    def __init__(self) -> None:
        self._data = b""
        self._body_at = 0
        self._end = 0
        self.status = 0

    def feed(self, data: bytes) -> bool:
        """Take in what was read; returns whether the answer is whole."""
        self._data += data
        if not self._body_at:
            at = self._data.find(b"\r\n\r\n")
            if at < 0:
                return False
            self._body_at = at + 4
            self.status = int(self._data[9:12])
            self._end = self._body_at + int(self.header("content-length", "-1"))
            if self._end < self._body_at:
                raise ValueError("an answer without a length")
        return len(self._data) >= self._end

    def header(self, name: str, default: str = "") -> str:
        """The value of a header, by its name in small letters."""
        for line in self._data[: self._body_at - 4].split(b"\r\n")[1:]:
            found, _, value = line.partition(b":")
            if found.lower() == name.encode():
                return value.strip().decode()
        return default

    @property
    def body(self) -> bytes:
        return self._data[self._body_at : self._end]
