//! From title to quit by keys alone, without window, renderer or chain.

use alloy::primitives::Address;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::input::mouse::MouseButtonInput;
use bevy::input::{ButtonState, InputPlugin};
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;

use crate::theme::focus::{Meant, Pressed};
use crate::view::body::HeroBody;
use crate::view::keys::Control;
use crate::view::offer::{After, Answer, Choice, Offer, Renewal, Terms};
use crate::view::panel::ChainPanel;
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
    assert_eq!((heard(&app).answers.last(), heard(&app).exits), (Some(&Answer::End(After::Quit)), 1));
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
    assert_eq!(app.world().resource::<Settings>().keys.of(Control::Point), [KeyCode::KeyP.into()]);
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

/// In the dungeon, as if a session had been granted.
fn playing() -> App {
    let mut app = game();
    *app.world_mut().resource_mut::<Offer>() = Offer::Live;
    press(&mut app, &[KeyCode::Enter]);
    assert_eq!(screen(&app), Screen::Dungeon, "a live session is gone on with");
    app
}

fn heroes(app: &mut App) -> usize {
    app.world_mut().query::<&HeroBody>().iter(app.world()).count()
}

#[test]
fn the_title_is_visited_and_the_session_stays() {
    use KeyCode::{ArrowDown, Enter, Escape};
    let mut app = playing();
    for _ in 0..2 {
        press(&mut app, &[Escape, ArrowDown, ArrowDown, ArrowDown, Enter]);
        assert_eq!((screen(&app), menu(&app), heroes(&mut app)), (Screen::Title, Menu::Closed, 0));
        assert!(words(&mut app).contains("Go on"), "the title knows of the session");
        press(&mut app, &[Enter]);
        assert_eq!((screen(&app), heroes(&mut app)), (Screen::Dungeon, 1));
    }
    assert!(heard(&app).answers.is_empty(), "nobody asked for an end");
}

#[test]
fn a_run_ends_and_another_begins_without_the_window_closing() {
    use KeyCode::{ArrowDown, Enter, Escape};
    for (downs, after, there) in [(4, After::Title, Screen::Title), (0, After::NewSession, Screen::Session)] {
        let mut app = playing();
        if after == After::NewSession {
            app.world_mut().resource_mut::<ChainPanel>().over = Some("The session was revoked.".to_owned());
            for _ in 0..3 {
                app.update();
            }
            assert_eq!(menu(&app), Menu::Over);
            assert!(words(&mut app).contains("The session was revoked."));
            press(&mut app, &[Escape]);
            assert_eq!(menu(&app), Menu::Over, "there is nothing below it to go on with");
        } else {
            press(&mut app, &[Escape]);
        }
        press(&mut app, &vec![ArrowDown; downs]);
        press(&mut app, &[Enter]);
        assert_eq!(heard(&app).answers, [Answer::End(after)]);
        assert_eq!((screen(&app), menu(&app), heard(&app).exits), (there, Menu::Closed, 0));
        assert_eq!(app.world().resource::<ChainPanel>().over, None, "nothing of it is left");
        *app.world_mut().resource_mut::<Offer>() = Offer::Live;
        if there == Screen::Title {
            press(&mut app, &[Enter]);
        }
        for _ in 0..3 {
            app.update();
        }
        assert_eq!((screen(&app), heroes(&mut app)), (Screen::Dungeon, 1));
    }
}

#[test]
fn an_earlier_runs_session_is_gone_on_with_unasked() {
    let mut app = game();
    let terms = Terms { going_on: true, ..Terms::default() };
    *app.world_mut().resource_mut::<Offer>() = Offer::Granting(terms);
    for _ in 0..3 {
        app.update();
    }
    assert_eq!(screen(&app), Screen::Session);
    assert!(words(&mut app).contains("Going on"));
    *app.world_mut().resource_mut::<Offer>() = Offer::Live;
    for _ in 0..3 {
        app.update();
    }
    assert_eq!(screen(&app), Screen::Dungeon);
}

#[test]
fn a_session_that_ends_soon_is_renewed_by_one_key() {
    let mut app = playing();
    press(&mut app, &[KeyCode::KeyN]);
    assert!(heard(&app).answers.is_empty(), "it is not due");
    *app.world_mut().resource_mut::<Renewal>() = Renewal::Due("The most: 1 coin".to_owned());
    for _ in 0..3 {
        app.update();
    }
    assert!(words(&mut app).contains("The most: 1 coin"));
    press(&mut app, &[KeyCode::KeyN]);
    assert_eq!(heard(&app).answers, [Answer::Renew]);
    *app.world_mut().resource_mut::<Renewal>() = Renewal::UnderWay;
    press(&mut app, &[KeyCode::KeyN]);
    assert_eq!(heard(&app).answers, [Answer::Renew], "once is enough");
}

#[test]
fn mouse_buttons_are_bound_like_keys() {
    let mut app = game();
    press(&mut app, &[KeyCode::ArrowDown, KeyCode::ArrowDown, KeyCode::Enter, KeyCode::ArrowUp, KeyCode::Enter]);
    for (button, state) in [(MouseButton::Right, ButtonState::Pressed), (MouseButton::Right, ButtonState::Released)] {
        app.world_mut().write_message(MouseButtonInput { button, state, window: Entity::PLACEHOLDER });
        for _ in 0..3 {
            app.update();
        }
    }
    let bound = app.world().resource::<Settings>().keys.of(Control::Point).to_vec();
    assert_eq!(bound, [MouseButton::Right.into()]);
}
