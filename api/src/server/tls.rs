//! TLS by rustls, for a server that stands in the open without a proxy before it.
//!
//! Invariant: certificate and key are read once, at the start; what cannot be used stops the start.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// Shakes hands with clients.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl Tls {
    /// With the certificates of a PEM file (the server's own first) and the private key of another.
    ///
    /// # Errors
    /// When a file cannot be read, or the key is not that of the certificate.
    pub fn open(certificates: &Path, key: &Path) -> anyhow::Result<Self> {
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
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}
