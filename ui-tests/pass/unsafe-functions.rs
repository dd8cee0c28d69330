//! Functions that are unsafe, of another ABI, or that do not return.

#![deny(warnings)]

use tense::traced;

/// # Safety
/// The pointer is one to a byte.
#[traced(operation.pointers.followed)]
pub unsafe fn follow(p: *const u8) -> u8 {
    unsafe { *p }
}

#[traced(operation.pointers.followed)]
unsafe fn follow_twice(p: *const u8) -> Result<u8, String> {
    let first = unsafe { follow(p) };
    // SAFETY: as above
    Ok(first + unsafe { follow(p) })
}

#[traced(operation.pointers.followed)]
async unsafe fn follow_later(p: usize) -> u8 {
    core::future::ready(()).await;
    unsafe { *(p as *const u8) }
}

#[traced(operation.pointers.followed)]
pub unsafe extern "C" fn follow_foreign(p: *const u8) -> u8 {
    unsafe { follow(p) }
}

#[unsafe(no_mangle)]
#[traced(operation.sums.made)]
pub extern "C-unwind" fn sum(a: i32, b: i32) -> i32 {
    a + b
}

/// Where a whole unsafe function may do what is unsafe, it still may.
#[allow(unsafe_op_in_unsafe_fn)]
#[traced(operation.pointers.followed)]
unsafe fn follow_at_once(p: *const u8) -> u8 {
    *p
}

struct Table([u8; 2]);

#[traced(operation.tables._)]
impl Table {
    unsafe fn read_unchecked(&self, at: usize) -> u8 {
        unsafe { *self.0.get_unchecked(at) }
    }
}

unsafe trait Trusted {
    unsafe fn trust(&self) -> bool;
}

#[traced(operation.tables._)]
unsafe impl Trusted for Table {
    unsafe fn trust(&self) -> bool {
        true
    }
}

#[traced(operation.threads.stopped)]
fn stop(why: &str) -> ! {
    panic!("{why}")
}

#[traced(operation.threads.stopped)]
fn stop_at_once() -> ! {
    std::process::exit(0)
}

fn main() {
    let table = Table([1, 2]);
    let byte = 7;
    unsafe {
        assert_eq!((follow(&byte), follow_twice(&byte), follow_foreign(&byte)), (7, Ok(14), 7));
        assert_eq!(follow_at_once(&byte), 7);
        assert_eq!((table.read_unchecked(1), table.trust()), (2, true));
        let future = follow_later(&raw const byte as usize);
        assert_eq!(tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future), 7);
    }
    assert_eq!(sum(1, 2), 3);
    std::panic::set_hook(Box::new(|_| ()));
    assert!(std::panic::catch_unwind(|| stop("so")).is_err());
    stop_at_once();
}
