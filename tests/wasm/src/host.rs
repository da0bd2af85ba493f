//! What the program that loads the module calls, and where randomness comes from.

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Fills `length` bytes from `to` on with randomness.
    fn random(to: *mut u8, length: usize);
    /// Says something in UTF-8.
    fn say(text: *const u8, length: usize);
}

/// Plays; 0 when everything came out as it must.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    let (text, code) = match crate::play() {
        Ok(report) => {
            let whole = [report.on_chain, report.confirmed, report.predicted] == [crate::ACTIONS; 3];
            (format!("{report:?}"), i32::from(!whole))
        }
        Err(words) => (words, 1),
    };
    // SAFETY: the bytes live through the call, and the host only reads them.
    unsafe { say(text.as_ptr(), text.len()) };
    code
}

fn older_getrandom(buffer: &mut [u8]) -> Result<(), getrandom_02::Error> {
    // SAFETY: the host writes exactly these bytes.
    unsafe { random(buffer.as_mut_ptr(), buffer.len()) };
    Ok(())
}

getrandom_02::register_custom_getrandom!(older_getrandom);

/// Asked by getrandom 0.3 and later under `--cfg getrandom_backend="custom"`.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(to: *mut u8, length: usize) -> Result<(), getrandom::Error> {
    // SAFETY: the caller's buffer is this long, and the host writes exactly that.
    unsafe { random(to, length) };
    Ok(())
}
