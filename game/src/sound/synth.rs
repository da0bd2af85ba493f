//! Sounds from text: one layer a line, as `shape from to length loudness after`.
//!
//! The shape is `sine`, `triangle`, `saw`, `square` or `noise`; its pitch glides from one frequency to the other, in Hz;
//! it lasts `length` seconds, fades evenly from its loudness (0 to 1), and begins `after` seconds.

use std::str::FromStr;

/// Samples in a second.
pub const RATE: u32 = 22_050;

/// Seconds over which a layer swells, so that it does not click.
const SWELL_S: f32 = 0.003;

/// How a layer swings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Sine,
    Triangle,
    Saw,
    Square,
    Noise,
}

/// One layer of a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Layer {
    shape: Shape,
    from_hz: f32,
    to_hz: f32,
    length_s: f32,
    loudness: f32,
    after_s: f32,
}

impl FromStr for Layer {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let shape = match words.next() {
            Some("sine") => Shape::Sine,
            Some("triangle") => Shape::Triangle,
            Some("saw") => Shape::Saw,
            Some("square") => Shape::Square,
            Some("noise") => Shape::Noise,
            other => return Err(format!("no such shape: {other:?}")),
        };
        let mut number = |name: &str| {
            let word = words.next().ok_or_else(|| format!("{name} is missing"))?;
            word.parse::<f32>().map_err(|error| format!("{name}: {error}"))
        };
        Ok(Self {
            shape,
            from_hz: number("the first pitch")?,
            to_hz: number("the last pitch")?,
            length_s: number("the length")?,
            loudness: number("the loudness")?,
            after_s: number("the beginning")?,
        })
    }
}

/// The samples of a described sound, from -1 to 1, [`RATE`] of them a second.
///
/// # Errors
/// What is wrong with the description, with its line.
pub fn render(text: &str) -> Result<Vec<f32>, String> {
    let layers = text
        .lines()
        .enumerate()
        .map(|(place, line)| line.parse::<Layer>().map_err(|error| format!("line {}: {error}", place + 1)));
    let layers = layers.collect::<Result<Vec<_>, _>>()?;
    let end_s = layers.iter().map(|layer| layer.after_s + layer.length_s).fold(0.0, f32::max);
    let mut samples = vec![0.0; (end_s * RATE as f32).ceil() as usize];
    for layer in layers {
        layer.add_to(&mut samples);
    }
    samples.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
    Ok(samples)
}

impl Layer {
    fn add_to(&self, samples: &mut [f32]) {
        let first = (self.after_s * RATE as f32) as usize;
        let count = (self.length_s * RATE as f32) as usize;
        let (mut phase, mut chance, mut step) = (0.0_f32, 0x2545_f491_u32, 0);
        for (place, sample) in samples.iter_mut().skip(first).take(count).enumerate() {
            let gone = place as f32 / count as f32;
            phase += (self.from_hz + (self.to_hz - self.from_hz) * gone) / RATE as f32;
            // Noise is a new chance value at each turn of its pitch.
            if phase as u32 > step {
                step = phase as u32;
                chance ^= chance << 13;
                chance ^= chance >> 17;
                chance ^= chance << 5;
            }
            let turn = phase.fract();
            let swing = match self.shape {
                Shape::Sine => (turn * std::f32::consts::TAU).sin(),
                Shape::Triangle => 1.0 - 4.0 * (turn - 0.5).abs(),
                Shape::Saw => 2.0 * turn - 1.0,
                Shape::Square if turn < 0.5 => 1.0,
                Shape::Square => -1.0,
                Shape::Noise => chance as f32 / u32::MAX as f32 * 2.0 - 1.0,
            };
            let swell = (place as f32 / (SWELL_S * RATE as f32)).min(1.0);
            *sample += swing * swell * self.loudness * (1.0 - gone) * (1.0 - gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_lasts_fades_and_begins_when_it_should() {
        let samples = render("square 100 100 0.1 0.5 0.1").expect("a sound");
        assert_eq!(samples.len(), (0.2 * RATE as f32).ceil() as usize);
        let half = samples.len() / 2;
        let loudest = |part: &[f32]| part.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
        assert_eq!(loudest(&samples[..half - 1]), 0.0, "not yet");
        assert!((0.4..=0.5).contains(&loudest(&samples[half..half + 400])));
        assert!(loudest(&samples[samples.len() - 50..]) < 0.01, "it fades");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let told = render("sine 1 1 1 1 0\nsing 1").expect_err("no such shape");
        assert!(told.starts_with("line 2") && told.contains("sing"), "{told}");
        assert!(render("sine 440 440 0.1 0.5").expect_err("too short").contains("beginning"));
    }
}
