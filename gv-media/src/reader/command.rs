//! The command lines by which ffmpeg is asked.

use super::reduction::Reduction;
use crate::probe::Timeline;
use crate::{Ffmpeg, MediaOptions};
use std::ffi::OsString;
use std::path::Path;

/// Added to every time stamp on its way through the pipe, in microseconds, since NUT has no negative
/// ones: 10^6 s.
pub(super) const OFFSET_MICROSECONDS: i64 = 1_000_000_000_000;

/// Containers that hold media themselves. Left out is whatever names other files or devices: playlists
/// (`hls`, `concat`, `dash`, `imf`), image sequences (`image2`), session descriptions (`sdp`, `rtsp`),
/// scripts (`avisynth`, `vapoursynth`), `lavfi`, `tee`.
const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,flv,live_flv,\
    kux,asf,asf_o,ogg,gif,apng,h261,h263,h264,hevc,vvc,evc,obu,av1,ivf,mjpeg,mjpeg_2000,mxf,nut,dv,rm,\
    swf,wtv,nsv,gxf,yuv4mpegpipe,flic,dirac,vc1,avs2,avs3,cavsvideo,bink,smk,roq,ingenient,amv,nuv,\
    webp_anim,jpegxl_anim,wav,w64,mp3,aac,flac,ac3,eac3,ac4,aiff,caf,amr,amrnb,amrwb,ape,wv,tta,tak,\
    mpc,mpc8,au,dts,dtshd,truehd,mlp,voc,oma,iamf,loas,adx,qcp,tta,spdif,xwma";

/// Most threads that ffmpeg takes by itself for decoding.
const MAX_THREADS: usize = 16;

/// One run of ffmpeg over the file.
pub(super) struct Command<'a> {
    pub(super) ffmpeg: &'a Ffmpeg,
    #[cfg_attr(unix, expect(dead_code, reason = "Unix hands the file over open"))]
    pub(super) path: &'a Path,
    pub(super) timeline: Timeline,
    pub(super) options: &'a MediaOptions,
}

impl Command<'_> {
    fn before_input(&self) -> Vec<OsString> {
        let mut args = words("-hide_banner -nostats -nostdin -loglevel repeat+error");
        if self.timeline == Timeline::Movie {
            args.extend(words("-copyts"));
        }
        args.extend(words("-protocol_whitelist file -format_whitelist"));
        args.push(FORMATS.into());
        args
    }

    /// Arguments of a run that decodes. ffmpeg counts the padding of its buffers as pixels; the exact
    /// limit is the reader's.
    fn decoding(&self, before: &str, after: &str) -> Vec<OsString> {
        let limit = self.options.max_pixels.saturating_mul(2).saturating_add(1 << 16);
        let limit = limit.min(i32::MAX as u64);
        self.args(&format!("-max_pixels {limit} {before}"), after)
    }

    fn args(&self, before: &str, after: &str) -> Vec<OsString> {
        let mut args = self.before_input();
        args.extend(words(before));
        args.push("-i".into());
        args.push(self.input());
        args.extend(words(after));
        args.push("pipe:1".into());
        args
    }

    /// The file is handed over open, so that no part of its name can mean anything to ffmpeg.
    #[cfg(unix)]
    fn input(&self) -> OsString {
        "file:/dev/stdin".into()
    }

    #[cfg(not(unix))]
    fn input(&self) -> OsString {
        let mut input = OsString::from("file:");
        input.push(self.path);
        input
    }

    /// Pictures as planar 8-bit 4:2:0 of limited range, with the demuxer's time stamps.
    ///
    /// The encoder, which copies, has one thread: two would pull each picture through two caches.
    pub(super) fn video(&self) -> Vec<OsString> {
        let version = self.ffmpeg.version();
        let reduce =
            self.options.reduce_to.map(|long_side| Reduction { long_side }.scale_options());
        let (range, format) = match version.formats_range() {
            true => (None, "format=pix_fmts=yuv420p:color_ranges=tv"),
            false => (Some("out_range=tv".to_owned()), "format=yuv420p"),
        };
        let scale: Vec<String> = reduce.into_iter().chain(range).collect();
        let filter = match scale[..] {
            [] => format.to_owned(),
            _ => format!("scale={},{format}", scale.join(":")),
        };
        let base = if version.names_time_base() { "demux" } else { "-1" };
        let after = format!(
            "-map 0:V:0 -vf {filter} -fps_mode passthrough -enc_time_base:v {base} -c:v rawvideo -threads:v 1 {}",
            nut()
        );
        self.decoding(&format!("-threads {}", self.threads()), &after)
    }

    /// Threads that decode pictures: two more than processors, since ffmpeg itself takes one more, and decoding
    /// shares them here with what converts the pictures and with those who look at them.
    fn threads(&self) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        self.options.threads.unwrap_or_else(|| (available() + 2).min(MAX_THREADS))
    }

    /// Sound as interleaved 32-bit floats, its rate and channels as they are.
    pub(super) fn audio(&self) -> Vec<OsString> {
        self.decoding("", &format!("-map 0:a:0 -c:a pcm_f32le {}", nut()))
    }

    /// The table of all packets.
    pub(super) fn packets(&self) -> Vec<OsString> {
        self.args("", "-map 0:V:0? -map 0:a:0? -c copy -f framecrc")
    }

    /// The first picture in its native format.
    pub(super) fn native_picture(&self) -> Vec<OsString> {
        self.decoding("-threads 1 -noautorotate", "-map 0:V:0 -frames:v 1 -c:v rawvideo -f nut")
    }

    /// The first picture in a QuickTime file that states the rotation.
    pub(super) fn track_header(&self) -> Vec<OsString> {
        let after = "-map 0:V:0 -frames:v 1 -c:v rawvideo -pix_fmt rgb24 -f mov \
            -movflags +empty_moov+frag_keyframe";
        self.decoding("-threads 1 -noautorotate", after)
    }
}

fn nut() -> String {
    format!(
        "-avoid_negative_ts disabled -output_ts_offset {OFFSET_MICROSECONDS}us -avioflags direct \
         -write_index 0 -f nut"
    )
}

fn words(text: &str) -> Vec<OsString> {
    text.split_ascii_whitespace().map(OsString::from).collect()
}
