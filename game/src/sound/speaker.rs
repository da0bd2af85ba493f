//! The loudspeaker.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use bevy::audio::{AddAudioSource, ChannelCount, Decodable, SampleRate, Source, Volume};
use bevy::prelude::*;

use super::synth::{self, RATE};
use super::{Sound, of};
use crate::theme::focus::Pressed;
use crate::view::deed::{Deed, Fate, Settled};
use crate::view::screen::Step;
use crate::view::settings::Settings;

/// Most sounds at once; further ones of a flurry would only be noise.
const VOICES_MAX: usize = 12;

/// A rendered sound.
#[derive(Asset, TypePath, Debug, Clone)]
struct Clip(Arc<[f32]>);

/// A sound that is being played.
struct Voice {
    samples: Arc<[f32]>,
    next: usize,
}

/// All sounds, in the order of [`Sound::ALL`].
#[derive(Resource)]
struct Clips(Vec<Handle<Clip>>);

pub(crate) fn plugin(app: &mut App) {
    // Without the engine's own audio, as in tests, nothing is heard.
    if !app.is_plugin_added::<bevy::audio::AudioPlugin>() {
        return;
    }
    app.add_audio_source::<Clip>().add_systems(Startup, render).add_systems(Update, speak.in_set(Step::Show));
}

fn render(mut commands: Commands, mut clips: ResMut<Assets<Clip>>) {
    // A description that cannot be read is silent; a test reads them all.
    let rendered = Sound::ALL.iter().map(|(_, text)| Clip(synth::render(text).unwrap_or_default().into()));
    let handles = rendered.map(|clip| clips.add(clip)).collect();
    commands.insert_resource(Clips(handles));
}

fn speak(
    mut commands: Commands,
    mut deeds: MessageReader<Deed>,
    mut settled: MessageReader<Settled>,
    mut pressed: MessageReader<Pressed>,
    clips: Res<Clips>,
    settings: Res<Settings>,
    voices: Query<(), With<AudioPlayer<Clip>>>,
) {
    let undone = settled.read().filter(|end| matches!(end.fate, Fate::Undone(_))).map(|_| Sound::Undone);
    let heard: Vec<Sound> =
        deeds.read().flat_map(of).chain(undone).chain(pressed.read().map(|_| Sound::Press)).collect();
    let volume = Volume::Linear(settings.volume.factor());
    if volume == Volume::SILENT {
        return;
    }
    let room = VOICES_MAX.saturating_sub(voices.iter().count());
    for sound in heard.into_iter().take(room) {
        if let Some(clip) = clips.0.get(sound as usize) {
            commands.spawn((AudioPlayer(clip.clone()), PlaybackSettings::DESPAWN.with_volume(volume)));
        }
    }
}

impl Decodable for Clip {
    type Decoder = Voice;

    fn decoder(&self) -> Voice {
        Voice { samples: self.0.clone(), next: 0 }
    }
}

impl Iterator for Voice {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let sample = self.samples.get(self.next).copied();
        self.next += 1;
        sample
    }
}

impl Source for Voice {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        NonZero::<u16>::MIN
    }

    fn sample_rate(&self) -> SampleRate {
        const { NonZero::new(RATE).expect("a rate") }
    }

    fn total_duration(&self) -> Option<Duration> {
        Some(Duration::from_secs_f32(self.samples.len() as f32 / RATE as f32))
    }
}
