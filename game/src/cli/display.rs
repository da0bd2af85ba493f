//! Whether a window can be opened here, asked before anything is started.

use crate::cli::failure::Failure;

/// Refuses when there is no X display.
///
/// # Errors
/// Says what is missing and names `--headless`.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn check() -> anyhow::Result<()> {
    let display = std::env::var("DISPLAY").unwrap_or_default();
    if display.is_empty() {
        return Err(Failure::machine(
            "no display: DISPLAY is not set, so no window can be opened. \
             Run `latchkey play --headless` to let the bot play without one, or start an X server (XWayland counts).",
        ));
    }
    match local_number(&display) {
        Some(number) if !x11_answers(number) => Err(Failure::machine(format!(
            "no display: nothing answers at DISPLAY={display}. \
             Run `latchkey play --headless` to let the bot play without a window, or start that X server.",
        ))),
        _ => Ok(()),
    }
}

/// Elsewhere the system always has a window server.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn check() -> anyhow::Result<()> {
    Ok(())
}

/// Number of a display on this machine (`:1`, `unix:1.0`); none for one reached by TCP.
#[cfg(all(unix, not(target_os = "macos")))]
fn local_number(display: &str) -> Option<u32> {
    let (host, rest) = display.split_once(':')?;
    let number = rest.split('.').next()?;
    matches!(host, "" | "unix").then(|| number.parse().ok()).flatten()
}

#[cfg(all(unix, not(target_os = "macos")))]
fn x11_answers(number: u32) -> bool {
    use std::os::unix::net::UnixStream;
    let path = format!("/tmp/.X11-unix/X{number}");
    if UnixStream::connect(&path).is_ok() {
        return true;
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::SocketAddr;
        if let Ok(address) = SocketAddr::from_abstract_name(path.as_bytes()) {
            return UnixStream::connect_addr(&address).is_ok();
        }
    }
    false
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::local_number;

    #[test]
    fn only_local_displays_are_probed() {
        for (display, number) in [(":0", Some(0)), ("unix:12.0", Some(12)), ("host:0", None), ("nonsense", None)] {
            assert_eq!(local_number(display), number, "{display}");
        }
    }
}
