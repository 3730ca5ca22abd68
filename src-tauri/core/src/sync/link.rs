//! What a workstation needs to reach the centre, and the code in which it is handed over.
//!
//! The code is the link as JSON, deflated, in letters that survive an e-mail. It is good once: the first connection gives the
//! workstation a new secret.

use std::io::{Read, Write};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};

/// Begins every code, so that one can be told from anything else that is pasted.
const PREFIX: &str = "seekwell1.";
/// A certificate and a service account are some kilobytes; nothing honest is longer.
const LONGEST: u64 = 256 * 1024;

/// How to reach the centre.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The database server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database's name.
    pub database: String,
    /// The authority that signed its certificate, as PEM; `None`: one that browsers trust.
    pub ca_pem: Option<String>,
    /// This workstation's role there.
    pub role: String,
    /// Its password.
    pub secret: String,
    /// The bucket of the clinic's images.
    pub bucket: String,
    /// A service account as JSON; `None`: the machine's own credentials.
    pub service_account: Option<String>,
    /// Another address of the image store than Google's, such as an emulator's.
    pub storage_endpoint: Option<String>,
}

/// Not a code.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It begins with something else.
    #[error("this is no connection code of SeekWell")]
    NotACode,
    /// It was cut or mistyped.
    #[error("the connection code is incomplete or mistyped")]
    Damaged,
}

impl Link {
    /// The code in which the link is handed over.
    pub fn to_code(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
        let written = deflated.write_all(&json).and_then(|()| deflated.finish());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(written.unwrap_or_default()))
    }

    /// Reads a code, with whatever white space an e-mail put into it.
    ///
    /// # Errors
    /// Where it is none, or not whole.
    pub fn from_code(code: &str) -> Result<Self, LinkError> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let packed = code.strip_prefix(PREFIX).ok_or(LinkError::NotACode)?;
        let deflated = URL_SAFE_NO_PAD.decode(packed).map_err(|_| LinkError::Damaged)?;
        let mut json = Vec::new();
        DeflateDecoder::new(deflated.as_slice())
            .take(LONGEST)
            .read_to_end(&mut json)
            .map_err(|_| LinkError::Damaged)?;
        serde_json::from_slice(&json).map_err(|_| LinkError::Damaged)
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .field("role", &self.role)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            host: "centre.example".to_owned(),
            port: 5432,
            database: "seekwell".to_owned(),
            ca_pem: Some("a certificate".repeat(100)),
            role: "ws_1".to_owned(),
            secret: "hush".to_owned(),
            bucket: "images".to_owned(),
            service_account: None,
            storage_endpoint: None,
        }
    }

    #[test]
    fn a_code_comes_through_an_email() {
        let code = link().to_code();
        let broken: Vec<String> = code
            .as_bytes()
            .chunks(20)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        assert_eq!(
            Link::from_code(&format!("  {}\r\n", broken.join("\r\n"))).unwrap(),
            link()
        );
        for wrong in [
            "",
            "hello",
            "seekwell1.",
            "seekwell1.%%%",
            &code[..code.len() - 6],
        ] {
            assert!(Link::from_code(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert!(!format!("{:?}", link()).contains("hush"));
    }
}
