//! The service account of the fake storage: signed URLs and tokens, verified for real.

#![expect(clippy::unwrap_used, reason = "a test may stop where it fails")]

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use seekwell_testkit::{
    gcs::{FakeGcs, Kind, ServiceAccount},
    web::{Answer, Web},
};

const BUCKET: &str = "clinic-images";
const NAME: &str = "patients/7/photo a.jpg";
const PATH: &str = "/clinic-images/patients/7/photo%20a.jpg";

/// The time at the server.
fn noon() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn key_file(account: &ServiceAccount) -> Value {
    serde_json::from_str(account.key_file()).unwrap()
}

/// Signs with the key of the key file, as a client would.
fn sign(account: &ServiceAccount, message: &str) -> Vec<u8> {
    let file = key_file(account);
    let pem = file["private_key"].as_str().unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let pair = RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(body).unwrap()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    signature
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Path and query of a signed URL. `life` is in seconds.
fn signed_url(account: &ServiceAccount, host: &str, signed_at: Timestamp, life: i64) -> String {
    let time = signed_at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("{}/auto/storage/goog4_request", &time[..8]);
    let credential = format!("{}/{scope}", account.email())
        .replace('/', "%2F")
        .replace('@', "%40");
    let query = format!(
        "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential={credential}&X-Goog-Date={time}&X-Goog-Expires={life}&X-Goog-SignedHeaders=host"
    );
    let request = format!("GET\n{PATH}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let hash = hex(digest(&SHA256, request.as_bytes()).as_ref());
    let message = format!("GOOG4-RSA-SHA256\n{time}\n{scope}\n{hash}");
    format!(
        "{PATH}?{query}&X-Goog-Signature={}",
        hex(&sign(account, &message))
    )
}

async fn ask(gcs: &FakeGcs, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", gcs.url()));
    let request = request.body(Full::new(body.into())).unwrap();
    Web::new().ask(request).await.unwrap()
}

/// A server at noon that holds the photo.
async fn server() -> FakeGcs {
    let gcs = FakeGcs::start();
    gcs.set_clock(noon);
    gcs.make_bucket(BUCKET);
    let path = format!("/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name=patients%2F7%2Fphoto%20a.jpg");
    assert_eq!(ask(&gcs, "POST", &path, "photo").await.status, 200);
    gcs
}

#[tokio::test]
async fn a_signed_url_opens_one_object_for_its_time() {
    let gcs = server().await;
    let account = gcs.service_account("viewer");
    let host = gcs.address().to_string();
    let before = |seconds| noon() - SignedDuration::from_secs(seconds);
    let get = async |url: String| ask(&gcs, "GET", &url, "").await;

    let opened = get(signed_url(&account, &host, before(299), 300)).await;
    assert_eq!((opened.status, &opened.body[..]), (200, &b"photo"[..]));
    // As the SDK signs: the host without its port.
    assert_eq!(
        get(signed_url(&account, "127.0.0.1", before(0), 300))
            .await
            .status,
        200
    );
    assert_eq!(
        get(signed_url(&account, &host, before(0), 604_800)).await.status,
        200
    );

    let expired = get(signed_url(&account, &host, before(300), 300)).await;
    assert_eq!(expired.status, 400);
    assert!(String::from_utf8_lossy(&expired.body).contains("<Code>ExpiredToken</Code>"));
    assert_eq!(
        get(signed_url(&account, &host, before(0), 604_801)).await.status,
        400
    );
    assert_eq!(
        get(signed_url(&account, &host, before(-3600), 300)).await.status,
        403
    );
    assert_eq!(
        get(signed_url(&account, "storage.example", before(0), 300))
            .await
            .status,
        403
    );
    let longer = signed_url(&account, &host, before(0), 300).replace("Expires=300", "Expires=301");
    assert_eq!(get(longer).await.status, 403);
    let other = signed_url(&account, &host, before(0), 300).replace("photo%20a", "photo%20b");
    assert_eq!(get(other).await.status, 403);
    assert_eq!(get(PATH.to_owned()).await.status, 403);
    assert_eq!(gcs.count(Kind::SignedGet), 10);
    assert_eq!(gcs.requests().last().unwrap().name.as_deref(), Some(NAME));
}

#[tokio::test]
async fn a_stranger_is_refused_once_the_server_knows_anybody() {
    let gcs = server().await;
    let stranger = ServiceAccount::generate("stranger", "http://127.0.0.1:9/token");
    let url = signed_url(&stranger, &gcs.address().to_string(), noon(), 300);
    assert_eq!(ask(&gcs, "GET", &url, "").await.status, 200);
    gcs.service_account("viewer");
    assert_eq!(ask(&gcs, "GET", &url, "").await.status, 403);
    gcs.trust(&stranger);
    assert_eq!(ask(&gcs, "GET", &url, "").await.status, 200);
}

fn jwt(account: &ServiceAccount, claims: &Value) -> String {
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        encode(&json!({ "alg": "RS256", "typ": "JWT" })),
        encode(claims)
    );
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(account, &signed));
    format!("{signed}.{signature}")
}

#[tokio::test]
async fn a_token_is_granted_for_a_signed_assertion_only() {
    let gcs = server().await;
    let account = gcs.service_account("sync");
    let token_uri = key_file(&account)["token_uri"].as_str().unwrap().to_owned();
    assert_eq!(token_uri, format!("{}/token", gcs.url()));
    let now = noon().as_second();
    let claims =
        json!({ "iss": account.email(), "aud": token_uri, "iat": now, "exp": now + 3600, "scope": "s" });
    let grant = async |assertion: &str| {
        let body =
            format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}");
        ask(&gcs, "POST", "/token", body).await
    };
    let granted = grant(&jwt(&account, &claims)).await;
    assert_eq!(granted.status, 200);
    let token = granted.json()["access_token"].as_str().unwrap().to_owned();

    let mut late = claims.clone();
    late["iat"] = json!(now - 7200);
    late["exp"] = json!(now - 3600);
    assert_eq!(grant(&jwt(&account, &late)).await.status, 400);
    let other = ServiceAccount::generate("sync", &token_uri);
    let forged = grant(&jwt(&other, &claims)).await;
    assert_eq!(
        (forged.status, &forged.json()["error"]),
        (400, &json!("invalid_grant"))
    );

    // Both kinds of bearer token are known again.
    for bearer in [token, jwt(&account, &claims), "made-up".to_owned()] {
        let request = Request::builder()
            .uri(format!("{}/storage/v1/b/{BUCKET}", gcs.url()))
            .header("authorization", format!("Bearer {bearer}"));
        Web::new()
            .ask(request.body(Full::default()).unwrap())
            .await
            .unwrap();
    }
    let requests = gcs.requests();
    let accounts = requests.iter().rev().take(3).map(|seen| seen.account.as_deref());
    assert_eq!(
        accounts.collect::<Vec<_>>(),
        [None, Some(account.email()), Some(account.email())]
    );
}

#[tokio::test]
async fn objects_bear_the_time_of_the_clock() {
    let gcs = server().await;
    let path = format!("/storage/v1/b/{BUCKET}/o/patients%2F7%2Fphoto%20a.jpg");
    let object = ask(&gcs, "GET", &path, "").await.json();
    assert_eq!(object["timeCreated"], "2026-11-25T12:00:00.000Z");
    assert_eq!(gcs.stored()[0].at, noon());
}
