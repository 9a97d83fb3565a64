//! Work that is done in several threads.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use super::Result;

/// Does each piece of work, with its number, in as many threads as there are lanes. A lane ends at its first error.
pub(super) fn each<T: Sync, L: Sync, R: Send>(
    all: &[T],
    lanes: &[L],
    work: impl Fn(usize, &T, &L) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let waiting = Mutex::new(all.iter().enumerate());
    let (done, errors) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let run = |lane: &L| {
        loop {
            let next = lock(&waiting).next();
            let Some((number, item)) = next else { return };
            match work(number, item, lane) {
                Ok(result) => lock(&done).push(result),
                Err(error) => return lock(&errors).push(error.to_string()),
            }
        }
    };
    thread::scope(|scope| {
        let run = &run;
        for lane in lanes {
            scope.spawn(move || run(lane));
        }
    });
    let errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !errors.is_empty() {
        return Err(errors.join("\n").into());
    }
    Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn does_all_of_it_unless_a_lane_fails() {
        let mut done = each(&[1, 2, 3], &[(), ()], |number, item, ()| Ok(number + item)).unwrap();
        done.sort_unstable();
        assert_eq!(done, [1, 3, 5]);
        let error = each(
            &[1, 2],
            &[()],
            |_, item, ()| {
                if *item == 1 { Err("the first".into()) } else { Ok(()) }
            },
        );
        assert_eq!(error.unwrap_err().to_string(), "the first");
    }
}
