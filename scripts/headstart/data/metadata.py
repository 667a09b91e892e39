"""Read and remove metadata beside the pixels of a picture file: viewers pass over broken entries, Pillow does not."""

import struct
import zlib


def orientation(exif):
    """Return the orientation in EXIF data, a number, or None. Other entries may be broken."""
    data = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if not order or len(data) < 10:
        return None
    (start,) = struct.unpack_from(f"{order}L", data, 4)
    for place in range(start + 2, len(data) - 11, 12):
        tag, kind = struct.unpack_from(f"{order}HH", data, place)
        if tag == 0x0112:
            return struct.unpack_from(order + {1: "B", 4: "L"}.get(kind, "H"), data, place + 8)[0]
    return None


def bare(content):
    """Return the bytes of a JPEG or PNG with its pixels and its orientation alone; other files stay as they are."""
    if content.startswith(b"\xff\xd8"):
        return b"\xff\xd8" + b"".join(_segments(content))
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content[:8] + b"".join(_chunks(content))
    return content


def _segments(content):
    """Yield the segments of a JPEG from its second on. JFIF's and Adobe's say in which colours it is."""
    place = 2
    while content[place : place + 1] == b"\xff" and content[place + 1 : place + 2] not in (b"\xda", b""):
        size = 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        marker, data = content[place + 1], content[place + 4 : place + size]
        colours = marker == 0xE0 and len(data) >= 14 or marker == 0xEE and len(data) >= 12
        if data.startswith(b"Exif\0\0"):
            yield _turned(orientation(data) or 1)
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE) or colours:
            yield content[place : place + size]
        place += size
    yield content[place:]


def _turned(number):
    """Return a segment of EXIF with an orientation and nothing else."""
    entry = struct.pack("<HHHLHH", 1, 0x0112, 3, 1, number, 0)
    data = b"Exif\0\0" + struct.pack("<2sHL", b"II", 42, 8) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def _chunks(content):
    """Yield the chunks of a PNG that a decoder must know (a capital first), its transparency, and EXIF."""
    place = 8
    while place < len(content):
        size = 12 + int.from_bytes(content[place : place + 4], "big")
        chunk = content[place : place + size]
        whole = zlib.crc32(chunk[4:-4]).to_bytes(4, "big") == chunk[-4:]
        if chunk[4:5].isupper() or whole and chunk[4:8] in (b"tRNS", b"eXIf"):
            yield chunk
        place += size
