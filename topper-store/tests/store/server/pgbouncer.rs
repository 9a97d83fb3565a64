//! PgBouncer.

use std::fs;

use super::{Port, Process, postgres, program};

/// A pooler before a server, as Debian installs it but for what is said here.
pub(crate) struct PgBouncer {
    port: Port,
    _process: Process,
}

impl PgBouncer {
    /// With so many connections to the server, which its clients share.
    pub(crate) async fn before(url: &str, mode: &str, size: usize) -> Option<Self> {
        let pgbouncer = program("pgbouncer", &["/usr/sbin".into()])?;
        let server = url.rsplit_once('/').unwrap().0.rsplit_once(':').unwrap().1;
        let folder = tempfile::Builder::new().prefix("topper-pgbouncer").tempdir().unwrap().keep();
        let port = Port::reserve();
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={server} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\nmax_client_conn = 200\n",
            port.number(),
        );
        let file = folder.join("pgbouncer.ini");
        fs::write(&file, settings).unwrap();
        postgres::give(&folder);
        let command = postgres::as_user(&pgbouncer);
        let mut arguments: Vec<String> =
            command.get_args().map(|argument| argument.to_str().unwrap().to_owned()).collect();
        arguments.push(file.display().to_string());
        let process =
            Process::start(std::path::Path::new(command.get_program()), &arguments, &folder, None);
        for _ in 0..400 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port.number())).await.is_ok() {
                return Some(Self { port, _process: process });
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{}", fs::read_to_string(folder.join("log")).unwrap());
    }

    /// The URL of a database, through it.
    pub(crate) fn url(&self, url: &str) -> String {
        let (_, database) = url.rsplit_once('/').unwrap();
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port.number())
    }
}
