//! `vault.json` and its copy: one may be lost or damaged, both may not, and neither is made anew.

use seekwell_core::error::{Code, Error, Failure};
use seekwell_core::vault::{Envelope, VaultError};
use seekwell_core::workstation::{Found, Workstation, look};

use super::ward::{PASSWORD, Ward, write};

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_bit_in_one_of_the_two_files_costs_nothing() {
    let (ward, opened, _) = Ward::found().await;
    opened.close().await;
    let files = ["vault.json", "vault.json.copy"].map(|name| ward.data_dir().join(name));
    let whole = std::fs::read(&files[0]).unwrap();
    assert!(std::fs::read(&files[1]).unwrap() == whole);
    let place = ward.place();
    for file in &files {
        for bit in 0..whole.len() * 8 {
            write(file, &flipped(&whole, bit));
            let envelope = Envelope::read(&ward.data_dir()).unwrap().unwrap();
            let device = place.keys.load(envelope.vault).unwrap();
            assert!(
                envelope.unlock(&device).is_ok(),
                "bit {bit} of {}",
                file.display()
            );
        }
        // A start mends what it finds, be it damaged, shortened or gone.
        for damaged in [Some(flipped(&whole, 999)), Some(whole[..100].to_vec()), None] {
            match damaged {
                Some(bytes) => write(file, &bytes),
                None => std::fs::remove_file(file).unwrap(),
            }
            assert_eq!(look(&place).unwrap(), Found::Workstation);
            ward.open().await.unwrap().close().await;
            assert!(std::fs::read(file).unwrap() == whole);
        }
    }
}

/// A disk that is damaged gives an error more often than other bytes.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_not_be_read_is_as_good_as_its_copy() {
    let (ward, opened, _) = Ward::found().await;
    opened.close().await;
    let file = ward.data_dir().join("vault.json");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(Envelope::read(&ward.data_dir()).unwrap().is_some());
    std::fs::remove_file(ward.data_dir().join("vault.json.copy")).unwrap();
    assert!(Envelope::read(&ward.data_dir()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_both_files_damaged_it_says_so_and_nothing_is_made_anew() {
    let (ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    opened.keep(patient, 1).await;
    opened.close().await;
    let files = ["vault.json", "vault.json.copy"].map(|name| ward.data_dir().join(name));
    let whole = std::fs::read(&files[0]).unwrap();
    let at = whole
        .windows(10)
        .position(|word| word == b"\"database\"")
        .unwrap()
        + 40;
    let damaged = flipped(&whole, at * 8);
    files.iter().for_each(|file| write(file, &damaged));
    says_damaged(&ward).await;
    assert!(files.iter().all(|file| std::fs::read(file).unwrap() == damaged));

    // Gone altogether: records without keys are no first run either.
    for gone in ["vault.json", "vault.json.copy"] {
        std::fs::remove_file(ward.data_dir().join(gone)).unwrap();
    }
    says_damaged(&ward).await;
    std::fs::rename(
        ward.data_dir().join("seekwell.db"),
        ward.data_dir().join("elsewhere"),
    )
    .unwrap();
    // The photos alone are enough.
    says_damaged(&ward).await;
    assert!(files.iter().all(|file| !file.exists()));
    std::fs::rename(
        ward.data_dir().join("elsewhere"),
        ward.data_dir().join("seekwell.db"),
    )
    .unwrap();
    write(&files[1], &whole);
    ward.open().await.unwrap().close().await;

    assert_eq!(look(&Ward::bare().place()).unwrap(), Found::Nothing);
}

async fn says_damaged(ward: &Ward) {
    let looked = look(&ward.place()).unwrap_err();
    let Err(opened) = ward.open().await else {
        panic!("it opens")
    };
    for error in [looked, opened] {
        assert!(
            matches!(error, Error::Vault(VaultError::EnvelopeDamaged)),
            "{error}"
        );
        assert_eq!(Failure::from(error).code, Code::DatabaseDamaged);
    }
    let first = seekwell_core::clinical::NewPerson {
        full_name: "Lê Thị Mai (mẫu)".to_owned(),
        email: "mai@example.test".to_owned(),
        password: PASSWORD.to_owned().into(),
    };
    assert!(
        Workstation::set_up(ward.place(), "Trạm y tế Mẫu", first)
            .await
            .is_err()
    );
}

fn flipped(whole: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}
