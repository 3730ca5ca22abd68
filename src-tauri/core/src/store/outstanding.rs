//! What the centre has not confirmed, as it was at one moment. Whoever looks at the records and then at the images while both are
//! being sent may find neither: an analysis waits for its image, and the image arrives in between.

use sqlx::Row;

use super::{Store, StoreError, WaitingImage, WaitingRecord, image::waiting_images, outbox::waiting_records};

/// What waits for the centre and is not refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbox {
    /// Records: those that can go before those that can't or wait for their time; the urgent first, a record before what refers to
    /// it, the oldest first.
    pub records: Vec<WaitingRecord>,
    /// Images that can be sent: those that wait for their time last; of urgent photos first; then of each photo the derivative and,
    /// right after it, the thumbnail, which mostly arrive together and so change the photo's record once; then the originals. The
    /// oldest first.
    pub images: Vec<WaitingImage>,
}

/// How much there is of what is not settled with the centre.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outstanding {
    /// Records that the centre has not confirmed.
    pub records: u32,
    /// Images that the bucket has not confirmed.
    pub images: u32,
    /// Of both, those that wait for a person.
    pub refused: u32,
    /// Conflicts that nobody has looked at.
    pub conflicts: u32,
    /// Conflicts that somebody has looked at, of which the centre is still to be told.
    pub settled_conflicts: u32,
    /// Changes of the centre's that wait for something that is not here.
    pub parked: u32,
    /// Since when the oldest record waits, RFC 3339.
    pub since: Option<String>,
}

/// Each of it is counted by an index; of `since` each half is the first entry of one.
const OUTSTANDING: &str = "SELECT (SELECT count(*) FROM outbox) AS records,
        (SELECT count(*) FROM image WHERE generation IS NULL) AS images,
        (SELECT count(*) FROM outbox WHERE failure = 'refused')
            + (SELECT count(*) FROM image WHERE generation IS NULL AND failure = 'refused') AS refused,
        (SELECT count(*) FROM conflict WHERE settled_at IS NULL) AS conflicts,
        (SELECT count(*) FROM conflict WHERE settled_by IS NOT NULL) AS settled_conflicts,
        (SELECT count(*) FROM parked) AS parked,
        (SELECT min(since) FROM (SELECT min(queued_at) AS since FROM outbox WHERE urgent = 0
            UNION ALL SELECT min(queued_at) FROM outbox WHERE urgent = 1)) AS since";

impl Store {
    /// What waits for the centre, at most `limit` records and as many images, so ordered that none of those that can't go hides one
    /// that can.
    ///
    /// # Errors
    /// As every read.
    pub async fn outbox(&self, limit: u32) -> Result<Outbox, StoreError> {
        let mut moment = self.readers.begin().await?;
        let now = self.clock.now();
        Ok(Outbox {
            records: waiting_records(&mut moment, now, limit).await?,
            images: waiting_images(&mut moment, now, limit).await?,
        })
    }

    /// How much is not settled with the centre.
    ///
    /// # Errors
    /// As every read.
    pub async fn outstanding(&self) -> Result<Outstanding, StoreError> {
        let row = sqlx::query(OUTSTANDING).fetch_one(&self.readers).await?;
        Ok(Outstanding {
            records: row.try_get("records")?,
            images: row.try_get("images")?,
            refused: row.try_get("refused")?,
            conflicts: row.try_get("conflicts")?,
            settled_conflicts: row.try_get("settled_conflicts")?,
            parked: row.try_get("parked")?,
            since: row.try_get("since")?,
        })
    }
}
