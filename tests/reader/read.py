"""Decodes streams from the text of docs/spec and the artefacts alone.

    python3 tests/reader/read.py FILE > OUTPUT
"""

import sys

from byte_coder import ByteCoder
from container import Reader, Stream, need
from image_coder import read_image


def read_bytes(stream):
    """format.md, section 4."""
    coder, out, blocks = ByteCoder(stream.parameter, stream.model), [], 0
    for chunk in stream.chunks():
        body = chunk.body
        if chunk.kind is None:
            chunk.checked_rest()
        elif chunk.kind == "empty":
            need(body.done() and chunk.final and not blocks, "an empty chunk is all of its stream")
        elif chunk.kind == "stored":
            checksum = chunk.checksum()
            out.append(chunk.verify(body.rest(), checksum))
        elif chunk.kind == "fill":
            content = chunk.checked_rest()
            length = content.number()
            need(1 <= length <= 1 << 30, "the length of a fill is out of range")
            out.append(content.take(1) * length)
            need(content.done(), "a fill is too long")
        elif chunk.kind in ("contexts-only", "network"):
            out.append(coder.block(chunk))
        elif chunk.kind == "end":
            whole, checksum = b"".join(out), chunk.checksum()
            chunk.verify(whole, checksum)
            need(chunk.final and body.number() == len(whole) and body.done(), "the end has another length")
        else:
            need(False, "the kind is not for bytes")
        if chunk.kind in ("stored", "fill", "contexts-only", "network"):
            blocks += 1
            need(not chunk.final or blocks == 1, "a stream of several blocks needs an end")
    return b"".join(out)


def read(data):
    reader, out = Reader(data), []
    while True:
        stream = Stream(reader)
        if stream.image:
            out.append(read_image(stream))
            need(reader.done(), "something follows an image")
        else:
            out.append(read_bytes(stream))
        if reader.done():
            return b"".join(out)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        sys.stdout.buffer.write(read(file.read()))
