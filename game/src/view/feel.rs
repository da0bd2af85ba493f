//! How hard the picture shakes.

use bevy::prelude::*;

/// Shaking of the picture, from 0 to 1: a blow sets it, the camera lets it die away.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq)]
pub struct Jolt(pub f32);

impl Jolt {
    /// Shakes at least so hard, from 0 to 1.
    pub fn hit(&mut self, strength: f32) {
        self.0 = self.0.max(strength.clamp(0.0, 1.0));
    }
}
