"""Analyses one photo with ONNX Runtime, once for each line on standard input; answers in milliseconds.

python analysis.py {inference|photo} MODEL JPEG THREADS

`inference` is the network alone; `photo` begins with the file's bytes, read by Pillow as an image processor does.
"""

import io
import pathlib
import sys
import time

import numpy
import onnxruntime
from PIL import Image

part, model, photo, threads = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).read_bytes(), int(sys.argv[4])

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def tensor():
    rgb = Image.open(io.BytesIO(photo)).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
    values = (numpy.asarray(rgb, dtype=numpy.float32) / 255 - 0.5) / 0.5
    return numpy.ascontiguousarray(values.transpose(2, 0, 1)[None])


ready = tensor()
for _ in sys.stdin:
    begun = time.perf_counter()
    logits = session.run(["logits"], {"pixel_values": ready if part == "inference" else tensor()})[0][0].astype(float)
    powers = numpy.exp(logits - logits.max())
    probabilities = powers / powers.sum()
    took = time.perf_counter() - begun
    if not numpy.isfinite(probabilities).all():
        sys.exit("those are no probabilities")
    print(took * 1000, flush=True)
