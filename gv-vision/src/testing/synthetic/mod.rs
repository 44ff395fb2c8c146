//! Edited video with exact labels, rendered from numbers.
//!
//! ```
//! use gv_vision::testing::synthetic::{Edit, Join, Motion, Scene};
//!
//! let edit = Edit::new(160, 90, 25.0)
//!     .shot(Scene::new(1), 40)
//!     .join(Join::Dissolve { frames: 12 })
//!     .shot(Scene::new(2).motion(Motion::Pan { speed: 0.1 }), 50);
//! assert_eq!(edit.len(), 102);
//! assert_eq!((edit.labels()[0].start, edit.labels()[0].end), (40, 52));
//! assert_eq!(edit.frames().count(), 102);
//! ```

mod edit;
mod scene;

pub use edit::{Edit, Event, Join, Label};
pub use scene::{Motion, Scene};
