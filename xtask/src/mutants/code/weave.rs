//! Writes mutants into the code, each behind a question whether it is the one that is switched on.
//!
//! `a < b` becomes `(if on(7) { a <= b } else { a < b })`. Both are the text of the file, so what does not compile as a
//! mutant does not compile here.

use std::{collections::BTreeMap, ops::Range};

use syn::{Block, Signature, spanned::Spanned, visit::Visit};

use super::list::{Kind, Mutant};
use crate::mutants::Result;

#[cfg(test)]
mod tests;
mod visit;

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
