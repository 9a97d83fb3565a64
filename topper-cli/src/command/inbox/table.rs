//! Rows that fit the terminal.

use std::io::{self, IsTerminal as _};

use anstyle::Style;

use crate::{
    console::{self, Console, FAINT},
    failure::Failure,
};

/// Where a note would be shorter it gets a line of its own.
const SHORTEST_NOTE: usize = 24;
const BETWEEN: usize = 2;

/// Rows with one cell for each column. The last column goes to a second line where it does not fit.
pub(super) struct Table {
    headers: Vec<&'static str>,
    rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// What is said below or behind it; it is cut to the terminal's width.
    pub(super) note: Option<Cell>,
}

/// Text that is escaped already, and how it looks.
pub(super) struct Cell(pub(super) String, pub(super) Style);

impl Cell {
    pub(super) fn plain(text: impl ToString) -> Self {
        Self(text.to_string(), Style::new())
    }
}

impl Table {
    pub(super) fn new(headers: &[&'static str]) -> Self {
        Self { headers: headers.to_vec(), rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Prints it: on a terminal within its width, elsewhere one line for each row and nothing cut.
    pub(super) fn print(&self, console: &mut Console) -> Result<(), Failure> {
        let width = io::stdout().is_terminal().then(console::width);
        for line in self.lines(width) {
            console.line(line)?;
        }
        Ok(())
    }

    fn lines(&self, width: Option<usize>) -> Vec<String> {
        let widths = self.widths();
        let total = |columns: usize| {
            widths.iter().take(columns).sum::<usize>() + BETWEEN * columns.saturating_sub(1)
        };
        let all = widths.len();
        let width = width.unwrap_or(usize::MAX);
        // How many columns stand in the first line.
        let first = if total(all) <= width { all } else { all.saturating_sub(1) };
        let rest = width.saturating_sub(total(all).saturating_add(BETWEEN));
        let header = self.headers.iter().map(|header| Cell(header.to_string(), FAINT));
        let header: Vec<Cell> = header.take(first).collect();
        let mut lines = vec![line(&header, &widths, false)];
        for row in &self.rows {
            let (cells, moved) = row.cells.split_at(first.min(row.cells.len()));
            let behind = row.note.as_ref().filter(|note| {
                first == all && (rest >= SHORTEST_NOTE || note.0.chars().count() <= rest)
            });
            let mut shown = line(cells, &widths, behind.is_some());
            if let Some(Cell(note, style)) = behind {
                shown.push_str(&styled(&cut(note, rest), *style));
                lines.push(shown);
                continue;
            }
            lines.push(shown);
            let second = moved.iter().chain(&row.note).filter(|cell| !cell.0.is_empty());
            let mut rest = width.saturating_sub(BETWEEN);
            let mut text = String::new();
            for Cell(part, style) in second {
                let part = cut(part, rest);
                rest = rest.saturating_sub(part.chars().count() + BETWEEN);
                text.push_str("  ");
                text.push_str(&styled(&part, *style));
            }
            if !text.is_empty() {
                lines.push(text);
            }
        }
        lines
    }

    fn widths(&self) -> Vec<usize> {
        let longest = |(column, header): (usize, &&str)| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
            let longest = cells.map(|cell| cell.0.chars().count()).max().unwrap_or(0);
            longest.max(header.len())
        };
        self.headers.iter().enumerate().map(longest).collect()
    }
}

/// The cells in their columns; filled up when something follows.
fn line(cells: &[Cell], widths: &[usize], is_filled: bool) -> String {
    let mut line = String::new();
    let mut gap = 0;
    for (Cell(text, style), width) in cells.iter().zip(widths) {
        line.push_str(&" ".repeat(gap));
        line.push_str(&styled(text, *style));
        gap = width.saturating_sub(text.chars().count()) + BETWEEN;
    }
    if is_filled {
        line.push_str(&" ".repeat(gap));
        return line;
    }
    line
}

fn styled(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

/// The beginning of a text, with `…` when that is not all.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut start: String = text.chars().take(width.saturating_sub(1)).collect();
    start.push('…');
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["ID", "STATE", "NAME"]);
        let cells = |texts: [&str; 3]| texts.map(Cell::plain).into();
        table.push(Row {
            cells: cells(["1234567890", "dead", "order:new"]),
            note: Some(Cell::plain("the database is down")),
        });
        table.push(Row { cells: cells(["2", "done", "order:newer"]), note: None });
        table
    }

    fn lines(width: Option<usize>) -> Vec<String> {
        let lines = table().lines(width);
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn stands_in_one_line_where_there_is_room() {
        let expected = [
            "ID          STATE  NAME",
            "1234567890  dead   order:new    the database is down",
            "2           done   order:newer",
        ];
        assert_eq!(lines(None), expected);
        assert_eq!(lines(Some(56)), expected);
    }

    #[test]
    fn moves_to_a_second_line_and_is_cut_where_there_is_none() {
        assert_eq!(
            lines(Some(30)),
            [
                "ID          STATE  NAME",
                "1234567890  dead   order:new",
                "  the database is down",
                "2           done   order:newer",
            ]
        );
        assert_eq!(
            lines(Some(20)),
            [
                "ID          STATE",
                "1234567890  dead",
                "  order:new  the da…",
                "2           done",
                "  order:newer",
            ]
        );
    }
}
