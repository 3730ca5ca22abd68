//! The smallest networks: the mean of each colour, times a matrix, plus a bias. Their answers can be worked out by
//! hand, and each part of them can be wrong on request. Written as ONNX (Protocol Buffers) right here.

/// A network that can still be changed.
#[derive(Clone)]
pub(super) struct Sketch {
    pub(super) input: &'static str,
    pub(super) input_type: u64,
    /// `None` is a symbolic size.
    pub(super) input_shape: Vec<Option<u64>>,
    pub(super) output: &'static str,
    pub(super) output_shape: Option<Vec<Option<u64>>>,
    pub(super) second_input: bool,
    /// Three rows (red, green, blue) with one number for each output.
    pub(super) matrix: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) weights_elsewhere: bool,
    pub(super) operator: &'static str,
    pub(super) metadata: Vec<(&'static str, &'static str)>,
}

pub(super) const FLOAT: u64 = 1;
pub(super) const INT32: u64 = 6;

impl Default for Sketch {
    fn default() -> Self {
        Self {
            input: "pixel_values",
            input_type: FLOAT,
            input_shape: vec![None, Some(3), Some(224), Some(224)],
            output: "logits",
            output_shape: Some(vec![None, Some(6)]),
            second_input: false,
            #[rustfmt::skip]
            matrix: vec![
                1.0, 0.0, 0.0, -1.0, 0.5, 0.2,
                0.0, 1.0, 0.0, 0.3, -1.0, 0.1,
                0.0, 0.0, 1.0, 0.7, 0.4, -1.0,
            ],
            bias: vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
            weights_elsewhere: false,
            operator: "GlobalAveragePool",
            metadata: Vec::new(),
        }
    }
}

impl Sketch {
    /// What the network says about a picture that has one colour only, fed as ViT is.
    pub(super) fn probabilities(&self, colour: [u8; 3]) -> [f64; 6] {
        let fed = colour.map(|byte| (f64::from(byte) / 255.0 - 0.5) / 0.5);
        let powers = [0, 1, 2, 3, 4, 5].map(|class| {
            let row = |channel: usize| fed[channel] * f64::from(self.matrix[channel * 6 + class]);
            (row(0) + row(1) + row(2) + f64::from(self.bias[class])).exp()
        });
        powers.map(|power| power / powers.iter().sum::<f64>())
    }

    /// The bytes of `model.onnx`.
    pub(super) fn onnx(&self) -> Vec<u8> {
        let outputs = self.bias.len() as u64;
        let mut graph = Message::default();
        graph.message(1, &node(self.operator, &[self.input], "pooled"));
        graph.message(1, &node("Flatten", &["pooled"], "means"));
        graph.message(1, &node("MatMul", &["means", "matrix"], "product"));
        graph.message(1, &node("Add", &["product", "bias"], self.output));
        graph.text(2, "sketch");
        graph.message(5, &self.tensor("matrix", &[3, outputs], &self.matrix));
        graph.message(5, &self.tensor("bias", &[outputs], &self.bias));
        graph.message(11, &value(self.input, self.input_type, Some(&self.input_shape)));
        if self.second_input {
            graph.message(11, &value("attention_mask", FLOAT, Some(&[None, Some(3)])));
        }
        graph.message(12, &value(self.output, FLOAT, self.output_shape.as_deref()));

        let mut opset = Message::default();
        opset.text(1, "");
        opset.number(2, 17);
        let mut model = Message::default();
        model.number(1, 9);
        model.message(7, &graph);
        model.message(8, &opset);
        for (key, value) in &self.metadata {
            model.message(14, &entry(key, value));
        }
        model.0
    }

    fn tensor(&self, name: &str, sizes: &[u64], numbers: &[f32]) -> Message {
        let mut tensor = Message::default();
        for size in sizes {
            tensor.number(1, *size);
        }
        tensor.number(2, FLOAT);
        tensor.text(8, name);
        if self.weights_elsewhere {
            tensor.message(13, &entry("location", "model.onnx_data"));
            tensor.message(13, &entry("offset", "0"));
            tensor.message(13, &entry("length", &(numbers.len() * 4).to_string()));
            tensor.number(14, 1);
        } else {
            let raw: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            tensor.bytes(9, &raw);
        }
        tensor
    }
}

fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node.text(1, input);
    }
    node.text(2, output);
    node.text(4, operator);
    node
}

fn value(name: &str, element: u64, shape: Option<&[Option<u64>]>) -> Message {
    let mut tensor = Message::default();
    tensor.number(1, element);
    if let Some(sizes) = shape {
        let mut dimensions = Message::default();
        for size in sizes {
            let mut dimension = Message::default();
            match size {
                Some(size) => dimension.number(1, *size),
                None => dimension.text(2, "batch"),
            }
            dimensions.message(1, &dimension);
        }
        tensor.message(2, &dimensions);
    }
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut value = Message::default();
    value.text(1, name);
    value.message(2, &kind);
    value
}

fn entry(key: &str, value: &str) -> Message {
    let mut entry = Message::default();
    entry.text(1, key);
    entry.text(2, value);
    entry
}

/// A Protocol Buffers message while it is written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 128 {
            self.0.push(number.to_le_bytes()[0] | 128);
            number /= 128;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn message(&mut self, field: u64, message: &Message) {
        self.bytes(field, &message.0);
    }
}
