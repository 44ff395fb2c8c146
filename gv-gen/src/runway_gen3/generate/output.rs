//! Downloading what a task made, before its addresses expire.

use super::{Generate, Outputs, Stage};
use crate::Error;
use crate::journal::{Record, Service};
use crate::runway_gen3::task::TaskStatus;
use gv_http::{
    CallError, Download, DownloadError, Downloaded, Event, Exchange, FileTarget, Moment, Step,
};

/// Bytes of an output that are taken.
const OUTPUT_LIMIT: u64 = 8 << 30;
/// Times that addresses of outputs are asked for anew when they expired.
const MAX_REFRESHES: u32 = 2;
/// Kinds of files that are taken for outputs.
const OUTPUT_TYPES: [&str; 5] =
    ["video/", "image/", "application/octet-stream", "binary/octet-stream", "application/zip"];

impl Generate {
    pub(super) fn fetch(&mut self, now: Moment) -> Outputs {
        let outputs = self.last.as_ref().map_or(0, |task| task.output.len());
        let folder = self.settings.books.folder(Service::Runway);
        let Some(folder) = folder.filter(|_| self.settings.download && self.files.len() < outputs)
        else {
            return self.finish(TaskStatus::Succeeded, now);
        };
        let at = self.files.len();
        let url =
            self.last.as_ref().and_then(|task| task.output.get(at)).cloned().unwrap_or_default();
        let task = self.task.as_deref().unwrap_or("task");
        let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
        let path = folder.join(format!("{task}{number}.{}", extension(&url)));
        let target = FileTarget {
            path,
            limit: OUTPUT_LIMIT,
            media_types: OUTPUT_TYPES.to_vec(),
            resume_from: 0,
        };
        let service = &self.settings.service;
        let download = Download::new(url, target, service.retries().clone(), service.jitter());
        self.downloading(Box::new(download), now, Event::Start)
    }

    pub(super) fn downloading(
        &mut self,
        mut download: Box<Download>,
        now: Moment,
        event: Event,
    ) -> Outputs {
        match download.step(now, event) {
            Step::Send(request) => {
                self.stage = Stage::Fetch(download);
                Step::Send(request)
            }
            Step::Wait(time) => {
                self.stage = Stage::Fetch(download);
                Step::Wait(time)
            }
            Step::Done(Ok(Downloaded { path, .. })) => {
                self.files.push(path);
                let all = self.last.as_ref().map_or(0, |task| task.output.len());
                if self.files.len() == all {
                    let files = self.files.iter().map(|f| f.display().to_string()).collect();
                    self.record(|id| Record::Stored { id, at: now.unix.as_secs(), files });
                }
                self.fetch(now)
            }
            Step::Done(Err(DownloadError::Call {
                source: CallError::Cancelled { .. }, ..
            })) => Step::Done(Err(Error::Cancelled { task: self.task.clone() })),
            Step::Done(Err(error)) if error.is_expired() && self.refreshes < MAX_REFRESHES => {
                self.refreshes += 1;
                log::info!("{error}; a fresh address is asked for");
                self.poll(now)
            }
            Step::Done(Err(error)) => {
                let note = format!("the video was not downloaded: {error}");
                log::error!("{note}");
                self.notes.push(note);
                self.finish(TaskStatus::Succeeded, now)
            }
        }
    }
}

fn extension(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or("");
    let name = path.rsplit('/').next().unwrap_or("");
    match name.rsplit_once('.') {
        Some((_, end))
            if (1..=5).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            end
        }
        _ => "mp4",
    }
}
