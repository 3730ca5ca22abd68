//! The full-size ViT on this machine beside ONNX Runtime with as many threads: the network alone, and from the derivative's
//! bytes to the opinion, where ours decodes in a worker process and the peer with Pillow.

use std::fs::File;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use seekwell_core::analysis::{Analyzer, InstalledModel, Later, Models, OnDevice, PixelSource, Threads};
use seekwell_core::imaging::{self, Refusal, Resample, worker::Workers};
use seekwell_testkit::lesion::Lesion;
use seekwell_testkit::python::Python;
use tokio::runtime::Runtime;

use crate::contestant::{Contestant, Cores};
use crate::measurement::{Measurement, Unit};
use crate::processes;
use crate::program::{self, Outcome, Pace, text};
use crate::turns::{Turn, alternate, milliseconds_since};

const BENCH: &str = "analysis";
/// Of ONNX Runtime's time.
const OF_ONNX_RUNTIME: f64 = 1.2;
const CONFIG: &str = r#"{"id2label":{"0":"ACK","1":"BCC","2":"MEL","3":"NEV","4":"SCC","5":"SEK"}}"#;

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let python = peers_python();
    let folder = program::folder("vit")?;
    let network = network(&python, &folder)?;
    let derivative = imaging::prepare(&Lesion::new(2, 2000, 1500).jpeg(92))?.derivative;
    let photo = folder.join("derivative.jpg");
    File::create(&photo)?.write_all(&derivative)?;

    let runtime = Runtime::new()?;
    let count = std::thread::available_parallelism()?;
    let model = runtime.block_on(installed(&folder, count))?;
    let ours = Ours {
        runtime,
        model,
        threads: Threads::new(count),
        derivative,
    };
    let rival = |part: &str| rival(&python, part, &network, &photo, count.get(), Cores::All);
    network_alone(&ours, rival("inference")?, count, pace)?;
    whole_photo(&ours, rival("photo")?, count, pace)
}

/// What the peers need.
pub(crate) fn peers_python() -> Python {
    Python::with(&[
        "numpy==2.4.6",
        "onnx==1.23.2",
        "onnxruntime==1.32.0",
        "pillow==13.0.0",
    ])
}

/// ONNX Runtime with so many threads: `inference` alone, or a `photo` from its derivative.
pub(crate) fn rival(
    python: &Python,
    part: &str,
    network: &Path,
    photo: &Path,
    threads: usize,
    cores: Cores,
) -> Outcome<Contestant> {
    let words = [part, text(network)?, text(photo)?, &threads.to_string()];
    Contestant::python(python, include_str!("peers/analysis.py"), &words, cores)
}

struct Ours {
    runtime: Runtime,
    model: InstalledModel,
    threads: Threads,
    derivative: Vec<u8>,
}

impl Ours {
    fn analyser(&self, pixels: Arc<dyn PixelSource>) -> OnDevice {
        OnDevice::new(self.model.clone(), pixels, self.threads.clone())
    }

    fn opinion(&self, analyser: &OnDevice) -> Outcome<f64> {
        let derivative = self.derivative.clone();
        let begun = Instant::now();
        self.runtime.block_on(analyser.analyse(derivative))?;
        Ok(milliseconds_since(begun))
    }
}

fn network_alone(ours: &Ours, mut rival: Contestant, threads: NonZeroUsize, pace: Pace) -> Outcome {
    let rgb = imaging::pixels(&ours.derivative, 224, 224, Resample::Bilinear)?;
    let analyser = ours.analyser(Arc::new(AtHand(rgb)));
    let mut turns: [Turn<'_>; 2] = [Box::new(|| ours.opinion(&analyser)), Box::new(|| rival.turn())];
    let medians = alternate(5, pace.choose(51, 3), &mut turns)?;
    drop(turns);
    report("ViT-Base/16, the network alone", &medians, threads);
    Measurement {
        bench: BENCH,
        case: "ViT-Base/16, memory with the network loaded",
        unit: Unit::Megabytes,
        ours: processes::held_by_mb(&[std::process::id()]),
        peer: "ONNX Runtime in Python",
        peers: rival.held_mb()?,
        at_most: None,
    }
    .report();
    Ok(())
}

fn whole_photo(ours: &Ours, mut rival: Contestant, threads: NonZeroUsize, pace: Pace) -> Outcome {
    let analyser = ours.analyser(Arc::new(Workers::for_current_exe()?));
    let mut turns: [Turn<'_>; 2] = [Box::new(|| ours.opinion(&analyser)), Box::new(|| rival.turn())];
    let medians = alternate(5, pace.choose(51, 3), &mut turns)?;
    report("ViT-Base/16, derivative to opinion", &medians, threads);
    Ok(())
}

fn report(case: &str, medians: &[f64], threads: NonZeroUsize) {
    Measurement {
        bench: BENCH,
        case: &format!("{case}, {threads} threads"),
        unit: Unit::Milliseconds,
        ours: medians[0],
        peer: "ONNX Runtime",
        peers: medians[1],
        at_most: Some(OF_ONNX_RUNTIME),
    }
    .report();
}

/// The network with random weights, written once.
pub(crate) fn network(python: &Python, folder: &Path) -> Outcome<PathBuf> {
    let network = folder.join("model.onnx");
    if !network.exists() {
        eprintln!("writing a ViT of 343 MB with random weights");
        let half = folder.join("model.half");
        python.run(include_str!("peers/vit.py"), &[&half], &[]);
        std::fs::rename(half, &network)?;
        File::create(folder.join("config.json"))?.write_all(CONFIG.as_bytes())?;
    }
    Ok(network)
}

/// As a person installs it.
async fn installed(from: &Path, threads: NonZeroUsize) -> Outcome<InstalledModel> {
    let models = Models::open(program::folder("models")?).await?;
    Ok(models.install(from.to_owned(), &Threads::new(threads)).await?)
}

/// Pixels that nobody has to decode.
struct AtHand(Vec<u8>);

impl PixelSource for AtHand {
    fn pixels(&self, _: Vec<u8>, _: u32, _: u32, _: Resample) -> Later<'_, Result<Vec<u8>, Refusal>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}
