//! Who a caller is: access tokens for signed assertions (RFC 7523), and JWTs that an account signs itself.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hyper::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    reply::Reply,
    request::Query,
    state::{Shared, State},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Seconds that a token or an assertion may live.
const LIFE: i64 = 3600;

/// Seconds by which a client's clock may be off. The SDK itself adds 10 to what it may ask for.
const SKEW: i64 = 300;

/// Answers a request for a token: the form of a JWT bearer grant.
pub(super) fn grant(shared: &Shared, body: &[u8]) -> Reply {
    let form = Query::new(&String::from_utf8_lossy(body));
    let now = shared.now();
    let answer = shared.change(|state| {
        if form.get("grant_type") != Some(GRANT) {
            return Err(("unsupported_grant_type", "Invalid grant_type."));
        }
        let assertion = form.get("assertion").unwrap_or_default();
        let (account, claims) =
            verified(state, assertion, now).ok_or(("invalid_grant", "Invalid JWT Signature."))?;
        // Only the path: behind a proxy the server goes by another address.
        if !claims["aud"]
            .as_str()
            .is_some_and(|audience| audience.ends_with("/token"))
        {
            return Err(("invalid_grant", "Invalid JWT: Failed audience check."));
        }
        let token = format!("ya29.test-{}", state.tokens.len() + 1);
        state.tokens.insert(token.clone(), account);
        Ok(token)
    });
    match answer {
        Ok(token) => Reply::json(&json!({
            "access_token": token, "expires_in": LIFE - 1, "token_type": "Bearer",
        })),
        Err((error, description)) => {
            let body = json!({ "error": error, "error_description": description });
            Reply {
                status: StatusCode::BAD_REQUEST,
                ..Reply::json(&body)
            }
        }
    }
}

/// The account that a bearer token stands for.
pub(super) fn account(state: &State, bearer: &str, now: Timestamp) -> Option<String> {
    if let Some(account) = state.tokens.get(bearer) {
        return Some(account.clone());
    }
    verified(state, bearer, now).map(|(account, _)| account)
}

/// The account that signed a JWT and its claims, if the signature and the times are right.
fn verified(state: &State, jwt: &str, now: Timestamp) -> Option<(String, Value)> {
    let (signed, signature) = jwt.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let header: Value = serde_json::from_slice(&decoded(header)?).ok()?;
    let claims: Value = serde_json::from_slice(&decoded(claims)?).ok()?;
    if header["alg"] != "RS256" {
        return None;
    }
    let account = claims["iss"].as_str()?;
    let key = state.accounts.get(account)?;
    if !is_signed(key, signed.as_bytes(), &decoded(signature)?) {
        return None;
    }
    let (issued, expires) = (claims["iat"].as_i64()?, claims["exp"].as_i64()?);
    let now = now.as_second();
    let in_time = issued <= now + SKEW && expires > now - SKEW && expires - issued <= LIFE + SKEW;
    in_time.then(|| (account.to_owned(), claims.clone()))
}

/// Whether this is a signature of the message: RSASSA-PKCS1-v1_5 with SHA-256.
pub(super) fn is_signed(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key);
    key.verify(message, signature).is_ok()
}
