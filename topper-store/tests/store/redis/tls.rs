//! Encrypted connections, to a server with a certificate of the test's own CA.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use topper_store::RedisStore;

use super::assert_refused;
use crate::server::{Port, redis::Own};

struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Ca {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), pem }
    }

    /// A certificate and its key.
    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (parameters.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

struct Encrypted {
    server: Own,
    port: Port,
    /// Where the files are.
    folder: tempfile::TempDir,
}

impl Encrypted {
    async fn start(clients: &str) -> Option<Self> {
        let (ca, other) = (Ca::new("ours"), Ca::new("another"));
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = ca.issue("localhost");
        let (own_certificate, own_key) = ca.issue("client");
        let files = [
            ("ca.pem", ca.pem),
            ("other.pem", other.pem),
            ("server.pem", certificate),
            ("server.key", key),
            ("client.pem", own_certificate),
            ("client.key", own_key),
        ];
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let path = |name: &str| folder.path().join(name).display().to_string();
        let port = Port::reserve();
        let server = Own::start(&[
            "--tls-port",
            &port.number().to_string(),
            "--tls-cert-file",
            &path("server.pem"),
            "--tls-key-file",
            &path("server.key"),
            "--tls-ca-cert-file",
            &path("ca.pem"),
            "--tls-auth-clients",
            clients,
        ])
        .await?;
        Some(Self { server, port, folder })
    }

    fn url(&self, host: &str, ca: &str) -> String {
        let file = self.folder.path().join(ca).display().to_string();
        format!("rediss://{host}:{}/0?sslrootcert={file}", self.port.number())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connects_with_the_ca_of_the_url() {
    let Some(encrypted) = Encrypted::start("no").await else { return };
    RedisStore::connect(&encrypted.url("localhost", "ca.pem")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn says_what_is_wrong_with_a_certificate() {
    let Some(encrypted) = Encrypted::start("no").await else { return };
    let port = encrypted.port.number();
    let unknown = ["unknown CA", "?sslrootcert=FILE"];
    assert_refused(&encrypted.url("localhost", "other.pem"), &unknown).await;
    // The system knows it less.
    assert_refused(&format!("rediss://localhost:{port}"), &unknown).await;
    assert_refused(&encrypted.url("127.0.0.1", "ca.pem"), &["for another host name"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_a_port_is_the_other() {
    let Some(encrypted) = Encrypted::start("no").await else { return };
    let (plain, port) = (encrypted.server.port(), encrypted.port.number());
    let url = format!("rediss://localhost:{plain}/0");
    assert_refused(&url, &["TLS failed", "check that the server speaks TLS on this port"]).await;
    let url = format!("redis://localhost:{port}/0");
    assert_refused(&url, &["closed the connection", "expects TLS"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shows_a_certificate_of_its_own() {
    let Some(encrypted) = Encrypted::start("yes").await else { return };
    let url = encrypted.url("localhost", "ca.pem");
    assert_refused(&url, &["CertificateRequired", "sslcert"]).await;
    let path = |name: &str| encrypted.folder.path().join(name).display().to_string();
    let url = format!("{url}&sslcert={}&sslkey={}", path("client.pem"), path("client.key"));
    RedisStore::connect(&url).await.unwrap();
    let url = url.replace("client.key", "client.pem");
    assert_refused(&url, &["`sslkey`"]).await;
}
