//! The one prompt of a long evening: the session ends soon; a key renews it while play goes on.

use bevy::prelude::*;

use crate::input::Hands;
use crate::theme::palette;
use crate::theme::tones::Tones;
use crate::theme::widgets::{NORMAL, SPACE, clock, panel, plain, text};
use crate::view::keys::Control;
use crate::view::offer::{Answer, Renewal};
use crate::view::panel::ChainPanel;
use crate::view::screen::{Menu, Screen, Step};
use crate::view::settings::Settings;

#[derive(Component)]
struct Prompt;

#[derive(Component)]
struct Line;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Dungeon), spawn)
        .add_systems(Update, ask.in_set(Step::Input).run_if(in_state(Screen::Dungeon).and_then(in_state(Menu::Closed))))
        .add_systems(Update, show.in_set(Step::Show).run_if(in_state(Screen::Dungeon)));
}

fn spawn(mut commands: Commands) {
    commands.spawn((
        Prompt,
        Node {
            position_type: PositionType::Absolute,
            display: Display::None,
            width: percent(100),
            top: px(13.0 * SPACE),
            justify_content: JustifyContent::Center,
            ..default()
        },
        DespawnOnExit(Screen::Dungeon),
        children![(
            panel(Node { max_width: px(760), ..default() }),
            children![(Line, text("", NORMAL, palette::GOLD))],
        )],
    ));
}

fn ask(hands: Hands, renewal: Res<Renewal>, mut answers: MessageWriter<Answer>) {
    if hands.struck(Control::Renew) && matches!(*renewal, Renewal::Due(_) | Renewal::Failed(_)) {
        answers.write(Answer::Renew);
    }
}

fn show(
    renewal: Res<Renewal>,
    chain: Res<ChainPanel>,
    settings: Res<Settings>,
    tones: Res<Tones>,
    mut prompt: Single<&mut Node, With<Prompt>>,
    line: Single<(&mut Text, &mut TextColor), With<Line>>,
) {
    let key = settings.keys.words(Control::Renew);
    let left = clock(chain.session_left_s);
    let (words, colour) = match &*renewal {
        Renewal::NotDue => (String::new(), palette::GOLD),
        Renewal::Due(loss) => {
            (format!("The session ends in {left}. {key} grants one like it, and play goes on.\n{loss}"), palette::GOLD)
        }
        Renewal::UnderWay => ("Renewing the session; play goes on\u{2026}".to_owned(), palette::BONE),
        Renewal::Failed(reason) => (format!("Not renewed: {reason}\n{key} tries again; {left} left."), tones.bad),
    };
    let display = if words.is_empty() || chain.over.is_some() { Display::None } else { Display::Flex };
    if prompt.display != display {
        prompt.display = display;
    }
    let (mut text, mut shown) = line.into_inner();
    text.set_if_neq(Text(plain(&words)));
    shown.set_if_neq(TextColor(colour));
}
