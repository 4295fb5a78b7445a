//! One connection that asks and reads, with as little work as it can: the driver shares the machine with the server.
//!
//! Invariant: a connection is kept between calls and made anew when it breaks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than any deadline of the server.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The place of the log that the answer stands at, where it says.
    pub(crate) generation: u64,
}

/// A call to be made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Method and path.
    pub(crate) head: String,
    /// A JSON body, or nothing.
    pub(crate) body: String,
    /// Within how many milliseconds the answer is wanted.
    pub(crate) deadline_ms: u64,
}

/// A kept connection.
pub(crate) struct Client {
    address: String,
    stream: Option<BufReader<TcpStream>>,
    body: Vec<u8>,
}

impl Client {
    /// One to `HOST:PORT`; it connects at its first call.
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            stream: None,
            body: Vec::new(),
        }
    }

    /// Calls; once more when a kept connection was closed meanwhile.
    pub(crate) fn call(&mut self, call: &Call) -> io::Result<Reply> {
        let kept = self.stream.is_some();
        match self.try_call(call) {
            Err(_) if kept => {
                self.stream = None;
                self.try_call(call)
            }
            done => done,
        }
    }

    fn try_call(&mut self, call: &Call) -> io::Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(&self.address)?,
        };
        let (address, length, deadline) = (&self.address, call.body.len(), call.deadline_ms);
        let request = format!(
            "{} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nx-deadline-ms: {deadline}\r\n\
             content-length: {length}\r\n\r\n{}",
            call.head, call.body
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let status = self.read(&mut stream)?;
        self.stream = Some(stream);
        let generation = generation(&self.body);
        Ok(Reply { status, generation })
    }

    /// Reads one answer; gives its status.
    fn read(&mut self, stream: &mut BufReader<TcpStream>) -> io::Result<u16> {
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
                status = rest.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
            } else if let Some(rest) = text.strip_prefix("content-length: ") {
                length = rest.parse().unwrap_or(0);
            }
        }
        self.body.resize(length, 0);
        stream.read_exact(&mut self.body)?;
        Ok(status)
    }
}

fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::with_capacity(1 << 16, stream))
}

/// The number after the last `"generation":` of a body; 0 where there is none.
fn generation(body: &[u8]) -> u64 {
    const NAME: &[u8] = b"\"generation\":";
    let at = body.windows(NAME.len()).rposition(|window| window == NAME);
    let digits = at.and_then(|at| body.get(at + NAME.len()..)).unwrap_or_default();
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}
