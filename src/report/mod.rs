//! The report that a creative team opens: one page, complete in itself, that says what to do and shows why.
//!
//! # Examples
//!
//! ```no_run
//! use geminivideo::{AnalyzeOptions, analyze};
//!
//! let analysis = analyze("ad.mp4", &AnalyzeOptions::default())?;
//! let mut report = analysis.report()?;
//! report.add_film("ad.mp4", None, &mut |_| std::ops::ControlFlow::Continue(()))?;
//! report.write("ad.html")?;
//! # Ok::<(), geminivideo::Error>(())
//! ```

mod film;
mod findings;
mod lanes;
mod page;
mod tiles;

pub use film::Still;
pub use findings::{Finding, Importance};
pub use lanes::{Curve, Lane, LaneSpan, Level, Mark, Run, Shape};
pub use tiles::{Mood, Tile};

use crate::Result;
use crate::analyze::Analysis;
use crate::pipeline::Observer;
use findings::Grounds;
use gv_timing::checks::{CheckReport, Rules, check};
use gv_timing::cta_optimizer::{
    CtaPlacement, ExistingCta, analyze_cta_timing, best_for_goal, score_existing_cta,
};
use gv_timing::hook_optimizer::{HookAnalysis, analyze_hook};
use gv_timing::placements::Placements;
use gv_timing::precision_av_sync::{SYNC_TOLERANCE, SyncQuality};
use std::path::Path;

/// The goal for which a place for a call is looked for.
const GOAL: &str = "sales";

/// An analysis with its conclusions, ready to be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<'a> {
    /// What was analysed.
    pub analysis: &'a Analysis,
    /// What to do, the most important first.
    pub findings: Vec<Finding>,
    /// The figures that stand at the top.
    pub tiles: Vec<Tile>,
    /// The timeline.
    pub lanes: Vec<Lane>,
    /// The checks before publishing.
    pub checks: CheckReport,
    /// How the opening works.
    pub hook: HookAnalysis,
    /// The call to action.
    pub cta: ExistingCta,
    /// Where a call to action would stand best; `None` for a video without length.
    pub cta_placement: Option<CtaPlacement>,
    /// Whether cuts follow the sound; `None` where there is no sound to follow.
    pub sync: Option<SyncQuality>,
    /// Pictures of the video; empty until [`add_film`](Self::add_film) is called.
    pub film: Vec<Still>,
}

impl Analysis {
    /// Draws conclusions from the analysis and gathers them for a reader. No file is opened.
    ///
    /// # Errors
    ///
    /// A built-in table that is damaged, or times that are no numbers; neither comes from an analysis of this library.
    pub fn report(&self) -> Result<Report<'_>> {
        let evidence = self.evidence();
        let placements = Placements::built_in()?;
        let checks =
            check(&evidence, self.picture.as_ref(), &Rules::built_in()?, &placements, None)?;
        let hook = analyze_hook(&evidence)?;
        let cta = score_existing_cta(&evidence, &placements)?;
        let cta_placement = if evidence.duration() > 0.0 && cta.cta_detected != Some(true) {
            Some(analyze_cta_timing(&evidence, &best_for_goal(GOAL)?)?)
        } else {
            None
        };
        let heard = self.sound.as_ref();
        let sync = heard.map(|heard| self.sync_with(heard, SYNC_TOLERANCE)).transpose()?;
        let placement = cta_placement.as_ref();
        let (checks_of, sync_of) = (&checks, sync.as_ref());
        let grounds =
            Grounds { checks: checks_of, hook: &hook, cta: &cta, placement, sync: sync_of };
        let calls = lanes::Calls { existing: &cta, placement };
        Ok(Report {
            analysis: self,
            findings: findings::findings(self, &grounds),
            tiles: tiles::tiles(self, &grounds),
            lanes: lanes::lanes(self, &evidence, &calls),
            checks,
            hook,
            cta,
            cta_placement,
            sync,
            film: Vec::new(),
        })
    }
}

impl Report<'_> {
    /// Reads pictures out of the video that was analysed, which is decoded once more for that.
    ///
    /// # Errors
    ///
    /// Those of decoding, and [`Error::Cancelled`](crate::Error::Cancelled) where the observer says so.
    pub fn add_film(
        &mut self,
        video: impl AsRef<Path>,
        ffmpeg: Option<&Path>,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        self.film = film::read(video.as_ref(), ffmpeg, &self.analysis.shots.shots, observer)?;
        Ok(())
    }

    /// The whole page as HTML: no other file and no network is needed to read it.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`](crate::Error::Internal) where the template is broken, which a test rules out.
    pub fn page(&self) -> Result<String> {
        page::page(self)
    }

    /// Writes the whole page to a file, which is there once it is complete.
    ///
    /// # Errors
    ///
    /// [`Error::Output`](crate::Error::Output), and as for [`page`](Self::page).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let page = self.page()?;
        crate::output::write_whole(path.as_ref(), |out| out.write_all(page.as_bytes()))
    }

    /// Facts, figures and timeline as a piece of HTML for a notebook: well-formed XML, without a script.
    ///
    /// # Errors
    ///
    /// As for [`page`](Self::page).
    pub fn fragment(&self) -> Result<String> {
        page::fragment(self)
    }
}
