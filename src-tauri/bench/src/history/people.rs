//! Many patients, registered as the workstation registers one, in one transaction; and what a person types to find one.

use seekwell_core::accounts::Caller;
use seekwell_core::clinical::{PatientDraft, PatientId};
use seekwell_core::clock::Clock;
use seekwell_core::store::{Open, Store};
use seekwell_core::workstation::Workstation;

use crate::clinic::{self, Clinic};
use crate::program::Outcome;

/// About as often as in Vietnam: two of five are called Nguyễn.
const FAMILY: [&str; 10] = [
    "Nguyễn", "Trần", "Nguyễn", "Lê", "Nguyễn", "Phạm", "Nguyễn", "Hoàng", "Đặng", "Võ",
];
const MIDDLE: [&str; 7] = ["Văn", "Thị", "Hữu", "Minh", "Ngọc", "Thanh", "Đức"];
const GIVEN: [&str; 23] = [
    "An", "Bình", "Chi", "Dũng", "Giang", "Hạnh", "Hòa", "Hồng", "Khánh", "Lan", "Long", "Mai", "Nam",
    "Oanh", "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Trang", "Tuấn", "Vinh", "Yến",
];

/// What somebody types, and whom it must find where it can only mean one.
pub(super) struct Search {
    pub(super) by: &'static str,
    pub(super) text: String,
    pub(super) finds: Option<PatientDraft>,
}

/// Registers that many and leaves the workstation open.
pub(super) async fn register(clinic: &Clinic, count: u32) -> Outcome<(Workstation, Caller)> {
    let (workstation, caller) = clinic.set_up().await?;
    workstation.close().await;
    drop(workstation);
    let clock = Clock::system();
    let store = Store::open(
        &clinic.data_dir(),
        &clinic.database_key()?,
        Open::Existing,
        clock.clone(),
    )
    .await?;
    let mut write = store.write().await?;
    for number in 0..count {
        write
            .add_patient(PatientId(clock.new_id()), &patient(number), caller.id())
            .await?;
    }
    write.commit().await?;
    store.close().await;
    clinic.open().await
}

/// One of each kind, for somebody in the middle of them.
pub(super) fn searches(count: u32) -> Vec<Search> {
    let wanted = patient(count / 2 + 7);
    let of = |number: &Option<String>| number.clone().unwrap_or_default();
    let (phone, id, name) = (
        of(&wanted.phone),
        of(&wanted.national_id),
        wanted.full_name.to_lowercase(),
    );
    let ends = format!(
        "{} {}",
        name.split(' ').next().unwrap_or_default(),
        name.split(' ').next_back().unwrap_or_default()
    );
    let any = |by, text: &str| Search {
        by,
        text: text.to_owned(),
        finds: None,
    };
    let one = |by, text: &str| Search {
        by,
        text: text.to_owned(),
        finds: Some(wanted.clone()),
    };
    vec![
        one("phone", &phone),
        one("the end of a national id", &id[4..]),
        one(
            "full name and the end of the phone",
            &format!("{name} {}", &phone[5..]),
        ),
        any("full name, which a hundred share", &name),
        any("family and given name", &ends),
        any("a family name that two in five have", "nguyễn"),
        any("words of two letters", "võ an"),
    ]
}

fn patient(number: u32) -> PatientDraft {
    PatientDraft {
        phone: Some(format!("09{:08}", u64::from(number) * 48_271 % 99_999_989)),
        national_id: Some(format!(
            "0{:011}",
            u64::from(number) * 630_360_016 % 99_999_999_977
        )),
        ..clinic::draft(&name(number))
    }
}

fn name(number: u32) -> String {
    let pick = |from: &[&'static str], step: u32| from[(number / step) as usize % from.len()];
    format!("{} {} {}", pick(&FAMILY, 1), pick(&MIDDLE, 10), pick(&GIVEN, 70))
}
