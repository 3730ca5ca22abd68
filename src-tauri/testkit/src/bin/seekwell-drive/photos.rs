//! The demo clinic's photos: lesions that nobody has, as a phone would have taken them.

use std::error::Error;
use std::path::Path;

use seekwell_testkit::lesion::Lesion;

/// The size of a small phone photo: enough to show that zooming reaches more than the prepared 1024 pixels.
pub(crate) const SIZE: (u32, u32) = (1600, 1200);

/// The `number`th photo, as a JPEG.
pub(crate) fn photo(number: u64) -> Vec<u8> {
    Lesion::new(number, SIZE.0, SIZE.1).jpeg(90)
}

/// Writes `lesion-1.jpg` to `lesion-COUNT.jpg`.
#[expect(clippy::disallowed_methods, reason = "synthetic photos can be painted again")]
pub(crate) fn write(folder: &Path, count: u64) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    for number in 1..=count {
        std::fs::write(folder.join(format!("lesion-{number}.jpg")), photo(number))?;
    }
    println!("{count} synthetic photos in {}", folder.display());
    Ok(())
}
