//! Where the centre's database is and who asks.

use std::{net::IpAddr, str::FromStr};

use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::CentralError;

/// A database account of one of the centre's people.
#[derive(Clone)]
pub struct Access {
    options: PgConnectOptions,
}

impl Access {
    /// Reads `postgres://user:password@host:port/database`. What it leaves out comes from where PostgreSQL's own programs take
    /// it (`PGPASSWORD`, `~/.pgpass` and so on), save TLS: the server must prove with a certificate that it is the host, signed by
    /// one of `ca_pem` or else by an authority that browsers trust. On this machine alone a server may do without.
    ///
    /// # Errors
    /// [`CentralError::Address`].
    pub fn parse(url: &str, ca_pem: Option<&str>) -> Result<Self, CentralError> {
        let read = PgConnectOptions::from_str(url).map_err(|source| CentralError::Address { source })?;
        let read = match ca_pem {
            Some(pem) => read
                .ssl_mode(PgSslMode::VerifyFull)
                .ssl_root_cert_from_pem(pem.into()),
            None if is_this_machine(read.get_host(), read.get_socket().is_some()) => {
                read.ssl_mode(PgSslMode::Prefer)
            }
            None => read.ssl_mode(PgSslMode::VerifyFull),
        };
        Ok(Self {
            options: read
                .application_name("seekwell central")
                .disable_statement_logging(),
        })
    }

    /// Host, port and database, as a workstation is told of them.
    pub fn server(&self) -> (&str, u16, &str) {
        (
            self.options.get_host(),
            self.options.get_port(),
            self.options.get_database().unwrap_or_default(),
        )
    }

    pub(super) async fn connect(&self) -> Result<PgConnection, CentralError> {
        Ok(PgConnection::connect_with(&self.options).await?)
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("host", &self.options.get_host())
            .field("port", &self.options.get_port())
            .field("database", &self.options.get_database())
            .finish_non_exhaustive()
    }
}

pub(in crate::sync) fn is_this_machine(host: &str, socket: bool) -> bool {
    socket
        || host == "localhost"
        || host.starts_with('/')
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_do_without_tls() {
        let mode = |url: &str, ca: Option<&str>| {
            format!("{:?}", Access::parse(url, ca).unwrap().options.get_ssl_mode())
        };
        for url in [
            "postgres://chief@localhost/centre",
            "postgres://chief@127.0.0.1/centre",
            "postgres://chief@127.8.0.1/centre",
        ] {
            assert_eq!(mode(url, None), "Prefer", "{url}");
            assert_eq!(mode(url, Some("a certificate")), "VerifyFull", "{url}");
        }
        for url in [
            "postgres://chief@centre.example/centre",
            "postgres://chief@10.0.0.7/centre?sslmode=disable",
            "postgres://chief@localhost.example/centre",
        ] {
            assert_eq!(mode(url, None), "VerifyFull", "{url}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let access = Access::parse("postgres://chief:hush@localhost/centre", None).unwrap();
        assert!(!format!("{access:?}").contains("hush"));
    }
}
