"""Decodes streams from the text of docs/spec and the artefacts alone.

    python3 tests/reader/read.py FILE > OUTPUT
"""

import sys

from bytes_file import read_bytes
from container import Reader, Stream, need
from image_file import read_image
from original import original_file


def read(data, dictionaries=(), original=False):
    """Bytes, or the pixels of an image, or the file that these came from."""
    reader, out = Reader(data), []
    while True:
        stream = Stream(reader)
        if stream.kind == "image":
            pixels, header, content = read_image(stream)
            out.append(original_file(content, pixels, header) if original else pixels)
        else:
            out.append(read_bytes(stream, dictionaries))
        need(reader.done() or stream.kind.startswith("bytes"), "something follows an image")
        need(stream.kind.startswith("bytes") or len(out) == 1, "an image follows something")
        if reader.done():
            return b"".join(out)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        sys.stdout.buffer.write(read(file.read()))
