//! What the library and Oniguruma (C) ask of an operating system.

use std::alloc::{alloc, dealloc, realloc as grow, Layout};

/// Seeds of hash maps: nothing that a tokenizer answers depends on them.
#[no_mangle]
unsafe extern "Rust" fn __getrandom_v03_custom(start: *mut u8, length: usize) -> Result<(), getrandom::Error> {
    for at in 0..length {
        *start.add(at) = (at as u8).wrapping_mul(151).wrapping_add(43);
    }
    Ok(())
}

/// Before each block stands its length.
const HEAD: usize = 16;

fn layout(length: usize) -> Layout {
    Layout::from_size_align(length + HEAD, HEAD).expect("too much memory")
}

#[no_mangle]
unsafe extern "C" fn malloc(length: usize) -> *mut u8 {
    let block = alloc(layout(length));
    if block.is_null() {
        return block;
    }
    *block.cast::<usize>() = length;
    block.add(HEAD)
}

#[no_mangle]
unsafe extern "C" fn calloc(count: usize, length: usize) -> *mut u8 {
    let block = malloc(count * length);
    if !block.is_null() {
        block.write_bytes(0, count * length);
    }
    block
}

#[no_mangle]
unsafe extern "C" fn free(start: *mut u8) {
    if !start.is_null() {
        let block = start.sub(HEAD);
        dealloc(block, layout(*block.cast::<usize>()));
    }
}

#[no_mangle]
unsafe extern "C" fn realloc(start: *mut u8, length: usize) -> *mut u8 {
    if start.is_null() {
        return malloc(length);
    }
    let block = start.sub(HEAD);
    let block = grow(block, layout(*block.cast::<usize>()), length + HEAD);
    if block.is_null() {
        return block;
    }
    *block.cast::<usize>() = length;
    block.add(HEAD)
}

/// Oniguruma writes bytes of a bad pattern into its messages with it: they are left out. C passes what stands for `…`
/// in memory, so that both functions have the same four parameters.
#[no_mangle]
unsafe extern "C" fn snprintf(start: *mut u8, length: usize, _format: *const u8, _values: *const u8) -> i32 {
    if length > 0 {
        *start = 0;
    }
    0
}

#[no_mangle]
unsafe extern "C" fn vsnprintf(start: *mut u8, length: usize, format: *const u8, values: *const u8) -> i32 {
    snprintf(start, length, format, values)
}
