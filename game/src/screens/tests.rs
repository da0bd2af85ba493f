//! From title to quit by keys alone, without window, renderer or chain.

use alloy::primitives::Address;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::input::{ButtonState, InputPlugin};
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;

use crate::theme::focus::{Meant, Pressed};
use crate::view::keys::Control;
use crate::view::offer::{Answer, Choice, Offer, Terms};
use crate::view::screen::{Menu, Panel, Screen};
use crate::view::sessions::{LiveSession, Sessions, SessionsWish};
use crate::view::settings::{Colours, Letters, Settings};

#[derive(Resource, Default)]
struct Heard {
    answers: Vec<Answer>,
    wishes: Vec<SessionsWish>,
    exits: usize,
}

fn listen(
    mut heard: ResMut<Heard>,
    mut answers: MessageReader<Answer>,
    mut wishes: MessageReader<SessionsWish>,
    mut exits: MessageReader<AppExit>,
) {
    heard.answers.extend(answers.read());
    heard.wishes.extend(wishes.read());
    heard.exits += exits.read().count();
}

fn game() -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, StatesPlugin, InputPlugin, crate::window::plugin))
        .init_resource::<Heard>()
        .add_systems(Last, listen);
    for _ in 0..3 {
        app.update();
    }
    app
}

/// Presses keys one after the other, with a few frames for what follows from each.
fn press(app: &mut App, keys: &[KeyCode]) {
    for key_code in keys {
        for state in [ButtonState::Pressed, ButtonState::Released] {
            app.world_mut().write_message(KeyboardInput {
                key_code: *key_code,
                logical_key: Key::Dead(None),
                state,
                text: None,
                repeat: false,
                window: Entity::PLACEHOLDER,
            });
            for _ in 0..3 {
                app.update();
            }
        }
    }
}

fn screen(app: &App) -> Screen {
    *app.world().resource::<State<Screen>>().get()
}

fn menu(app: &App) -> Menu {
    *app.world().resource::<State<Menu>>().get()
}

fn heard(app: &App) -> &Heard {
    app.world().resource::<Heard>()
}

/// Every text on screen, joined.
fn words(app: &mut App) -> String {
    let mut texts = app.world_mut().query::<&Text>();
    texts.iter(app.world()).map(|text| text.0.clone()).collect::<Vec<_>>().join("\n")
}

fn offer(app: &mut App) {
    let lines = vec!["May call attack(uint256) on GameRouter".to_owned()];
    let terms = Terms { lines, largest_loss: "The most: 1 coin".to_owned(), ..Terms::default() };
    *app.world_mut().resource_mut::<Offer>() = Offer::Offered(terms);
    app.update();
    app.update();
}

#[test]
fn from_title_to_quit_by_keys() {
    use KeyCode::{ArrowDown, ArrowUp, Enter, Escape, Tab};
    let mut app = game();
    assert_eq!(screen(&app), Screen::Title);
    press(&mut app, &[Enter]);
    assert_eq!(screen(&app), Screen::Session, "Play is what Enter presses");

    offer(&mut app);
    let read = words(&mut app);
    for part in ["attack(uint256)", "The most: 1 coin", "2 hours", "(UTC)"] {
        assert!(read.contains(part), "{part:?} is missing in:\n{read}");
    }
    press(&mut app, &[ArrowUp, KeyCode::ArrowRight]);
    let more = Choice { gold: 200, ..Choice::default() };
    assert_eq!(heard(&app).answers, [Answer::Choose(more)], "the stepper above the button is that of Gold");
    press(&mut app, &[ArrowDown, Enter]);
    assert_eq!(heard(&app).answers[1..], [Answer::Confirm]);

    *app.world_mut().resource_mut::<Offer>() = Offer::Live;
    for _ in 0..3 {
        app.update();
    }
    assert_eq!(screen(&app), Screen::Dungeon);
    press(&mut app, &[Tab]);
    assert_eq!(*app.world().resource::<State<Panel>>().get(), Panel::Open);
    assert!(words(&mut app).contains("From act to confirmed"));

    press(&mut app, &[Escape, ArrowDown, Enter]);
    assert_eq!((menu(&app), heard(&app).wishes.clone()), (Menu::Sessions, vec![SessionsWish::Read]));
    let key = Address::repeat_byte(7);
    let session = LiveSession { key, ours: true, lines: vec!["its policy".to_owned()], caps: Vec::new(), left_s: 90 };
    *app.world_mut().resource_mut::<Sessions>() = Sessions::Known(vec![session]);
    app.update();
    assert!(words(&mut app).contains("its policy"));
    // Above the button that closes stands the one that revokes; one press of it does nothing.
    press(&mut app, &[ArrowUp, Enter]);
    assert_eq!(heard(&app).wishes.len(), 1, "not at the first press");
    press(&mut app, &[Enter]);
    assert_eq!(heard(&app).wishes[1..], [SessionsWish::Revoke(key)]);

    press(&mut app, &[Escape]);
    assert_eq!(menu(&app), Menu::Pause);
    press(&mut app, &[Escape]);
    assert_eq!(menu(&app), Menu::Closed);
    press(&mut app, &[Escape, ArrowUp, Enter]);
    assert_eq!(screen(&app), Screen::Leaving);
    assert_eq!((heard(&app).answers.last(), heard(&app).exits), (Some(&Answer::Quit), 1));
}

#[test]
fn settings_hold_at_once_and_keys_are_bound_but_never_twice() {
    use KeyCode::{ArrowDown, ArrowRight, ArrowUp, Enter, Escape};
    let mut app = game();
    press(&mut app, &[ArrowDown, ArrowDown, Enter]);
    assert_eq!(menu(&app), Menu::Settings);
    // From the button that closes, the controls are above in their order, and the steppers above those.
    press(&mut app, &[ArrowUp, Enter, KeyCode::KeyW]);
    assert!(words(&mut app).contains("W already does: Walk up"), "{}", words(&mut app));
    press(&mut app, &[KeyCode::KeyP]);
    assert_eq!(app.world().resource::<Settings>().keys.of(Control::Panel), [KeyCode::KeyP]);
    press(&mut app, &[Enter, Escape]);
    assert_eq!(menu(&app), Menu::Settings, "Escape leaves the question, not the sheet");
    for _ in 1..Control::ALL.len() {
        press(&mut app, &[ArrowUp]);
    }
    press(&mut app, &[ArrowUp, ArrowRight, ArrowUp, ArrowUp, ArrowRight]);
    let settings = app.world().resource::<Settings>();
    assert_eq!((settings.colours, settings.letters), (Colours::Safe, Letters::Large));
    press(&mut app, &[Escape]);
    assert_eq!((menu(&app), screen(&app)), (Menu::Closed, Screen::Title));
}

#[test]
fn the_mouse_presses_what_enter_presses() {
    let mut app = game();
    let mut buttons = app.world_mut().query_filtered::<(Entity, &mut Interaction), With<Meant>>();
    let (play, mut interaction) = buttons.single_mut(app.world_mut()).expect("one button is meant");
    *interaction = Interaction::Pressed;
    app.update();
    assert!(app.world().resource::<Messages<Pressed>>().iter_current_update_messages().any(|it| it.0 == play));
    app.update();
    app.update();
    assert_eq!(screen(&app), Screen::Session);
}

#[test]
fn a_signature_under_way_is_not_left() {
    let mut app = game();
    press(&mut app, &[KeyCode::Enter]);
    *app.world_mut().resource_mut::<Offer>() = Offer::Granting(Terms::default());
    press(&mut app, &[KeyCode::Escape]);
    assert_eq!(screen(&app), Screen::Session);
    *app.world_mut().resource_mut::<Offer>() = Offer::Failed("no endpoint".to_owned());
    press(&mut app, &[KeyCode::Escape]);
    assert_eq!(screen(&app), Screen::Title);
}
