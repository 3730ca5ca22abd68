//! The neural network itself, run by `rten`: loading, checking that it is what it must be, and one inference.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use rten::{DataType, Dimension, LoadErrorKind, Model, NodeId, NodeInfo, RunOptions, ThreadPool, ValueType};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use sha2::{Digest, Sha256};

use super::folder::{self, ModelError, NETWORK};
use super::{AnalysisError, Preprocessing, framing};

const INPUT: &str = "pixel_values";
const OUTPUT: &str = "logits";
/// A network that says so of itself is a demo whatever its manifest says, or whether it has one.
const DEMO: &str = "seekwell_demo";

/// How far the threads that compute stand back, as `nice(2)` counts: about a tenth of a core where somebody else wants all of
/// it, and all that is left where nobody does.
#[cfg(target_os = "linux")]
const STANDS_BACK: i32 = 10;

/// The threads that networks run on; shared by all of them. Whatever a person waits for goes before them: a window that is
/// drawn, a photo that is kept.
#[derive(Clone)]
pub struct Threads(Arc<ThreadPool>);

impl Threads {
    /// That many.
    pub fn new(count: NonZeroUsize) -> Self {
        let made = std::thread::spawn(move || {
            // Threads stand where the one that made them stands.
            stand_back();
            ThreadPool::with_num_threads(count.get())
        });
        let made = made.join();
        Self(Arc::new(
            made.unwrap_or_else(|_| ThreadPool::with_num_threads(count.get())),
        ))
    }

    /// One for each processor that this program may use.
    pub fn of_this_machine() -> Self {
        Self::new(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

/// Lets others go before this thread. It computes all the same where the system won't have it.
fn stand_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(STANDS_BACK) {
        tracing::warn!(%error, "analyses run as if somebody waited for them");
    }
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Threads")
    }
}

/// A loaded network whose input and output have been checked. Its calls block for as long as they compute.
pub(super) struct Network {
    model: Model,
    input: NodeId,
    output: NodeId,
    preprocessing: Preprocessing,
}

impl Network {
    /// Loads `model.onnx` and checks names, types and shapes.
    pub(super) fn load(dir: &Path, preprocessing: Preprocessing) -> Result<Self, ModelError> {
        let (file, bytes) = folder::open(dir, NETWORK)?.ok_or(ModelError::FileMissing { file: NETWORK })?;
        framing::check(file, bytes)?;
        let model = Model::load_file(dir.join(NETWORK)).map_err(|source| match source.kind() {
            // Its own words name paths.
            LoadErrorKind::ExternalDataError => ModelError::WeightsElsewhere,
            _ => ModelError::NotANetwork { source },
        })?;
        let input = checked_input(&model, preprocessing)?;
        let output = checked_output(&model)?;
        Ok(Self {
            model,
            input,
            output,
            preprocessing,
        })
    }

    /// Whether the file itself says that it has random weights.
    pub(super) fn says_demo(&self) -> bool {
        self.model.metadata().get(DEMO) == Some("true")
    }

    /// One inference on a grey image, which must give six finite numbers.
    pub(super) fn try_out(&self, threads: &Threads) -> Result<(), ModelError> {
        let grey = vec![128; self.preprocessing.samples()];
        match self.logits(&grey, threads) {
            Ok(_) => Ok(()),
            Err(AnalysisError::Inference { source }) => Err(ModelError::Trial { source }),
            Err(_) => Err(ModelError::TrialNotAnAnswer),
        }
    }

    /// The six outputs for an image of the size that the preprocessing names, in the network's order.
    pub(super) fn logits(&self, rgb: &[u8], threads: &Threads) -> Result<[f64; 6], AnalysisError> {
        let expected = self.preprocessing.samples();
        let tensor = self.preprocessing.tensor(rgb).ok_or(AnalysisError::PixelCount {
            expected,
            found: rgb.len(),
        })?;
        let shape = [
            1,
            3,
            self.preprocessing.height as usize,
            self.preprocessing.width as usize,
        ];
        let tensor = NdTensor::from_data(shape, tensor);
        let options = RunOptions::default().with_thread_pool(Some(threads.0.clone()));
        let answers = self
            .model
            .run(vec![(self.input, tensor.into())], &[self.output], Some(options))
            .map_err(|source| AnalysisError::Inference { source })?;
        answers
            .into_iter()
            .next()
            .and_then(|answer| NdTensor::<f32, 2>::try_from(answer).ok())
            .filter(|logits| logits.shape() == [1, 6] && logits.iter().all(|logit| logit.is_finite()))
            .map(|logits| [0, 1, 2, 3, 4, 5].map(|class| f64::from(logits[[0, class]])))
            .ok_or(AnalysisError::NotAnAnswer)
    }
}

/// Probabilities from logits: `exp(x) / Σ exp(x)`, shifted by the largest so that nothing overflows.
pub(super) fn softmax(logits: [f64; 6]) -> [f64; 6] {
    let largest = logits.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let powers = logits.map(|logit| (logit - largest).exp());
    let sum: f64 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// SHA-256 of what is left of a file, as 64 lower-case hex digits, after handing each piece to `each`.
pub(super) fn hash(mut file: File, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 18];
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&piece[..read]);
        each(&piece[..read])?;
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn checked_input(model: &Model, preprocessing: Preprocessing) -> Result<NodeId, ModelError> {
    let (width, height) = (preprocessing.width, preprocessing.height);
    let wrong = |found| ModelError::Input { width, height, found };
    let &[id] = model.input_ids() else {
        return Err(wrong(format!("{} inputs", model.input_ids().len())));
    };
    let info = model.node_info(id).ok_or_else(|| wrong("nothing".to_owned()))?;
    let sizes = [1, 3, height as usize, width as usize];
    if info.name() == Some(INPUT) && is_float(&info) && may_be(info.shape().as_deref(), &sizes) {
        Ok(id)
    } else {
        Err(wrong(described(&info)))
    }
}

fn checked_output(model: &Model) -> Result<NodeId, ModelError> {
    let named = |id: &&NodeId| {
        model
            .node_info(**id)
            .is_some_and(|info| info.name() == Some(OUTPUT))
    };
    let Some(id) = model.output_ids().iter().find(named) else {
        let infos = model.output_ids().iter().filter_map(|id| model.node_info(*id));
        let found: Vec<String> = infos.map(|info| described(&info)).collect();
        return Err(ModelError::Output {
            found: found.join(", "),
        });
    };
    match model.node_info(*id) {
        Some(info) if is_float(&info) && may_be(info.shape().as_deref(), &[1, 6]) => Ok(*id),
        Some(info) => Err(ModelError::Output {
            found: described(&info),
        }),
        None => Err(ModelError::Output {
            found: "nothing".to_owned(),
        }),
    }
}

fn is_float(info: &NodeInfo<'_>) -> bool {
    matches!(info.dtype(), None | Some(ValueType::Tensor(DataType::Float)))
}

/// Whether a tensor of those sizes fits; a shape that is not said, or a size that is a symbol, fits anything.
fn may_be(shape: Option<&[Dimension]>, sizes: &[usize]) -> bool {
    shape.is_none_or(|shape| {
        shape.len() == sizes.len()
            && shape.iter().zip(sizes).all(|(dimension, size)| match dimension {
                Dimension::Fixed(fixed) => fixed == size,
                Dimension::Symbolic(_) => true,
            })
    })
}

/// Name, type and shape, for an error's sentence.
fn described(info: &NodeInfo<'_>) -> String {
    let name: String = info
        .name()
        .unwrap_or("unnamed")
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    let kind = match info.dtype() {
        Some(kind) => kind.to_string(),
        None => "of no type".to_owned(),
    };
    let sizes: Vec<String> = info
        .shape()
        .unwrap_or_default()
        .iter()
        .map(|dimension| match dimension {
            Dimension::Fixed(size) => size.to_string(),
            Dimension::Symbolic(_) => "any".to_owned(),
        })
        .collect();
    format!("`{name}`, {kind} [{}]", sizes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::softmax;

    /// As `proc_pid_stat(5)` counts its fields, without the two before the state.
    #[cfg(target_os = "linux")]
    const NICE: usize = 16;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_computes_lets_everything_else_go_first() {
        let threads = super::Threads::new(std::num::NonZeroUsize::MIN);
        let stat = threads
            .0
            .run(|| std::fs::read_to_string("/proc/thread-self/stat").unwrap());
        let (_, after_its_name) = stat.rsplit_once(')').unwrap();
        let nice = after_its_name.split_whitespace().nth(NICE).unwrap();
        assert_eq!(nice.parse(), Ok(super::STANDS_BACK));
    }

    #[test]
    fn softmax_adds_up_and_does_not_overflow() {
        for logits in [
            [0.0; 6],
            [1000.0, 999.0, -1000.0, 0.0, 0.0, 0.0],
            [-1e300, -1e300, -1e300, -1e300, -1e300, 1e300],
            [3.4e38; 6],
        ] {
            let probabilities = softmax(logits);
            let sum: f64 = probabilities.iter().sum();
            assert!((sum - 1.0).abs() < 1e-12, "{logits:?}: {probabilities:?}");
        }
        assert_eq!(softmax([0.0; 6]), [1.0 / 6.0; 6]);
        let [a, b, ..] = softmax([1000.0, 999.0, -1000.0, 0.0, 0.0, 0.0]);
        assert!((a / b - std::f64::consts::E).abs() < 1e-9);
    }
}
