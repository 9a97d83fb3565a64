//! One program with mutants, compiled and run.

use std::{fs, process::Command};

use super::*;

/// What cargo-mutants would list of `CODE`: the kind, what is changed, and what is there instead.
const LIST: [(Kind, &str, &str); 9] = [
    (Kind::FnValue, "(1 + 2) * 3 <", "true"),
    (Kind::BinaryOperator, "* 3", "+"),
    (Kind::BinaryOperator, "+ 2", "*"),
    (Kind::BinaryOperator, "< n", ">"),
    (Kind::UnaryOperator, "!sum", ""),
    (Kind::MatchArm, "1 => \"one\"", ""),
    (Kind::MatchArmGuard, "n == 2", "true"),
    (Kind::BinaryOperator, "== 2", "!="),
    (Kind::StructField, "a: 7", ""),
];
const CODE: &str = r#"
    const NINE: u32 = 4 + 5;
    fn sum(n: u32) -> bool {
        (1 + 2) * 3 < n
    }
    fn name(n: u32) -> &'static str {
        match n {
            1 => "one",
            n if n == 2 => "two",
            _ => "many",
        }
    }
    #[derive(Default)]
    struct Pair { a: u32, b: u32 }
    fn main() {
        let (n, known) = (8, Some(1));
        let is_more = !sum(n);
        let pair = Pair { a: 7, ..Pair::default() };
        let is_one = if let Some(one) = known && one == 1 { 1 } else { 0 };
        println!(
            "{} {} {} {} {} {} {} {}",
            sum(n), is_more, name(1), name(2), name(3), pair.a, pair.b + NINE, is_one
        );
    }
"#;

fn mutant(number: usize, (kind, at, replacement): (Kind, &str, &str)) -> Mutant {
    let before = CODE.split(at).next().unwrap();
    Mutant {
        number,
        name: String::new(),
        file: "a.rs".to_owned(),
        kind,
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().unwrap().chars().count() + 1,
        replacement: replacement.to_owned(),
        diff: String::new(),
    }
}

fn woven(mutants: &[Mutant]) -> Woven {
    weave("a.rs", CODE, &mutants.iter().collect::<Vec<_>>()).unwrap()
}

#[test]
fn one_program_is_each_mutant() {
    let mutants: Vec<Mutant> =
        LIST.into_iter().enumerate().map(|(number, it)| mutant(number, it)).collect();
    let woven = woven(&mutants);
    assert_eq!(woven.texts.len(), LIST.len());
    let folder = std::env::temp_dir().join(format!("topper-woven-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (code, program) = (folder.join("main.rs"), folder.join("program"));
    fs::write(&code, format!("{}mod mutant_switch;", woven.code)).unwrap();
    fs::write(folder.join("mutant_switch.rs"), include_str!("../switch.rs")).unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "--cap-lints=allow", "-o"]).arg(&program).arg(&code);
    assert!(rustc.status().unwrap().success(), "{}", woven.code);
    let run = |number: Option<usize>| {
        let mut run = Command::new(&program);
        run.envs(number.map(|number| ("TOPPER_MUTANT", number.to_string())));
        run.env("TOPPER_MUTANTS_REACHED", folder.join("reached"));
        String::from_utf8(run.output().unwrap().stdout).unwrap().trim().to_owned()
    };
    let printed: Vec<String> = (0..LIST.len()).map(|number| run(Some(number))).collect();
    assert_eq!(
        printed,
        [
            "true false one two many 7 9 1",
            "true false one two many 7 9 1",
            "true false one two many 7 9 1",
            "true false one two many 7 9 1",
            "false false one two many 7 9 1",
            "false true many two many 7 9 1",
            "false true one two two 7 9 1",
            "false true one many two 7 9 1",
            "false true one two many 0 9 1",
        ]
    );
    fs::remove_file(folder.join("reached")).unwrap();
    assert_eq!(run(None), "false true one two many 7 9 1");
    let reached = fs::read_to_string(folder.join("reached")).unwrap();
    assert_eq!(reached.lines().count(), LIST.len());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_cannot_be_switched_is_left_out() {
    let constant = mutant(0, (Kind::BinaryOperator, "+ 5", "-"));
    let chain = mutant(1, (Kind::BinaryOperator, "&& one", "||"));
    let woven = woven(&[constant, chain]);
    assert_eq!(woven.code, CODE);
    assert!(woven.texts.is_empty());
}

#[test]
fn knows_where_the_functions_are() {
    let woven = woven(&[mutant(4, LIST[4]), mutant(6, LIST[6])]);
    let has = |number: usize| {
        let (range, _) = woven.functions.iter().find(|(_, it)| it.contains(&number)).unwrap();
        woven.code.get(range.clone()).unwrap()
    };
    assert!(has(4).starts_with("fn main()") && has(4).ends_with('}'));
    assert!(has(6).starts_with("fn name(") && has(6).ends_with('}'));
}
