//! Recovery keys: renewed, confirmed, used; and the key file that another vault may share.

use seekwell_core::error::{Code, Failure};
use seekwell_core::vault::{DeviceKey, Envelope, RecoveryKey};
use seekwell_core::workstation::RecoveryOffer;

use super::ward::{PASSWORD, Ward, write};

fn key(offer: &RecoveryOffer) -> RecoveryKey {
    RecoveryKey::parse(&offer.groups.concat()).unwrap()
}

fn asked(offer: &RecoveryOffer) -> Vec<String> {
    offer
        .ask
        .iter()
        .map(|at| offer.groups[*at as usize].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_recovery_key_holds_until_the_new_one_was_typed_back() {
    let (ward, opened, old) = Ward::found().await;
    let new = opened
        .workstation
        .renew_recovery_key(&opened.caller, PASSWORD)
        .await
        .unwrap();
    opened.close().await;

    // Not typed back: both open it, after a start in between too.
    ward.open().await.unwrap().close().await;
    for offer in [&old, &new, &old] {
        std::fs::remove_file(ward.key_file()).unwrap();
        ward.recover(&key(offer)).await.unwrap().close().await;
        ward.open().await.unwrap().close().await;
    }

    // An offer ends with the process that showed it.
    let opened = ward.open().await.unwrap();
    let stale = opened
        .workstation
        .confirm_recovery_key(&opened.caller, &asked(&new))
        .await;
    assert_eq!(
        Failure::from(stale.unwrap_err()).code,
        Code::RecoveryKeyNotOffered
    );
    let newest = opened
        .workstation
        .renew_recovery_key(&opened.caller, PASSWORD)
        .await
        .unwrap();
    let confirm = |typed| opened.workstation.confirm_recovery_key(&opened.caller, typed);
    let wrong = asked(&new);
    assert_eq!(
        Failure::from(confirm(&wrong).await.unwrap_err()).code,
        Code::RecoveryKeyWrong
    );
    confirm(&asked(&newest)).await.unwrap();
    opened.close().await;

    std::fs::remove_file(ward.key_file()).unwrap();
    for offer in [&old, &new] {
        let Err(error) = ward.recover(&key(offer)).await else {
            panic!("a key that was replaced opens it")
        };
        assert_eq!(Failure::from(error).code, Code::RecoveryKeyWrong);
    }
    ward.recover(&key(&newest)).await.unwrap().close().await;
    ward.open().await.unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_renewals_at_once_the_key_that_is_confirmed_is_the_one_that_opens() {
    let (ward, opened, _) = Ward::found().await;
    for _ in 0..5 {
        let renew = || {
            let (station, caller) = (opened.workstation.clone(), opened.caller.clone());
            tokio::spawn(async move { station.renew_recovery_key(&caller, PASSWORD).await.unwrap() })
        };
        let (one, other) = (renew(), renew());
        let offers = [one.await.unwrap(), other.await.unwrap()];
        let mut confirmed = 0;
        for offer in &offers {
            let typed = asked(offer);
            if opened
                .workstation
                .confirm_recovery_key(&opened.caller, &typed)
                .await
                .is_ok()
            {
                confirmed += 1;
                let mut envelope = Envelope::read(&ward.data_dir()).unwrap().unwrap();
                let device = DeviceKey::random().unwrap();
                assert!(envelope.recover(&key(offer), &device).is_ok());
            }
        }
        assert_eq!(confirmed, 1);
    }
    opened.close().await;
}

#[test]
fn only_the_key_that_is_stored_beside_the_old_one_takes_its_place() {
    let new = || (RecoveryKey::random().unwrap(), DeviceKey::random().unwrap());
    let ((old, device), (shown, _), (stored, _)) = (new(), new(), new());
    let (mut envelope, keys) = Envelope::create(uuid::Uuid::nil(), &device, &old).unwrap();
    assert!(envelope.accept_recovery(&old).is_ok());
    envelope.offer_recovery(&keys, &shown).unwrap();
    envelope.offer_recovery(&keys, &stored).unwrap();
    for other in [&shown, &old] {
        assert!(envelope.accept_recovery(other).is_err());
    }
    envelope.accept_recovery(&stored).unwrap();
    assert!(envelope.recover(&old, &device).is_err());
    assert!(envelope.recover(&stored, &device).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn recovering_leaves_a_key_that_may_open_another_vault() {
    let (one, opened, _) = Ward::found().await;
    opened.close().await;
    let (other, opened, offer) = Ward::found().await;
    opened.close().await;
    // Somebody has the second workstation use the first one's key file.
    let shared = std::fs::read(one.key_file()).unwrap();
    write(&other.key_file(), &shared);
    let Err(error) = other.open().await else {
        panic!("another vault's key opens this one")
    };
    assert_eq!(Failure::from(error).code, Code::KeyWrong);
    other.recover(&key(&offer)).await.unwrap().close().await;
    assert!(std::fs::read(other.key_file()).unwrap() == shared);
    other.open().await.unwrap().close().await;

    // What is no key is replaced.
    write(&other.key_file(), b"not 32 bytes");
    other.recover(&key(&offer)).await.unwrap().close().await;
    assert_eq!(std::fs::read(other.key_file()).unwrap().len(), 32);
    other.open().await.unwrap().close().await;
}
