-- What waits for a person is counted and shown again and again, however much else waits.
CREATE INDEX outbox_refused ON outbox (urgent DESC, queued_at) WHERE failure = 'refused';
CREATE INDEX image_refused ON image (photo_id) WHERE generation IS NULL AND failure = 'refused';
