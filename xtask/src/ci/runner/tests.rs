use super::*;

fn script(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn failure(command: Command) -> String {
    Runner::default().run("a step", command).unwrap_err().to_string()
}

#[test]
fn names_the_step_that_failed_and_the_command_that_repeats_it() {
    let mut command = Command::new(env!("CARGO"));
    command.arg("no-such-command").env("RUSTDOCFLAGS", "-D warnings").stderr(Stdio::null());
    let message = failure(command);
    assert!(message.starts_with("the step \"a step\" failed after "), "{message}");
    let repeat = "\nrepeat it with\n  RUSTDOCFLAGS='-D warnings' cargo no-such-command";
    assert!(message.ends_with(repeat), "{message}");
}

#[test]
fn names_the_step_that_failed_while_others_went_on() {
    let mut runner = Runner::default();
    let mut command = Command::new(env!("CARGO"));
    command.arg("no-such-command");
    runner.start(vec![Step::new("a step", command)]);
    let message = runner.join().unwrap_err().to_string();
    assert!(message.starts_with("the step \"a step\" failed after "), "{message}");
    runner.join().unwrap();
}

fn refused(command: Command, says: &'static str) -> String {
    let mut runner = Runner::default();
    runner.start(vec![Step::refused("a step", command, says)]);
    runner.join().unwrap_err().to_string()
}

#[test]
fn fails_when_what_must_be_refused_is_not() {
    let mut command = Command::new(env!("CARGO"));
    command.arg("--version");
    let error = refused(command, "no");
    assert!(error.contains("it must fail with"), "{error}");
}

#[test]
fn fails_when_what_is_refused_gives_another_reason() {
    let mut command = Command::new(env!("CARGO"));
    command.arg("no-such-command");
    let error = refused(command, "another reason");
    assert!(error.contains("it must fail with"), "{error}");
}

#[test]
fn begins_no_other_step_after_a_failure() {
    let folder = std::env::temp_dir().join(format!("topper-steps-{}", std::process::id()));
    let made = folder.to_string_lossy();
    let steps = vec![
        Step::new("a step", script("sleep 0.5")),
        Step::new("the next", script(&format!("mkdir {made}"))),
    ];
    let mut runner = Runner::default();
    runner.start(steps);
    drop(runner);
    assert!(!folder.exists());
}

#[cfg(target_os = "linux")]
mod in_gaps {
    use std::{
        fs,
        io::{BufRead as _, BufReader},
        path::PathBuf,
        time::Duration,
    };

    use super::*;

    #[test]
    fn leaves_the_processor_to_every_other_session() {
        let is_idle = "chrt --pid $$ | grep -q SCHED_IDLE";
        let is_last =
            "{ [ ! -e /proc/self/autogroup ] || grep -q 'nice 19$' /proc/self/autogroup; }";
        let mut runner = Runner::default();
        let mut command = script(&format!("{is_idle} && {is_last} && [ $VALUE = kept ]"));
        command.env("VALUE", "kept");
        runner.start_in_gaps(vec![Step::new("a step", command)]);
        runner.join().unwrap();
    }

    #[test]
    fn says_how_a_step_is_repeated_alone() {
        let mut runner = Runner::default();
        runner.start_in_gaps(vec![Step::new("a step", script("exit 3"))]);
        let error = runner.join().unwrap_err().to_string();
        assert!(error.ends_with("exit status: 3\nrepeat it with\n  sh -c 'exit 3'"), "{error}");
    }

    #[test]
    fn ends_with_the_run() {
        let mut run =
            script(&format!("{} sleep 60 & echo $!; wait", root().join(IN_GAPS).display()))
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
        let mut line = String::new();
        BufReader::new(run.stdout.take().unwrap()).read_line(&mut line).unwrap();
        // Empty once it has ended, even if nothing has asked yet how.
        let step = PathBuf::from(format!("/proc/{}/cmdline", line.trim()));
        let command = || fs::read_to_string(&step).unwrap_or_default();
        wait_until(|| command().starts_with("sleep"));
        run.kill().unwrap();
        run.wait().unwrap();
        wait_until(|| command().is_empty());
    }

    fn wait_until(holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(10));
            thread::sleep(Duration::from_millis(10));
        }
    }
}
