//! The fake Google Cloud Storage, held to the published JSON API with plain HTTP.

#![expect(clippy::unwrap_used, reason = "a test may stop where it fails")]

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, http::request::Builder};
use serde_json::{Value, json};

use seekwell_testkit::{
    gcs::{FakeGcs, Fault, Kind, Order, Terms},
    web::{Answer, Web, WebError},
};

const BUCKET: &str = "clinic-images";
const NAME: &str = "patients/7/analyses/a_20261125_093000.jpg";
const ENCODED: &str = "patients%2F7%2Fanalyses%2Fa_20261125_093000.jpg";

/// A server with a bucket, and a client.
struct Fixture {
    gcs: FakeGcs,
    web: Web,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Terms::default())
    }

    fn with(terms: Terms) -> Self {
        let gcs = FakeGcs::with(terms);
        gcs.make_bucket(BUCKET);
        Self { gcs, web: Web::new() }
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        let uri = format!("{}{path}", self.gcs.url());
        Request::builder().method(method).uri(uri)
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path), "").await.unwrap()
    }

    async fn send(&self, request: Builder, body: impl Into<Bytes>) -> Result<Answer, WebError> {
        self.web.ask(request.body(Full::new(body.into())).unwrap()).await
    }

    /// A multipart upload; `query` follows the name.
    async fn upload(&self, query: &str, metadata: &Value, media: &[u8]) -> Result<Answer, WebError> {
        let path = format!("/upload/storage/v1/b/{BUCKET}/o?uploadType=multipart&name={ENCODED}{query}");
        let request = self
            .request("POST", &path)
            .header("content-type", "multipart/related; boundary=sep");
        let head = format!(
            "--sep\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n--sep\r\nContent-Type: image/jpeg\r\n\r\n"
        );
        let body = [head.as_bytes(), media, b"\r\n--sep--\r\n"].concat();
        self.send(request, body).await
    }

    async fn create(&self, media: &[u8]) -> Result<Answer, WebError> {
        let metadata = json!({ "crc32c": crc32c_text(media) });
        self.upload("&ifGenerationMatch=0", &metadata, media).await
    }

    /// Opens a resumable upload and gives the path of its session.
    async fn open(&self, query: &str, metadata: &Value) -> String {
        let path = format!("/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable&name={ENCODED}{query}");
        let answer = self
            .send(self.request("POST", &path), metadata.to_string())
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        let place = answer.header("location");
        place.strip_prefix(&self.gcs.url()).unwrap().to_owned()
    }

    async fn chunk(&self, session: &str, range: &str, body: impl Into<Bytes>) -> Result<Answer, WebError> {
        let request = self.request("PUT", session).header("content-range", range);
        self.send(request, body).await
    }
}

fn crc32c_text(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(crc32c::crc32c(bytes).to_be_bytes())
}

/// Bytes that differ from place to place.
fn photo(size: usize) -> Vec<u8> {
    (0..size)
        .map(|index| u8::try_from(index * 31 % 251).unwrap())
        .collect()
}

#[tokio::test]
async fn what_was_uploaded_is_described_and_read_back() {
    let fixture = Fixture::new();
    let bytes = photo(10_000);
    let metadata = json!({ "metadata": { "analysis": "a" }, "crc32c": crc32c_text(&bytes) });
    let stored = fixture.upload("", &metadata, &bytes).await.unwrap().json();

    let path = format!("/storage/v1/b/{BUCKET}/o/{ENCODED}");
    let described = fixture.get(&path).await;
    assert_eq!(described.json(), stored);
    assert_eq!(stored["name"], NAME);
    assert_eq!(stored["size"], "10000");
    assert_eq!(stored["contentType"], "image/jpeg");
    assert_eq!(stored["metadata"]["analysis"], "a");
    assert_eq!(stored["metageneration"], "1");
    for (link, body) in [
        ("selfLink", described.body.clone()),
        ("mediaLink", Bytes::from(bytes.clone())),
    ] {
        let link = stored[link]
            .as_str()
            .unwrap()
            .strip_prefix(&fixture.gcs.url())
            .unwrap();
        assert_eq!(fixture.get(link).await.body, body);
    }

    let whole = fixture.get(&format!("{path}?alt=media")).await;
    assert_eq!(whole.body, bytes);
    assert_eq!(whole.header("x-goog-generation"), stored["generation"]);
    assert_eq!(whole.header("x-goog-stored-content-length"), "10000");
    assert_eq!(whole.header("x-goog-meta-analysis"), "a");
    let md5 = stored["md5Hash"].as_str().unwrap();
    let hash = format!("crc32c={},md5={md5}", crc32c_text(&bytes));
    assert_eq!(whole.header("x-goog-hash"), hash);

    let request = fixture
        .request("GET", &format!("{path}?alt=media"))
        .header("range", "bytes=100-199");
    let part = fixture.send(request, "").await.unwrap();
    assert_eq!((part.status, &part.body[..]), (206, &bytes[100..200]));
    assert_eq!(part.header("content-range"), "bytes 100-199/10000");

    assert_eq!(fixture.get(&format!("{path}?generation=1")).await.status, 404);
    let same = format!(
        "{path}?ifGenerationNotMatch={}",
        stored["generation"].as_str().unwrap()
    );
    assert_eq!(fixture.get(&same).await.status, 304);
}

#[tokio::test]
async fn create_only_creates_once() {
    let fixture = Fixture::new();
    assert_eq!(fixture.create(b"first").await.unwrap().status, 200);
    let second = fixture.create(b"second").await.unwrap();
    assert_eq!(second.status, 412);
    assert_eq!(second.json()["error"]["errors"][0]["reason"], "conditionNotMet");
    assert_eq!(fixture.gcs.contents(BUCKET, NAME).unwrap(), "first");
    assert_eq!(fixture.gcs.stored().len(), 1);
}

#[tokio::test]
async fn replacing_needs_the_generation_or_the_right() {
    let fixture = Fixture::new();
    let first = fixture.create(b"first").await.unwrap().json();
    let generation = first["generation"].as_str().unwrap();
    assert_eq!(
        fixture.upload("", &json!({}), b"second").await.unwrap().status,
        403
    );
    let query = format!("&ifGenerationMatch={generation}");
    let second = fixture.upload(&query, &json!({}), b"second").await.unwrap();
    assert_eq!(second.status, 200);
    assert_eq!(
        fixture.upload(&query, &json!({}), b"third").await.unwrap().status,
        412
    );
    let stored = fixture.gcs.stored();
    assert!(stored[0].gone_at.is_some() && stored[1].gone_at.is_none());
    assert!(stored[0].generation < stored[1].generation);

    let free = Fixture::with(Terms {
        overwrite: true,
        ..Terms::default()
    });
    for media in [b"one", b"two"] {
        assert_eq!(free.upload("", &json!({}), media).await.unwrap().status, 200);
    }
    assert_eq!(free.gcs.objects(BUCKET).len(), 1);
}

#[tokio::test]
async fn only_the_generation_that_was_meant_is_deleted() {
    let fixture = Fixture::new();
    let stored = fixture.create(b"photo").await.unwrap().json();
    let generation = stored["generation"].as_str().unwrap();
    let path = format!("/storage/v1/b/{BUCKET}/o/{ENCODED}");
    let delete = async |query: &str| {
        let request = fixture.request("DELETE", &format!("{path}?{query}"));
        fixture.send(request, "").await.unwrap().status
    };
    assert_eq!(delete("generation=1").await, 404);
    assert_eq!(delete("ifGenerationMatch=1").await, 412);
    assert_eq!(delete(&format!("generation={generation}")).await, 204);
    assert_eq!(delete(&format!("generation={generation}")).await, 404);
    assert_eq!(fixture.get(&path).await.status, 404);
    assert!(fixture.gcs.stored()[0].gone_at.is_some());

    let kept = Fixture::with(Terms {
        delete: false,
        ..Terms::default()
    });
    kept.create(b"photo").await.unwrap();
    assert_eq!(
        kept.send(kept.request("DELETE", &path), "").await.unwrap().status,
        403
    );
}

#[tokio::test]
async fn a_body_that_is_not_what_was_promised_is_refused() {
    let fixture = Fixture::new();
    let metadata = [
        json!({ "crc32c": crc32c_text(b"other") }),
        json!({ "md5Hash": "1B2M2Y8AsgTpgAmY7PhCfg==" }),
    ];
    for metadata in metadata {
        let answer = fixture
            .upload("&ifGenerationMatch=0", &metadata, b"photo")
            .await
            .unwrap();
        assert_eq!(answer.status, 400);
    }
    let path = format!("/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name=x");
    let hashed = |hash: &[u8]| {
        let header = format!("crc32c={}", crc32c_text(hash));
        fixture.request("POST", &path).header("x-goog-hash", header)
    };
    assert_eq!(fixture.send(hashed(b"other"), "photo").await.unwrap().status, 400);
    assert!(fixture.gcs.stored().is_empty());
    assert_eq!(fixture.send(hashed(b"photo"), "photo").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_resumable_upload_goes_chunk_by_chunk() {
    const QUANTUM: usize = 256 * 1024;
    let fixture = Fixture::new();
    let bytes = photo(2 * QUANTUM + 1000);
    let total = bytes.len();
    let session = fixture
        .open("&ifGenerationMatch=0", &json!({ "contentType": "image/jpeg" }))
        .await;

    let nothing = fixture.chunk(&session, "bytes */*", "").await.unwrap();
    assert_eq!((nothing.status, nothing.header("range")), (308, ""));
    // More than a quantum, but not two: what is over is not kept.
    let range = format!("bytes 0-{}/{total}", QUANTUM + 99);
    let first = fixture
        .chunk(&session, &range, bytes[..QUANTUM + 100].to_vec())
        .await
        .unwrap();
    let kept = format!("bytes=0-{}", QUANTUM - 1);
    assert_eq!((first.status, first.header("range")), (308, kept.as_str()));
    let gap = format!("bytes {}-{}/{total}", QUANTUM + 5, total - 1);
    let gap = fixture
        .chunk(&session, &gap, bytes[QUANTUM + 5..].to_vec())
        .await
        .unwrap();
    assert_eq!(gap.status, 400);
    // Bytes that are there already are passed over.
    let range = format!("bytes {}-{}/{total}", QUANTUM - 10, total - 1);
    let last = fixture
        .chunk(&session, &range, bytes[QUANTUM - 10..].to_vec())
        .await
        .unwrap();
    assert_eq!(
        (last.status, &last.json()["contentType"]),
        (200, &json!("image/jpeg"))
    );
    assert_eq!(fixture.gcs.contents(BUCKET, NAME).unwrap(), bytes);

    let asked_later = fixture.chunk(&session, "bytes */*", "").await.unwrap();
    assert_eq!(asked_later.json(), last.json());
    assert_eq!(fixture.gcs.stored().len(), 1);
    let path =
        format!("/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable&name={ENCODED}&ifGenerationMatch=0");
    assert_eq!(
        fixture
            .send(fixture.request("POST", &path), "")
            .await
            .unwrap()
            .status,
        412
    );
}

#[tokio::test]
async fn a_resumable_upload_is_cancelled_refused_or_of_unknown_length() {
    let fixture = Fixture::new();
    let session = fixture.open("", &Value::Null).await;
    let cancelled = fixture
        .send(fixture.request("DELETE", &session), "")
        .await
        .unwrap();
    assert_eq!(cancelled.status, 499);
    assert_eq!(
        fixture
            .chunk(&session, "bytes 0-4/5", "photo")
            .await
            .unwrap()
            .status,
        499
    );

    let session = fixture
        .open("", &json!({ "crc32c": crc32c_text(b"other") }))
        .await;
    assert_eq!(
        fixture
            .chunk(&session, "bytes 0-4/5", "photo")
            .await
            .unwrap()
            .status,
        400
    );
    assert!(fixture.gcs.stored().is_empty());

    let session = fixture.open("", &Value::Null).await;
    let request = fixture
        .request("PUT", &session)
        .header("x-guploader-no-308", "yes");
    let begun = fixture
        .send(request.header("content-range", "bytes */*"), "")
        .await
        .unwrap();
    assert_eq!(
        (begun.status, begun.header("x-http-status-code-override")),
        (200, "308")
    );
    assert_eq!(
        fixture
            .chunk(&session, "bytes 0-*/*", "photo")
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(fixture.gcs.contents(BUCKET, NAME).unwrap(), "photo");
}

#[tokio::test]
async fn a_chunk_that_breaks_off_leaves_whole_quanta() {
    const QUANTUM: usize = 256 * 1024;
    let fixture = Fixture::new();
    let bytes = photo(4 * QUANTUM);
    let session = fixture.open("", &Value::Null).await;
    fixture
        .gcs
        .order(Order::next(1, Fault::ResetInBody).on([Kind::ResumableChunk]));
    let range = format!("bytes 0-{}/{}", bytes.len() - 1, bytes.len());
    assert!(fixture.chunk(&session, &range, bytes.clone()).await.is_err());

    let there = fixture.chunk(&session, "bytes */*", "").await.unwrap();
    let last: usize = there
        .header("range")
        .strip_prefix("bytes=0-")
        .unwrap()
        .parse()
        .unwrap();
    let kept = last + 1;
    assert!(kept.is_multiple_of(QUANTUM) && kept < bytes.len(), "{kept}");
    let range = format!("bytes {kept}-{}/{}", bytes.len() - 1, bytes.len());
    let last = fixture
        .chunk(&session, &range, bytes[kept..].to_vec())
        .await
        .unwrap();
    assert_eq!(last.json()["crc32c"], crc32c_text(&bytes));
}

#[tokio::test]
async fn a_list_has_pages_and_folders() {
    let fixture = Fixture::new();
    for name in ["a/1", "a/2", "a/b/3", "a/b/4", "c"] {
        let path = format!("/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={name}");
        fixture.send(fixture.request("POST", &path), name).await.unwrap();
    }
    let list = async |query: &str| {
        let page = fixture
            .get(&format!("/storage/v1/b/{BUCKET}/o?{query}"))
            .await
            .json();
        let items = page["items"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> = items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect();
        (names, page)
    };
    assert_eq!(list("").await.0, ["a/1", "a/2", "a/b/3", "a/b/4", "c"]);
    assert_eq!(list("prefix=a%2Fb%2F").await.0, ["a/b/3", "a/b/4"]);
    let (names, page) = list("prefix=a%2F&delimiter=%2F").await;
    assert_eq!(
        (names, &page["prefixes"]),
        (vec!["a/1".to_owned(), "a/2".to_owned()], &json!(["a/b/"]))
    );

    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let (names, page) = list(&format!("maxResults=2&pageToken={token}")).await;
        assert!(names.len() <= 2);
        seen.extend(names);
        match page["nextPageToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted());
    assert_eq!(fixture.get("/storage/v1/b/no-such-bucket/o").await.status, 404);
}

#[tokio::test]
async fn a_bucket_is_made_private_and_stays_so() {
    let fixture = Fixture::new();
    let body = json!({ "name": "new-bucket", "location": "asia-southeast1" });
    let made = fixture
        .send(
            fixture.request("POST", "/storage/v1/b?project=p"),
            body.to_string(),
        )
        .await
        .unwrap();
    let made = made.json();
    assert_eq!(made["location"], "ASIA-SOUTHEAST1");
    assert_eq!(made["iamConfiguration"]["publicAccessPrevention"], "inherited");
    let again = fixture
        .send(
            fixture.request("POST", "/storage/v1/b?project=p"),
            body.to_string(),
        )
        .await
        .unwrap();
    assert_eq!(again.status, 409);

    let changes = json!({
        "iamConfiguration": { "uniformBucketLevelAccess": { "enabled": true }, "publicAccessPrevention": "enforced" },
        "lifecycle": { "rule": [{ "action": { "type": "Delete" }, "condition": { "age": 3650 } }] },
    });
    let patch = async |metageneration: &str| {
        let path = format!("/storage/v1/b/new-bucket?ifMetagenerationMatch={metageneration}");
        fixture
            .send(fixture.request("PATCH", &path), changes.to_string())
            .await
            .unwrap()
    };
    assert_eq!(patch("7").await.status, 412);
    let patched = patch("1").await.json();
    assert_eq!(patched["metageneration"], "2");
    assert_ne!(patched["etag"], made["etag"]);
    let read = fixture.get("/storage/v1/b/new-bucket").await.json();
    assert_eq!(read, patched);
    assert_eq!(
        read["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"],
        true
    );
    assert_eq!(read["lifecycle"]["rule"][0]["condition"]["age"], 3650);
    assert_eq!(read["location"], "ASIA-SOUTHEAST1");

    let public = fixture
        .upload("&predefinedAcl=publicRead", &json!({}), b"photo")
        .await
        .unwrap();
    assert_eq!(public.status, 400);
    let public = json!({ "acl": [{ "entity": "allUsers", "role": "READER" }] });
    assert_eq!(fixture.upload("", &public, b"photo").await.unwrap().status, 400);
}

#[tokio::test]
async fn every_fault_commits_as_it_says_and_create_only_survives_all() {
    for fault in Fault::ALL {
        let fixture = Fixture::new();
        let bytes = photo(200_000);
        fixture
            .gcs
            .order(Order::next(1, fault).on([Kind::UploadMultipart]));
        let first = async {
            let upload = fixture.create(&bytes);
            match fault.stalls() {
                false => Some(upload.await),
                // The client gives up while the server stands still.
                true => tokio::select! {
                    _ = upload => None,
                    () = fixture.gcs.until(|gcs| gcs.stalled() == 1) => None,
                },
            }
        };
        let first = first.await;
        let there = fixture.gcs.stored().len() == 1;
        assert_eq!(there, fault.commits(), "{fault:?}");
        let expected = match fault {
            Fault::Unauthorized => Some(401),
            Fault::Forbidden => Some(403),
            Fault::RequestTimeout => Some(408),
            Fault::TooManyRequests => Some(429),
            Fault::InternalError => Some(500),
            Fault::BadGateway => Some(502),
            Fault::Unavailable => Some(503),
            Fault::Replayed => Some(412),
            Fault::FlippedBit => Some(400),
            Fault::CaptivePortal => Some(200),
            Fault::LoginRedirect => Some(302),
            _ => None,
        };
        assert_eq!(
            first.and_then(Result::ok).map(|answer| answer.status),
            expected,
            "{fault:?}"
        );

        let second = fixture.create(&bytes).await.unwrap();
        assert_eq!(second.status, if there { 412 } else { 200 }, "{fault:?}");
        // The late arrival of the first, where it is still to come.
        fixture.gcs.release();
        let met = fixture.gcs.requests();
        assert_eq!(
            met.iter().filter_map(|seen| seen.fault).collect::<Vec<_>>(),
            [fault]
        );
        if fault == Fault::StallBeforeReply {
            fixture.gcs.until(|gcs| gcs.requests()[0].status.is_some()).await;
            assert_eq!(fixture.gcs.requests()[0].status, Some(412));
        }
        let stored = fixture.gcs.stored();
        assert_eq!(stored.len(), 1, "{fault:?}");
        assert_eq!(stored[0].crc32c, crc32c::crc32c(&bytes));
    }
}

#[tokio::test]
async fn a_stall_ends_with_the_release() {
    for fault in [
        Fault::StallBeforeReply,
        Fault::StallInBody,
        Fault::StallAfterCommit,
    ] {
        let fixture = Fixture::new();
        fixture.gcs.order(Order::next(1, fault));
        let bytes = photo(3_000_000);
        let release = async {
            fixture.gcs.until(|gcs| gcs.stalled() == 1).await;
            fixture.gcs.release();
        };
        let (answer, ()) = tokio::join!(fixture.create(&bytes), release);
        assert_eq!(answer.unwrap().status, 200, "{fault:?}");
        assert_eq!(fixture.gcs.stalled(), 0);
    }
}

#[tokio::test]
async fn downloads_break_off_stall_and_flip_too() {
    let fixture = Fixture::new();
    let bytes = photo(100_000);
    fixture.create(&bytes).await.unwrap();
    let path = format!("/storage/v1/b/{BUCKET}/o/{ENCODED}?alt=media");
    let read = async || fixture.send(fixture.request("GET", &path), "").await;

    fixture.gcs.order(Order::next(1, Fault::ResetInBody));
    assert!(matches!(read().await, Err(WebError::BrokenReply { .. })));

    fixture.gcs.order(Order::next(1, Fault::StallInBody));
    let release = async {
        fixture.gcs.until(|gcs| gcs.stalled() == 1).await;
        fixture.gcs.release();
    };
    let (answer, ()) = tokio::join!(read(), release);
    assert_eq!(answer.unwrap().body, bytes);

    fixture.gcs.order(Order::next(1, Fault::FlippedBit).named(NAME));
    let flipped = read().await.unwrap();
    assert_eq!(flipped.body.len(), bytes.len());
    assert_ne!(crc32c_text(&flipped.body), crc32c_text(&bytes));
    assert!(flipped.header("x-goog-hash").contains(&crc32c_text(&bytes)));
    assert_eq!(read().await.unwrap().body, bytes);
    assert_eq!(fixture.gcs.count(Kind::ObjectMedia), 4);
}

#[tokio::test]
async fn a_redirect_leads_to_a_page_that_is_not_the_storage() {
    let fixture = Fixture::new();
    fixture.gcs.order(Order::always(Fault::LoginRedirect));
    let redirected = fixture.create(b"photo").await.unwrap();
    let place = redirected
        .header("location")
        .strip_prefix(&fixture.gcs.url())
        .unwrap();
    let login = fixture.get(place).await;
    assert_eq!(login.status, 200);
    assert!(login.header("content-type").starts_with("text/html"));
    fixture.gcs.clear_orders();
    assert_eq!(fixture.create(b"photo").await.unwrap().status, 200);
}

#[tokio::test]
async fn without_bytes_the_sums_are_still_kept() {
    let fixture = Fixture::with(Terms {
        keep_bytes: false,
        ..Terms::default()
    });
    let bytes = photo(300_000);
    let stored = fixture.create(&bytes).await.unwrap().json();
    assert_eq!(stored["crc32c"], crc32c_text(&bytes));
    let path = format!("/storage/v1/b/{BUCKET}/o/{ENCODED}?alt=media");
    assert_eq!(fixture.get(&path).await.status, 501);
    assert_eq!(fixture.gcs.contents(BUCKET, NAME), None);
}

#[tokio::test]
async fn metadata_is_merged() {
    let fixture = Fixture::new();
    let metadata = json!({ "metadata": { "one": "1", "two": "2" } });
    fixture.upload("", &metadata, b"photo").await.unwrap();
    let path = format!("/storage/v1/b/{BUCKET}/o/{ENCODED}");
    let changes = json!({ "metadata": { "one": null, "three": "3" } });
    let patched = fixture
        .send(fixture.request("PATCH", &path), changes.to_string())
        .await
        .unwrap()
        .json();
    assert_eq!(patched["metadata"], json!({ "two": "2", "three": "3" }));
    assert_eq!(patched["metageneration"], "2");
}

#[test]
fn a_server_that_was_dropped_has_left_its_port() {
    let address = FakeGcs::start().address();
    assert!(std::net::TcpStream::connect(address).is_err());
}
