//! The figures as one HTML page: charts inside as SVG, nothing from the network.

use std::fmt::Write;

use plotters::coord::ranged1d::SegmentValue;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::candidate::{Kind, Operation};
use crate::report::{Figure, Report};

/// Width of a chart, in pixels.
const WIDTH: u32 = 960;
/// Height of a bar with its gap, in pixels.
const ROW: u32 = 30;
/// Height of what is above and below the bars, in pixels.
const FRAME: u32 = 70;
/// Room for the candidates' names, in pixels.
const NAMES: u32 = 270;
/// Half of the part of a row that its bar takes, in hundredths of the row.
const HALF_BAR: f64 = 0.34;

const OURS: RGBColor = RGBColor(0x2f, 0x6f, 0x4f);
const PRESIGNED: RGBColor = RGBColor(0x9c, 0xc2, 0x9c);
const PEER: RGBColor = RGBColor(0xb8, 0x8a, 0x4a);
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const FAINT: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);

const STYLE: &str = "\
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 960px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; margin: 0 } h2 { font-size: 1.15em; margin: 2em 0 .4em }
p { margin: .2em 0; color: #555 } svg { max-width: 100%; height: auto }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25em .6em; border-bottom: 1px solid #ddd }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } .met { color: #2f6f4f } .missed { color: #a33 }
b.ours { color: #2f6f4f } b.presigned { color: #7aa87a } b.peer { color: #b88a4a }";

/// The page.
pub fn html(report: &Report) -> String {
    let mut body = String::new();
    for line in report.circumstances() {
        push(&mut body, format_args!("<p>{}</p>", escape(&line)));
    }
    push(
        &mut body,
        format_args!(
            "<p>Shorter is faster. <b class=ours>Latchkey</b>; <b class=presigned>Latchkey with presignatures</b> \
             (not deterministic, prepared while idle); <b class=peer>others</b>. The thin line spans the quartiles.</p>"
        ),
    );
    for operation in Operation::ALL {
        let ranking = report.ranking(operation);
        if !ranking.is_empty() {
            push(&mut body, format_args!("<h2>{}</h2>\n{}", capital(operation.title()), chart(&ranking)));
        }
    }
    for hop in &report.hops {
        let state = if hop.spinning { "spinning" } else { "parked" };
        push(
            &mut body,
            format_args!(
                "<p>Hop to a {state} thread: p50 {:.2} µs, quartiles {:.2} – {:.2} µs.</p>",
                hop.us.median, hop.us.low, hop.us.high
            ),
        );
    }
    goals(&mut body, report);
    figures(&mut body, report);
    if !report.skipped.is_empty() {
        push(&mut body, format_args!("<h2>Not measured</h2>"));
    }
    for skipped in &report.skipped {
        push(&mut body, format_args!("<p>{}: {}</p>", escape(skipped.candidate), escape(&skipped.reason)));
    }
    format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width\">\n\
         <title>Latchkey: signing speed</title>\n<style>\n{STYLE}\n</style>\n<h1>Signing speed</h1>\n{body}</html>\n"
    )
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}

fn goals(body: &mut String, report: &Report) {
    if report.goals.is_empty() {
        return;
    }
    push(body, format_args!("<h2>Goals</h2>\n<table><tr><th>goal<th class=n>measured<th class=n>at most<th></tr>"));
    for verdict in &report.goals {
        let (class, word) = if verdict.met { ("met", "met") } else { ("missed", "missed") };
        push(
            body,
            format_args!(
                "<tr><td>{}<td class=n>{:.3}<td class=n>{:.3}<td class={class}>{word}</tr>",
                escape(&verdict.goal),
                verdict.measured.median,
                verdict.at_most
            ),
        );
    }
    push(body, format_args!("</table>"));
}

fn figures(body: &mut String, report: &Report) {
    push(
        body,
        format_args!(
            "<h2>All figures</h2>\n<table><tr><th>who<th>version<th>what<th class=n>µs<th class=n>quartiles<th class=n>times ours</tr>"
        ),
    );
    for figure in &report.figures {
        let times = figure.times_ours.map(|times| format!("{:.2}", times.median)).unwrap_or_default();
        push(
            body,
            format_args!(
                "<tr><td>{}<td>{}<td>{}<td class=n>{:.2}<td class=n>{:.2} – {:.2}<td class=n>{times}</tr>",
                escape(figure.candidate),
                escape(&figure.version),
                figure.operation.title(),
                figure.ns.median / 1e3,
                figure.ns.low / 1e3,
                figure.ns.high / 1e3
            ),
        );
    }
    push(body, format_args!("</table>"));
}

/// Bars on a logarithmic scale, the fastest on top; an explanation where they cannot be drawn.
fn chart(ranking: &[&Figure]) -> String {
    let mut svg = String::new();
    let drawn = draw(ranking, SVGBackend::with_string(&mut svg, (WIDTH, FRAME + ROW * ranking.len() as u32)));
    match drawn {
        Ok(()) => svg,
        Err(error) => format!("<p>The chart could not be drawn: {}</p>", escape(&error.to_string())),
    }
}

fn draw(ranking: &[&Figure], backend: SVGBackend<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let us: Vec<f64> = ranking.iter().map(|figure| figure.ns.median / 1e3).collect();
    let (fastest, slowest) = (us[0], us[us.len() - 1]);
    // The scale begins below the fastest, so that its bar can be seen, and leaves room for the slowest one's figure.
    let (from, to) = (fastest / 2.0, slowest * 2.0);
    let rows = ranking.len();
    let root = backend.into_drawing_area();
    let mut chart = ChartBuilder::on(&root)
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(NAMES)
        .build_cartesian_2d((from..to).log_scale(), (0..rows - 1).into_segmented())?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(WHITE)
        .bold_line_style(FAINT)
        .axis_style(INK.stroke_width(1))
        .x_desc("µs each, logarithmic")
        .x_labels(8)
        .y_labels(rows)
        .label_style(("sans-serif", 14).into_font().color(&INK))
        .x_label_formatter(&|us| us.to_string())
        .y_label_formatter(&|row| match row {
            SegmentValue::CenterOf(row) => name_of_row(ranking, *row),
            _ => String::new(),
        })
        .draw()?;
    let area = chart.plotting_area();
    let pixels = |us: f64, row: usize, offset: f64| {
        let (x, centre) = area.map_coordinate(&(us, SegmentValue::CenterOf(row)));
        (x, centre + (offset * f64::from(ROW)) as i32)
    };
    for (place, figure) in ranking.iter().enumerate() {
        let row = rows - 1 - place;
        let colour = match figure.kind {
            Kind::Ours => OURS,
            Kind::Presigned => PRESIGNED,
            Kind::Peer => PEER,
        };
        let us = us[place];
        let bar = [pixels(from, row, -HALF_BAR), pixels(us, row, HALF_BAR)];
        root.draw(&Rectangle::new(bar, colour.filled()))?;
        let spread = vec![pixels(figure.ns.low / 1e3, row, 0.0), pixels(figure.ns.high / 1e3, row, 0.0)];
        root.draw(&PathElement::new(spread, INK.stroke_width(1)))?;
        let (right, middle) = pixels(us.max(figure.ns.high / 1e3).min(to), row, 0.0);
        let style = ("sans-serif", 14).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(figure_text(us), (right + 6, middle), style))?;
    }
    root.present()?;
    Ok(())
}

fn name_of_row(ranking: &[&Figure], row: usize) -> String {
    ranking.iter().rev().nth(row).map(|figure| figure.candidate.to_owned()).unwrap_or_default()
}

/// Three digits at most.
fn figure_text(us: f64) -> String {
    match us {
        us if us < 10.0 => format!("{us:.2}"),
        us if us < 100.0 => format!("{us:.1}"),
        us => format!("{us:.0}"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
