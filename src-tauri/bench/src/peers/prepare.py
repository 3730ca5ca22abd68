"""Prepares one JPEG as the peer PILLOW or LIBVIPS does, once for each line on standard input; answers in milliseconds.

python prepare.py {pillow|libvips} FILE
"""

import io
import pathlib
import sys
import time

peer, data = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes()

if peer == "pillow":
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None

    def prepare():
        image = Image.open(io.BytesIO(data)).convert("RGB")
        image.thumbnail((1024, 1024), Image.Resampling.LANCZOS)
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=85)
        return encoded.getvalue()

else:
    import pyvips

    # Otherwise the second turn finds the first one's result.
    pyvips.cache_set_max(0)

    def prepare():
        return pyvips.Image.thumbnail_buffer(data, 1024, height=1024, size="down").jpegsave_buffer(Q=85)


for _ in sys.stdin:
    begun = time.perf_counter()
    encoded = prepare()
    took = time.perf_counter() - begun
    if encoded[:2] != b"\xff\xd8":
        sys.exit("that is no JPEG")
    print(took * 1000, flush=True)
