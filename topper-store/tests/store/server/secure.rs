//! A PostgreSQL server with TLS, whose certificates a CA of the test's own has signed.

use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use sqlx::{Connection as _, Executor as _, postgres::PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::postgres::Own;

/// Who may connect: `passworded` with a password, `certified` with a certificate, all others at once.
const HBA: &str = "\
    local all all trust\n\
    host all +passworded all scram-sha-256\n\
    hostssl all +certified all cert clientcert=verify-full\n\
    host all +certified all reject\n\
    host all all all trust\n";

/// It makes certificates, for files in a folder of its own.
pub(crate) struct Ca {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
    pem: String,
}

impl Ca {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "a CA of the tests");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &pem).unwrap();
        Self { issuer: Issuer::new(params, key), folder, pem }
    }

    /// The file with its own certificate.
    pub(crate) fn file(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// A certificate for a server, and its key.
    pub(crate) fn certify(&self, params: CertificateParams) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    /// The part of a query that shows the certificate of a client.
    pub(crate) fn client(&self, user: &str) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        let (certificate, key) = self.certify(params);
        let path = |kind: &str| self.folder.path().join(format!("{user}.{kind}"));
        std::fs::write(path("crt"), certificate).unwrap();
        std::fs::write(path("key"), key).unwrap();
        format!("sslcert={}&sslkey={}", path("crt").display(), path("key").display())
    }

    /// A server with this certificate.
    pub(crate) async fn serve(&self, params: CertificateParams) -> Option<Own> {
        let mut own = Own::new(None, &["-c", "ssl=on"])?;
        let (certificate, key) = self.certify(params);
        for (option, name, text) in [
            ("ssl_ca_file", "ca.crt", &self.pem),
            ("ssl_cert_file", "server.crt", &certificate),
            ("ssl_key_file", "server.key", &key),
        ] {
            let path = own.write(name, text);
            own.add(&["-c", &format!("{option}={}", path.display())]);
        }
        own.write("data/pg_hba.conf", HBA);
        own.begin().await;
        Some(own)
    }
}

/// The server that tests share: for `localhost`, and for no other name.
pub(crate) struct Secure {
    pub(crate) ca: Ca,
    server: Own,
}

static SHARED: OnceCell<Option<Secure>> = OnceCell::const_new();

impl Secure {
    pub(crate) async fn shared() -> Option<&'static Self> {
        let server = SHARED.get_or_init(|| async {
            let ca = Ca::new();
            let server =
                ca.serve(CertificateParams::new(["localhost".to_owned()]).unwrap()).await?;
            for role in ["passworded", "certified"] {
                let role = sqlx::AssertSqlSafe(format!("CREATE ROLE {role}"));
                Self::admin(&server.url()).await.execute(role).await.unwrap();
            }
            Some(Self { ca, server })
        });
        server.await.as_ref()
    }

    async fn admin(url: &str) -> PgConnection {
        PgConnection::connect(&format!("{url}/postgres")).await.unwrap()
    }

    /// A database of its own, and a connection to it as a superuser.
    pub(crate) async fn database(&self) -> (Database, PgConnection) {
        let url = self.server.database().await;
        let (_, name) = url.rsplit_once('/').unwrap();
        let admin = PgConnection::connect(&url).await.unwrap();
        (Database { port: self.server.port(), name: name.to_owned() }, admin)
    }
}

pub(crate) struct Database {
    pub(crate) port: u16,
    pub(crate) name: String,
}

impl Database {
    /// As a user, by a name of the server's host.
    pub(crate) fn url(&self, user: &str, host: &str, query: &str) -> String {
        format!("postgres://{user}@{host}:{}/{}?{query}", self.port, self.name)
    }
}

/// A file that is not there.
pub(crate) fn nowhere() -> PathBuf {
    std::env::temp_dir().join("topper-test-no-such-file.pem")
}
