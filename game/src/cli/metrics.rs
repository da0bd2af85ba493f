//! `--metrics`: the engine's counters, gauges and histograms for Prometheus, over HTTP.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::cli::failure::Failure;

/// Longest wait for a byte from or to a scraper; one that hangs holds up the next no longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Most of a request that is read, in bytes; Prometheus sends a few hundred.
const REQUEST_MAX: u64 = 8 * 1024;

/// Pause between two tidyings of the histograms, which otherwise grow until somebody reads them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Answers `GET /metrics` on `address` for as long as the process lives.
///
/// # Errors
/// When the address is taken, is not this machine's, or the system gives no thread.
pub(crate) fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).map_err(|error| {
        Failure::machine(match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("cannot serve metrics on {address}: the port is taken; choose another with --metrics")
            }
            _ => format!("cannot serve metrics on {address}: {error}; give an address of this machine to --metrics"),
        })
    })?;
    let handle = PrometheusBuilder::new().install_recorder().map_err(Failure::machine)?;
    let tidied = handle.clone();
    let spawned = [
        thread::Builder::new().name("metrics".to_owned()).spawn(move || answer_all(&listener, &handle)),
        thread::Builder::new().name("metrics-upkeep".to_owned()).spawn(move || {
            loop {
                thread::park_timeout(UPKEEP);
                tidied.run_upkeep();
            }
        }),
    ];
    spawned.into_iter().try_for_each(|thread| thread.map(drop)).map_err(Failure::machine)
}

fn answer_all(listener: &TcpListener, handle: &PrometheusHandle) {
    for stream in listener.incoming() {
        if let Err(error) = stream.and_then(|stream| answer(&stream, handle)) {
            tracing::debug!(target: "latchkey::metrics", %error, "a scrape failed");
        }
    }
}

fn answer(mut stream: &TcpStream, handle: &PrometheusHandle) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.take(REQUEST_MAX)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The headers say nothing that matters, but are read so that closing does not reset the connection.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let (status, body) = match request.split(' ').take(2).collect::<Vec<_>>()[..] {
        ["GET", "/metrics"] => ("200 OK", handle.render()),
        ["GET", _] => ("404 Not Found", "the metrics are at /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "ask by GET /metrics\n".to_owned()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}
