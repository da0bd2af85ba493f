//! The shortest way between two cells.

use std::collections::VecDeque;

use bevy::prelude::*;

use super::map::{Cell, Map};

const SIDES: [IVec2; 4] = [IVec2::X, IVec2::NEG_X, IVec2::Y, IVec2::NEG_Y];

/// Cells from behind `from` to `to`, both open; `None` where there is no way.
///
/// Breadth first over the plan, which has fewer than a thousand cells.
pub(crate) fn find(map: &Map, from: Cell, to: Cell) -> Option<Vec<Cell>> {
    if !map.is_open(from) || !map.is_open(to) {
        return None;
    }
    let index = |cell: Cell| (cell.y * map.size.x + cell.x) as usize;
    let mut came_from: Vec<Option<Cell>> = vec![None; (map.size.x * map.size.y) as usize];
    let mut edge = VecDeque::from([from]);
    came_from[index(from)] = Some(from);
    while let Some(cell) = edge.pop_front() {
        if cell == to {
            return Some(walk_back(from, to, |cell| came_from[index(cell)]));
        }
        for next in SIDES.map(|side| cell + side) {
            if map.is_open(next) && came_from[index(next)].is_none() {
                came_from[index(next)] = Some(cell);
                edge.push_back(next);
            }
        }
    }
    None
}

fn walk_back(from: Cell, to: Cell, came_from: impl Fn(Cell) -> Option<Cell>) -> Vec<Cell> {
    let mut way = Vec::new();
    let mut cell = to;
    while cell != from {
        way.push(cell);
        cell = came_from(cell).unwrap_or(from);
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_connected_and_open() {
        let map = Map::default();
        let to = map.homes[7];
        let way = find(&map, map.start, to).expect("every home can be reached");
        let mut at = map.start;
        for cell in way {
            assert!(map.is_open(cell));
            assert_eq!((cell - at).abs().element_sum(), 1, "one step at a time");
            at = cell;
        }
        assert_eq!(at, to);
        assert_eq!(find(&map, map.start, IVec2::ZERO), None, "a wall cannot be reached");
    }
}
