//! How far things have come, honestly: one pure function of what waits here and what was last heard of the centre.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::store::Outstanding;

/// Nothing has reached the centre for so long although something waits: an alarm.
pub const ALARM_AFTER: SignedDuration = SignedDuration::from_hours(12);

/// A pull that is older does not say that nothing is new: three of the worker's minutes.
pub const PULL_HOLDS: Duration = Duration::from_secs(180);

/// Why the last round ended early, as short as the window can branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The centre can't be reached.
    Offline,
    /// The centre has too much to do.
    Busy,
    /// The centre does not let this workstation in.
    Denied,
    /// A server that does not prove that it is the centre.
    Impostor,
    /// The centre speaks another version's language.
    NotUnderstood,
    /// The centre was set back to an earlier state, as from a backup.
    SetBack,
    /// The image store has something else than it should.
    Images,
    /// This machine's own disk or database.
    ThisMachine,
}

impl Trouble {
    /// Whether it ends only when somebody does something.
    pub const fn needs_person(self) -> bool {
        !matches!(self, Self::Offline | Self::Busy)
    }
}

/// What is known of the centre. Ages are measured with a clock that nobody sets.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// When something last reached the centre.
    pub delivered_at: Option<Timestamp>,
    /// When the feed was last read to its end.
    pub pulled_at: Option<Timestamp>,
    pub(super) pulled: Option<Instant>,
    /// When `pulled_at` was last written down.
    pub(super) noted: Option<Instant>,
    pub(super) sending: Half,
    pub(super) receiving: Half,
}

/// How one half of the loop fares. Each fails by itself: the bucket may be gone while the database answers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Half {
    /// Why its last round ended early.
    pub(super) trouble: Option<Trouble>,
    /// Rounds in a row that did.
    pub(super) failures: u32,
}

impl Contact {
    /// That of a workstation that has none, for that reason.
    pub fn without(trouble: Option<Trouble>) -> Self {
        let half = Half { trouble, failures: 0 };
        Self {
            sending: half,
            receiving: half,
            ..Self::default()
        }
    }

    /// Why a last round ended early; `None` where neither did.
    pub fn trouble(&self) -> Option<Trouble> {
        self.sending.trouble.or(self.receiving.trouble)
    }

    /// How long ago the feed was read to its end.
    pub fn pulled_ago(&self) -> Option<Duration> {
        self.pulled.map(|at| at.elapsed())
    }
}

/// What waits here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Records that the centre has not confirmed.
    pub records: u32,
    /// Images that the bucket has not confirmed.
    pub images: u32,
    /// Of both, those that wait for a person.
    pub refused: u32,
    /// Conflicts that nobody has looked at.
    pub conflicts: u32,
    /// Changes of the centre's that can't be applied yet.
    pub parked: u32,
    /// Since when the oldest record waits.
    pub since: Option<Timestamp>,
    /// Nothing of it may use the line as it is set.
    pub held_back: bool,
}

impl From<Outstanding> for Waiting {
    fn from(outstanding: Outstanding) -> Self {
        Self {
            // A conflict that was settled here is a record that waits as well.
            records: outstanding.records.saturating_add(outstanding.settled_conflicts),
            images: outstanding.images,
            refused: outstanding.refused,
            conflicts: outstanding.conflicts,
            parked: outstanding.parked,
            since: outstanding.since.and_then(|since| since.parse().ok()),
            held_back: false,
        }
    }
}

/// In one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Overall {
    /// This workstation was never connected to a centre: everything is kept here.
    NotConnected,
    /// Everything is at the centre, and everything that is there is here.
    AtCentre,
    /// On its way.
    OnItsWay,
    /// Kept here until the centre can be reached, or until the line may be used for it.
    KeptHere,
    /// Somebody has to look.
    NeedsYou,
    /// Nothing has reached the centre for [`ALARM_AFTER`].
    Alarm,
}

/// How far one thing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Kept here until the centre can be reached, or until its time.
    KeptHere,
    /// On its way.
    OnItsWay,
    /// The centre has confirmed it.
    AtCentre,
    /// Somebody has to look.
    NeedsYou,
    /// It was changed in two places, and nobody has looked yet.
    Conflict,
}

/// What is known of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Item {
    /// The centre has not confirmed it.
    pub waits: bool,
    /// The centre does not want it as it is.
    pub refused: bool,
    /// The last attempt failed; it waits for its time.
    pub failed: bool,
    /// The line is not to be used for it.
    pub held_back: bool,
    /// It was changed in two places.
    pub conflict: bool,
}

/// The word for one thing. [`ItemState::AtCentre`] if and only if the centre has all of it and nobody has to look.
pub fn item(connected: bool, item: Item, contact: &Contact) -> ItemState {
    if item.refused {
        ItemState::NeedsYou
    } else if item.conflict {
        ItemState::Conflict
    } else if !item.waits {
        ItemState::AtCentre
    } else if !connected || item.failed || item.held_back || contact.trouble().is_some() {
        ItemState::KeptHere
    } else {
        ItemState::OnItsWay
    }
}

/// The word for it all. [`Overall::AtCentre`] if and only if nothing waits, nothing failed, and the last pull is recent.
pub fn overall(connected: bool, waiting: &Waiting, contact: &Contact, now: Timestamp) -> Overall {
    if !connected {
        return Overall::NotConnected;
    }
    let anything = waiting.records > 0 || waiting.images > 0;
    // One that is still to come was noted before the clock was set back.
    let past = |at: Option<Timestamp>| at.filter(|at| *at <= now);
    let last = past(contact.delivered_at).max(past(waiting.since));
    let silent = anything && last.is_some_and(|last| now.duration_since(last) >= ALARM_AFTER);
    if silent {
        return Overall::Alarm;
    }
    if waiting.refused > 0 || waiting.conflicts > 0 || contact.trouble().is_some_and(Trouble::needs_person) {
        return Overall::NeedsYou;
    }
    if contact.trouble().is_some() || (anything && waiting.held_back) {
        return Overall::KeptHere;
    }
    if anything || waiting.parked > 0 || contact.pulled_ago().is_none_or(|ago| ago > PULL_HOLDS) {
        return Overall::OnItsWay;
    }
    Overall::AtCentre
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact {
            pulled: Some(Instant::now()),
            ..Contact::default()
        }
    }

    fn word(waiting: &Waiting, contact: &Contact) -> Overall {
        overall(true, waiting, contact, "2026-11-22T12:00:00Z".parse().unwrap())
    }

    #[tokio::test]
    async fn green_means_that_nothing_waits_and_nothing_failed() {
        assert_eq!(word(&Waiting::default(), &contact()), Overall::AtCentre);
        for waiting in [
            Waiting {
                records: 1,
                ..Waiting::default()
            },
            Waiting {
                images: 1,
                ..Waiting::default()
            },
            Waiting {
                refused: 1,
                ..Waiting::default()
            },
            Waiting {
                conflicts: 1,
                ..Waiting::default()
            },
            Waiting {
                parked: 1,
                ..Waiting::default()
            },
        ] {
            assert_ne!(word(&waiting, &contact()), Overall::AtCentre, "{waiting:?}");
        }
        let never_pulled = Contact::default();
        assert_eq!(word(&Waiting::default(), &never_pulled), Overall::OnItsWay);
        for trouble in [
            Trouble::Offline,
            Trouble::Busy,
            Trouble::Denied,
            Trouble::ThisMachine,
        ] {
            let failed = Contact {
                sending: Half {
                    trouble: Some(trouble),
                    failures: 1,
                },
                ..contact()
            };
            let expected = if trouble.needs_person() {
                Overall::NeedsYou
            } else {
                Overall::KeptHere
            };
            assert_eq!(word(&Waiting::default(), &failed), expected);
        }
        assert_eq!(
            overall(false, &Waiting::default(), &contact(), Timestamp::UNIX_EPOCH),
            Overall::NotConnected
        );
    }

    #[tokio::test]
    async fn a_thing_is_at_the_centre_only_if_nothing_of_it_is_left() {
        let here = Item {
            waits: true,
            ..Item::default()
        };
        let offline = Contact {
            receiving: Half {
                trouble: Some(Trouble::Offline),
                failures: 1,
            },
            ..contact()
        };
        for (thing, line, word) in [
            (Item::default(), contact(), ItemState::AtCentre),
            (Item::default(), offline.clone(), ItemState::AtCentre),
            (here, contact(), ItemState::OnItsWay),
            (here, offline.clone(), ItemState::KeptHere),
            (Item { failed: true, ..here }, contact(), ItemState::KeptHere),
            (
                Item {
                    held_back: true,
                    ..here
                },
                contact(),
                ItemState::KeptHere,
            ),
            (
                Item {
                    refused: true,
                    ..here
                },
                offline,
                ItemState::NeedsYou,
            ),
            (
                Item {
                    conflict: true,
                    ..Item::default()
                },
                contact(),
                ItemState::Conflict,
            ),
        ] {
            assert_eq!(item(true, thing, &line), word, "{thing:?}");
        }
        assert_eq!(
            item(false, here, &contact()),
            ItemState::KeptHere,
            "nothing leaves a workstation that is not connected"
        );
    }

    #[tokio::test]
    async fn what_may_not_use_the_line_is_not_on_its_way() {
        let mut waiting = Waiting {
            images: 3,
            held_back: true,
            ..Waiting::default()
        };
        assert_eq!(word(&waiting, &contact()), Overall::KeptHere);
        waiting.refused = 1;
        assert_eq!(word(&waiting, &contact()), Overall::NeedsYou);
        let nothing = Waiting {
            held_back: true,
            ..Waiting::default()
        };
        assert_eq!(word(&nothing, &contact()), Overall::AtCentre);
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_pull_proves_nothing() {
        let contact = contact();
        tokio::time::advance(PULL_HOLDS + Duration::from_secs(1)).await;
        assert_eq!(word(&Waiting::default(), &contact), Overall::OnItsWay);
    }

    #[tokio::test]
    async fn half_a_day_of_silence_is_an_alarm_only_if_something_waits() {
        let since = |text: &str| Some(text.parse().unwrap());
        let mut waiting = Waiting {
            records: 1,
            since: since("2026-11-21T23:59:00Z"),
            ..Waiting::default()
        };
        assert_eq!(word(&waiting, &contact()), Overall::Alarm);
        let spoke = Contact {
            delivered_at: since("2026-11-22T00:01:00Z"),
            ..contact()
        };
        assert_eq!(word(&waiting, &spoke), Overall::OnItsWay);
        let by_a_wrong_clock = Contact {
            delivered_at: since("2036-11-22T00:01:00Z"),
            ..contact()
        };
        assert_eq!(word(&waiting, &by_a_wrong_clock), Overall::Alarm);
        waiting.records = 0;
        assert_eq!(word(&waiting, &contact()), Overall::AtCentre);
    }
}
