"""Pillow's own steps, as the reference that our preparation is held to.

variants BASE OUT      writes the picture BASE in every colour model and orientation to OUT
compare DIR            for NAME.original and NAME.ours in DIR: sizes, and PSNR of both to the exact result
sizes                  reads [[width, height], ...] and answers what Image.thumbnail((1024, 1024)) makes
resize DIR W H         for every *.jpg in DIR writes NAME.<filter>.rgb, resized as an image processor does
"""

import functools
import io
import json
import math
import pathlib
import sys

import numpy
from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None


def stored_rgb(path):
    """8-bit RGB as stored, and the orientation: convert('RGB') save where that loses what must be seen."""
    image = Image.open(path)
    image.load()
    orientation = image.getexif().get(0x0112, 1)
    if image.mode.startswith("I"):
        # convert('RGB') cuts 16-bit values off at 255 instead of scaling them.
        grey = numpy.asarray(image, dtype=numpy.float64) / 257.0
        image = Image.fromarray(numpy.rint(grey).astype(numpy.uint8))
    elif image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB"), orientation


def upright(image, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    return ImageOps.exif_transpose(image)


def turned(pixels, orientation):
    """The same turn on an array."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    rows, columns = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}.get(orientation, (1, 1))
    return pixels[::rows, ::columns]


def lanczos(x):
    if x <= -3.0 or x >= 3.0:
        return 0.0
    if x == 0.0:
        return 1.0
    x *= math.pi
    return 3.0 * math.sin(x) * math.sin(x / 3.0) / (x * x)


def exact_axis(pixels, out):
    """Lanczos along the first axis in double precision, without rounding between the axes."""
    size = pixels.shape[0]
    if size == out:
        return pixels
    scale = size / out
    widened = max(scale, 1.0)
    matrix = numpy.zeros((out, size))
    for place in range(out):
        centre = (place + 0.5) * scale
        low = max(int(centre - 3.0 * widened + 0.5), 0)
        high = min(int(centre + 3.0 * widened + 0.5), size)
        weights = numpy.array([lanczos((at - centre + 0.5) / widened) for at in range(low, high)])
        matrix[place, low:high] = weights / weights.sum()
    return (matrix @ pixels.reshape(size, -1)).reshape(out, *pixels.shape[1:])


@functools.cache
def exact(stored, size):
    """The same pixels are stored in many orientations, and this is the slow part."""
    pixels = numpy.frombuffer(stored[1], dtype=numpy.uint8).reshape(stored[0]).astype(numpy.float64)
    rows = exact_axis(pixels, size[1])
    return exact_axis(rows.transpose(1, 0, 2), size[0]).transpose(1, 0, 2).clip(0.0, 255.0)


def psnr(pixels, reference):
    error = numpy.mean((pixels.astype(numpy.float64) - reference) ** 2)
    return 99.0 if error == 0 else 10.0 * math.log10(255.0**2 / error)


def compare(folder):
    answer = {}
    for original in sorted(pathlib.Path(folder).glob("*.original")):
        stored, orientation = stored_rgb(original)
        pillow = upright(stored, orientation)
        pillow.thumbnail((1024, 1024), Image.Resampling.LANCZOS)
        encoded = io.BytesIO()
        pillow.save(encoded, "JPEG", quality=85)
        ours = Image.open(original.with_suffix(".ours"))
        entry = {"pillow_size": list(pillow.size), "ours_size": list(ours.size), "ours_mode": ours.mode}
        if ours.size == pillow.size:
            pixels = numpy.asarray(stored)
            lying = pillow.size[::-1] if orientation >= 5 else pillow.size
            reference = turned(exact((pixels.shape, pixels.tobytes()), lying), orientation)
            entry["ours_psnr"] = psnr(numpy.asarray(ours), reference)
            entry["pillow_psnr"] = psnr(numpy.asarray(Image.open(encoded)), reference)
        answer[original.stem] = entry
    return answer


def variants(base, out):
    rgb = Image.open(base).convert("RGB")
    out = pathlib.Path(out)
    grey, cmyk = rgb.convert("L"), rgb.convert("CMYK")
    palette = rgb.quantize(200)
    rgba = Image.merge("RGBA", (*rgb.split(), Image.linear_gradient("L").resize(rgb.size)))
    deep = Image.fromarray(numpy.asarray(grey, dtype=numpy.uint16) * 256 + 77)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation

        def save(image, name, form, **options):
            image.save(out / f"{name}-{orientation}.original", form, exif=exif, **options)

        save(rgb, "rgb", "JPEG", quality=92)
        save(rgb, "progressive", "JPEG", quality=92, progressive=True)
        save(grey, "grey", "JPEG", quality=92)
        save(cmyk, "cmyk", "JPEG", quality=92)
        save(palette, "palette", "PNG", compress_level=1)
        save(rgba, "rgba", "PNG", compress_level=1)
        save(deep, "deep", "PNG", compress_level=1)
        if orientation == 6:
            save(rgb, "webp", "WEBP", quality=90, method=0)
            save(rgb, "lossless-webp", "WEBP", lossless=True, quality=0, method=0)
            save(rgb, "tiff", "TIFF", compression="tiff_lzw")
            save(cmyk, "tiff-cmyk", "TIFF", compression="tiff_lzw")
            save(rgb.convert("1"), "bit", "PNG")
    rgb.save(out / "bmp-1.original", "BMP")
    return sorted(path.stem for path in out.glob("*.original"))


def sizes(wanted):
    answer = []
    for width, height in wanted:
        image = Image.new("1", (width, height))
        image.thumbnail((1024, 1024), Image.Resampling.NEAREST)
        answer.append(list(image.size))
    return answer


def resize(folder, width, height):
    for path in sorted(pathlib.Path(folder).glob("*.jpg")):
        image = Image.open(path).convert("RGB")
        for name in ("nearest", "bilinear", "bicubic", "lanczos"):
            resized = image.resize((width, height), Image.Resampling[name.upper()])
            path.with_suffix(f".{name}.rgb").write_bytes(resized.tobytes())
    return True


match sys.argv[1:]:
    case ["variants", base, out]:
        result = variants(base, out)
    case ["compare", folder]:
        result = compare(folder)
    case ["sizes"]:
        result = sizes(json.load(sys.stdin))
    case ["resize", folder, width, height]:
        result = resize(folder, int(width), int(height))
    case other:
        sys.exit(f"unknown: {other}")
json.dump(result, sys.stdout)
