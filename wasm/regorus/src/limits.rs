//! Bounds that hold whatever a policy does: every allocation may look at the clock, and none fails silently.
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Milliseconds of a clock that never goes back.
    fn now_ms() -> f64;
    /// Ends the call with an error; never returns. Reasons: 1 time, 2 memory, 3 a fault of the engine with its message.
    fn give_up(reason: u32, message: *const u8, length: usize);
}

/// Allocations between two looks at the clock.
const INTERVAL: u32 = 1024;

/// Allocations of so many bytes look at it at once: few of them fill the memory.
const LARGE: usize = 64 * 1024;

thread_local! {
    static DEADLINE_MS: Cell<f64> = const { Cell::new(f64::INFINITY) };
    static UNTIL_LOOK: Cell<u32> = const { Cell::new(INTERVAL) };
}

struct Bounded;

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

// An interpreter of Rego allocates for each value that it makes, so nothing that it does takes long without a look.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        look(layout.size());
        let pointer = unsafe { System.alloc(layout) };
        if pointer.is_null() {
            stop(2, "");
        }
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        look(size);
        let moved = unsafe { System.realloc(pointer, layout, size) };
        if moved.is_null() {
            stop(2, "");
        }
        moved
    }
}

fn look(size: usize) {
    UNTIL_LOOK.with(|left| {
        if left.get() > 0 && size < LARGE {
            left.set(left.get() - 1);
            return;
        }
        left.set(INTERVAL);
        if unsafe { now_ms() } > DEADLINE_MS.get() {
            stop(1, "");
        }
    });
}

fn stop(reason: u32, message: &str) {
    unsafe { give_up(reason, message.as_ptr(), message.len()) }
}

pub fn set_deadline(time_ms: f64) {
    DEADLINE_MS.set(time_ms);
    UNTIL_LOOK.set(INTERVAL);
}

/// The current engine's own timer uses the same clock; it also sees loops that allocate nothing.
struct HostClock;

impl regorus_current::utils::limits::TimeSource for HostClock {
    fn now(&self) -> Option<std::time::Duration> {
        Some(std::time::Duration::from_secs_f64(unsafe { now_ms() } / 1000.0))
    }
}

static HOST_CLOCK: HostClock = HostClock;

/// What is left until the deadline.
pub fn time_left() -> std::time::Duration {
    let left_ms = DEADLINE_MS.get() - unsafe { now_ms() };
    if left_ms.is_finite() {
        std::time::Duration::from_secs_f64(left_ms.max(0.0) / 1000.0)
    } else {
        std::time::Duration::MAX
    }
}

/// Called before every policy; the second call finds the clock set already.
pub fn install() {
    let _ = regorus_current::utils::limits::set_time_source(&HOST_CLOCK);
    std::panic::set_hook(Box::new(|info| stop(3, &info.to_string())));
}
