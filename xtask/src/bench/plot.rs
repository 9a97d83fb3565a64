//! Bars, as SVG that can be read on a light and on a dark page.

use std::fmt::Write as _;

/// A bar.
pub(super) struct Bar {
    pub(super) name: &'static str,
    pub(super) value: f64,
    pub(super) is_ours: bool,
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 200.0;
const RIGHT: f64 = 90.0;
const TOP: f64 = 46.0;
const STEP: f64 = 24.0;

const STYLE: &str = "\
.paper { fill: #f6f8fa } .text { fill: #1b1f24 } .ours { fill: #1d4f9c } .other { fill: #8c959f }\n\
@media (prefers-color-scheme: dark) {\n\
.paper { fill: #1c2128 } .text { fill: #e6edf3 } .ours { fill: #8ab4f8 } .other { fill: #6e7681 }\n\
}";

/// One bar below the other, from zero.
pub(super) fn svg(title: &str, bars: &[Bar]) -> Result<String, std::fmt::Error> {
    let most = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let rows = f64::from(u16::try_from(bars.len()).unwrap_or(u16::MAX));
    let height = TOP + rows * STEP + 12.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         font-family=\"system-ui, 'Segoe UI', 'Open Sans', sans-serif\" font-size=\"14\">\n\
         <title>{title}</title>\n<style>\n{STYLE}\n</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"10\"/>\n\
         <text class=\"text\" x=\"16\" y=\"28\" font-weight=\"600\">{title}</text>\n"
    );
    let mut y = TOP;
    for bar in bars {
        let (width, line) = (bar.value / most * (WIDTH - LEFT - RIGHT), y + 15.0);
        let class = if bar.is_ours { "ours" } else { "other" };
        writeln!(
            svg,
            "<text class=\"text\" x=\"{:.1}\" y=\"{line:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"18\"/>\
             <text class=\"text\" x=\"{:.1}\" y=\"{line:.1}\">{:.0}</text>",
            LEFT - 8.0,
            bar.name,
            LEFT + width + 6.0,
            bar.value,
        )?;
        y += STEP;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_has_the_longest_bar() {
        let bar = |name, value, is_ours| Bar { name, value, is_ours };
        let svg = svg("Times", &[bar("axum", 50.0, true), bar("go", 100.0, false)]).unwrap();
        assert!(svg.contains("class=\"ours\" x=\"200\" y=\"46.0\" width=\"235.0\""), "{svg}");
        assert!(svg.contains("class=\"other\" x=\"200\" y=\"70.0\" width=\"470.0\""), "{svg}");
        assert!(svg.contains(">100</text>"), "{svg}");
    }
}
