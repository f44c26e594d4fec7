//! The policy engine of the Kata guest agent, as a WebAssembly module.
//!
//! A caller writes bytes into the buffer that `input()` gives, calls a function, and reads `output_pointer()` and
//! `output_length()`. Functions return 0 for an answer (JSON) and 1 for a refusal (a message for people). What does not
//! end in time or needs more memory than the module may have ends in the import `give_up`, which must not return; the
//! instance is unusable from then on.
mod limits;
mod session;

use session::Session;
use std::cell::RefCell;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<String> = const { RefCell::new(String::new()) };
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// Room for `length` bytes that the next call reads.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|buffer| {
        *buffer = vec![0; length];
        buffer.as_mut_ptr()
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn output_pointer() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    OUTPUT.with_borrow(|output| output.len())
}

/// Everything after this call must be done at that time of the host's clock, in milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn set_deadline(time_ms: f64) {
    limits::set_deadline(time_ms);
}

/// Loads a policy text and begins with an empty state. `engine`: 0 the guests', 1 the current one; `syntax`: 0 or 1, the
/// version of Rego; `coverage`: 1 to count lines. The answer is `null`.
#[unsafe(no_mangle)]
pub extern "C" fn open(engine: u32, syntax: u32, coverage: u32) -> u32 {
    limits::install();
    answer(|text| {
        SESSION.set(Some(Session::open(engine, syntax == 1, coverage == 1, text)?));
        Ok("null".to_string())
    })
}

/// Replaces the document that the agent keeps, such as `{"pstate":{}}`. The answer is `null`.
#[unsafe(no_mangle)]
pub extern "C" fn set_state() -> u32 {
    with_session(|session, text| session.set_state(&text).map(|()| "null".to_string()))
}

/// Evaluates an entry point; the input is its name, a newline, and the request. With `settle` 1 the operations of an
/// allowed request change the state. The answer: `{"value": …, "prints": […]}`, without value where no rule has one, and
/// with the new document as `"state"` if it changed.
#[unsafe(no_mangle)]
pub extern "C" fn evaluate(settle: u32) -> u32 {
    with_session(|session, text| session.evaluate(&text, settle == 1))
}

/// Of the names in the input (one a line) those that the policy has rules for. The answer: names.
#[unsafe(no_mangle)]
pub extern "C" fn declared() -> u32 {
    with_session(|session, text| session.declared(&text))
}

/// Lines of the policy that were evaluated since it was loaded, and those that were not. The answer:
/// `{"covered": […], "notCovered": […]}`.
#[unsafe(no_mangle)]
pub extern "C" fn coverage() -> u32 {
    with_session(|session, _| session.coverage())
}

fn with_session(call: impl FnOnce(&mut Session, String) -> anyhow::Result<String>) -> u32 {
    answer(|text| {
        SESSION.with_borrow_mut(|session| match session {
            Some(session) => call(session, text),
            None => Err(anyhow::anyhow!("no policy is loaded")),
        })
    })
}

fn answer(call: impl FnOnce(String) -> anyhow::Result<String>) -> u32 {
    let bytes = INPUT.take();
    let result = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("the input is not UTF-8")).and_then(call);
    let (status, text) = match result {
        Ok(text) => (0, text),
        Err(error) => (1, format!("{error:#}")),
    };
    OUTPUT.set(text);
    status
}
