//! TLS by rustls, for a server that stands in the open without a proxy before it.
//!
//! Invariant: what cannot be used stops the start, and at a reload leaves what was there.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// Shakes hands with clients; clones share the certificate.
#[derive(Clone)]
pub struct Tls(Arc<ArcSwap<ServerConfig>>);

impl Tls {
    /// With the certificates of a PEM file (the server's own first) and the private key of another.
    ///
    /// # Errors
    /// When a file cannot be read, or the key is not that of the certificate.
    pub fn open(certificates: &Path, key: &Path) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(ArcSwap::new(read(certificates, key)?))))
    }

    /// Takes other files, or newer ones of the same names; connections that are there keep what they agreed on.
    ///
    /// # Errors
    /// As [`Self::open`]; then nothing changes.
    pub(crate) fn reopen(&self, certificates: &Path, key: &Path) -> anyhow::Result<()> {
        self.0.store(read(certificates, key)?);
        Ok(())
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.0.load_full()).accept(stream).await
    }
}

fn read(certificates: &Path, key: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let at = |path: &Path| format!("{} cannot be used", path.display());
    let chain = CertificateDer::pem_file_iter(certificates).with_context(|| at(certificates))?;
    let chain: Vec<CertificateDer<'static>> = chain.collect::<Result<_, _>>().with_context(|| at(certificates))?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no certificate", certificates.display());
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| at(key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .with_context(|| at(key))?;
    Ok(Arc::new(config))
}
