//! The other process: numbers over TCP on this machine.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// How long one waits for the other.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to the other process.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    /// One sends while the other receives.
    sends_first: bool,
}

/// A port of this machine where the other process can connect, and its number.
///
/// # Errors
///
/// If the system gives none.
pub fn listen() -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

impl Peer {
    /// Waits for the other process, but not forever.
    ///
    /// # Errors
    ///
    /// If the connection fails, or nobody comes.
    pub fn accept(listener: &TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let begin = Instant::now();
        loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    return Self::new(stream, true);
                }
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                Err(error) if begin.elapsed() > PATIENCE => return Err(error),
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Connects to the other process.
    ///
    /// # Errors
    ///
    /// If nothing listens at the port.
    pub fn connect(port: u16) -> io::Result<Self> {
        Self::new(TcpStream::connect((Ipv4Addr::LOCALHOST, port))?, false)
    }

    fn new(stream: TcpStream, sends_first: bool) -> io::Result<Self> {
        // Where the other one dies, nobody waits forever.
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            sends_first,
        })
    }

    /// Sends bytes, and gets as many of the other process.
    ///
    /// # Errors
    ///
    /// If the connection breaks.
    pub fn exchange(&mut self, own: &[u8]) -> io::Result<Vec<u8>> {
        let mut others = vec![0; own.len()];
        if self.sends_first {
            self.stream.write_all(own)?;
        }
        self.stream.read_exact(&mut others)?;
        if !self.sends_first {
            self.stream.write_all(own)?;
        }
        Ok(others)
    }
}
