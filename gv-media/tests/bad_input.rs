//! Files that are not what they seem, and names that mean something to other programs.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use gv_media::{Error, MediaOptions, MediaReader};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

fn open(file: &Path) -> Result<MediaReader, Error> {
    MediaReader::open(file, &MediaOptions::default().audio(false))
}

fn small_clip(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(name);
    common::ffmpeg("-f lavfi -i testsrc2=s=64x48:r=10:d=2 -c:v mpeg4 -g 5", &file);
    file
}

#[test]
fn what_is_no_file_with_bytes_is_told_before_any_program_runs() {
    let folder = common::folder("no_file");
    let options = MediaOptions::default().program("/nowhere/ffmpeg");
    let error = |path: &Path| MediaReader::open(path, &options).unwrap_err();
    let missing = folder.join("missing.mp4");
    assert_eq!(error(&missing), Error::FileNotFound { path: missing.clone() });
    assert_eq!(error(&folder), Error::NotAFile { path: folder.clone() });
    let empty = folder.join("empty.mp4");
    std::fs::write(&empty, "").unwrap();
    assert_eq!(error(&empty), Error::EmptyFile { path: empty.clone() });
    assert_eq!(error(Path::new("")), Error::FileNotFound { path: PathBuf::new() });
    assert!(matches!(error(Path::new("/dev/null")), Error::NotAFile { .. }));
}

#[test]
fn what_holds_no_video_is_told_apart() {
    let folder = common::folder("no_video");
    let text = folder.join("text.mp4");
    std::fs::write(&text, "this is no video, whatever its name says\n".repeat(50)).unwrap();
    let image = folder.join("image.mp4");
    common::ffmpeg("-f lavfi -i testsrc2=s=64x48 -frames:v 1 -c:v png -f image2", &image);
    let song = folder.join("song.m4a");
    common::ffmpeg("-f lavfi -i sine=440:d=1 -c:a aac", &song);
    let whole = small_clip(&folder, "whole.mp4");
    let cut = folder.join("cut.mp4");
    let bytes = std::fs::read(&whole).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    for file in [&text, &image, &cut] {
        let error = open(file).unwrap_err();
        assert!(matches!(error, Error::NotMedia { .. }), "{error}");
        assert!(!error.to_string().contains(" @ 0x"), "{error}");
    }
    assert_eq!(open(&song).unwrap_err(), Error::NoVideo { path: song });
}

#[test]
fn a_file_cut_off_behind_its_index_is_read_up_to_there_and_damage_counted() {
    let folder = common::folder("cut");
    let whole = folder.join("whole.mp4");
    common::ffmpeg(
        "-f lavfi -i testsrc2=s=160x120:r=10:d=4 -c:v mpeg4 -g 5 -movflags +faststart",
        &whole,
    );
    let cut = folder.join("cut.mp4");
    let bytes = std::fs::read(&whole).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
    for program in common::programs() {
        let mut reader = MediaReader::open(&cut, &common::pictures(&program)).unwrap();
        let pictures = common::read_all(&mut reader).unwrap().pictures;
        assert!((15..40).contains(&pictures.len()), "{}", pictures.len());
        assert!(reader.damage() > 0);
    }
}

#[test]
fn damage_in_the_middle_is_passed_over_and_counted() {
    let folder = common::folder("damage");
    let file = folder.join("damaged.mkv");
    common::ffmpeg("-f lavfi -i testsrc2=s=160x120:r=10:d=4 -c:v mpeg4 -g 5 -b:v 2M", &file);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 3000].fill(0x5A);
    std::fs::write(&file, bytes).unwrap();
    for program in common::programs() {
        let mut reader = MediaReader::open(&file, &common::pictures(&program)).unwrap();
        let pictures = common::read_all(&mut reader).unwrap().pictures;
        assert!(pictures.len() > 20 && pictures.last().unwrap().seconds() > 3.8);
        assert!(reader.damage() > 0);
    }
}

#[test]
fn a_picture_beyond_the_limit_is_refused() {
    let file = small_clip(&common::folder("large"), "clip.mp4");
    let options = MediaOptions::default().audio(false).max_pixels(64 * 47);
    let error = MediaReader::open(&file, &options).unwrap_err();
    assert_eq!(error, Error::PictureTooLarge { width: 64, height: 48, limit: 64 * 47 });
    assert!(MediaReader::open(&file, &options.max_pixels(64 * 48)).is_ok());
}

#[test]
fn no_name_means_anything_but_a_file() {
    let folder = common::folder("names");
    let clip = small_clip(&folder, "clip.mp4");
    let names = [
        "two words.mp4",
        "Größe – 映画 🎬.mp4",
        "-i.mp4",
        "-",
        "pipe:0",
        "|cat.mp4",
        "concat:clip.mp4|clip.mp4",
        "c:\\clip.mp4",
        "frame%03d.png",
        "image%d.gif",
        "what*?[a-z]{1,2}.jpg",
        "$(touch x);`y`'\".mp4",
        "line\nbreak.mp4",
        "list.m3u8",
        "no_ending",
    ];
    for name in names {
        let file = folder.join(name);
        std::fs::copy(&clip, &file).unwrap();
        for program in common::programs() {
            let mut reader = MediaReader::open(&file, &common::pictures(&program))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(common::read_all(&mut reader).unwrap().pictures.len(), 20, "{name}");
        }
    }
    let beneath = folder.join("http:/example.invalid");
    std::fs::create_dir_all(&beneath).unwrap();
    std::fs::copy(&clip, beneath.join("clip.mp4")).unwrap();
    assert!(open(&folder.join("http://example.invalid/clip.mp4")).is_ok());
}

#[test]
#[cfg(unix)]
fn a_name_that_is_no_utf_8_is_a_name() {
    use std::os::unix::ffi::OsStrExt;
    let folder = common::folder("bytes");
    let clip = small_clip(&folder, "clip.mp4");
    let file = folder.join(std::ffi::OsStr::from_bytes(b"\xff\xfe.mp4"));
    if std::fs::copy(&clip, &file).is_ok() {
        assert!(open(&file).is_ok());
    }
}

/// Lists that name `other`, in every form that ffmpeg knows, and the endings that go with them.
fn lists(other: &str) -> Vec<(&'static str, String)> {
    let hls = format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{other}\n#EXT-X-ENDLIST\n"
    );
    let dash = format!(
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
         mediaPresentationDuration=\"PT2S\"><Period><AdaptationSet mimeType=\"video/mp4\">\
         <Representation id=\"1\" bandwidth=\"1\"><BaseURL>{other}</BaseURL></Representation>\
         </AdaptationSet></Period></MPD>"
    );
    vec![
        ("m3u8", hls.clone()),
        ("mp4", hls.clone()),
        ("mp4", format!("\n\n{hls}")),
        ("txt", format!("ffconcat version 1.0\nfile '{other}'\n")),
        ("mp4", format!("ffconcat version 1.0\nfile '{other}'\n")),
        ("mpd", dash),
        (
            "sdp",
            format!(
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\na=control:{other}\r\n"
            ),
        ),
        ("pls", format!("[playlist]\nFile1={other}\n")),
        ("asx", format!("<ASX version=\"3.0\"><Entry><Ref href=\"{other}\"/></Entry></ASX>")),
        ("avs", format!("FFVideoSource(\"{other}\")\n")),
        ("txt", format!("# a remark first\nffconcat version 1.0\nfile '{other}'\n")),
        ("txt", format!("{}{hls}", " ".repeat(5000))),
    ]
}

#[test]
fn a_list_that_names_another_file_or_address_is_refused_and_nothing_opened() {
    let folder = common::folder("lists");
    let target = small_clip(&folder, "target.mkv");
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let address = format!("http://{}/target.ts", server.local_addr().unwrap());
    let opened_before = std::fs::metadata(&target).unwrap().accessed().ok();
    for other in [address.as_str(), target.to_str().unwrap(), "target.mkv"] {
        for (number, (ending, text)) in lists(other).into_iter().enumerate() {
            let file = folder.join(format!("list{number}.{ending}"));
            std::fs::write(&file, &text).unwrap();
            for program in common::programs() {
                let options = MediaOptions::default().program(&program);
                let error = MediaReader::open(&file, &options).unwrap_err();
                let refused = matches!(error, Error::Playlist { .. } | Error::NotMedia { .. });
                assert!(refused, "{text}: {error}");
            }
        }
    }
    assert_eq!(server.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "an address was opened");
    assert_eq!(std::fs::metadata(&target).unwrap().accessed().ok(), opened_before);
}

/// A FIFO that nobody writes to blocks whoever opens it, and tells a writer that it was opened.
#[test]
#[cfg(target_os = "linux")]
fn ffmpeg_itself_refuses_what_the_first_bytes_do_not_give_away() {
    use std::os::unix::fs::OpenOptionsExt;
    let folder = common::folder("fifo");
    let fifo = folder.join("secret.mkv");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let file = folder.join("list.txt");
    let hidden = format!("{}ffconcat version 1.0\nfile '{}'\n", "#\n".repeat(10), fifo.display());
    std::fs::write(&file, hidden).unwrap();
    for program in common::programs() {
        let error = MediaReader::open(&file, &common::pictures(&program)).unwrap_err();
        assert!(matches!(error, Error::NotMedia { .. }), "{error}");
        const O_NONBLOCK: i32 = 0o4000;
        let writer = std::fs::OpenOptions::new().write(true).custom_flags(O_NONBLOCK).open(&fifo);
        assert!(writer.is_err(), "something reads the file that the list names");
    }
}

#[test]
fn a_track_whose_data_lie_in_another_file_is_not_followed() {
    let folder = common::folder("dref");
    let whole = small_clip(&folder, "whole.mov");
    let bytes = std::fs::read(&whole).unwrap();
    let place = bytes.windows(4).position(|part| part == b"dref").unwrap();
    let target = folder.join("target.mov");
    std::fs::copy(&whole, &target).unwrap();
    let opened_before = std::fs::metadata(&target).unwrap().accessed().ok();
    let mut referring = bytes.clone();
    let entry = place + 4 + 8;
    referring[entry + 4..entry + 8].copy_from_slice(b"url ");
    referring[entry + 8..entry + 12].copy_from_slice(&[0, 0, 0, 0]);
    let file = folder.join("referring.mov");
    std::fs::write(&file, referring).unwrap();
    drop(open(&file).and_then(|mut reader| common::read_all(&mut reader)));
    assert_eq!(std::fs::metadata(&target).unwrap().accessed().ok(), opened_before);
}
