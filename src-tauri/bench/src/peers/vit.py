"""Writes a Vision Transformer of the SeekWell classifier's shape, ViT-Base/16 at 224 pixels with six classes, as ONNX with
random weights.

python vit.py FILE

What is computed, and so the time that it takes, is the real model's; what comes out says nothing about anybody's skin, and
the file says so of itself.
"""

import sys

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

WIDTH, LAYERS, HEADS, INNER, CLASSES, SIDE, PATCH = 768, 12, 12, 3072, 6, 224, 16
PATCHES = (SIDE // PATCH) ** 2
HEAD = WIDTH // HEADS


class Graph:
    """Collects nodes and constants; every method gives the name of its result."""

    def __init__(self):
        self.nodes, self.constants = [], []
        self.random = numpy.random.default_rng(1)

    def op(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def weights(self, *shape):
        # By the number of inputs, so that numbers neither vanish nor explode on their way through twelve layers.
        spread = 1.0 / numpy.sqrt(shape[0] if len(shape) == 2 else numpy.prod(shape[1:], initial=50.0))
        return self.constant((self.random.standard_normal(shape) * spread).astype(numpy.float32))

    def linear(self, x, inputs, outputs):
        return self.op("Add", self.op("MatMul", x, self.weights(inputs, outputs)), self.weights(outputs))

    def normalised(self, x):
        gain = self.constant(numpy.ones(WIDTH, numpy.float32))
        shift = self.constant(numpy.zeros(WIDTH, numpy.float32))
        return self.op("LayerNormalization", x, gain, shift, axis=-1, epsilon=1e-12)

    def scalar(self, number):
        return self.constant(numpy.float32(number))


def attention(graph, x):
    split = graph.constant(numpy.array([0, 0, HEADS, HEAD], numpy.int64))
    joined = graph.constant(numpy.array([0, 0, WIDTH], numpy.int64))

    def heads(order):
        return graph.op("Transpose", graph.op("Reshape", graph.linear(x, WIDTH, WIDTH), split), perm=order)

    query, key, value = heads([0, 2, 1, 3]), heads([0, 2, 3, 1]), heads([0, 2, 1, 3])
    scores = graph.op("Mul", graph.op("MatMul", query, key), graph.scalar(HEAD**-0.5))
    seen = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)
    seen = graph.op("Reshape", graph.op("Transpose", seen, perm=[0, 2, 1, 3]), joined)
    return graph.linear(seen, WIDTH, WIDTH)


def feed_forward(graph, x):
    x = graph.linear(x, WIDTH, INNER)
    bent = graph.op("Erf", graph.op("Div", x, graph.scalar(2**0.5)))
    x = graph.op("Mul", graph.op("Mul", x, graph.op("Add", bent, graph.scalar(1.0))), graph.scalar(0.5))
    return graph.linear(x, INNER, WIDTH)


def embedded(graph):
    patches = graph.op(
        "Conv", "pixel_values", graph.weights(WIDTH, 3, PATCH, PATCH), graph.weights(WIDTH),
        kernel_shape=[PATCH, PATCH], strides=[PATCH, PATCH],
    )
    flat = graph.op("Reshape", patches, graph.constant(numpy.array([0, WIDTH, PATCHES], numpy.int64)))
    tokens = graph.op("Transpose", flat, perm=[0, 2, 1])
    return graph.op("Add", graph.op("Concat", graph.weights(1, 1, WIDTH), tokens, axis=1), graph.weights(1, PATCHES + 1, WIDTH))


def transformer():
    graph = Graph()
    x = embedded(graph)
    for _ in range(LAYERS):
        x = graph.op("Add", x, attention(graph, graph.normalised(x)))
        x = graph.op("Add", x, feed_forward(graph, graph.normalised(x)))
    first = graph.op("Gather", graph.normalised(x), graph.constant(numpy.int64(0)), axis=1)
    product = graph.op("MatMul", first, graph.weights(WIDTH, CLASSES))
    graph.nodes.append(helper.make_node("Add", [product, graph.weights(CLASSES)], ["logits"]))
    shaped = helper.make_graph(
        graph.nodes,
        "vit",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, CLASSES])],
        graph.constants,
    )
    model = helper.make_model(shaped, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"seekwell_demo": "true"})
    return model


model = transformer()
checker.check_model(model)
save(model, sys.argv[1])
