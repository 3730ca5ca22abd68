//! A certificate authority and one server certificate, made when they are needed, so that no key lies in the repository.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// PEM texts of an authority and of a server that it vouches for.
#[derive(Debug)]
pub struct Certificates {
    ca: String,
    server: String,
    server_key: String,
}

impl Certificates {
    /// A new authority, and a server certificate for that name and no other.
    ///
    /// # Panics
    /// Where `host` is not a host name.
    pub fn for_host(host: &str) -> Self {
        let mut ca = CertificateParams::default();
        ca.distinguished_name
            .push(DnType::CommonName, "SeekWell test authority");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_key = KeyPair::generate().expect("a key");
        let ca_certificate = ca.self_signed(&ca_key).expect("an authority");
        let issuer = Issuer::new(ca, ca_key);
        let mut server = CertificateParams::new([host.to_owned()]).expect("a host name");
        server.distinguished_name.push(DnType::CommonName, host);
        let server_key = KeyPair::generate().expect("a key");
        let server_certificate = server.signed_by(&server_key, &issuer).expect("a certificate");
        Self {
            ca: ca_certificate.pem(),
            server: server_certificate.pem(),
            server_key: server_key.serialize_pem(),
        }
    }

    /// The authority's certificate.
    pub fn ca_pem(&self) -> &str {
        &self.ca
    }

    /// The server's certificate.
    pub fn server_pem(&self) -> &str {
        &self.server
    }

    /// The server's private key.
    pub fn server_key_pem(&self) -> &str {
        &self.server_key
    }
}
