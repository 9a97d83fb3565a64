//! Writes mutants into the code, each behind a question whether it is the one that is switched on.
//!
//! `a < b` becomes `(if on(7) { a <= b } else { a < b })`. Both are the text of the file, so what does not compile as a
//! mutant does not compile here.

use std::{collections::BTreeMap, ops::Range};

use syn::{
    BinOp, Block, Expr, ExprBinary, ExprConst, ExprMatch, ExprRepeat, ExprStruct, ExprUnary,
    ImplItemConst, ImplItemFn, ItemConst, ItemFn, ItemStatic, PatGuard, Signature, TraitItemConst,
    TraitItemFn, TypeArray, Variant, spanned::Spanned, visit, visit::Visit,
};

use super::list::{Kind, Mutant};
use crate::mutants::Result;

/// A file with its mutants.
#[derive(Debug, Default)]
pub(super) struct Woven {
    pub(super) code: String,
    /// Where each mutant is in that code.
    pub(super) texts: Vec<(Range<usize>, usize)>,
    /// Where each function is in that code, the inner ones after the outer ones, with its mutants.
    pub(super) functions: Vec<(Range<usize>, Vec<usize>)>,
}

/// Writes these mutants of a file into its code. Those of constants cannot be switched, and are left out.
pub(super) fn weave(file: &str, code: &str, mutants: &[&Mutant]) -> Result<Woven> {
    let parsed = syn::parse_file(code).map_err(|error| format!("{file}: {error}"))?;
    let mut weaver =
        Weaver { code, waiting: BTreeMap::new(), put: Vec::new(), ..Weaver::default() };
    for &mutant in mutants {
        let at = offset(code, mutant.line, mutant.column)
            .ok_or_else(|| format!("{file} has no line {}", mutant.line))?;
        weaver.waiting.entry((at, mutant.kind)).or_default().push(mutant);
    }
    weaver.visit_file(&parsed);
    Ok(weaver.woven())
}

/// A text to put into the code.
struct Put {
    at: usize,
    /// Before what begins there, or after what ends there.
    opens: bool,
    text: String,
    /// Mutants in the text.
    mutants: Vec<(Range<usize>, usize)>,
}

#[derive(Default)]
struct Weaver<'a> {
    code: &'a str,
    /// By where what they change begins.
    waiting: BTreeMap<(usize, Kind), Vec<&'a Mutant>>,
    put: Vec<Put>,
    /// Functions, and what is in them.
    functions: Vec<(Range<usize>, Vec<usize>)>,
    /// The functions around this place.
    inside: Vec<usize>,
    /// How many constants are around this place.
    constant: usize,
}

impl<'a> Weaver<'a> {
    /// The mutants of what begins here.
    fn take(&mut self, at: usize, kind: Kind) -> Vec<&'a Mutant> {
        let found = self.waiting.remove(&(at, kind)).unwrap_or_default();
        if self.constant > 0 { Vec::new() } else { found }
    }

    fn text(&self, range: Range<usize>) -> &'a str {
        self.code.get(range).unwrap_or_default()
    }

    /// Asks for each mutant, and writes what it does then.
    fn put(
        &mut self,
        at: usize,
        found: &[&Mutant],
        branch: impl Fn(&Mutant, String) -> String,
        end: &str,
    ) {
        let (mut text, mut mutants) = (String::new(), Vec::new());
        for mutant in found {
            let start = text.len();
            text.push_str(&branch(mutant, format!("crate::mutant_switch::on({})", mutant.number)));
            mutants.push((start..text.len(), mutant.number));
            if let Some((_, inside)) = self.inside.last().and_then(|it| self.functions.get_mut(*it))
            {
                inside.push(mutant.number);
            }
        }
        text.push_str(end);
        self.put.push(Put { at, opens: true, text, mutants });
    }

    /// Writes other expressions before an expression, of which one is taken instead.
    fn instead(
        &mut self,
        expression: &Range<usize>,
        found: &[&Mutant],
        with: impl Fn(&Mutant) -> String,
    ) {
        let branch = |mutant: &Mutant, on: String| format!("if {on} {{ {} }} else ", with(mutant));
        self.put(expression.start, found, branch, "{ ");
        // The parenthesis is no part of a mutant.
        if let Some(put) = self.put.last_mut() {
            put.text.insert(0, '(');
            for (range, _) in &mut put.mutants {
                *range = range.start + 1..range.end + 1;
            }
        }
    }

    fn close(&mut self, at: usize, text: &str) {
        self.put.push(Put { at, opens: false, text: text.to_owned(), mutants: Vec::new() });
    }

    fn constant(&mut self, visit: impl FnOnce(&mut Self)) {
        self.constant += 1;
        visit(self);
        self.constant -= 1;
    }

    fn function(
        &mut self,
        signature: &Signature,
        block: &Block,
        whole: Range<usize>,
        visit: impl FnOnce(&mut Self),
    ) {
        self.functions.push((whole, Vec::new()));
        self.inside.push(self.functions.len() - 1);
        self.constant += usize::from(signature.constness.is_some());
        if let Some(first) = block.stmts.first() {
            let at = first.span().byte_range().start;
            let found = self.take(at, Kind::FnValue);
            if !found.is_empty() {
                let branch =
                    |mutant: &Mutant, on| format!("if {on} {{ return {}; }} ", mutant.replacement);
                self.put(at, &found, branch, "");
            }
        }
        visit(self);
        self.constant -= usize::from(signature.constness.is_some());
        self.inside.pop();
    }

    /// The code with all texts in it.
    fn woven(mut self) -> Woven {
        // What ends somewhere comes before what begins there. Otherwise the order is that of the visit.
        self.put.sort_by_key(|put| (put.at, put.opens));
        let mut woven = Woven::default();
        let mut from = 0;
        let mut moved = vec![(0, 0)];
        for put in &self.put {
            woven.code.push_str(self.code.get(from..put.at).unwrap_or_default());
            let start = woven.code.len();
            let texts = put.mutants.iter();
            woven.texts.extend(
                texts.map(|(range, number)| (start + range.start..start + range.end, *number)),
            );
            woven.code.push_str(&put.text);
            from = put.at;
            moved.push((put.at, woven.code.len() - put.at));
        }
        woven.code.push_str(self.code.get(from..).unwrap_or_default());
        let new = |at: usize| {
            let last = moved.partition_point(|(from, _)| *from <= at);
            at + moved.get(last.saturating_sub(1)).map_or(0, |(_, by)| *by)
        };
        let functions = self.functions.into_iter();
        woven.functions =
            functions.map(|(range, inside)| (new(range.start)..new(range.end), inside)).collect();
        woven
    }
}

impl<'ast> Visit<'ast> for Weaver<'_> {
    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        let operator = node.op.span().byte_range();
        let whole = node.span().byte_range();
        let found = self.take(operator.start, Kind::BinaryOperator);
        let is_chain =
            matches!(node.op, BinOp::And(_)) && (has_let(&node.left) || has_let(&node.right));
        if found.is_empty() || is_chain {
            return visit::visit_expr_binary(self, node);
        }
        let left = self.text(whole.start..operator.start);
        let right = self.text(operator.end..whole.end);
        self.instead(&whole, &found, |mutant| format!("{left}{}{right}", mutant.replacement));
        visit::visit_expr_binary(self, node);
        self.close(whole.end, " })");
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        let whole = node.span().byte_range();
        let found = self.take(whole.start, Kind::UnaryOperator);
        if found.is_empty() {
            return visit::visit_expr_unary(self, node);
        }
        let operand = self.text(node.expr.span().byte_range());
        self.instead(&whole, &found, |_| operand.to_owned());
        visit::visit_expr_unary(self, node);
        self.close(whole.end, " })");
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        for arm in &node.arms {
            let found = self.take(arm.span().byte_range().start, Kind::MatchArm);
            if !found.is_empty() {
                let branch = |_: &Mutant, on| format!(" if !{on}");
                self.put(arm.pat.span().byte_range().end, &found, branch, "");
            }
        }
        visit::visit_expr_match(self, node);
    }

    fn visit_pat_guard(&mut self, node: &'ast PatGuard) {
        let guard = node.guard.span().byte_range();
        let found = self.take(guard.start, Kind::MatchArmGuard);
        if found.is_empty() {
            return visit::visit_pat_guard(self, node);
        }
        self.instead(&guard, &found, |mutant| mutant.replacement.clone());
        visit::visit_pat_guard(self, node);
        self.close(guard.end, " })");
    }

    fn visit_expr_struct(&mut self, node: &'ast ExprStruct) {
        let whole = node.span().byte_range();
        let mut found = Vec::new();
        for pair in node.fields.pairs() {
            let start = pair.value().span().byte_range().start;
            let end =
                pair.punct().map_or(pair.value().span(), |comma| comma.span()).byte_range().end;
            found
                .extend(self.take(start, Kind::StructField).into_iter().map(|it| (it, start..end)));
        }
        if found.is_empty() {
            return visit::visit_expr_struct(self, node);
        }
        let mutants: Vec<&Mutant> = found.iter().map(|(mutant, _)| *mutant).collect();
        let code = self.code;
        self.instead(&whole, &mutants, |mutant| {
            let field = found.iter().find(|(it, _)| it.number == mutant.number);
            let field = field.map_or(0..0, |(_, field)| field.clone());
            let before = code.get(whole.start..field.start).unwrap_or_default();
            format!("{before}{}", code.get(field.end..whole.end).unwrap_or_default())
        });
        visit::visit_expr_struct(self, node);
        self.close(whole.end, " })");
    }

    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        let whole = node.span().byte_range();
        self.function(&node.sig, &node.block, whole, |it| visit::visit_item_fn(it, node));
    }

    fn visit_impl_item_fn(&mut self, node: &'ast ImplItemFn) {
        let whole = node.span().byte_range();
        self.function(&node.sig, &node.block, whole, |it| visit::visit_impl_item_fn(it, node));
    }

    fn visit_trait_item_fn(&mut self, node: &'ast TraitItemFn) {
        let Some(block) = &node.default else { return };
        let whole = node.span().byte_range();
        self.function(&node.sig, block, whole, |it| visit::visit_trait_item_fn(it, node));
    }

    fn visit_item_const(&mut self, node: &'ast ItemConst) {
        self.constant(|it| visit::visit_item_const(it, node));
    }

    fn visit_impl_item_const(&mut self, node: &'ast ImplItemConst) {
        self.constant(|it| visit::visit_impl_item_const(it, node));
    }

    fn visit_trait_item_const(&mut self, node: &'ast TraitItemConst) {
        self.constant(|it| visit::visit_trait_item_const(it, node));
    }

    fn visit_item_static(&mut self, node: &'ast ItemStatic) {
        self.constant(|it| visit::visit_item_static(it, node));
    }

    fn visit_expr_const(&mut self, node: &'ast ExprConst) {
        self.constant(|it| visit::visit_expr_const(it, node));
    }

    fn visit_expr_repeat(&mut self, node: &'ast ExprRepeat) {
        self.visit_expr(&node.expr);
        self.constant(|it| it.visit_expr(&node.len));
    }

    fn visit_type_array(&mut self, node: &'ast TypeArray) {
        self.constant(|it| visit::visit_type_array(it, node));
    }

    fn visit_variant(&mut self, node: &'ast Variant) {
        self.constant(|it| visit::visit_variant(it, node));
    }
}

/// Whether it is a `let` of a condition, or a chain with one.
fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Where a line and a column are, which count from 1.
fn offset(code: &str, line: usize, column: usize) -> Option<usize> {
    let mut start = 0;
    for text in code.split_inclusive('\n').take(line.checked_sub(1)?) {
        start += text.len();
    }
    let line = code.get(start..)?.split('\n').next()?;
    let (at, _) = line.char_indices().nth(column.checked_sub(1)?)?;
    Some(start + at)
}

#[cfg(test)]
mod tests {
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
        fs::write(folder.join("mutant_switch.rs"), include_str!("switch.rs")).unwrap();
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
}
