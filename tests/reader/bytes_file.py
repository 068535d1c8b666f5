"""Streams of bytes and image files: docs/spec/format.md, section 4."""

from byte_coder import ByteCoder
from container import need
from copies import Copies
from spans import Span, replace

BLOCKS = ("stored", "fill", "contexts-only", "network")


def make_coder(stream, dictionaries):
    if stream.kind != "bytes with a dictionary":
        return ByteCoder(stream.parameter, stream.model)
    known = [d for d in dictionaries if d.id == stream.model]
    need(known, "unknown dictionary")
    return ByteCoder(stream.parameter, known[0].model, known[0])


def read_bytes(stream, dictionaries=()):
    """format.md, section 4."""
    coder, out, spans, fills, length, file = make_coder(stream, dictionaries), [], [], [], 0, None
    copies, chunks = Copies(), 0
    for chunk in stream.chunks():
        body = chunk.body
        if stream.kind == "image file" and not file:
            need(chunk.kind == "file header", "an image file begins with the file header")
            file = read_file_header(chunk.checked_rest())
        elif chunk.kind is None:
            chunk.checked_rest()
        elif chunk.kind == "empty":
            need(body.done() and chunk.final and not chunks, "an empty chunk is all of its stream")
        elif chunk.kind == "stored":
            checksum = chunk.checksum()
            out.append(chunk.verify(body.rest(), checksum))
            need(out[-1], "a stored block is empty")
        elif chunk.kind == "fill":
            content = chunk.checked_rest()
            count = content.number()
            need(1 <= count <= 1 << 30, "the length of a fill is out of range")
            out.append(content.take(1) * count)
            need(content.done(), "a fill is too long")
            fills.append((length, length + count))
        elif chunk.kind in ("contexts-only", "network"):
            out.append(coder.block(chunk))
        elif chunk.kind == "file span":
            spans.append(Span(chunk, length))
            need(not spans[1:] or spans[-2].start <= spans[-1].start, "spans are out of order")
        elif chunk.kind == "window":
            need(not chunks and stream.kind != "image file", "a window does not come first")
            copies.open(chunk.checked_rest())
        elif chunk.kind == "copies":
            # Files in the place of spans change how much came.
            copies.take(chunk.checked_rest(), 0 if spans else length)
        elif chunk.kind == "end":
            need(all(at <= length for span in spans for at in (span.start, span.end)), "a span goes on behind the stream")
            in_fills = (a < at < b for a, b in fills for span in spans for at in (span.start, span.end))
            need(not any(in_fills), "a span begins or ends in a fill")
            whole, checksum = copies.put(replace(b"".join(out), spans, 0, length)), chunk.checksum()
            chunk.verify(whole, checksum)
            need(chunk.final and body.number() == len(whole) and body.done(), "the end has another length")
            return whole
        else:
            need(False, "the kind is not for bytes")
        chunks += chunk.kind is not None
        if chunk.kind in BLOCKS:
            length += len(out[-1])
            need(not chunk.final or chunks == 1, "a stream of several chunks needs an end")
    return b"".join(out)


def read_file_header(content):
    """format.md, section 4.5."""
    form, width, height, color = content.byte(), content.number(), content.number(), content.byte()
    need(form == 1 and 1 <= width <= 65535 and 1 <= height <= 65535 and color in (0, 2), "the file header is wrong")
    need(content.done(), "the file header is too long")
    return True
