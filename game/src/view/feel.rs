//! How hard the picture shakes, and whether it may.

use bevy::prelude::*;

/// Shaking of the picture; settings decide whether it may, blows how hard.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub struct Shake {
    /// Whether the picture may shake at all.
    pub allowed: bool,
    /// How hard it shakes now, from 0 to 1; dies away by itself.
    pub strength: f32,
}

impl Default for Shake {
    fn default() -> Self {
        Self { allowed: true, strength: 0.0 }
    }
}

impl Shake {
    /// Shakes at least so hard, from 0 to 1.
    pub fn hit(&mut self, strength: f32) {
        if self.allowed {
            self.strength = self.strength.max(strength.clamp(0.0, 1.0));
        }
    }
}
