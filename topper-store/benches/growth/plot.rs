//! The plot.

use std::{fmt::Write as _, time::Duration};

/// The cost of one for each size, and bytes of one at the largest.
pub(crate) struct Growth {
    pub(crate) name: &'static str,
    pub(crate) costs: Vec<(u64, Duration)>,
    pub(crate) bytes: u64,
}

/// What a plot says.
pub(crate) struct Labels {
    pub(crate) title: &'static str,
    pub(crate) x: &'static str,
    pub(crate) y: &'static str,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 110.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 50.0;
const COLOURS: [&str; 2] = ["#0b6bcb", "#c4501b"];

/// Sizes on a logarithmic axis, microseconds on a linear one from zero.
pub(crate) fn svg(labels: &Labels, all: &[Growth]) -> String {
    let costs = all.iter().flat_map(|growth| &growth.costs);
    let most = costs.map(|(_, cost)| cost.as_secs_f64() * 1e6).fold(0.0, f64::max);
    let step = 10_f64.powf(most.log10().floor()) / 2.0;
    let top = (most / step).ceil() * step;
    let sizes: Vec<u64> = all[0].costs.iter().map(|(size, _)| *size).collect();
    let x = |size: u64| {
        let log = |size: u64| f64::from(u32::try_from(size).unwrap()).log10();
        let part = (log(size) - log(sizes[0])) / (log(sizes[sizes.len() - 1]) - log(sizes[0]));
        LEFT + part * (WIDTH - LEFT - RIGHT)
    };
    let y = |micros: f64| HEIGHT - BOTTOM - micros / top * (HEIGHT - TOP - BOTTOM);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\" fill=\"#333\">\n\
         <title>{}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n",
        labels.title
    );
    let mut tick = 0.0;
    while tick <= top + step / 2.0 {
        let line = y(tick);
        writeln!(
            svg,
            "<path d=\"M{LEFT} {line:.1}H{:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            line + 4.0
        )
        .unwrap();
        tick += step;
    }
    for (size, text) in [
        (10_000, "10 thousand"),
        (100_000, "100 thousand"),
        (1_000_000, "1 million"),
        (10_000_000, "10 million"),
    ]
    .into_iter()
    .filter(|(size, _)| sizes.contains(size))
    {
        let (x, y) = (x(size), HEIGHT - BOTTOM + 20.0);
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{text}</text>")
            .unwrap();
    }
    let (middle, bottom) = (LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - 8.0);
    writeln!(svg, "<text x=\"{middle}\" y=\"{bottom}\" text-anchor=\"middle\">{}</text>", labels.x)
        .unwrap();
    writeln!(svg, "<text x=\"12\" y=\"18\">{}</text>", labels.y).unwrap();
    for (growth, colour) in all.iter().zip(COLOURS) {
        let points: Vec<(f64, f64)> = growth
            .costs
            .iter()
            .map(|(size, cost)| (x(*size), y(cost.as_secs_f64() * 1e6)))
            .collect();
        let line: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            line.join(" ")
        )
        .unwrap();
        for (x, y) in &points {
            writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>")
                .unwrap();
        }
        let (x, y) = points.last().copied().unwrap();
        let (x, y) = (x + 10.0, y + 4.0);
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{}</text>", growth.name)
            .unwrap();
    }
    svg.push_str("</svg>\n");
    svg
}
