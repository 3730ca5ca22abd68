//! Photos between their file and their record: in memory, and nobody else's.

use seekwell_core::error::{Code, Failure};
use seekwell_testkit::process::picture;

use super::ward::Ward;

/// Who signs out while a photo is being prepared leaves nothing of it in memory.
#[tokio::test]
async fn a_photo_that_is_being_prepared_goes_with_whoever_signs_out() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let staging = station.stage(caller, "a.bmp".to_owned(), picture(1));
    let (staged, ()) = tokio::join!(staging, async { station.sign_out(caller.clone()) });
    assert_eq!(Failure::from(&staged.unwrap_err()).code, Code::StagedGone);
}
