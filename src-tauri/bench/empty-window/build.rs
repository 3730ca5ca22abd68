//! As the build script of ours, with no commands.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(feature = "window")]
    tauri_build::try_build(tauri_build::Attributes::new())?;
    Ok(())
}
