//! Connections to a server go in; as many requests as it answers over them in some time come out. Each sends its next
//! request when it has the answer to the last one, and is kept open from one turn to the next.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tense_shop::pages::CUSTOMERS;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// All that are asked at once, and which customer each asks for next.
pub(crate) struct Load(Vec<(Connection, u32)>);

impl Load {
    pub(crate) async fn open(port: u16, connections: u32) -> anyhow::Result<Self> {
        let mut load = Vec::new();
        for number in 0..connections {
            load.push((Connection::open(port).await?, number));
        }
        Ok(Self(load))
    }

    /// How many answers came, and in how many seconds.
    pub(crate) async fn ask(&mut self, time: Duration) -> anyhow::Result<(u64, f64)> {
        let began = Instant::now();
        let until = began + time;
        let asking: Vec<_> =
            self.0.drain(..).map(|(connection, customer)| tokio::spawn(ask(connection, customer, until))).collect();
        let mut answers = 0_u64;
        for connection in asking {
            let (connection, customer, answered) = connection.await??;
            answers += answered;
            self.0.push((connection, customer));
        }
        Ok((answers, began.elapsed().as_secs_f64()))
    }
}

impl Load {
    /// So many requests a second over all connections, whatever becomes of them. Says how long each took, in
    /// nanoseconds; an answer that is not the page is an error.
    pub(crate) async fn ask_at(&mut self, rate: f64, time: Duration, pages: &Pages) -> anyhow::Result<Vec<u64>> {
        let began = Instant::now();
        let between = Duration::from_secs_f64(self.0.len() as f64 / rate);
        let count = self.0.len() as u32;
        let asking: Vec<_> = self
            .0
            .drain(..)
            .zip(0..)
            .map(|((connection, customer), at)| {
                let first = began + between * at / count;
                tokio::spawn(ask_at(connection, customer, first, between, began + time, Arc::clone(pages)))
            })
            .collect();
        let mut all = Vec::new();
        for connection in asking {
            let (connection, customer, took) = connection.await??;
            all.extend(took);
            self.0.push((connection, customer));
        }
        Ok(all)
    }
}

/// The page of each customer.
pub(crate) type Pages = Arc<[String]>;

async fn ask_at(
    mut connection: Connection,
    mut customer: u32,
    mut due: Instant,
    between: Duration,
    until: Instant,
    pages: Pages,
) -> anyhow::Result<(Connection, u32, Vec<u64>)> {
    let mut took = Vec::new();
    while due < until {
        // A request that waits for the answer before it has waited from when it was due; that a timer is late is
        // nobody's fault.
        let is_late = Instant::now() > due;
        tokio::time::sleep_until(due.into()).await;
        let asked = if is_late { due } else { Instant::now() };
        customer = (customer + 1_009) % CUSTOMERS;
        let page = connection.get(&format!("/customers/{customer}")).await?;
        took.push(asked.elapsed().as_nanos() as u64);
        ensure!(pages.get(customer as usize).is_some_and(|expected| expected == page), "another page: {page}");
        due += between;
    }
    Ok((connection, customer, took))
}

/// What one connection gets until then.
async fn ask(mut connection: Connection, mut customer: u32, until: Instant) -> anyhow::Result<(Connection, u32, u64)> {
    let mut answers = 0;
    while Instant::now() < until {
        // far enough from the last one that its pages are not at hand
        customer = (customer + 1_009) % CUSTOMERS;
        connection.get(&format!("/customers/{customer}")).await?;
        answers += 1;
    }
    Ok((connection, customer, answers))
}

/// One connection, kept open.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::new() })
    }

    /// The body of the answer to a GET.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<&str> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        self.answer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server has gone away");
            if let Some(body) = body(&self.answer)? {
                return Ok(std::str::from_utf8(&self.answer[body..])?);
            }
        }
    }
}

/// Where the body begins, once all of it is there. Our own server sends its length.
fn body(answer: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..end])?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "the server answered {head}");
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).context("an answer has a length")?;
    Ok((answer.len() >= end + 4 + length.parse::<usize>()?).then_some(end + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_there_when_all_of_its_body_is() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        assert_eq!(body(whole).unwrap(), Some(whole.len() - 5));
        for cut in 1..whole.len() {
            assert_eq!(body(&whole[..whole.len() - cut]).unwrap(), None, "without its last {cut}");
        }
        assert!(body(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n").is_err());
    }
}
