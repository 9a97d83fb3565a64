use super::*;

#[tokio::test]
async fn one_is_due_after_so_many_statements() {
    let (due, mut is_due) = mpsc::channel(1);
    let running = tokio::spawn(async {});
    let mut checkpoints = Checkpoints { due: Some(due), statements: 0, running };
    for statements in [STATEMENTS - 2, 1] {
        checkpoints.count(statements);
        assert!(is_due.try_recv().is_err());
    }
    checkpoints.count(1);
    // Another waits for its turn until the first has had its own.
    checkpoints.count(STATEMENTS);
    assert!(is_due.try_recv().is_ok());
    assert!(is_due.try_recv().is_err());
    checkpoints.count(1);
    assert!(is_due.try_recv().is_ok());
    checkpoints.count(STATEMENTS - 1);
    assert!(is_due.try_recv().is_err());
}
