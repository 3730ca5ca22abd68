//! A service account that is made at run time, so that no key lies in the repository.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

/// A service account with an RSA key of 2048 bits.
#[derive(Clone)]
pub struct ServiceAccount {
    email: String,
    key_file: String,
    public_key: Vec<u8>,
}

impl ServiceAccount {
    /// Makes an account with a fresh key. `token_uri` is where it gets its tokens.
    pub fn generate(name: &str, token_uri: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
        let private: Pkcs8V1Der<'_> = pair.as_der().expect("an RSA key as PKCS#8");
        let email = format!("{name}@seekwell-test.iam.gserviceaccount.com");
        let key_file = json!({
            "type": "service_account",
            "project_id": "seekwell-test",
            "private_key_id": "0000000000000000000000000000000000000001",
            "private_key": pem("PRIVATE KEY", private.as_ref()),
            "client_email": email,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        });
        Self {
            email,
            key_file: format!("{key_file:#}"),
            public_key: pair.public_key().as_ref().to_vec(),
        }
    }

    /// E-mail address, by which Google knows the account.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Text of the JSON key file that `GOOGLE_APPLICATION_CREDENTIALS` would name.
    pub fn key_file(&self) -> &str {
        &self.key_file
    }

    /// Public key as PKCS#1 DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ServiceAccount")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
