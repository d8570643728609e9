//! Who waits for whom where a folder is large: never a guest's thread, and nobody for another's.

use std::{
    fs,
    pin::pin,
    sync::{Arc, mpsc},
    task::{Context, Poll, Waker},
};

use super::{
    super::{
        reaper::{Leftover, Reaper},
        *,
    },
    world::*,
};
use crate::base::error::{Code, Error};

/// One thread for all: what blocks it blocks the test.
fn on_one_thread(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work);
}

fn waits(future: impl Future) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

fn owner(capsule: &str) -> Owner {
    Owner { capsule: capsule.to_owned(), principal: "01".to_owned() }
}

#[test]
fn the_count_of_one_owner_keeps_nobody_else_waiting() {
    let home = TempDir::new();
    for capsule in ["aa", "bb"] {
        fs::create_dir_all(home.0.join("data").join(capsule).join("01/d")).expect("makes");
    }
    let roots = Arc::new(Roots::open(&home.0, 8).expect("opens"));
    on_one_thread(async {
        let (go, gate) = mpsc::channel::<()>();
        let (here, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let (slow, alien) = (owner("aa"), owner("bb"));
        let mut count = pin!(roots.data(&slow, move || {
            here.send(()).expect("is awaited");
            // Ends with the test, whatever happens.
            gate.recv().map_err(|_| Error::new(Code::Cancelled, "over"))
        }));
        assert!(matches!(
            count.as_mut().poll(&mut Context::from_waker(Waker::noop())),
            Poll::Pending
        ));
        begun.recv().await.expect("it counts");
        assert!(roots.data(&alien, || Ok(())).await.is_ok());
        assert!(waits(roots.data(&slow, || Ok(()))), "two counts of one owner");
        go.send(()).expect("it waits");
        let root = count.await.expect("it is counted");
        assert!(Arc::ptr_eq(&root, &roots.data(&slow, || Ok(())).await.expect("the same")));
    });
}

#[test]
fn a_count_ends_with_the_patience_of_its_message_and_the_next_one_counts() {
    let home = TempDir::new();
    fs::create_dir_all(home.0.join("data/aa/01/d")).expect("makes");
    let roots = Arc::new(Roots::open(&home.0, 8).expect("opens"));
    on_one_thread(async {
        let over = || Err(Error::new(Code::Deadline, "over"));
        assert_eq!(code(roots.data(&owner("aa"), over).await), Some(Code::Deadline));
        assert!(roots.data(&owner("aa"), || Ok(())).await.is_ok());
    });
}

#[test]
fn a_removal_keeps_nobody_waiting_until_too_many_pile_up() {
    let (go, gate) = mpsc::channel::<()>();
    let (told, removed) = mpsc::channel();
    let remove = move |name: &str| {
        // As `go` lives until the end, each waits for its turn.
        let _ = gate.recv();
        told.send(name.to_owned()).expect("is heard");
    };
    let reaper = Reaper::start(2, || (), remove).expect("starts");
    on_one_thread(async {
        for name in ["one", "two"] {
            let _place = reaper.place().await.expect("is free");
            reaper.take(Leftover { name: name.to_owned(), _place });
        }
        assert!(waits(reaper.place()), "more folders than places");
        assert!(removed.try_recv().is_err(), "the thread waits");
        go.send(()).expect("it waits");
        drop(reaper.place().await.expect("the first is gone"));
    });
    drop(go);
    reaper.close();
    assert_eq!(removed.iter().collect::<Vec<_>>(), ["one", "two"]);
    on_one_thread(async {
        assert_eq!(code(reaper.place().await), Some(Code::KernelClosed));
    });
}

#[test]
fn scratch_space_that_nobody_closed_goes_all_the_same() {
    let home = TempDir::new();
    let roots = Roots::open(&home.0, 8).expect("opens");
    on_one_thread(async {
        let tmp = roots.tmp().await.expect("makes");
        roots.close();
        drop(tmp);
    });
    assert_eq!(fs::read_dir(home.0.join("tmp")).expect("lists").count(), 0);
}
