//! What is changed by each kind of mutant.

use syn::{
    BinOp, Expr, ExprBinary, ExprConst, ExprMatch, ExprRepeat, ExprStruct, ExprUnary,
    ImplItemConst, ImplItemFn, ItemConst, ItemFn, ItemStatic, PatGuard, TraitItemConst,
    TraitItemFn, TypeArray, Variant, spanned::Spanned, visit, visit::Visit,
};

use super::Weaver;
use crate::mutants::code::list::{Kind, Mutant};

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
