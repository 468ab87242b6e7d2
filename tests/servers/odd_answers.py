# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that no web server should give, and some do."""

import gzip
from typing import Final


def answer(
    status: int | str = 200, body: bytes = b"", *, length: bool = True, **headers: str | bytes
) -> bytes:
    """An answer with these headers, whatever they say; underscores stand for hyphens."""
    lines = [f"HTTP/1.1 {status} Odd".encode()]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    for name, value in headers.items():
        raw = value if isinstance(value, bytes) else value.encode("utf-8")
        lines.append(name.replace("_", "-").encode() + b": " + raw)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


ODD: Final[dict[str, bytes]] = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "zeros": bytes(100),
    "an unknown version": b"HTTP/9.9 200 OK\r\n\r\n",
    "a status that is no number": b"HTTP/1.1 fine OK\r\n\r\n",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "a status below all": answer("099"),
    "a status above all": answer(999),
    "a status of four digits": answer(2000),
    "only Continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "another protocol": answer(101, Upgrade="h2c"),
    "no colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"X-Odd: x\r\n" * 300 + b"\r\n",
    "too long a header": answer(X_Long="x" * 100_000),
    "a length below zero": answer(length=False, Content_Length="-1"),
    "a length that is no number": answer(body=b"x", length=False, Content_Length="many"),
    "a length beyond all": answer(body=b"x", length=False, Content_Length="9" * 30),
    "two lengths": answer(body=b"x", length=False, Content_Length="1, 2"),
    "chunks of no size": answer(body=b"zz\r\nx", length=False, Transfer_Encoding="chunked"),
    "chunks below zero": answer(body=b"-5\r\nx", length=False, Transfer_Encoding="chunked"),
    "chunks without end": answer(body=b"5\r\nx", length=False, Transfer_Encoding="chunked"),
    "an unknown transfer": answer(body=b"x", Transfer_Encoding="nonsense"),
    "no gzip": answer(body=b"x" * 50, Content_Encoding="gzip"),
    "half a gzip": answer(body=gzip.compress(bytes(range(256)) * 99)[:100], Content_Encoding="gzip"),
    "no deflate": answer(body=b"\xff" * 50, Content_Encoding="deflate"),
    "an unknown packing": answer(body=b"x" * 50, Content_Encoding="nonsense"),
    "packed again and again": answer(body=b"x" * 50, Content_Encoding=", ".join(["gzip"] * 50)),
    "a type that is no text": answer(body=b"x", Content_Type=b"\xff\xfe"),
    "an empty type": answer(body=b"x", Content_Type=""),
    "a long type": answer(body=b"x", Content_Type="x" * 5000),
    "a charset of nobody's": answer(body=b"\xff", Content_Type="text/plain; charset=nonsense"),
    "parts without a boundary": answer(body=b"x", Content_Type="multipart/related"),
    "an empty boundary": answer(body=b"x", Content_Type='multipart/related; boundary=""'),
    "a boundary that is not there": answer(body=b"x", Content_Type="multipart/related; boundary=b"),
    "parts that do not end": answer(body=b"--b\r\n\r\nx", Content_Type="multipart/related; boundary=b"),
    "no zip": answer(body=b"PK\x03\x04nonsense", Content_Type="application/zip"),
    "no DICOM": answer(body=b"DICM", Content_Type="application/dicom"),
    "deep JSON": answer(body=b"[" * 100_000, Content_Type="application/json"),
    "a long number": answer(body=b"9" * 10_000, Content_Type="application/json"),
    "half a letter in JSON": answer(body=b'{"ID": "\\ud800", "Status": "\\ud800"}'),
    "other types in JSON": answer(body=b'{"ID": [], "Status": {"a": 1}}'),
    "other types in DICOM JSON": answer(
        body=b'[{"00081198": {"Value": [1, null, {"00081155": {"Value": [{}]}, "00081197": {"Value": 7}}]}}]'
    ),
    "deep XML": answer(body=b"<NativeDicomModel>" + b"<a>" * 50_000, Content_Type="application/dicom+xml"),
    "a cookie of nobody's": answer(Set_Cookie="a=b; expires=never; max-age=-x; domain=."),
    "a login of an unknown kind": answer(401, WWW_Authenticate=b'\xff realm="'),
    "a login of a proxy": answer(407, Proxy_Authenticate="Nonsense"),
    "a failure in bytes": answer(500, body=bytes(range(256))),
    "a failure of other types": answer(500, body=b'{"OrthancStatus": [], "Details": [1]}'),
    "a failure in a list": answer(400, body=b'["x"]'),
}
LOCATIONS: Final = (
    b"", b"http://[", b"http://127.0.0.1:99999999/", b"http://:0", b"//", b"\xff\xfe", b"a" * 50_000,
    b"javascript:x", b"http://" + b"a" * 64 + b".example/", b"?", b"#", b"http://a b/", b"http://\xc3\xa4:\xc3\xa4/",
)  # fmt: skip
PAUSES: Final = (
    "", "-5", "soon", "1e9", "9" * 5000, "٣", "²", "0x10", "nan", "inf", "1.5", "2026-13-45", ",", "Wed,",
    "Wed, 99 Foo 9999 07:28:00 GMT", "Wed, 21 Oct 99999 07:28:00 GMT",
    "Wed, 21 Oct 0000 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 +9999",
)  # fmt: skip
ODD.update({f"Location: {one[:30]!r}": answer(302, Location=one) for one in LOCATIONS})
ODD.update({f"Location: {one[:30]!r}, again": answer(307, Location=one) for one in LOCATIONS})
ODD.update({f"Retry-After: {one[:30]!r}": answer(503, Retry_After=one) for one in PAUSES})
ODD.update({f"Retry-After: {one[:30]!r}, too many": answer(429, Retry_After=one) for one in PAUSES})
