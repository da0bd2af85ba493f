//! The file of the settings, in the folder that the system has for such files.
//!
//! A file that cannot be read is never overwritten: it is kept beside under another name, and the usual settings hold.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bevy::prelude::*;
use directories::ProjectDirs;

use crate::view::panel::Notice;
use crate::view::settings::Settings;

/// Longest file that is read, in bytes; what the game writes is a hundredth of it.
const BYTES_MAX: u64 = 64 * 1024;
/// Names under which broken files are kept before the oldest name is used again.
const KEPT_MAX: u32 = 9;

/// Where the settings are kept; without this resource they last as long as the window.
#[derive(Resource, Debug, Clone)]
pub struct SettingsFile(PathBuf);

impl SettingsFile {
    /// The file of this user: `$XDG_CONFIG_HOME/latchkey/settings.toml` on Linux, and its like elsewhere.
    ///
    /// `None` where the system names no home.
    pub fn of_this_user() -> Option<Self> {
        let folders = ProjectDirs::from("", "", "latchkey")?;
        Some(Self(folders.config_dir().join("settings.toml")))
    }

    /// A file of one's own choice.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(PreStartup, load.run_if(resource_exists::<SettingsFile>))
        .add_systems(Last, save.run_if(resource_exists::<SettingsFile>.and_then(resource_changed::<Settings>)));
}

/// Reads the settings from `path`; the words are for the player where the file was of no use.
pub fn read(path: &Path) -> (Settings, Option<String>) {
    let reason = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (Settings::default(), None),
        Ok(facts) if facts.len() > BYTES_MAX => format!("it is longer than {BYTES_MAX} bytes"),
        _ => match fs::read_to_string(path) {
            Err(error) => error.to_string(),
            Ok(text) => match toml::from_str(&text) {
                Ok(settings) => return (settings, None),
                Err(error) => error.message().to_owned(),
            },
        },
    };
    let kept = match keep_aside(path) {
        Ok(kept) => format!("it is kept as {}", kept.display()),
        Err(error) => format!("it could not be moved aside ({error})"),
    };
    (Settings::default(), Some(format!("Settings not read: {reason}; {kept}, and the usual ones hold.")))
}

fn keep_aside(path: &Path) -> io::Result<PathBuf> {
    let name = |number: u32| path.with_extension(format!("broken-{number}.toml"));
    let kept = (1..=KEPT_MAX).map(name).find(|candidate| !candidate.exists()).unwrap_or_else(|| name(KEPT_MAX));
    fs::rename(path, &kept)?;
    Ok(kept)
}

/// Writes `settings` to `path`, whole or not at all.
///
/// # Errors
/// The folder cannot be made or written; the former file is as it was.
pub fn write(path: &Path, settings: &Settings) -> io::Result<()> {
    let text = toml::to_string_pretty(settings).map_err(io::Error::other)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("toml.new");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(fresh, path)
}

fn load(file: Res<SettingsFile>, mut settings: ResMut<Settings>, mut notice: ResMut<Notice>) {
    let (read, complaint) = read(&file.0);
    *settings.bypass_change_detection() = read;
    if let Some(words) = complaint {
        tracing::warn!("{words}");
        notice.say(words, true);
    }
}

fn save(file: Res<SettingsFile>, settings: Res<Settings>, mut notice: ResMut<Notice>) {
    if settings.is_added() {
        return;
    }
    if let Err(error) = write(&file.0, &settings) {
        notice.say(format!("The settings could not be kept in {}: {error}.", file.0.display()), true);
    }
}

#[cfg(test)]
mod tests {
    use bevy::input::keyboard::KeyCode;

    use super::*;
    use crate::view::keys::Control;
    use crate::view::settings::{Colours, Letters};

    /// A folder of its own, gone with the value.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("latchkey-settings-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a folder");
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            // What is left in a temporary folder harms nobody.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn settings_go_there_and_back() {
        let folder = Folder::new("round");
        let path = folder.0.join("deep/settings.toml");
        assert_eq!(read(&path), (Settings::default(), None), "no file is no fault");
        let mut settings = Settings { letters: Letters::Large, colours: Colours::Safe, ..Settings::default() };
        settings.keys.bind(Control::Attack, KeyCode::KeyX).expect("a free key");
        settings.keys.bind(Control::Smite, MouseButton::Right).expect("a free button");
        write(&path, &settings).expect("a folder of its own");
        assert_eq!(read(&path), (settings, None));
    }

    #[test]
    fn a_broken_file_is_kept_and_told() {
        let folder = Folder::new("broken");
        let path = folder.0.join("settings.toml");
        for (text, told) in [
            ("letters = \"huge\"", "huge"),
            ("brightness = 3", "brightness"),
            ("volume = \"eleven\"", "eleven"),
            ("[keys]\nattack = [\"W\"]", "two things"),
            ("[keys]\nattack = []", "one or 2 keys"),
            ("= = =", "settings.broken-6.toml"),
        ] {
            fs::write(&path, text).expect("a folder of its own");
            let (settings, words) = read(&path);
            assert_eq!(settings, Settings::default());
            let words = words.expect("a complaint");
            assert!(words.contains(told) && !path.exists(), "{words}");
        }
        let kept = fs::read_to_string(folder.0.join("settings.broken-1.toml")).expect("kept");
        assert_eq!(kept, "letters = \"huge\"", "as the player wrote it");
    }
}
