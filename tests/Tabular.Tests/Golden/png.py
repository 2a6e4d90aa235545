"""Writes png.json: PNG files of every colour type and bit depth in base64, and their pixels as Pillow decodes them.

Run with Pillow (Debian's python3-pil):  python3 png.py > png.json
"""
import base64
import io
import json
import random
import struct
import zlib

from PIL import Image

HEIGHT, WIDTH = 11, 13


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(color, depth, samples, rows, extra=b""):
    """A file by hand, unfiltered: Pillow does not write every depth."""
    lines = b""
    for row in rows:
        if depth == 16:
            packed = b"".join(struct.pack(">H", v) for v in row)
        elif depth == 8:
            packed = bytes(row)
        else:
            bits = "".join(format(v, f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        lines += b"\0" + packed
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


random.seed(1)
cases = []


def add(name, data, channels, pixels):
    cases.append({"name": name, "file": base64.b64encode(data).decode(), "channels": channels,
                  "pixels": base64.b64encode(pixels).decode()})


def rows(samples, most):
    return [[random.randint(0, most) for _ in range(WIDTH * samples)] for _ in range(HEIGHT)]


for depth in (1, 2, 4, 8):
    values = rows(1, 2 ** depth - 1)
    data = png(0, depth, 1, values)
    add(f"grey {depth}", data, 1, Image.open(io.BytesIO(data)).convert("L").tobytes())
values = rows(1, 65535)
add("grey 16", png(0, 16, 1, values), 1, bytes(v >> 8 for row in values for v in row))
for color, samples, mode in ((2, 3, "RGB"), (4, 2, "LA"), (6, 4, "RGBA")):
    values = rows(samples, 255)
    data = png(color, 8, samples, values)
    add(f"{mode} 8", data, samples, Image.open(io.BytesIO(data)).convert(mode).tobytes())
    values = rows(samples, 65535)
    add(f"{mode} 16", png(color, 16, samples, values), samples, bytes(v >> 8 for row in values for v in row))
for depth in (1, 2, 4, 8):
    palette = bytes(random.randint(0, 255) for _ in range(3 * 2 ** depth))
    values = rows(1, 2 ** depth - 1)
    data = png(3, depth, 1, values, chunk(b"PLTE", palette))
    add(f"palette {depth}", data, 3, Image.open(io.BytesIO(data)).convert("RGB").tobytes())
    alpha = bytes(random.randint(0, 255) for _ in range(2 ** depth // 2))
    data = png(3, depth, 1, values, chunk(b"PLTE", palette) + chunk(b"tRNS", alpha))
    add(f"palette {depth} with alpha", data, 4, Image.open(io.BytesIO(data)).convert("RGBA").tobytes())

# A smooth picture, so that Pillow and ImageMagick choose every kind of filter.
smooth = Image.new("RGB", (WIDTH, HEIGHT))
smooth.putdata([((x * 19 + y * 3) % 256, (x * x + y * 11) % 256, (x * y * 2 + (x % 3) * 5) % 256)
                for y in range(HEIGHT) for x in range(WIDTH)])
stream = io.BytesIO()
smooth.save(stream, "PNG", optimize=True)
add("filtered", stream.getvalue(), 3, smooth.tobytes())
for mode, color, channels in (("RGB", 2, 3), ("L", 0, 1)):
    image = smooth.convert(mode)
    lines = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for y in range(y0, HEIGHT, dy):
            line = [image.getpixel((x, y)) for x in range(x0, WIDTH, dx)]
            if line:
                lines += b"\0" + bytes(v for p in line for v in (p if isinstance(p, tuple) else (p,)))
    data = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, color, 0, 0, 1))
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))
    decoded = Image.open(io.BytesIO(data)).convert(mode).tobytes()  # Pillow undoes the interlacing
    assert decoded == image.tobytes()
    add(f"interlaced {mode}", data, channels, decoded)
add("colours to grey", stream.getvalue(), 1, smooth.convert("L").tobytes())
print(json.dumps({"height": HEIGHT, "width": WIDTH, "cases": cases}, indent=1))
