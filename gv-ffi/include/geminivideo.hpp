/// geminivideo for C++17: objects that free themselves, exceptions for statuses, ranges for lists.
///
/// Header only, over geminivideo.h. An object is moved, not copied; what it lends (lists, their items' texts) is valid as
/// long as it lives: a list of a temporary does not compile. Where a text is NULL in C it is nullptr here; known() makes an
/// optional of a number that may be unknown.

#ifndef GEMINIVIDEO_HPP
#define GEMINIVIDEO_HPP

#include "geminivideo.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace geminivideo {

/// What a call failed with.
class Error : public std::runtime_error {
public:
    Error(gv_status status, const std::string &message)
        : std::runtime_error(message), status_(status) {}

    /// The class of the error: GV_INVALID_INPUT, GV_NOT_FOUND, ...
    gv_status status() const noexcept { return status_; }

private:
    gv_status status_;
};

namespace detail {

inline void check(gv_status status) {
    if (status != GV_OK) throw Error(status, gv_last_error_message());
}

/// A text for C; one with a NUL inside would be cut short there.
inline const char *c_text(const std::string &text) {
    if (text.find('\0') != std::string::npos)
        throw Error(GV_INVALID_INPUT, "a text has a NUL inside");
    return text.c_str();
}

/// Calls a function whose last argument is a text that it gives away.
template <class Function, class... Arguments>
std::string text_of(Function function, Arguments... arguments) {
    char *text = nullptr;
    check(function(arguments..., &text));
    const std::unique_ptr<char, void (*)(char *)> owned(text, gv_string_free);
    return std::string(text);
}

/// Calls a function whose last argument is a struct that it fills.
template <class Struct, class Function, class... Arguments>
Struct filled(Function function, Arguments... arguments) {
    Struct value{};
    value.struct_size = sizeof value;
    check(function(arguments..., &value));
    return value;
}

template <class T, void (*Free)(T *)>
struct Freed {
    void operator()(T *object) const noexcept { Free(object); }
};

/// The sole owner of an object of the library.
template <class T, void (*Free)(T *)>
class Owned {
public:
    explicit Owned(T *object) noexcept : object_(object) {}

    /// The object for functions of geminivideo.h.
    T *get() const noexcept { return object_.get(); }

private:
    std::unique_ptr<T, Freed<T, Free>> object_;
};

/// Calls a function whose last argument is an object that it gives away.
template <class T, class Function, class... Arguments>
T *made_by(Function function, Arguments... arguments) {
    T *object = nullptr;
    check(function(arguments..., &object));
    return object;
}

}  // namespace detail

/// A number, or nothing where it is NaN: unknown, or not there.
inline std::optional<double> known(double value) noexcept {
    return value == value ? std::optional<double>(value) : std::nullopt;
}

namespace detail {

/// Walks what has an operator[].
template <class Range, class Item>
class Walk {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = const Item *;
    using reference = Item;

    Walk(const Range &range, std::size_t index) noexcept : range_(range), index_(index) {}
    Item operator*() const { return range_[index_]; }
    Walk &operator++() noexcept {
        ++index_;
        return *this;
    }
    Walk operator++(int) noexcept {
        Walk before = *this;
        ++index_;
        return before;
    }
    bool operator==(const Walk &other) const noexcept { return index_ == other.index_; }
    bool operator!=(const Walk &other) const noexcept { return index_ != other.index_; }

private:
    Range range_;
    std::size_t index_;
};

}  // namespace detail

/// A list inside an object, to be walked with for; its items are values.
template <class Object, class Item, std::size_t (*Length)(const Object *),
          gv_status (*Get)(const Object *, std::size_t, Item *)>
class List {
public:
    using iterator = detail::Walk<List, Item>;

    explicit List(const Object *object) noexcept : object_(object) {}
    std::size_t size() const noexcept { return Length(object_); }
    bool empty() const noexcept { return size() == 0; }
    /// The item at an index; Error with GV_NOT_FOUND beyond the end.
    Item operator[](std::size_t index) const {
        return detail::filled<Item>(Get, object_, index);
    }
    iterator begin() const noexcept { return iterator(*this, 0); }
    iterator end() const noexcept { return iterator(*this, size()); }

private:
    const Object *object_;
};

/// A picture in memory with one plane.
inline gv_picture picture(std::uint32_t layout, std::uint32_t width, std::uint32_t height,
                          const std::uint8_t *pixels, std::ptrdiff_t stride) {
    gv_picture picture{};
    gv_picture_init(&picture);
    picture.layout = layout;
    picture.width = width;
    picture.height = height;
    picture.planes[0] = pixels;
    picture.strides[0] = stride;
    return picture;
}

/// A face for a detector of one's own, in pixels of the picture.
inline gv_face face(float x, float y, float width, float height, float confidence) {
    gv_face face{};
    gv_face_init(&face);
    face.x = x;
    face.y = y;
    face.width = width;
    face.height = height;
    face.confidence = confidence;
    return face;
}

/// An object for a detector of one's own, in pixels of the picture; its class is one of COCO's, 0 to 79.
inline gv_object object(std::uint32_t class_id, float x, float y, float width, float height,
                        float confidence) {
    gv_object object{};
    gv_object_init(&object);
    object.class_id = class_id;
    object.x = x;
    object.y = y;
    object.width = width;
    object.height = height;
    object.confidence = confidence;
    return object;
}

namespace detail {

/// Calls a function of the program's for the library; what it throws becomes a status and an explanation.
template <class Function>
gv_status shielded(Function function) noexcept {
    try {
        function();
        return GV_OK;
    } catch (const Error &error) {
        gv_explain(error.what());
        return error.status();
    } catch (const std::exception &error) {
        gv_explain(error.what());
    } catch (...) {
        gv_explain("it throws what is no std::exception");
    }
    return GV_CALLBACK;
}

/// Plugs functions of C into the library; what they are handed is freed by it.
template <class Plugged, class Functions, class Own>
Plugged *plugged(gv_status (*make)(const Functions *, Plugged **), Functions functions,
                 const std::string &name, std::unique_ptr<Own> own) {
    functions.struct_size = sizeof functions;
    functions.name = c_text(name);
    functions.userdata = own.get();
    functions.drop = [](void *userdata) { delete static_cast<Own *>(userdata); };
    Plugged *made = made_by<Plugged>(make, &functions);
    (void)own.release();
    return made;
}

/// A program's detector as functions of C.
template <class Functions, class Found, class Item, gv_status (*Add)(Found *, const Item *)>
struct OwnDetector {
    using Detect = std::function<std::vector<Item>(const gv_picture &)>;

    template <class Detector, gv_status (*New)(const Functions *, Detector **)>
    static Detector *make(const std::string &name, Detect detect) {
        Functions functions{};
        functions.detect = [](const gv_picture *picture, Found *found, void *userdata) {
            return shielded([&] {
                for (const Item &item : (*static_cast<Detect *>(userdata))(*picture))
                    check(Add(found, &item));
            });
        };
        return plugged(New, functions, name, std::make_unique<Detect>(std::move(detect)));
    }
};

/// Copies a list of C into a vector, and frees it.
template <class List, class Item, std::size_t (*Length)(const List *),
          gv_status (*Get)(const List *, std::size_t, Item *), void (*Free)(List *)>
std::vector<Item> copied(List *list) {
    const std::unique_ptr<List, Freed<List, Free>> owned(list);
    std::vector<Item> items;
    const std::size_t count = Length(list);
    items.reserve(count);
    for (std::size_t index = 0; index < count; ++index)
        items.push_back(filled<Item>(Get, list, index));
    return items;
}

}  // namespace detail

/// The usual options of the library's face detectors.
inline gv_face_detector_options face_detector_options() {
    gv_face_detector_options options{};
    gv_face_detector_options_init(&options);
    return options;
}

/// Finds faces in pictures (component 5): the library's detectors, or a function of the program's.
class FaceDetector : public detail::Owned<gv_face_detector, gv_face_detector_free> {
    using Own = detail::OwnDetector<gv_face_detector_functions, gv_faces, gv_face, gv_faces_add>;

public:
    /// Gives the faces of a picture of GV_LAYOUT_RGB24; called by several threads at once. What it throws ends the analysis
    /// with GV_CALLBACK.
    using Detect = Own::Detect;

    FaceDetector(const std::string &name, Detect detect)
        : Owned(Own::make<gv_face_detector, gv_face_detector_new>(name, std::move(detect))) {}

    /// One of the library's detectors.
    static FaceDetector find(const gv_face_detector_options &options = face_detector_options()) {
        return FaceDetector(detail::made_by<gv_face_detector>(gv_face_detector_find, &options));
    }
    std::string name() const { return detail::text_of(gv_face_detector_name, get()); }
    /// The faces of a picture, surest first.
    std::vector<gv_face> detect(const gv_picture &picture) const {
        return detail::copied<gv_faces, gv_face, gv_faces_len, gv_faces_get, gv_faces_free>(
            detail::made_by<gv_faces>(gv_face_detector_detect, get(), &picture));
    }

private:
    using Owned::Owned;
};

/// Reads lines of writing with a function of the program's.
class TextReader : public detail::Owned<gv_text_reader, gv_text_reader_free> {
public:
    /// What a line in a picture of GV_LAYOUT_GRAY8 says, an empty text where it cannot be read; called by several threads
    /// at once. What it throws ends the analysis with GV_CALLBACK.
    using Read = std::function<std::string(const gv_picture &)>;

    TextReader(const std::string &name, Read read) : Owned(made(name, std::move(read))) {}

private:
    static gv_text_reader *made(const std::string &name, Read read) {
        gv_text_reader_functions functions{};
        functions.read = [](const gv_picture *line, gv_reading *reading, void *userdata) {
            return detail::shielded([&] {
                const std::string said = (*static_cast<Read *>(userdata))(*line);
                detail::check(gv_reading_set(reading, detail::c_text(said)));
            });
        };
        return detail::plugged(gv_text_reader_new, functions, name,
                               std::make_unique<Read>(std::move(read)));
    }
};

/// Finds objects in pictures (component 6): the library's detectors, or a function of the program's.
class ObjectDetector : public detail::Owned<gv_object_detector, gv_object_detector_free> {
    using Own =
        detail::OwnDetector<gv_object_detector_functions, gv_objects, gv_object, gv_objects_add>;

public:
    /// Gives the objects of a picture of GV_LAYOUT_RGB24; called by several threads at once. What it throws ends the
    /// analysis with GV_CALLBACK.
    using Detect = Own::Detect;

    ObjectDetector(const std::string &name, Detect detect)
        : Owned(Own::make<gv_object_detector, gv_object_detector_new>(name, std::move(detect))) {}

    /// The library's detector with an ONNX file, or with the best that is there.
    static ObjectDetector find(const char *path = nullptr, float confidence = 0.4F) {
        return ObjectDetector(
            detail::made_by<gv_object_detector>(gv_object_detector_find, path, confidence));
    }
    std::string name() const { return detail::text_of(gv_object_detector_name, get()); }
    /// The objects of a picture, surest first.
    std::vector<gv_object> detect(const gv_picture &picture) const {
        return detail::copied<gv_objects, gv_object, gv_objects_len, gv_objects_get,
                              gv_objects_free>(
            detail::made_by<gv_objects>(gv_object_detector_detect, get(), &picture));
    }

private:
    using Owned::Owned;
};

/// Finds voices in sound: Silero's network, or a function of the program's.
class VoiceDetector : public detail::Owned<gv_voice_detector, gv_voice_detector_free> {
public:
    /// How likely somebody speaks, 0 to 1, in each whole frame of mono sound; called by several threads at once. What it
    /// throws, or another number of scores, ends what asked with GV_CALLBACK.
    using Scores = std::function<std::vector<float>(const float *samples, std::size_t size)>;

    /// rate is in samples a second, frame in samples. A voice begins at the score begin, and ends below end.
    VoiceDetector(const std::string &name, std::uint32_t rate, std::size_t frame, Scores scores,
                  float begin = 0.6F, float end = 0.35F)
        : Owned(made(name, rate, frame, std::move(scores), begin, end)) {}

    /// Silero's network out of an ONNX file; a voice begins at the threshold.
    static VoiceDetector silero(const std::string &path, float threshold = 0.5F) {
        return VoiceDetector(detail::made_by<gv_voice_detector>(
            gv_voice_detector_silero, detail::c_text(path), threshold));
    }
    std::string name() const { return detail::text_of(gv_voice_detector_name, get()); }
    /// Samples a second of the sound that it wants.
    std::uint32_t rate() const noexcept { return gv_voice_detector_rate(get()); }
    /// Samples of a frame.
    std::size_t frame() const noexcept { return gv_voice_detector_frame(get()); }
    /// How likely somebody speaks in each whole frame of mono sound at its rate.
    std::vector<float> scores(const std::vector<float> &samples) const {
        std::vector<float> found(samples.size() / frame());
        detail::check(gv_voice_detector_scores(get(), samples.data(), samples.size(), found.data(),
                                               found.size()));
        return found;
    }

private:
    using Owned::Owned;

    static gv_voice_detector *made(const std::string &name, std::uint32_t rate, std::size_t frame,
                                   Scores scores, float begin, float end) {
        gv_voice_detector_functions functions{};
        functions.rate = rate;
        functions.frame = frame;
        functions.begin = begin;
        functions.end = end;
        functions.scores = [](const float *samples, std::size_t size, float *room,
                              std::size_t frames, void *userdata) {
            return detail::shielded([&] {
                const std::vector<float> found = (*static_cast<Scores *>(userdata))(samples, size);
                if (found.size() != frames)
                    throw std::length_error(std::to_string(found.size()) + " scores for " +
                                            std::to_string(frames) + " frames");
                std::copy(found.begin(), found.end(), room);
            });
        };
        return detail::plugged(gv_voice_detector_new, functions, name,
                               std::make_unique<Scores>(std::move(scores)));
    }
};

/// What was heard, lent by whoever owns it; false where nothing was.
class SoundView {
public:
    using Onsets = List<gv_sound, gv_onset, gv_sound_onsets_len, gv_sound_onsets_get>;
    using Beats = List<gv_sound, gv_beat, gv_sound_beats_len, gv_sound_beats_get>;
    using Sections = List<gv_sound, gv_section, gv_sound_sections_len, gv_sound_sections_get>;
    using Voices = List<gv_sound, gv_voice, gv_sound_voices_len, gv_sound_voices_get>;
    using Peaks = List<gv_sound, gv_audio_peak, gv_sound_peaks_len, gv_sound_peaks_get>;

    explicit SoundView(const gv_sound *sound) noexcept : sound_(sound) {}
    /// The sound for functions of geminivideo.h.
    const gv_sound *get() const noexcept { return sound_; }
    explicit operator bool() const noexcept { return sound_ != nullptr; }
    gv_sound_figures summary() const {
        return detail::filled<gv_sound_figures>(gv_sound_summary, sound_);
    }
    Onsets onsets() const noexcept { return Onsets(sound_); }
    Beats beats() const noexcept { return Beats(sound_); }
    Sections sections() const noexcept { return Sections(sound_); }
    Voices voices() const noexcept { return Voices(sound_); }
    Peaks peaks() const noexcept { return Peaks(sound_); }
    std::string json() const { return detail::text_of(gv_sound_json, sound_); }

private:
    const gv_sound *sound_;
};

/// What was heard in a file, or in samples that the program pushed.
class Sound : public detail::Owned<gv_sound, gv_sound_free> {
public:
    using Owned::Owned;

    SoundView view() const & noexcept { return SoundView(get()); }
    SoundView view() const && = delete;
};

/// The usual options of listening, voices being found by a detector, lent, or by the built-in classifier.
inline gv_listen_options listen_options(const VoiceDetector *voices = nullptr) {
    gv_listen_options options{};
    gv_listen_options_init(&options);
    options.voice_detector = voices ? voices->get() : nullptr;
    return options;
}

/// Listens to a file, a video's sound or a plain one.
inline Sound listen_file(const std::string &path,
                         const gv_listen_options &options = listen_options()) {
    return Sound(detail::made_by<gv_sound>(gv_listen_file, detail::c_text(path), &options));
}

/// A block of 32-bit floats, the channels in turn; frames counts samples of one channel, and so does pts.
inline gv_audio audio(std::int64_t pts, const float *samples, std::size_t frames,
                      std::uint32_t channels, std::uint32_t rate) {
    gv_audio audio{};
    gv_audio_init(&audio);
    audio.pts = pts;
    audio.channels = channels;
    audio.rate = rate;
    audio.frames = frames;
    audio.planes[0] = samples;
    return audio;
}

/// Listens to samples that the program pushes.
class Listener : public detail::Owned<gv_listener, gv_listener_free> {
public:
    explicit Listener(const gv_listen_options &options = listen_options())
        : Owned(detail::made_by<gv_listener>(gv_listener_new, &options)) {}

    /// Takes the next block.
    void push(const gv_audio &block) { detail::check(gv_listener_push(get(), &block)); }
    /// Ends the sound.
    Sound finish() { return Sound(detail::made_by<gv_sound>(gv_listener_finish, get())); }
};

/// Predicted attention, 0 to 1, at a time in seconds.
struct AttentionPoint {
    double time;
    double value;
};

/// An attention curve, lent by an Analysis or a Hook; to be walked with for.
class Attention {
public:
    using iterator = detail::Walk<Attention, AttentionPoint>;

    /// Asks for the curve of an object.
    template <class Object>
    Attention(gv_status (*get)(const Object *, const double **, const double **, std::size_t *),
              const Object *object) {
        detail::check(get(object, &times_, &values_, &size_));
    }
    const double *times() const noexcept { return times_; }
    const double *values() const noexcept { return values_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    /// The point at an index; Error with GV_NOT_FOUND beyond the end.
    AttentionPoint operator[](std::size_t index) const {
        if (index >= size_) throw Error(GV_NOT_FOUND, "there is no such point of the curve");
        return {times_[index], values_[index]};
    }
    iterator begin() const noexcept { return iterator(*this, 0); }
    iterator end() const noexcept { return iterator(*this, size_); }

private:
    const double *times_ = nullptr;
    const double *values_ = nullptr;
    std::size_t size_ = 0;
};

/// What was found in a video.
class Analysis : public detail::Owned<gv_analysis, gv_analysis_free> {
public:
    using Owned::Owned;
    using Shots = List<gv_analysis, gv_shot, gv_analysis_shots_len, gv_analysis_shots_get>;
    using Moments = List<gv_analysis, gv_moment, gv_analysis_moments_len, gv_analysis_moments_get>;
    using Motion =
        List<gv_analysis, gv_motion_frame, gv_analysis_motion_len, gv_analysis_motion_get>;
    using Faces = List<gv_analysis, gv_face, gv_analysis_faces_len, gv_analysis_faces_get>;
    using FaceTracks =
        List<gv_analysis, gv_face_track, gv_analysis_face_tracks_len, gv_analysis_face_tracks_get>;
    using FaceMoments = List<gv_analysis, gv_face_moment, gv_analysis_face_moments_len,
                             gv_analysis_face_moments_get>;
    using Objects = List<gv_analysis, gv_object, gv_analysis_objects_len, gv_analysis_objects_get>;
    using ObjectClasses = List<gv_analysis, gv_object_class, gv_analysis_object_classes_len,
                               gv_analysis_object_classes_get>;
    using Texts = List<gv_analysis, gv_text_line, gv_analysis_texts_len, gv_analysis_texts_get>;
    using Unknown =
        List<gv_analysis, gv_unknown, gv_analysis_unknown_len, gv_analysis_unknown_get>;
    using VisualPeaks = List<gv_analysis, gv_visual_peak, gv_analysis_visual_peaks_len,
                             gv_analysis_visual_peaks_get>;

    gv_summary summary() const {
        return detail::filled<gv_summary>(gv_analysis_summary, get());
    }
    Shots shots() const & noexcept { return Shots(get()); }
    Shots shots() const && = delete;
    Moments moments() const & noexcept { return Moments(get()); }
    Moments moments() const && = delete;
    Motion motion() const & noexcept { return Motion(get()); }
    Motion motion() const && = delete;
    /// How faces are seen; Error with GV_UNAVAILABLE where nobody looked.
    gv_face_presence face_presence() const & {
        return detail::filled<gv_face_presence>(gv_analysis_face_presence, get());
    }
    gv_face_presence face_presence() const && = delete;
    Faces faces() const & noexcept { return Faces(get()); }
    Faces faces() const && = delete;
    FaceTracks face_tracks() const & noexcept { return FaceTracks(get()); }
    FaceTracks face_tracks() const && = delete;
    /// Where the face of a track is at a time.
    gv_face face_at(std::size_t track, double time) const {
        return detail::filled<gv_face>(gv_analysis_face_tracks_at, get(), track, time);
    }
    FaceMoments face_moments() const & noexcept { return FaceMoments(get()); }
    FaceMoments face_moments() const && = delete;
    /// What the objects make of the video; Error with GV_UNAVAILABLE where nobody looked.
    gv_object_figures object_summary() const & {
        return detail::filled<gv_object_figures>(gv_analysis_object_summary, get());
    }
    gv_object_figures object_summary() const && = delete;
    Objects objects() const & noexcept { return Objects(get()); }
    Objects objects() const && = delete;
    ObjectClasses object_classes() const & noexcept { return ObjectClasses(get()); }
    ObjectClasses object_classes() const && = delete;
    Texts texts() const & noexcept { return Texts(get()); }
    Texts texts() const && = delete;
    /// What was not looked at, and why.
    Unknown unknown() const & noexcept { return Unknown(get()); }
    Unknown unknown() const && = delete;
    VisualPeaks visual_peaks() const & noexcept { return VisualPeaks(get()); }
    VisualPeaks visual_peaks() const && = delete;
    SoundView sound() const & noexcept { return SoundView(gv_analysis_sound(get())); }
    SoundView sound() const && = delete;
    Attention attention() const & { return Attention(gv_analysis_attention, get()); }
    Attention attention() const && = delete;
    double attention_at(double time) const {
        double value = 0;
        detail::check(gv_analysis_attention_at(get(), time, &value));
        return value;
    }
    /// Everything as one JSON document.
    std::string json() const { return detail::text_of(gv_analysis_json, get()); }
    /// Where triggers belong, as JSON (component 4).
    std::string trigger_plan() const { return detail::text_of(gv_trigger_plan, get()); }
    /// Whether the opening holds, as JSON (component 8).
    std::string hook() const { return detail::text_of(gv_hook_analysis, get()); }
    /// How good the call to action is, as JSON (component 9).
    std::string cta(const char *placements_json = nullptr) const {
        return detail::text_of(gv_cta_analysis, get(), placements_json);
    }
    /// Where the call to action that suits an industry belongs, as JSON.
    std::string cta_timing(const std::string &industry) const {
        return detail::text_of(gv_cta_timing, get(), detail::c_text(industry));
    }
    /// What was measured, as a pattern of the winning patterns database.
    std::string pattern() const { return detail::text_of(gv_pattern_of_analysis, get()); }
};

/// The parts of a score, which add up to it.
using Ledger = List<gv_ledger, gv_score_part, gv_ledger_len, gv_ledger_get>;

/// Whether the opening of an analysed video holds (component 8).
class Hook : public detail::Owned<gv_hook, gv_hook_free> {
public:
    using Strengths =
        List<gv_hook, gv_hook_strength, gv_hook_strengths_len, gv_hook_strengths_get>;
    using Improvements =
        List<gv_hook, gv_hook_improvement, gv_hook_improvements_len, gv_hook_improvements_get>;

    explicit Hook(const Analysis &analysis)
        : Owned(detail::made_by<gv_hook>(gv_hook_new, analysis.get())) {}

    gv_hook_figures summary() const {
        return detail::filled<gv_hook_figures>(gv_hook_summary, get());
    }
    Ledger ledger() const & noexcept { return Ledger(gv_hook_ledger(get())); }
    Ledger ledger() const && = delete;
    /// Predicted attention in the opening; empty where it is unknown.
    Attention attention() const & { return Attention(gv_hook_attention, get()); }
    Attention attention() const && = delete;
    Strengths strengths() const & noexcept { return Strengths(get()); }
    Strengths strengths() const && = delete;
    /// What to do, the largest gain first.
    Improvements improvements() const & noexcept { return Improvements(get()); }
    Improvements improvements() const && = delete;
};

/// How good the call to action of an analysed video is (component 9).
class Cta : public detail::Owned<gv_cta, gv_cta_free> {
public:
    using Candidates = List<gv_cta, gv_cta_candidate, gv_cta_candidates_len, gv_cta_candidates_get>;
    using Overlaps = List<gv_cta, gv_cta_overlap, gv_cta_overlaps_len, gv_cta_overlaps_get>;
    using Recommendations =
        List<gv_cta, gv_remark, gv_cta_recommendations_len, gv_cta_recommendations_get>;
    using Unknown = List<gv_cta, gv_remark, gv_cta_unknown_len, gv_cta_unknown_get>;

    /// The table of placements is JSON; nullptr takes the built-in one.
    explicit Cta(const Analysis &analysis, const char *placements_json = nullptr)
        : Owned(detail::made_by<gv_cta>(gv_cta_new, analysis.get(), placements_json)) {}

    gv_cta_figures summary() const {
        return detail::filled<gv_cta_figures>(gv_cta_summary, get());
    }
    Ledger ledger() const & noexcept { return Ledger(gv_cta_ledger(get())); }
    Ledger ledger() const && = delete;
    /// The call that was judged, else what may be one.
    Candidates candidates() const & noexcept { return Candidates(get()); }
    Candidates candidates() const && = delete;
    /// How much of it each vertical placement covers.
    Overlaps overlaps() const & noexcept { return Overlaps(get()); }
    Overlaps overlaps() const && = delete;
    Recommendations recommendations() const & noexcept { return Recommendations(get()); }
    Recommendations recommendations() const && = delete;
    /// What could not be told, and why.
    Unknown unknown() const & noexcept { return Unknown(get()); }
    Unknown unknown() const && = delete;
};

/// Where the call to action that suits an industry belongs in an analysed video.
class CtaPlace : public detail::Owned<gv_cta_place, gv_cta_place_free> {
public:
    using Steps = List<gv_cta_place, gv_remark, gv_cta_place_steps_len, gv_cta_place_steps_get>;

    CtaPlace(const Analysis &analysis, const std::string &industry)
        : Owned(detail::made_by<gv_cta_place>(gv_cta_place_new, analysis.get(),
                                              detail::c_text(industry))) {}

    gv_cta_place_figures summary() const & {
        return detail::filled<gv_cta_place_figures>(gv_cta_place_summary, get());
    }
    gv_cta_place_figures summary() const && = delete;
    Ledger ledger() const & noexcept { return Ledger(gv_cta_place_ledger(get())); }
    Ledger ledger() const && = delete;
    /// What should happen before, in the order of time.
    Steps steps() const & noexcept { return Steps(get()); }
    Steps steps() const && = delete;
};

/// Whether what is seen falls on what is heard (component 3).
class Sync : public detail::Owned<gv_sync, gv_sync_free> {
public:
    using Points = List<gv_sync, gv_sync_point, gv_sync_points_len, gv_sync_points_get>;
    using Shifts = List<gv_sync, gv_shift, gv_sync_shifts_len, gv_sync_shifts_get>;

    /// Judges an analysed video with its own sound, two peaks within tolerance seconds being in sync.
    explicit Sync(const Analysis &analysis, double tolerance = 0.1)
        : Owned(detail::made_by<gv_sync>(gv_sync_new, analysis.get(),
                                         static_cast<const gv_sound *>(nullptr), tolerance)) {}
    /// Judges an analysed video with another sound.
    Sync(const Analysis &analysis, SoundView sound, double tolerance = 0.1)
        : Owned(detail::made_by<gv_sync>(gv_sync_new, analysis.get(), sound.get(), tolerance)) {}

    gv_sync_figures summary() const & {
        return detail::filled<gv_sync_figures>(gv_sync_summary, get());
    }
    gv_sync_figures summary() const && = delete;
    Points points() const & noexcept { return Points(get()); }
    Points points() const && = delete;
    Shifts shifts() const & noexcept { return Shifts(get()); }
    Shifts shifts() const && = delete;
    std::string json() const { return detail::text_of(gv_sync_json, get()); }
};

/// The outcome of the checks before an ad is published.
class CheckReport : public detail::Owned<gv_check_report, gv_check_report_free> {
public:
    using Findings =
        List<gv_check_report, gv_finding, gv_check_report_len, gv_check_report_get>;

    /// Checks an ad for a placement ("reels", "tiktok", ...), or for any; tables of rules and placements are JSON.
    explicit CheckReport(const Analysis &analysis, const char *placement = nullptr,
                         const char *rules_json = nullptr, const char *placements_json = nullptr)
        : Owned(detail::made_by<gv_check_report>(gv_check, analysis.get(), placement, rules_json,
                                                 placements_json)) {}

    std::size_t size() const noexcept { return list().size(); }
    gv_finding operator[](std::size_t index) const { return list()[index]; }
    Findings::iterator begin() const noexcept { return list().begin(); }
    Findings::iterator end() const noexcept { return list().end(); }
    /// Whether no required check failed; where strict, none is unknown either.
    bool passes(bool strict = false) const noexcept {
        return gv_check_report_passes(get(), strict ? 1 : 0) != 0;
    }
    std::string json() const { return detail::text_of(gv_check_report_json, get()); }

private:
    Findings list() const noexcept { return Findings(get()); }
};

/// How a video is analysed.
struct AnalyzeOptions {
    /// Threads at most; 0 takes what the process may use.
    std::uint32_t num_threads = 0;
    /// Pixels on the long side of the picture that is looked at, 32 to 4096.
    std::uint32_t motion_long_side = 320;
    /// GV_MOTION_OPTICAL_FLOW and the like.
    std::uint32_t motion_method = GV_MOTION_OPTICAL_FLOW;
    /// The ffmpeg program; empty for the usual one.
    std::string ffmpeg;
    /// Pixels on the long side of the picture in which faces, objects and text are looked for, 32 to 4096.
    std::uint32_t detail_long_side = 640;
    /// Whether these are looked for.
    bool faces = true;
    bool objects = true;
    bool text = true;
    /// Whether sound is listened to.
    bool sound = true;
    /// Frames a second in which these are looked for, 0.01 to 1000.
    double faces_per_second = 5;
    double objects_per_second = 2;
    double text_per_second = 5;
    /// What looks for faces and objects, lent; nullptr takes the best that is there.
    const FaceDetector *face_detector = nullptr;
    const ObjectDetector *object_detector = nullptr;
    /// What reads writing, lent; nullptr leaves unknown what it says.
    const TextReader *text_reader = nullptr;
    /// What finds voices in the sound, lent; nullptr takes the built-in classifier.
    const VoiceDetector *voice_detector = nullptr;
    /// Called on the caller's thread; false ends the analysis. What it throws ends it too, and is thrown on.
    std::function<bool(const gv_progress &)> on_progress;

    gv_analyze_options in_c() const {
        gv_analyze_options options{};
        gv_analyze_options_init(&options);
        options.num_threads = num_threads;
        options.motion_long_side = motion_long_side;
        options.motion_method = motion_method;
        options.ffmpeg = ffmpeg.empty() ? nullptr : detail::c_text(ffmpeg);
        options.detail_long_side = detail_long_side;
        options.faces = faces ? 1 : 0;
        options.objects = objects ? 1 : 0;
        options.text = text ? 1 : 0;
        options.sound = sound ? 1 : 0;
        options.faces_per_second = faces_per_second;
        options.objects_per_second = objects_per_second;
        options.text_per_second = text_per_second;
        options.face_detector = face_detector ? face_detector->get() : nullptr;
        options.object_detector = object_detector ? object_detector->get() : nullptr;
        options.text_reader = text_reader ? text_reader->get() : nullptr;
        options.voice_detector = voice_detector ? voice_detector->get() : nullptr;
        return options;
    }
};

namespace detail {

/// Calls a function that tells its progress, and throws on what on_progress throws.
template <class T, class Call>
T *watched(const AnalyzeOptions &options, Call call) {
    struct Watch {
        const std::function<bool(const gv_progress &)> *on_progress;
        std::exception_ptr thrown;
    } watch{&options.on_progress, nullptr};
    const gv_progress_fn tell = [](const gv_progress *progress, void *userdata) -> int {
        auto &heard = *static_cast<Watch *>(userdata);
        try {
            return (*heard.on_progress)(*progress) ? 0 : 1;
        } catch (...) {
            heard.thrown = std::current_exception();
            return 1;
        }
    };
    const gv_analyze_options given = options.in_c();
    T *result = nullptr;
    const gv_status status = call(&given, options.on_progress ? tell : nullptr, &watch, &result);
    if (watch.thrown) std::rethrow_exception(watch.thrown);
    check(status);
    return result;
}

}  // namespace detail

/// Analyses a video file.
inline Analysis analyze_file(const std::string &path, const AnalyzeOptions &options = {}) {
    const char *file = detail::c_text(path);
    return Analysis(detail::watched<gv_analysis>(
        options, [file](const gv_analyze_options *given, gv_progress_fn tell, void *userdata,
                        gv_analysis **analysis) {
            return gv_analyze_file(file, given, tell, userdata, analysis);
        }));
}

/// Motion of a video, weighed by faces (component 2).
class WeightedMotion : public detail::Owned<gv_weighted_motion, gv_weighted_motion_free> {
public:
    using Frames = List<gv_weighted_motion, gv_weighted_frame, gv_weighted_motion_len,
                        gv_weighted_motion_get>;
    using Peaks = List<gv_weighted_motion, gv_weighted_peak, gv_weighted_motion_peaks_len,
                       gv_weighted_motion_peaks_get>;

    /// Measures a video file; of the options, threads, ffmpeg, face_detector and on_progress are used.
    explicit WeightedMotion(const std::string &path, double weight = GV_FACE_WEIGHT,
                            const AnalyzeOptions &options = {})
        : Owned(measure(detail::c_text(path), weight, options)) {}
    explicit WeightedMotion(gv_weighted_motion *owned) noexcept : Owned(owned) {}

    gv_weighted_figures summary() const & {
        return detail::filled<gv_weighted_figures>(gv_weighted_motion_summary, get());
    }
    gv_weighted_figures summary() const && = delete;
    Frames frames() const & noexcept { return Frames(get()); }
    Frames frames() const && = delete;
    Peaks peaks() const & noexcept { return Peaks(get()); }
    Peaks peaks() const && = delete;
    std::string json() const { return detail::text_of(gv_weighted_motion_json, get()); }

private:
    static gv_weighted_motion *measure(const char *path, double weight,
                                       const AnalyzeOptions &options) {
        const gv_face_detector *detector =
            options.face_detector ? options.face_detector->get() : nullptr;
        return detail::watched<gv_weighted_motion>(
            options, [=](const gv_analyze_options *given, gv_progress_fn tell, void *userdata,
                         gv_weighted_motion **motion) {
                return gv_weigh_motion_of_file(path, detector, weight, given, tell, userdata,
                                               motion);
            });
    }
};

/// A format of frames with its usual values.
inline gv_video_format video_format(std::uint32_t layout, std::uint32_t width,
                                    std::uint32_t height) {
    gv_video_format format{};
    gv_video_format_init(&format);
    format.layout = layout;
    format.width = width;
    format.height = height;
    return format;
}

namespace detail {

/// What takes the frames that a program pushes.
template <class T, void (*Free)(T *), gv_status (*Push)(T *, const gv_frame *),
          gv_status (*Cancel)(const T *)>
class Pushed : public Owned<T, Free> {
public:
    using Owned<T, Free>::Owned;

    /// Takes the next frame.
    void push(const gv_frame &frame) { check(Push(this->get(), &frame)); }
    /// Takes the next frame of a layout with one plane.
    void push(std::int64_t pts, const std::uint8_t *pixels, std::ptrdiff_t stride) {
        gv_frame frame{};
        gv_frame_init(&frame);
        frame.pts = pts;
        frame.planes[0] = pixels;
        frame.strides[0] = stride;
        push(frame);
    }
    /// Makes push and finish throw; may be called from any thread.
    void cancel() const { check(Cancel(this->get())); }
};

}  // namespace detail

/// Analyses frames that the program pushes.
class Analyzer : public detail::Pushed<gv_analyzer, gv_analyzer_free, gv_analyzer_push_frame,
                                       gv_analyzer_cancel> {
public:
    explicit Analyzer(const gv_video_format &format, const AnalyzeOptions &options = {})
        : Pushed(make(format, options)) {}

    /// Takes the next block of the sound; from any thread.
    void push_audio(const gv_audio &block) {
        detail::check(gv_analyzer_push_audio(get(), &block));
    }
    /// Ends the video and waits for the analysis.
    Analysis finish() {
        return Analysis(detail::made_by<gv_analysis>(gv_analyzer_finish, get()));
    }

private:
    static gv_analyzer *make(const gv_video_format &format, const AnalyzeOptions &options) {
        const gv_analyze_options given = options.in_c();
        return detail::made_by<gv_analyzer>(gv_analyzer_new, &format, &given);
    }
};

/// Weighs the motion of frames that the program pushes by their faces (component 2).
class MotionWeigher
    : public detail::Pushed<gv_motion_weigher, gv_motion_weigher_free,
                            gv_motion_weigher_push_frame, gv_motion_weigher_cancel> {
public:
    /// Of the options, threads and face_detector are used.
    explicit MotionWeigher(const gv_video_format &format, double weight = GV_FACE_WEIGHT,
                           const AnalyzeOptions &options = {})
        : Pushed(make(format, weight, options)) {}

    /// Ends the video and waits for its motion.
    WeightedMotion finish() {
        return WeightedMotion(
            detail::made_by<gv_weighted_motion>(gv_motion_weigher_finish, get()));
    }

private:
    static gv_motion_weigher *make(const gv_video_format &format, double weight,
                                   const AnalyzeOptions &options) {
        const gv_analyze_options given = options.in_c();
        return detail::made_by<gv_motion_weigher>(gv_motion_weigher_new, &format,
                                                  given.face_detector, weight, &given);
    }
};

/// The figures of an ad for the kill switch, nothing so far. ad_id is lent.
inline gv_ad_metrics ad_metrics(const char *ad_id) {
    gv_ad_metrics ad{};
    gv_ad_metrics_init(&ad);
    ad.ad_id = ad_id;
    return ad;
}

/// The usual options of the kill switch.
inline gv_kill_options kill_options() {
    gv_kill_options options{};
    gv_kill_options_init(&options);
    return options;
}

/// Decisions about ads.
class KillDecisions : public detail::Owned<gv_kill_decisions, gv_kill_decisions_free> {
public:
    using Owned::Owned;
    using Decisions = List<gv_kill_decisions, gv_kill_decision, gv_kill_decisions_len,
                           gv_kill_decisions_get>;

    std::size_t size() const noexcept { return list().size(); }
    gv_kill_decision operator[](std::size_t index) const { return list()[index]; }
    Decisions::iterator begin() const noexcept { return list().begin(); }
    Decisions::iterator end() const noexcept { return list().end(); }
    std::string json() const { return detail::text_of(gv_kill_decisions_json, get()); }
    std::string report_json() const {
        return detail::text_of(gv_kill_decisions_report_json, get());
    }

private:
    Decisions list() const noexcept { return Decisions(get()); }
};

/// Says which ads to stop (component 12).
class KillSwitch : public detail::Owned<gv_kill_switch, gv_kill_switch_free> {
public:
    explicit KillSwitch(const gv_kill_options &options = kill_options())
        : Owned(detail::made_by<gv_kill_switch>(gv_kill_switch_new, &options)) {}

    void learn_account(const std::vector<gv_ad_metrics> &ads) {
        detail::check(gv_kill_switch_learn_account(get(), ads.data(), ads.size()));
    }
    KillDecisions evaluate(const std::vector<gv_ad_metrics> &ads) const {
        return KillDecisions(detail::made_by<gv_kill_decisions>(gv_kill_switch_evaluate, get(),
                                                                ads.data(), ads.size()));
    }
    KillDecisions review_killed(const std::vector<gv_ad_metrics> &ads, double hours) const {
        return KillDecisions(detail::made_by<gv_kill_decisions>(
            gv_kill_switch_review_killed, get(), ads.data(), ads.size(), hours));
    }
};

/// The figures of an ad for the budget optimiser, nothing so far. ad_id is lent.
inline gv_ad_performance ad_performance(const char *ad_id) {
    gv_ad_performance ad{};
    gv_ad_performance_init(&ad);
    ad.ad_id = ad_id;
    return ad;
}

/// The usual rules of the budget optimiser.
inline gv_budget_options budget_options() {
    gv_budget_options options{};
    gv_budget_options_init(&options);
    return options;
}

/// Who gets what.
class BudgetPlan : public detail::Owned<gv_budget_plan, gv_budget_plan_free> {
public:
    using Owned::Owned;
    using Budgets =
        List<gv_budget_plan, gv_planned_budget, gv_budget_plan_len, gv_budget_plan_get>;

    std::size_t size() const noexcept { return list().size(); }
    gv_planned_budget operator[](std::size_t index) const { return list()[index]; }
    Budgets::iterator begin() const noexcept { return list().begin(); }
    Budgets::iterator end() const noexcept { return list().end(); }
    std::int64_t total_cents() const noexcept { return gv_budget_plan_total_cents(get()); }
    std::int64_t unallocated_cents() const noexcept {
        return gv_budget_plan_unallocated_cents(get());
    }
    std::string json() const { return detail::text_of(gv_budget_plan_json, get()); }

private:
    Budgets list() const noexcept { return Budgets(get()); }
};

/// Plans budgets (component 11).
class BudgetOptimizer : public detail::Owned<gv_budget_optimizer, gv_budget_optimizer_free> {
public:
    explicit BudgetOptimizer(const gv_budget_options &options = budget_options())
        : Owned(detail::made_by<gv_budget_optimizer>(gv_budget_optimizer_new, &options)) {}

    /// Plans a total in currency units; 0 takes the sum of the present budgets.
    BudgetPlan plan(const std::vector<gv_ad_performance> &ads, double total = 0) const {
        return BudgetPlan(detail::made_by<gv_budget_plan>(gv_budget_optimizer_plan, get(),
                                                          ads.data(), ads.size(), total));
    }
    std::string report_json(const std::vector<gv_ad_performance> &ads) const {
        return detail::text_of(gv_budget_optimizer_report_json, get(), ads.data(), ads.size());
    }
    std::string simulate_json(const std::vector<gv_ad_performance> &ads,
                              std::uint32_t days) const {
        return detail::text_of(gv_budget_optimizer_simulate_json, get(), ads.data(), ads.size(),
                               days);
    }
};

/// Makes variations of a concept (component 10). Concepts and variations are JSON.
class VariationGenerator
    : public detail::Owned<gv_variation_generator, gv_variation_generator_free> {
public:
    explicit VariationGenerator(const char *options_json = nullptr)
        : Owned(detail::made_by<gv_variation_generator>(gv_variation_generator_new,
                                                        options_json)) {}

    /// Predicts with a program's model (see gv_performance_model_functions).
    void set_model(const gv_performance_model_functions &functions) {
        detail::check(gv_variation_generator_set_model(get(), &functions));
    }
    std::string generate(const std::string &concept_json, std::size_t count) const {
        return detail::text_of(gv_variation_generator_generate, get(),
                               detail::c_text(concept_json), count);
    }
    std::string rank(const std::string &variations_json) const {
        return detail::text_of(gv_variation_generator_rank, get(),
                               detail::c_text(variations_json));
    }
    std::string export_json(const std::string &variations_json,
                            const char *concept_json = nullptr) const {
        return detail::text_of(gv_variation_generator_export, get(),
                               detail::c_text(variations_json), concept_json);
    }
};

/// Where components 13 to 17 keep their records.
class Store : public detail::Owned<gv_store, gv_store_free> {
public:
    /// Opens a file, "sqlite:///path", ":memory:", or the usual place.
    explicit Store(const char *address = nullptr)
        : Owned(detail::made_by<gv_store>(gv_store_open, address)) {}
    /// A store of the program's own (see gv_store_functions).
    explicit Store(const gv_store_functions &functions)
        : Owned(detail::made_by<gv_store>(gv_store_new, &functions)) {}

    std::string describe() const { return detail::text_of(gv_store_describe, get()); }
    void backup(const std::string &path) const {
        detail::check(gv_store_backup(get(), detail::c_text(path)));
    }
};

/// Winning patterns (component 17). Patterns and queries are JSON.
class PatternsDb : public detail::Owned<gv_patterns_db, gv_patterns_db_free> {
public:
    explicit PatternsDb(const Store &store)
        : Owned(detail::made_by<gv_patterns_db>(gv_patterns_db_new, store.get())) {}

    std::string add(const std::string &pattern_json) const {
        return detail::text_of(gv_patterns_db_add, get(), detail::c_text(pattern_json));
    }
    std::string get_pattern(const std::string &id) const {
        return detail::text_of(gv_patterns_db_get, get(), detail::c_text(id));
    }
    std::string find(const char *query_json = nullptr) const {
        return detail::text_of(gv_patterns_db_find, get(), query_json);
    }
    std::string search(const std::string &words, std::size_t limit) const {
        return detail::text_of(gv_patterns_db_search, get(), detail::c_text(words), limit);
    }
    std::string similar(const std::string &pattern_json, std::size_t limit) const {
        return detail::text_of(gv_patterns_db_similar, get(), detail::c_text(pattern_json), limit);
    }
    std::string top(std::size_t limit) const {
        return detail::text_of(gv_patterns_db_top, get(), limit);
    }
    std::string hook_statistics() const {
        return detail::text_of(gv_patterns_db_hook_statistics, get());
    }
    std::string benchmarks(const std::string &industry) const {
        return detail::text_of(gv_patterns_db_benchmarks, get(), detail::c_text(industry));
    }
    std::string creative_dna(const std::string &patterns_json) const {
        return detail::text_of(gv_patterns_db_creative_dna, get(), detail::c_text(patterns_json));
    }
    std::size_t export_to(const std::string &path) const {
        std::size_t count = 0;
        detail::check(gv_patterns_db_export(get(), detail::c_text(path), &count));
        return count;
    }
    std::size_t import_from(const std::string &path) const {
        std::size_t count = 0;
        detail::check(gv_patterns_db_import(get(), detail::c_text(path), &count));
        return count;
    }
};

/// Learns across campaigns (component 13). Learnings and advice are JSON.
class CampaignLearner : public detail::Owned<gv_campaign_learner, gv_campaign_learner_free> {
public:
    explicit CampaignLearner(const Store &store, const char *options_json = nullptr)
        : Owned(detail::made_by<gv_campaign_learner>(gv_campaign_learner_new, store.get(),
                                                     options_json)) {}

    void add(const std::string &learning_json) const {
        detail::check(gv_campaign_learner_add(get(), detail::c_text(learning_json)));
    }
    std::string recommend(const std::string &industry, const std::string &objective,
                          const char *account = nullptr,
                          const char *audience_json = nullptr) const {
        return detail::text_of(gv_campaign_learner_recommend, get(), detail::c_text(industry),
                               detail::c_text(objective), account, audience_json);
    }
    std::string insight(const std::string &industry) const {
        return detail::text_of(gv_campaign_learner_insight, get(), detail::c_text(industry));
    }
    std::string stats() const { return detail::text_of(gv_campaign_learner_stats, get()); }
    std::string export_json(bool redact) const {
        return detail::text_of(gv_campaign_learner_export, get(), redact ? 1 : 0);
    }
    std::size_t merge(const std::string &knowledge_json) const {
        std::size_t count = 0;
        detail::check(gv_campaign_learner_merge(get(), detail::c_text(knowledge_json), &count));
        return count;
    }
};

/// A way to send HTTP requests: the library's own, or a program's functions (see gv_transport_functions).
class Transport : public detail::Owned<gv_transport, gv_transport_free> {
public:
    explicit Transport(const gv_transport_functions &functions)
        : Owned(detail::made_by<gv_transport>(gv_transport_new, &functions)) {}
};

/// An ad platform: Meta's, or a program's functions (see gv_ad_platform_functions).
class AdPlatform : public detail::Owned<gv_ad_platform, gv_ad_platform_free> {
public:
    explicit AdPlatform(const gv_ad_platform_functions &functions)
        : Owned(detail::made_by<gv_ad_platform>(gv_ad_platform_new, &functions)) {}

    /// The figures of the account's ads, days being "2026-03-01".
    class Insights : public detail::Owned<gv_ad_insights, gv_ad_insights_free> {
    public:
        using Owned::Owned;
        using Ads =
            List<gv_ad_insights, gv_ad_insight, gv_ad_insights_len, gv_ad_insights_get>;

        std::size_t size() const noexcept { return list().size(); }
        gv_ad_insight operator[](std::size_t index) const { return list()[index]; }
        Ads::iterator begin() const noexcept { return list().begin(); }
        Ads::iterator end() const noexcept { return list().end(); }
        std::string json() const { return detail::text_of(gv_ad_insights_json, get()); }

    private:
        Ads list() const noexcept { return Ads(get()); }
    };
    Insights insights(const std::string &since, const std::string &until) const {
        return Insights(detail::made_by<gv_ad_insights>(gv_ad_platform_insights, get(),
                                                        detail::c_text(since),
                                                        detail::c_text(until)));
    }

    static AdPlatform meta(const char *options_json = nullptr,
                           const Transport *transport = nullptr) {
        return AdPlatform(detail::made_by<gv_ad_platform>(gv_ad_platform_meta, options_json,
                                                          transport ? transport->get() : nullptr));
    }

private:
    using Owned::Owned;
};

/// A change that is wanted. ad_id is lent.
inline gv_change change(std::uint32_t kind, const char *ad_id,
                        std::int64_t budget_cents = GV_NO_CENTS,
                        std::int64_t assumed_cents = GV_NO_CENTS) {
    gv_change change{};
    gv_change_init(&change);
    change.kind = kind;
    change.ad_id = ad_id;
    change.budget_cents = budget_cents;
    change.assumed_cents = assumed_cents;
    return change;
}

/// Makes changes on a platform, journaled, capped and reversible. Runs are JSON.
class Executor : public detail::Owned<gv_executor, gv_executor_free> {
public:
    /// Without a journal's file, changes are kept in memory.
    explicit Executor(const AdPlatform &platform, const char *journal = nullptr,
                      std::int64_t per_run_cents = GV_NO_CENTS,
                      std::int64_t per_day_cents = GV_NO_CENTS)
        : Owned(detail::made_by<gv_executor>(gv_executor_new, platform.get(), journal,
                                             per_run_cents, per_day_cents)) {}

    std::string preview(const std::vector<gv_change> &changes) const {
        return detail::text_of(gv_executor_preview, get(), changes.data(), changes.size());
    }
    std::string apply(const std::vector<gv_change> &changes) const {
        return detail::text_of(gv_executor_apply, get(), changes.data(), changes.size());
    }
    std::string revert(const std::string &run) const {
        return detail::text_of(gv_executor_revert, get(), detail::c_text(run));
    }
};

/// Generates video (component 18). Requests and results are JSON.
class Runway : public detail::Owned<gv_runway, gv_runway_free> {
public:
    /// Without a transport the library sends requests itself.
    explicit Runway(const char *options_json = nullptr, const Transport *transport = nullptr)
        : Owned(detail::made_by<gv_runway>(gv_runway_new, options_json,
                                           transport ? transport->get() : nullptr)) {}

    std::string estimate(const std::string &request_json) const {
        return detail::text_of(gv_runway_estimate, get(), detail::c_text(request_json));
    }
    /// on_progress is called on this thread; false cancels. What it throws cancels too, and is thrown on.
    std::string generate(const std::string &request_json,
                         const std::function<bool(const gv_generation_progress &)> &on_progress =
                             nullptr) const {
        return watched(gv_runway_generate, request_json, on_progress);
    }
    std::string resume(const std::string &task_id,
                       const std::function<bool(const gv_generation_progress &)> &on_progress =
                           nullptr) const {
        return watched(gv_runway_resume, task_id, on_progress);
    }
    void cancel_task(const std::string &task_id) const {
        detail::check(gv_runway_cancel_task(get(), detail::c_text(task_id)));
    }
    std::string open_tasks() const { return detail::text_of(gv_runway_open_tasks, get()); }
    std::string ledger() const { return detail::text_of(gv_runway_ledger, get()); }

private:
    using Asked = gv_status (*)(const gv_runway *, const char *, gv_generation_fn, void *, char **);
    struct Watch {
        const std::function<bool(const gv_generation_progress &)> &on_progress;
        std::exception_ptr thrown;
    };

    static int tell(const gv_generation_progress *progress, void *userdata) {
        auto &watch = *static_cast<Watch *>(userdata);
        try {
            return watch.on_progress(*progress) ? 0 : 1;
        } catch (...) {
            watch.thrown = std::current_exception();
            return 1;
        }
    }

    std::string watched(Asked asked, const std::string &text,
                        const std::function<bool(const gv_generation_progress &)> &on_progress)
        const {
        Watch watch{on_progress, nullptr};
        char *result = nullptr;
        const gv_status status = asked(get(), detail::c_text(text), on_progress ? tell : nullptr,
                                       &watch, &result);
        const std::unique_ptr<char, void (*)(char *)> owned(result, gv_string_free);
        if (watch.thrown) std::rethrow_exception(watch.thrown);
        detail::check(status);
        return std::string(result);
    }
};

/// A spoken script.
class VoiceOver : public detail::Owned<gv_voice_over, gv_voice_over_free> {
public:
    using Owned::Owned;

    /// The audio in the format that was asked for.
    std::vector<std::uint8_t> audio() const {
        const std::uint8_t *bytes = nullptr;
        std::size_t size = 0;
        detail::check(gv_voice_over_audio(get(), &bytes, &size));
        return std::vector<std::uint8_t>(bytes, bytes + size);
    }
    std::string json() const { return detail::text_of(gv_voice_over_json, get()); }
};

/// Generates voice (component 19). Requests and reports are JSON.
class ElevenLabs : public detail::Owned<gv_elevenlabs, gv_elevenlabs_free> {
public:
    /// Without a transport the library sends requests itself.
    explicit ElevenLabs(const char *options_json = nullptr, const Transport *transport = nullptr)
        : Owned(detail::made_by<gv_elevenlabs>(gv_elevenlabs_new, options_json,
                                               transport ? transport->get() : nullptr)) {}

    std::string estimate(const std::string &script, const char *model = nullptr) const {
        return detail::text_of(gv_elevenlabs_estimate, get(), detail::c_text(script), model);
    }
    VoiceOver speak(const std::string &request_json) const {
        return VoiceOver(detail::made_by<gv_voice_over>(
            gv_elevenlabs_speak, get(), detail::c_text(request_json),
            static_cast<gv_cancel_fn>(nullptr), static_cast<void *>(nullptr)));
    }
    std::string voices() const { return detail::text_of(gv_elevenlabs_voices, get()); }
    std::string ledger() const { return detail::text_of(gv_elevenlabs_ledger, get()); }
};

/// Takes conversions (component 14). Events and answers are JSON.
class FeedbackLoop : public detail::Owned<gv_feedback_loop, gv_feedback_loop_free> {
public:
    explicit FeedbackLoop(const Store &store, const char *options_json = nullptr)
        : Owned(detail::made_by<gv_feedback_loop>(gv_feedback_loop_new, store.get(),
                                                  options_json)) {}

    std::string process(const std::string &event_json) const {
        return detail::text_of(gv_feedback_loop_process, get(), detail::c_text(event_json));
    }
    std::string process_all(const std::string &events_json) const {
        return detail::text_of(gv_feedback_loop_process_all, get(), detail::c_text(events_json));
    }
    void record_insights(const std::string &rows_json) const {
        detail::check(gv_feedback_loop_record_insights(get(), detail::c_text(rows_json)));
    }
    std::string match() const { return detail::text_of(gv_feedback_loop_match, get()); }
    bool should_retrain() const {
        int should = 0;
        detail::check(gv_feedback_loop_should_retrain(get(), &should));
        return should != 0;
    }
    std::string retrain() const { return detail::text_of(gv_feedback_loop_retrain, get()); }
    std::string metrics() const { return detail::text_of(gv_feedback_loop_metrics, get()); }
    /// Sends what waits for the Conversions API.
    std::string flush_outbox(const char *api_json = nullptr,
                             const Transport *transport = nullptr) const {
        return detail::text_of(gv_feedback_loop_flush_outbox, get(), api_json,
                               transport ? transport->get() : nullptr);
    }
};

/// Tracks how right predictions are (component 15). Records and reports are JSON.
class AccuracyTracker : public detail::Owned<gv_accuracy_tracker, gv_accuracy_tracker_free> {
public:
    explicit AccuracyTracker(const Store &store)
        : Owned(detail::made_by<gv_accuracy_tracker>(gv_accuracy_tracker_new, store.get())) {}

    std::string record_prediction(const std::string &prediction_json) const {
        return detail::text_of(gv_accuracy_tracker_record_prediction, get(),
                               detail::c_text(prediction_json));
    }
    std::string record_actual(const std::string &prediction_id,
                              const std::string &actual_json) const {
        return detail::text_of(gv_accuracy_tracker_record_actual, get(),
                               detail::c_text(prediction_id), detail::c_text(actual_json));
    }
    std::string report(double days, const char *model_type = nullptr,
                       const char *model_version = nullptr) const {
        return detail::text_of(gv_accuracy_tracker_report, get(), model_type, model_version, days);
    }
    std::string history(std::size_t limit, const char *campaign_id = nullptr) const {
        return detail::text_of(gv_accuracy_tracker_history, get(), campaign_id, limit);
    }
    std::string should_retrain(const std::string &model_type) const {
        return detail::text_of(gv_accuracy_tracker_should_retrain, get(),
                               detail::c_text(model_type));
    }
    double calibrated_confidence(const std::string &model_type, double stated) const {
        double confidence = 0;
        detail::check(gv_accuracy_tracker_calibrated_confidence(get(), detail::c_text(model_type),
                                                                stated, &confidence));
        return confidence;
    }
    std::string dashboard() const { return detail::text_of(gv_accuracy_tracker_dashboard, get()); }
};

/// Retrains models (component 16). Jobs and features are JSON.
class RetrainPipeline : public detail::Owned<gv_retrain_pipeline, gv_retrain_pipeline_free> {
public:
    explicit RetrainPipeline(const Store &store, const char *config_json = nullptr)
        : Owned(detail::made_by<gv_retrain_pipeline>(gv_retrain_pipeline_new, store.get(),
                                                     config_json)) {}

    std::string check(const std::string &model_type) const {
        return detail::text_of(gv_retrain_pipeline_check, get(), detail::c_text(model_type));
    }
    std::string start(const std::string &model_type, const std::string &trigger) const {
        return detail::text_of(gv_retrain_pipeline_start, get(), detail::c_text(model_type),
                               detail::c_text(trigger));
    }
    std::string run_scheduled() const {
        return detail::text_of(gv_retrain_pipeline_run_scheduled, get());
    }
    std::string job(const std::string &job_id) const {
        return detail::text_of(gv_retrain_pipeline_job, get(), detail::c_text(job_id));
    }
    std::string history(std::size_t limit, const char *model_type = nullptr) const {
        return detail::text_of(gv_retrain_pipeline_history, get(), model_type, limit);
    }
    std::string status() const { return detail::text_of(gv_retrain_pipeline_status, get()); }
    std::string promote(const std::string &model_type, const std::string &version) const {
        return detail::text_of(gv_retrain_pipeline_promote, get(), detail::c_text(model_type),
                               detail::c_text(version));
    }
    std::string rollback(const std::string &model_type) const {
        return detail::text_of(gv_retrain_pipeline_rollback, get(), detail::c_text(model_type));
    }
    std::string predict(const std::string &model_type, const std::string &rows_json) const {
        return detail::text_of(gv_retrain_pipeline_predict, get(), detail::c_text(model_type),
                               detail::c_text(rows_json));
    }
};

}  // namespace geminivideo

#endif  // GEMINIVIDEO_HPP
