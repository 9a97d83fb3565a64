//! A Redis server of our own, that writes each command to its disk before it answers.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use crate::{Process, free_port};

/// A Redis server of our own, on 127.0.0.1.
#[derive(Debug)]
pub struct Redis {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    process: Option<Process>,
}

impl Redis {
    /// Starts a server in a new folder.
    ///
    /// # Errors
    ///
    /// When Redis is not installed or does not start.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders = env::split_paths(&path).map(|folder| folder.join("redis-server"));
        let program = folders.find(|program| program.is_file());
        let program = program.ok_or_else(|| io::Error::other("Redis is not installed"))?;
        fs::create_dir_all(folder)?;
        let folder = folder.to_owned();
        let mut redis = Self { program, folder, port: free_port()?, process: None };
        redis.begin()?;
        Ok(redis)
    }

    /// Starts it again.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn begin(&mut self) -> io::Result<()> {
        let mut server = Command::new(&self.program);
        server.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--dir"]);
        server.arg(&self.folder).args(["--save", "", "--appendonly", "yes"]);
        server.args(["--appendfsync", "always", "--logfile", "log"]);
        self.process = Some(Process::start(&server)?);
        for _ in 0..200 {
            if self.is_ready() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(io::Error::other("Redis did not start"))
    }

    fn is_ready(&self) -> bool {
        use io::{Read as _, Write as _};
        let ping = || {
            let mut socket = std::net::TcpStream::connect(("127.0.0.1", self.port))?;
            socket.set_read_timeout(Some(Duration::from_secs(1)))?;
            socket.write_all(b"PING\r\n")?;
            let mut answer = [0; 7];
            socket.read_exact(&mut answer)?;
            io::Result::Ok(answer == *b"+PONG\r\n")
        };
        ping().unwrap_or(false)
    }

    /// Ends it: with SIGTERM as an operator does, or at once.
    ///
    /// # Errors
    ///
    /// When it does not end.
    pub fn end(&mut self, is_told: bool) -> io::Result<()> {
        match self.process.take() {
            Some(process) => process.end(if is_told { "TERM" } else { "KILL" }),
            None => Ok(()),
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}
