#!/usr/bin/env python3
"""Renders the icon set that Tauri bundles from the two drawings beside this file.

Needs rsvg-convert (Debian: librsvg2-bin). Small sizes come from a drawing of their own, because
the fine lines of the large one turn to mud below 48 pixels. ICO and ICNS are written here: both
are only a table of PNG files.
"""

import struct
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
SMALL = 48


def png(size: int) -> bytes:
    drawing = HERE / ("seekwell-small.svg" if size <= SMALL else "seekwell.svg")
    command = ["rsvg-convert", "--width", str(size), "--height", str(size), str(drawing)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def ico(sizes: list[int]) -> bytes:
    """Windows takes the first entry for its window icon, hence 32 before 16."""
    images = [png(size) for size in sizes]
    offset = 6 + 16 * len(images)
    table, body = struct.pack("<HHH", 0, 1, len(images)), b""
    for size, image in zip(sizes, images):
        side = size % 256  # 256 is written as 0
        table += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(image), offset + len(body))
        body += image
    return table + body


def icns(kinds: dict[str, int]) -> bytes:
    body = b""
    for kind, size in kinds.items():
        image = png(size)
        body += kind.encode() + struct.pack(">I", 8 + len(image)) + image
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def main() -> None:
    for name, size in {
        "32x32.png": 32,
        "128x128.png": 128,
        "128x128@2x.png": 256,
        "icon.png": 512,
        "StoreLogo.png": 50,
        "Square30x30Logo.png": 30,
        "Square44x44Logo.png": 44,
        "Square71x71Logo.png": 71,
        "Square89x89Logo.png": 89,
        "Square107x107Logo.png": 107,
        "Square142x142Logo.png": 142,
        "Square150x150Logo.png": 150,
        "Square284x284Logo.png": 284,
        "Square310x310Logo.png": 310,
    }.items():
        (HERE / name).write_bytes(png(size))
    (HERE / "icon.ico").write_bytes(ico([32, 16, 24, 48, 64, 256]))
    (HERE / "icon.icns").write_bytes(
        icns({"icp4": 16, "icp5": 32, "ic11": 32, "ic12": 64, "ic07": 128, "ic13": 256, "ic08": 256, "ic14": 512, "ic09": 512, "ic10": 1024})
    )


if __name__ == "__main__":
    main()
