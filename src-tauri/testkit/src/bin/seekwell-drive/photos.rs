//! The demo clinic's photos: lesions that nobody has, as a phone would have taken them.

use std::error::Error;
use std::path::Path;

use seekwell_testkit::photograph::demo;

/// Writes `lesion-1.jpg` to `lesion-COUNT.jpg`.
#[expect(clippy::disallowed_methods, reason = "synthetic photos can be painted again")]
pub(crate) fn write(folder: &Path, count: u64) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    for number in 1..=count {
        std::fs::write(folder.join(format!("lesion-{number}.jpg")), demo(number))?;
    }
    println!("{count} synthetic photos in {}", folder.display());
    Ok(())
}
