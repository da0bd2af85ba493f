//! The dungeon's plan, read from text.

use bevy::prelude::*;

use crate::view::body::CELL;

const PLAN: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/levels/dungeon.txt"));

/// One cell of the plan: column, and row from the bottom.
pub(crate) type Cell = IVec2;

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// Can be walked on.
    Floor,
    /// Blocks.
    Wall,
    /// Blocks and gives light.
    Torch,
}

/// The plan.
#[derive(Resource, Debug, Clone)]
pub(crate) struct Map {
    /// Columns and rows.
    pub(crate) size: IVec2,
    /// Where the hero begins.
    pub(crate) start: Cell,
    /// Homes of the monsters by id.
    pub(crate) homes: Vec<Cell>,
    ground: Vec<Ground>,
}

impl Default for Map {
    fn default() -> Self {
        Self::parse(PLAN)
    }
}

impl Map {
    fn parse(plan: &str) -> Self {
        let rows: Vec<&str> = plan.lines().collect();
        let width = rows.iter().map(|row| row.len()).max().unwrap_or(0) as i32;
        let size = IVec2::new(width, rows.len() as i32);
        let mut map = Self { size, start: IVec2::ONE, homes: Vec::new(), ground: Vec::new() };
        let mut homes: Vec<(u8, Cell)> = Vec::new();
        for (y, row) in rows.iter().rev().enumerate() {
            for x in 0..width {
                let cell = IVec2::new(x, y as i32);
                let mark = row.as_bytes().get(x as usize).copied().unwrap_or(b'#');
                map.ground.push(match mark {
                    b'#' => Ground::Wall,
                    b'T' => Ground::Torch,
                    _ => Ground::Floor,
                });
                match mark {
                    b'@' => map.start = cell,
                    b'a'..=b'l' => homes.push((mark, cell)),
                    _ => {}
                }
            }
        }
        homes.sort_unstable_by_key(|(mark, _)| *mark);
        map.homes = homes.into_iter().map(|(_, cell)| cell).collect();
        map
    }

    /// The same plan with so many homes around the start, as near as there is room; a cell lies between any two.
    pub(crate) fn crowded(mut self, monsters: usize) -> Self {
        let mut near: Vec<Cell> =
            self.cells().filter(|cell| self.is_open(*cell) && (cell.x + cell.y) % 2 == 0).collect();
        near.sort_by_key(|cell| cell.distance_squared(self.start));
        // The hero stands at the start.
        self.homes = near.into_iter().filter(|cell| *cell != self.start).take(monsters).collect();
        self
    }

    /// What `cell` is; a wall beyond the edge.
    pub(crate) fn ground(&self, cell: Cell) -> Ground {
        if cell.cmplt(IVec2::ZERO).any() || cell.cmpge(self.size).any() {
            return Ground::Wall;
        }
        self.ground[(cell.y * self.size.x + cell.x) as usize]
    }

    /// Whether `cell` can be walked on.
    pub(crate) fn is_open(&self, cell: Cell) -> bool {
        self.ground(cell) == Ground::Floor
    }

    /// Every cell.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let size = self.size;
        (0..size.y).flat_map(move |y| (0..size.x).map(move |x| IVec2::new(x, y)))
    }

    /// Moves a disc of `radius` (below half a cell) from `from` by `step`, stopped by walls along each axis alone.
    pub(crate) fn slide(&self, from: Vec2, step: Vec2, radius: f32) -> Vec2 {
        let mut at = from;
        for axis in [Vec2::X, Vec2::Y] {
            let next = at + step * axis;
            if self.fits(next, radius) {
                at = next;
            }
        }
        at
    }

    /// Whether no wall stands on the straight line between two places.
    pub(crate) fn sees(&self, from: Vec2, to: Vec2) -> bool {
        let steps = (from.distance(to) / (CELL / 4.0)).ceil().max(1.0);
        (0..=steps as u32).all(|step| self.is_open(cell_at(from.lerp(to, step as f32 / steps))))
    }

    fn fits(&self, at: Vec2, radius: f32) -> bool {
        [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)]
            .into_iter()
            .all(|(x, y)| self.is_open(cell_at(at + Vec2::new(x, y) * radius)))
    }
}

/// The cell that contains `at`.
pub(crate) fn cell_at(at: Vec2) -> Cell {
    (at / CELL).floor().as_ivec2()
}

/// The middle of `cell`.
pub(crate) fn middle(cell: Cell) -> Vec2 {
    (cell.as_vec2() + 0.5) * CELL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::route;
    use crate::rules::balance::MONSTERS;

    #[test]
    fn the_plan_is_closed_and_every_home_can_be_reached() {
        let map = Map::default();
        assert_eq!(map.homes.len(), usize::from(MONSTERS));
        for home in &map.homes {
            assert!(route::find(&map, map.start, *home).is_some(), "no way from the start to {home}");
        }
        for cell in map.cells() {
            let edge = cell.x == 0 || cell.y == 0 || cell.x == map.size.x - 1 || cell.y == map.size.y - 1;
            assert!(!edge || !map.is_open(cell), "{cell} is open to the outside");
        }
    }

    #[test]
    fn walls_stop_one_axis_and_let_the_other_slide() {
        let map = Map::parse("####\n#..#\n#..#\n####\n");
        let from = middle(IVec2::new(1, 1));
        let to = map.slide(from, Vec2::new(-CELL, 10.0), 14.0);
        assert_eq!(to, Vec2::new(from.x, from.y + 10.0));
    }
}
