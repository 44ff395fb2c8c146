/* geminivideo: looks at a video ad and at the numbers of running campaigns, offline, on a plain CPU.
 *
 * Written by `GV_WRITE_HEADER=1 cargo test -p gv-ffi --test header` out of the functions themselves. */

#ifndef GEMINIVIDEO_H
#define GEMINIVIDEO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status, version and texts ----
 *
 * What can fail returns a gv_status. Outputs are written only on GV_OK; gv_last_error_message() then tells nothing new.
 * A const object may be used by several threads at once, any other by one at a time, unless its type says otherwise.
 * Pointers in must be NULL or valid for the call; NULL is an error wherever a function does not say that it may be given.
 * Texts are NUL-terminated UTF-8. What is borrowed from an object is valid until the object is freed.
 */

/// Number of the binary interface that this header describes; it changes where programs must be compiled again.
#define GV_ABI_VERSION 1

/// What came of a call: GV_OK, or the class of an error.
typedef uint32_t gv_status;

/// It went well.
#define GV_OK 0

/// An argument breaks a rule; the message states the rule.
#define GV_INVALID_INPUT 100

/// There is nothing under the given name, path, index or id.
#define GV_NOT_FOUND 101

/// The change contradicts what is already there.
#define GV_CONFLICT 102

/// The input is well-formed, but of a kind that is not supported.
#define GV_UNSUPPORTED 103

/// A feature is off, or a program or model that is needed is missing.
#define GV_UNAVAILABLE 104

/// A media file is damaged, or its decoder failed.
#define GV_MEDIA 200

/// A model file is damaged, or not of a kind that is understood.
#define GV_MODEL 201

/// A store, or an output file, could not be read or written.
#define GV_STORAGE 202

/// A remote platform refused.
#define GV_PLATFORM 300

/// The network failed.
#define GV_TRANSPORT 301

/// A time limit was reached.
#define GV_TIMEOUT 302

/// A callback failed.
#define GV_CALLBACK 303

/// A callback asked to stop.
#define GV_CANCELLED 304

/// A defect of this library; it has not crashed the program.
#define GV_INTERNAL 900

/// Number of the binary interface of the library that runs; compare it with GV_ABI_VERSION.
uint32_t gv_abi_version(void);

/// Version of the library that runs, as "0.1.0"; never NULL, never freed.
const char *gv_version(void);

/// What the last call of this thread that failed had to say; empty before the first failure.
///
/// Never NULL, never freed; valid until the next call of this thread that fails.
const char *gv_last_error_message(void);

/// Says why a function that the program gave fails; to be called by it, on its thread, before it returns how.
gv_status gv_explain(const char *why);

/// Frees a text that a function of this library gave as char *. NULL is allowed.
void gv_string_free(char *text);

/* ---- What the library logs; nothing is printed ----
 */

/// Nothing is logged.
#define GV_LOG_OFF 0

/// A defect, or a change whose outcome is unknown.
#define GV_LOG_ERROR 1

/// Something was left out or may be lost.
#define GV_LOG_WARN 2

/// What was done.
#define GV_LOG_INFO 3

/// How it was done.
#define GV_LOG_DEBUG 4

/// Everything.
#define GV_LOG_TRACE 5

/// Takes a record: its level (GV_LOG_...), the part of the library that it comes from, and the text, which holds no
/// secret. Called by whichever thread has something to say, by several at once. It may call the library: what that logs
/// meanwhile, on the same thread, is left out. A C++ exception must not leave it.
typedef void (*gv_log_fn)(uint32_t level, const char *part, const char *text, void *userdata);

/// Sends records of at least a level to a function, for the whole process; NULL ends it. A record that is under way on
/// another thread may still arrive after that.
///
/// GV_CONFLICT where a Rust program that links this library has a logger of its own.
gv_status gv_log_set(uint32_t level, gv_log_fn function, void *userdata);

/* ---- What an analysis found ----
 *
 * Times are presentation times in seconds, frames are counted from 0. gv_analysis_json tells everything; the other
 * functions tell what most programs ask for.
 */

/// The video begins: there is no boundary before its first shot.
#define GV_BOUNDARY_START 0

/// From one frame to the next.
#define GV_BOUNDARY_CUT 1

/// One picture fades into the other while both are seen.
#define GV_BOUNDARY_DISSOLVE 2

/// The picture fades to a plain colour, and the next one appears out of it.
#define GV_BOUNDARY_FADE 3

/// The picture fades to a plain colour that stays.
#define GV_BOUNDARY_FADE_OUT 4

/// A picture appears out of a plain colour that stood.
#define GV_BOUNDARY_FADE_IN 5

/// It was not looked at, so nobody knows.
#define GV_UNKNOWN -1

/// It was looked for, and is not there.
#define GV_NO 0

/// It is there.
#define GV_YES 1

/// The faces.
#define GV_PART_FACES 0

/// The objects.
#define GV_PART_OBJECTS 1

/// The writing on the screen.
#define GV_PART_TEXT 2

/// The sound.
#define GV_PART_SOUND 3

/// Everything that was found in a video; never changes, so threads may share it.
typedef struct gv_analysis gv_analysis;

/// The headline figures of an analysis.
typedef struct {
    /// sizeof(gv_summary), set by the caller.
    uint32_t struct_size;
    /// Width of the picture in pixels, as a player shows it.
    uint32_t width;
    /// Height of the picture in pixels.
    uint32_t height;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Seconds from the first frame to the end of the last.
    double duration;
    /// Presentation time of the first frame.
    double start_time;
    /// Frames per second that the video is made for, as rate_num / rate_den; 0 / 1 where nobody knows.
    int64_t rate_num;
    /// See rate_num.
    int64_t rate_den;
    /// Frames that were decoded.
    uint64_t frames;
    /// Damaged places that the decoder met.
    uint64_t damage;
    /// Median motion in source pixels per nominal frame interval; NaN where none was measured.
    double median_energy;
    /// Highest motion; NaN where none was measured.
    double max_energy;
    /// Part of the time in which next to nothing moves, 0 to 1; NaN where none was measured.
    double still_share;
} gv_summary;

/// Something that was not looked at. It is unknown, not absent.
typedef struct {
    /// sizeof(gv_unknown), set by the caller.
    uint32_t struct_size;
    /// What: GV_PART_...
    uint32_t part;
    /// Why; borrowed from the analysis.
    const char *reason;
} gv_unknown;

/// A run of frames between two boundaries.
typedef struct {
    /// sizeof(gv_shot), set by the caller.
    uint32_t struct_size;
    /// How it begins: GV_BOUNDARY_...
    uint32_t boundary;
    /// The first frame.
    uint64_t start_frame;
    /// One past the last frame.
    uint64_t end_frame;
    /// When the first frame is shown.
    double start_time;
    /// When the next shot's first frame is shown, or the end of the video.
    double end_time;
    /// Evidence for the boundary that begins it, above 0 to 1; 0 for the first shot.
    double boundary_score;
    /// Whether every frame is of one plain colour: 0 or 1.
    uint32_t blank;
    /// 0; fills the struct.
    uint32_t reserved;
} gv_shot;

/// Frees an analysis. NULL is allowed.
void gv_analysis_free(gv_analysis *analysis);

/// Everything as one JSON document, to be freed with gv_string_free; its field schema_version tells its shape.
gv_status gv_analysis_json(const gv_analysis *analysis, char **json);

/// The headline figures. summary->struct_size must be set.
gv_status gv_analysis_summary(const gv_analysis *analysis, gv_summary *summary);

/// Number of parts that were not looked at: faces, objects, text, sound. 0 for NULL.
size_t gv_analysis_unknown_len(const gv_analysis *analysis);

/// The part at index, and why nobody looked at it. unknown->struct_size must be set.
gv_status gv_analysis_unknown_get(const gv_analysis *analysis, size_t index, gv_unknown *unknown);

/// Number of shots; they cover every frame once. 0 for NULL.
size_t gv_analysis_shots_len(const gv_analysis *analysis);

/// The shot at index. shot->struct_size must be set.
gv_status gv_analysis_shots_get(const gv_analysis *analysis, size_t index, gv_shot *shot);

/* ---- How much moves, when and where to (component 7) ----
 */

/// Next to nothing moves.
#define GV_MOTION_STATIC 0

/// Smooth motion.
#define GV_MOTION_SMOOTH 1

/// Fast motion.
#define GV_MOTION_FAST 2

/// Chaotic motion.
#define GV_MOTION_CHAOTIC 3

/// How much moves from one frame to the next one that was looked at.
typedef struct {
    /// sizeof(gv_motion_frame), set by the caller.
    uint32_t struct_size;
    /// How much: GV_MOTION_STATIC, ..._SMOOTH, ..._FAST or ..._CHAOTIC.
    uint32_t motion_type;
    /// Number of the second frame.
    uint64_t frame;
    /// When the second frame is shown.
    double time;
    /// When the first frame is shown.
    double from_time;
    /// Mean displacement in source pixels per nominal frame interval.
    double mean_energy;
    /// The same in frame diagonals per second, which any size and rate of a video share.
    double diagonals_per_second;
    /// Number of the shot that both frames belong to.
    uint32_t shot;
    /// 0; fills the struct.
    uint32_t reserved;
} gv_motion_frame;

/// Number of measured pairs of frames. 0 for NULL.
size_t gv_analysis_motion_len(const gv_analysis *analysis);

/// The measured pair at index, in time order. frame->struct_size must be set.
gv_status gv_analysis_motion_get(const gv_analysis *analysis, size_t index, gv_motion_frame *frame);

/* ---- Moments that stand out, and attention over time (component 1) ----
 */

/// The attention peak of the opening.
#define GV_MOMENT_HOOK 0

/// A shot boundary, or a strong change of how much moves.
#define GV_MOMENT_TRANSITION 1

/// The calm picture of the closing section that an attention peak leads to.
#define GV_MOMENT_CTA 2

/// A held shot in the middle, much calmer than the rest, or calm with a face.
#define GV_MOMENT_EMOTIONAL 3

/// A stretch of the video that does something.
typedef struct {
    /// sizeof(gv_moment), set by the caller.
    uint32_t struct_size;
    /// What it does: GV_MOMENT_...
    uint32_t kind;
    /// The first frame.
    uint64_t start_frame;
    /// The last frame.
    uint64_t end_frame;
    /// When the first frame is shown.
    double start_time;
    /// When the last frame stops being shown.
    double end_time;
    /// Mean motion in source pixels per nominal frame interval, cuts left out.
    double energy;
    /// The frame that the strongest motion leads to.
    uint64_t peak_frame;
    /// Its motion.
    double peak_energy;
    /// How clear the case is, 0 to 1.
    double score;
    /// Whether a face is seen for at least half of it: GV_YES, GV_NO or GV_UNKNOWN.
    int32_t face_present;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// What was measured, in words; borrowed from the analysis.
    const char *reason;
} gv_moment;

/// Number of moments that stand out. 0 for NULL.
size_t gv_analysis_moments_len(const gv_analysis *analysis);

/// The moment at index. moment->struct_size must be set.
gv_status gv_analysis_moments_get(const gv_analysis *analysis, size_t index, gv_moment *moment);

/// The attention curve: len times and as many values from 0 to 1, borrowed from the analysis.
gv_status gv_analysis_attention(const gv_analysis *analysis, const double **times, const double **values, size_t *len);

/// Attention at a time, 0 to 1; GV_NOT_FOUND outside the video.
gv_status gv_analysis_attention_at(const gv_analysis *analysis, double time, double *value);

/* ---- Pictures in memory: how their bytes are laid out ----
 */

/// One plane of grey, 0 black to 255 white.
#define GV_LAYOUT_GRAY8 0

/// Three planes Y, Cb, Cr of limited range; the chroma planes have half the size, rounded up.
#define GV_LAYOUT_YUV420P 1

/// Two planes: Y, and Cb and Cr in turn; limited range.
#define GV_LAYOUT_NV12 2

/// One plane of blue, green, red.
#define GV_LAYOUT_BGR24 3

/// One plane of red, green, blue.
#define GV_LAYOUT_RGB24 4

/// One plane of blue, green, red and a byte that is not looked at.
#define GV_LAYOUT_BGRA32 5

/// One plane of red, green, blue and a byte that is not looked at.
#define GV_LAYOUT_RGBA32 6

/// A picture that stands alone; gv_picture_init sets it to nothing. Its bytes are borrowed for the call.
typedef struct {
    /// sizeof(gv_picture).
    uint32_t struct_size;
    /// How the bytes are laid out: GV_LAYOUT_...
    uint32_t layout;
    /// Width in pixels, 1 to 32768.
    uint32_t width;
    /// Height in pixels, 1 to 32768.
    uint32_t height;
    /// The first row's first byte of each plane that the layout has.
    const uint8_t *planes[3];
    /// Bytes from a row to the next one below; negative for pictures that lie upside down in memory.
    ptrdiff_t strides[3];
} gv_picture;

/// Sets a picture to nothing.
void gv_picture_init(gv_picture *picture);

/* ---- Detectors of faces (component 5), the library's and the program's own ----
 */

/// The face model of GV_MODEL_DIR, else of the model cache, else the built-in cascade.
#define GV_FACE_MODEL_BEST 0

/// The cascade that is built in.
#define GV_FACE_MODEL_BUILT_IN 1

/// An ONNX file: YuNet, UltraFace, or YOLO trained on faces.
#define GV_FACE_MODEL_FILE 2

/// Finds faces in pictures; threads may share it. What was made with it keeps it after gv_face_detector_free.
typedef struct gv_face_detector gv_face_detector;

/// Faces of a picture.
typedef struct gv_faces gv_faces;

/// Which of the library's detectors; gv_face_detector_options_init sets what is usual.
typedef struct {
    /// sizeof(gv_face_detector_options).
    uint32_t struct_size;
    /// GV_FACE_MODEL_BEST and the like.
    uint32_t model;
    /// The ONNX file; GV_FACE_MODEL_FILE only.
    const char *path;
    /// Least confidence, 0 to 1; 0.5 is usual.
    float confidence;
    /// 0; fills the struct.
    uint32_t reserved;
} gv_face_detector_options;

/// A face; gv_face_init sets it to nothing. Places are in pixels: of the source for a video, else of the picture.
typedef struct {
    /// sizeof(gv_face).
    uint32_t struct_size;
    /// Whether landmarks is known: 0 or 1.
    uint32_t has_landmarks;
    /// Number of the frame that it was seen in; 0 for a picture.
    uint64_t frame;
    /// When that frame is shown; 0 for a picture.
    double time;
    /// Left edge.
    float x;
    /// Top edge.
    float y;
    /// Width.
    float width;
    /// Height.
    float height;
    /// How sure the detector is, 0 to 1; not a probability that was calibrated.
    float confidence;
    /// x and y of the eye on the picture's left, the other eye, the tip of the nose, the left and the right corner of the
    /// mouth.
    float landmarks[10];
    /// 0; fills the struct.
    uint32_t reserved;
} gv_face;

/// A program's face detector. detect may be called by several threads at once, threads of the library's own among them; a
/// C++ exception must not leave it.
typedef struct {
    /// sizeof(gv_face_detector_functions).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// What results call the detector.
    const char *name;
    /// Adds the faces of a picture to found with gv_faces_add, in any order, each once; the same for the same picture. The
    /// picture is GV_LAYOUT_RGB24; picture and found are lent for the call. Another status than GV_OK is a failure, which
    /// gv_explain may explain, and ends what asked with GV_CALLBACK.
    gv_status (*detect)(const gv_picture *picture, gv_faces *found, void *userdata);
    /// Handed to detect.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_face_detector_functions;

/// Sets options to what is usual.
void gv_face_detector_options_init(gv_face_detector_options *options);

/// Sets a face to nothing.
void gv_face_init(gv_face *face);

/// Makes a detector out of a program's functions. On an error drop is not called.
gv_status gv_face_detector_new(const gv_face_detector_functions *functions, gv_face_detector **detector);

/// Takes one of the library's detectors; options may be NULL. A model that is found and cannot be used is an error.
///
/// Errors: GV_NOT_FOUND, GV_MODEL, GV_UNAVAILABLE where the library was built without what is asked for.
gv_status gv_face_detector_find(const gv_face_detector_options *options, gv_face_detector **detector);

/// Frees a detector. NULL is allowed.
void gv_face_detector_free(gv_face_detector *detector);

/// Name of a detector. Free the text with gv_string_free.
gv_status gv_face_detector_name(const gv_face_detector *detector, char **name);

/// Finds the faces of a picture, surest first.
gv_status gv_face_detector_detect(const gv_face_detector *detector, const gv_picture *picture, gv_faces **faces);

/// Adds a face that a program's detector found; frame and time are not looked at.
gv_status gv_faces_add(gv_faces *faces, const gv_face *face);

/// Number of faces. 0 for NULL.
size_t gv_faces_len(const gv_faces *faces);

/// The face at index, surest first. face->struct_size must be set.
gv_status gv_faces_get(const gv_faces *faces, size_t index, gv_face *face);

/// Frees faces. NULL is allowed. Those that a detector's function is lent are not to be freed.
void gv_faces_free(gv_faces *faces);

/* ---- What a face detector saw in a video (component 5): faces, how they were followed, moments ----
 */

/// How faces are seen in a video.
typedef struct {
    /// sizeof(gv_face_presence), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Frames that were looked at.
    uint64_t frames;
    /// Of these, frames with a face.
    uint64_t frames_with_faces;
    /// Part of the time in which a face is seen, 0 to 1.
    double ratio;
    /// Mean number of faces over the time.
    double average_faces;
    /// When the first face is seen; NaN where none is.
    double first_time;
    /// Seconds of the longest stretch with a face in every frame that was looked at.
    double longest;
    /// Name of the detector; borrowed from the analysis.
    const char *detector;
} gv_face_presence;

/// One face followed through one shot.
typedef struct {
    /// sizeof(gv_face_track), set by the caller.
    uint32_t struct_size;
    /// Number of the track, from 0, in the order of their starts.
    uint32_t id;
    /// When the face is first seen.
    double start_time;
    /// When it is gone.
    double end_time;
    /// Frames in which it was seen.
    uint64_t sightings;
    /// Mean confidence, 0 to 1.
    double confidence;
    /// The largest height of the face over the picture's short side.
    double largest;
    /// Part of the sightings that are close-ups, 0 to 1.
    double close_up_ratio;
    /// Part of the sightings that look at the camera, 0 to 1; NaN where the detector gives no landmarks.
    double looking_ratio;
} gv_face_track;

/// A moment at which a face is seen well. What makes it good is weighed by priors.
typedef struct {
    /// sizeof(gv_face_moment), set by the caller.
    uint32_t struct_size;
    /// Faces in the picture.
    uint32_t faces;
    /// Number of the frame.
    uint64_t frame;
    /// When it is shown.
    double time;
    /// 0 to 1: of size, sharpness, confidence, how frontal and how centred the face is.
    double score;
    /// What the moment is good for; borrowed from the analysis.
    const char *recommendation;
} gv_face_moment;

/// How faces are seen. GV_UNAVAILABLE, with the reason, where nobody looked. presence->struct_size must be set.
gv_status gv_analysis_face_presence(const gv_analysis *analysis, gv_face_presence *presence);

/// Number of faces that were seen, over all frames that were looked at. 0 for NULL.
size_t gv_analysis_faces_len(const gv_analysis *analysis);

/// The face at index, in time order, surest of a frame first. face->struct_size must be set.
gv_status gv_analysis_faces_get(const gv_analysis *analysis, size_t index, gv_face *face);

/// Number of faces that were followed. 0 for NULL.
size_t gv_analysis_face_tracks_len(const gv_analysis *analysis);

/// The track at index, in the order of their starts. track->struct_size must be set.
gv_status gv_analysis_face_tracks_get(const gv_analysis *analysis, size_t index, gv_face_track *track);

/// Where the face of the track at index is at a time, drawn straight between two sightings; GV_NOT_FOUND while it is not
/// seen. face->struct_size must be set.
gv_status gv_analysis_face_tracks_at(const gv_analysis *analysis,
                                     size_t index,
                                     double time,
                                     gv_face *face);

/// Number of moments at which a face is seen best, 5 at most. 0 for NULL.
size_t gv_analysis_face_moments_len(const gv_analysis *analysis);

/// The moment at index, best first. moment->struct_size must be set.
gv_status gv_analysis_face_moments_get(const gv_analysis *analysis, size_t index, gv_face_moment *moment);

/* ---- Detectors of objects (component 6), the library's and the program's own ----
 *
 * Classes are those of COCO, 0 to 79. No weights come with the library: without a file there is no detector of its own.
 */

/// Finds objects in pictures; threads may share it. What was made with it keeps it after gv_object_detector_free.
typedef struct gv_object_detector gv_object_detector;

/// Objects of a picture.
typedef struct gv_objects gv_objects;

/// An object; gv_object_init sets it to nothing. Places are in pixels: of the source for a video, else of the picture.
typedef struct {
    /// sizeof(gv_object).
    uint32_t struct_size;
    /// Its class, 0 to 79; gv_object_class_name names it.
    uint32_t class_id;
    /// Number of the frame that it was seen in; 0 for a picture.
    uint64_t frame;
    /// When that frame is shown; 0 for a picture.
    double time;
    /// Left edge.
    float x;
    /// Top edge.
    float y;
    /// Width.
    float width;
    /// Height.
    float height;
    /// How sure the detector is, 0 to 1; not a probability that was calibrated.
    float confidence;
    /// 0; fills the struct.
    uint32_t reserved;
} gv_object;

/// A program's object detector. detect may be called by several threads at once, threads of the library's own among them;
/// a C++ exception must not leave it.
typedef struct {
    /// sizeof(gv_object_detector_functions).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// What results call the detector.
    const char *name;
    /// Adds the objects of a picture to found with gv_objects_add, in any order, each once; the same for the same picture.
    /// The picture is GV_LAYOUT_RGB24; picture and found are lent for the call. Another status than GV_OK is a failure,
    /// which gv_explain may explain, and ends what asked with GV_CALLBACK.
    gv_status (*detect)(const gv_picture *picture, gv_objects *found, void *userdata);
    /// Handed to detect.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_object_detector_functions;

/// Sets an object to nothing.
void gv_object_init(gv_object *found);

/// A class in words, as "cell phone"; "unknown" for what is no class. Never NULL, never freed.
const char *gv_object_class_name(uint32_t class_id);

/// What a class is to an ad: "people", "product", "technology", "food", ... Never NULL, never freed.
const char *gv_object_category(uint32_t class_id);

/// Makes a detector out of a program's functions. On an error drop is not called.
gv_status gv_object_detector_new(const gv_object_detector_functions *functions, gv_object_detector **detector);

/// Takes one of the library's detectors: the ONNX file at path (YOLOX, YOLOv8, YOLOv5), or for NULL the best that
/// GV_MODEL_DIR or the model cache has. It gives objects of at least confidence, 0 to 1; 0.4 is usual.
///
/// Errors: GV_UNAVAILABLE where there is none, GV_NOT_FOUND, GV_MODEL.
gv_status gv_object_detector_find(const char *path, float confidence, gv_object_detector **detector);

/// Frees a detector. NULL is allowed.
void gv_object_detector_free(gv_object_detector *detector);

/// Name of a detector. Free the text with gv_string_free.
gv_status gv_object_detector_name(const gv_object_detector *detector, char **name);

/// Finds the objects of a picture, surest first.
gv_status gv_object_detector_detect(const gv_object_detector *detector,
                                    const gv_picture *picture,
                                    gv_objects **objects);

/// Adds an object that a program's detector found; frame and time are not looked at.
gv_status gv_objects_add(gv_objects *objects, const gv_object *found);

/// Number of objects. 0 for NULL.
size_t gv_objects_len(const gv_objects *objects);

/// The object at index, surest first. found->struct_size must be set.
gv_status gv_objects_get(const gv_objects *objects, size_t index, gv_object *found);

/// Frees objects. NULL is allowed. Those that a detector's function is lent are not to be freed.
void gv_objects_free(gv_objects *objects);

/* ---- Objects of an analysed video: where they are, which classes there are, and what they make of it ----
 */

/// People and little else.
#define GV_SCENE_PEOPLE 0

/// A thing that is sold.
#define GV_SCENE_PRODUCT 1

/// A device and its screen.
#define GV_SCENE_TECHNOLOGY 2

/// Food and what it is eaten with.
#define GV_SCENE_FOOD 3

/// Sport.
#define GV_SCENE_SPORTS 4

/// Rooms: furniture and kitchens.
#define GV_SCENE_HOME 5

/// Roads, vehicles, signs.
#define GV_SCENE_STREET 6

/// Animals.
#define GV_SCENE_ANIMALS 7

/// No kind has enough of it.
#define GV_SCENE_MIXED 8

/// Nothing was recognised.
#define GV_SCENE_UNKNOWN 9

/// What the objects of a video make of it.
typedef struct {
    /// sizeof(gv_object_figures), set by the caller.
    uint32_t struct_size;
    /// The kind of scene with the largest part: GV_SCENE_...
    uint32_t scene;
    /// How clearly it is that kind, 0 to 1.
    double scene_confidence;
    /// Whether a person is seen: GV_YES or GV_NO.
    int32_t has_people;
    /// Whether what a brand would not want beside its name is absent: GV_YES, GV_NO or GV_UNKNOWN.
    int32_t brand_safe;
    /// Frames that were looked at.
    uint64_t frames;
    /// Part of the time in which a product is seen, 0 to 1. A brand's own product that is no class of COCO is not seen.
    double product_ratio;
    /// Seconds in which a product is seen.
    double product_seconds;
    /// When the first product is seen; NaN where none is.
    double product_first_time;
    /// The longest stretch in seconds in which a product is seen.
    double product_longest;
    /// Mean part of the picture that the largest product has while one is seen, 0 to 1.
    double product_size;
    /// Name of the detector; borrowed from the analysis.
    const char *detector;
} gv_object_figures;

/// The objects of one class.
typedef struct {
    /// sizeof(gv_object_class), set by the caller.
    uint32_t struct_size;
    /// The class, 0 to 79.
    uint32_t class_id;
    /// Detections over all frames that were looked at.
    uint64_t count;
    /// The highest confidence, 0 to 1.
    double max_confidence;
    /// Areas of all detections added up, in square source pixels.
    double total_area;
} gv_object_class;

/// What the objects make of the video. GV_UNAVAILABLE, with the reason, where nobody looked. figures->struct_size must be
/// set.
gv_status gv_analysis_object_summary(const gv_analysis *analysis,
                                     gv_object_figures *figures);

/// Number of objects that were seen, over all frames that were looked at. 0 for NULL.
size_t gv_analysis_objects_len(const gv_analysis *analysis);

/// The object at index, in time order, surest of a frame first. found->struct_size must be set.
gv_status gv_analysis_objects_get(const gv_analysis *analysis, size_t index, gv_object *found);

/// Number of classes that were seen. 0 for NULL.
size_t gv_analysis_object_classes_len(const gv_analysis *analysis);

/// The class at index, most detections first. found->struct_size must be set.
gv_status gv_analysis_object_classes_get(const gv_analysis *analysis, size_t index, gv_object_class *found);

/* ---- Writing on the screen: where lines stand, when they come and go, and what a program's reader reads off them ----
 */

/// What a line says.
typedef struct gv_reading gv_reading;

/// Reads lines of writing; threads may share it. What was made with it keeps it after gv_text_reader_free.
typedef struct gv_text_reader gv_text_reader;

/// A program's reader of writing, for example one that asks a library for optical character recognition. read may be
/// called by several threads at once, threads of the library's own among them; a C++ exception must not leave it.
typedef struct {
    /// sizeof(gv_text_reader_functions).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// What results call the reader.
    const char *name;
    /// Says with gv_reading_set what a line says, the same for the same picture; a line that cannot be read is left
    /// unsaid. The picture is GV_LAYOUT_GRAY8, the line with a small margin, at the size at which writing is looked for;
    /// picture and reading are lent for the call. Another status than GV_OK is a failure, which gv_explain may explain,
    /// and ends what asked with GV_CALLBACK.
    gv_status (*read)(const gv_picture *line, gv_reading *reading, void *userdata);
    /// Handed to read.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_text_reader_functions;

/// A line of writing over time. Places are shares of the picture's width and height, 0 to 1.
typedef struct {
    /// sizeof(gv_text_line), set by the caller.
    uint32_t struct_size;
    /// Whether the writing is lighter than what is behind it: 0 or 1.
    uint32_t light_on_dark;
    /// When it comes.
    double start_time;
    /// When it stands no longer.
    double end_time;
    /// Left edge.
    double x;
    /// Top edge.
    double y;
    /// Width.
    double width;
    /// Height.
    double height;
    /// How much speaks for writing, 0 to 1.
    double confidence;
    /// Frames in which it was found.
    uint64_t sightings;
    /// What it says, borrowed from the analysis; NULL where nobody read it.
    const char *text;
} gv_text_line;

/// Makes a reader out of a program's functions. On an error drop is not called.
gv_status gv_text_reader_new(const gv_text_reader_functions *functions, gv_text_reader **reader);

/// Frees a reader. NULL is allowed.
void gv_text_reader_free(gv_text_reader *reader);

/// Says what a line says; writing of blanks alone counts as none.
gv_status gv_reading_set(gv_reading *reading, const char *said);

/// Number of lines of writing. 0 for NULL.
size_t gv_analysis_texts_len(const gv_analysis *analysis);

/// The line at index, in time order. line->struct_size must be set.
gv_status gv_analysis_texts_get(const gv_analysis *analysis, size_t index, gv_text_line *line);

/* ---- Detectors of voices: Silero's network, and the program's own ----
 *
 * Without one the built-in classifier tells voices from music.
 */

/// Tells how likely somebody speaks; threads may share it. What was made with it keeps it after gv_voice_detector_free.
typedef struct gv_voice_detector gv_voice_detector;

/// A program's detector of voices, for example a network in a runtime of its own. scores may be called by several threads
/// at once, threads of the library's own among them; a C++ exception must not leave it.
typedef struct {
    /// sizeof(gv_voice_detector_functions).
    uint32_t struct_size;
    /// Samples a second of the sound that it wants, 1000 to 768000.
    uint32_t rate;
    /// Samples of a frame, at least 1.
    size_t frame;
    /// The score at which a voice begins, above 0 to 1; 0 takes 0.6.
    float begin;
    /// The score below which a voice ends once it has begun, above 0 to begin; 0 takes 0.35, or begin where that is less.
    float end;
    /// What results call the detector.
    const char *name;
    /// Writes how likely somebody speaks, 0 to 1, in each whole frame of samples: scores_len is samples_len / frame. The
    /// same for the same samples: whatever is kept from frame to frame begins anew with each call. Sound is mono, within -1
    /// to 1, and its loud passages have a root mean square of 0.1; samples and scores are lent for the call. Another status
    /// than GV_OK is a failure, which gv_explain may explain, and ends what asked with GV_CALLBACK; a score that is not
    /// written, or none of 0 to 1, ends it with GV_MODEL.
    gv_status (*scores)(const float *samples, size_t samples_len, float *scores, size_t scores_len, void *userdata);
    /// Handed to scores.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_voice_detector_functions;

/// Makes a detector out of a program's functions. On an error drop is not called.
gv_status gv_voice_detector_new(const gv_voice_detector_functions *functions, gv_voice_detector **detector);

/// Opens Silero's network, an ONNX file of the Python package silero-vad, version 5 or later, as `geminivideo models fetch
/// silero` gets one. A voice begins at the threshold, 0 to 1, of which 0.5 is usual, and ends 0.15 below.
///
/// Errors: GV_NOT_FOUND, GV_MODEL for a file that is none of Silero's.
gv_status gv_voice_detector_silero(const char *path,
                                   float threshold,
                                   gv_voice_detector **detector);

/// Frees a detector. NULL is allowed.
void gv_voice_detector_free(gv_voice_detector *detector);

/// Name of a detector. Free the text with gv_string_free.
gv_status gv_voice_detector_name(const gv_voice_detector *detector, char **name);

/// Samples a second of the sound that a detector wants. 0 for NULL.
uint32_t gv_voice_detector_rate(const gv_voice_detector *detector);

/// Samples of a detector's frame. 0 for NULL.
size_t gv_voice_detector_frame(const gv_voice_detector *detector);

/// Asks a detector about mono sound at its rate. scores_len must be the number of whole frames, samples_len divided by
/// gv_voice_detector_frame.
///
/// Errors: GV_CALLBACK where the program's function fails, GV_MODEL where it gives what is no probability.
gv_status gv_voice_detector_scores(const gv_voice_detector *detector,
                                   const float *samples,
                                   size_t samples_len,
                                   float *scores,
                                   size_t scores_len);

/* ---- Samples that a program pushes: how they are laid out, beside frames or alone ----
 */

/// 32-bit floats, the channels in turn in `planes[0]`; -1 to 1 is full scale.
#define GV_SAMPLES_F32 0

/// 16-bit integers, the channels in turn in `planes[0]`.
#define GV_SAMPLES_S16 1

/// 32-bit floats, each channel in a plane of its own; 8 channels at most.
#define GV_SAMPLES_F32_PLANAR 2

/// A block of samples; gv_audio_init sets it to nothing. Its samples are borrowed for the call.
typedef struct {
    /// sizeof(gv_audio).
    uint32_t struct_size;
    /// How samples are laid out: GV_SAMPLES_F32, ..._S16 or ..._F32_PLANAR; the same for all blocks.
    uint32_t format;
    /// Channels, 1 to 64; the same for all blocks.
    uint32_t channels;
    /// Samples a second of each channel, 1000 to 768000; the same for all blocks.
    uint32_t rate;
    /// When the first sample is heard, counted in samples of one channel: seconds are pts / rate. On the timeline of the
    /// frames: 0 is heard when 0 is shown.
    int64_t pts;
    /// Samples of each channel.
    size_t frames;
    /// The samples.
    const void *planes[8];
} gv_audio;

/// Sets a block to nothing.
void gv_audio_init(gv_audio *audio);

/* ---- A sound that was listened to: that of an analysed video, of a file, or of samples that the program pushed ----
 */

/// What was heard; never changes, so threads may share it.
typedef struct gv_sound gv_sound;

/// The headline figures of a sound.
typedef struct {
    /// sizeof(gv_sound_figures), set by the caller.
    uint32_t struct_size;
    /// Channels, before they were mixed.
    uint32_t channels;
    /// Samples a second, before they were resampled.
    uint32_t rate;
    /// Beats of a bar, 3 or 4; 0 where no beat of the bar stands out.
    uint32_t beats_per_bar;
    /// When the sound begins.
    double start_time;
    /// How long it is, in seconds.
    double duration;
    /// Beats a minute; NaN where there is no rhythm.
    double bpm;
    /// How sure the tempo is, 0 to 1; NaN where there is none.
    double bpm_confidence;
    /// Whether the tempo stays within 4 % throughout: GV_YES, GV_NO, or GV_UNKNOWN where there is none.
    int32_t steady;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Integrated loudness in LUFS; NaN where nothing is loud enough.
    double integrated_lufs;
    /// Loudness range in LU; NaN for less than three seconds.
    double loudness_range;
    /// Largest true peak in dBTP; NaN for digital silence.
    double true_peak;
    /// Samples that are clipped, of all channels.
    uint64_t clipped_samples;
    /// Samples that were no numbers and were taken for 0.
    uint64_t bad_samples;
    /// Damaged places that were passed over.
    uint64_t damage;
} gv_sound_figures;

/// The sound of an analysed video, lent by the analysis and not to be freed; NULL where none was heard: there is none, or
/// nobody listened (see gv_analysis_unknown_get).
const gv_sound *gv_analysis_sound(const gv_analysis *analysis);

/// Frees a sound that gv_listen_file or gv_listener_finish gave. NULL is allowed.
void gv_sound_free(gv_sound *sound);

/// Everything that was heard as a JSON object. Free it with gv_string_free.
gv_status gv_sound_json(const gv_sound *sound, char **sound_json);

/// The headline figures. figures->struct_size must be set.
gv_status gv_sound_summary(const gv_sound *sound, gv_sound_figures *figures);

/* ---- What is heard in a sound, moment by moment: onsets, beats, sections, voices, and where cuts can fall. Times are in seconds ----
 * of the presentation.
 */

/// The bass comes in.
#define GV_AUDIO_PEAK_DROP 0

/// A beat.
#define GV_AUDIO_PEAK_BEAT 1

/// Somebody begins to speak or sing.
#define GV_AUDIO_PEAK_VOCAL 2

/// A sound begins.
#define GV_AUDIO_PEAK_ONSET 3

/// Where a sound begins: the moment at which its energy begins to rise.
typedef struct {
    /// sizeof(gv_onset), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// When it is.
    double time;
    /// How much the energy rises, as a share of the strongest rise, 0 to 1.
    double strength;
} gv_onset;

/// Where a listener taps.
typedef struct {
    /// sizeof(gv_beat), set by the caller.
    uint32_t struct_size;
    /// Whether it is the first of a bar: GV_YES, GV_NO, or GV_UNKNOWN where no beat of the bar stands out.
    int32_t downbeat;
    /// When it is.
    double time;
    /// How much the energy rises there, 0 to 1; 0 for a beat at which nothing is struck.
    double strength;
} gv_beat;

/// A stretch that sounds alike.
typedef struct {
    /// sizeof(gv_section), set by the caller.
    uint32_t struct_size;
    /// Sections that sound alike have one number, from 0.
    uint32_t kind;
    /// Where it starts.
    double start_time;
    /// Where it ends; not part of it.
    double end_time;
    /// Mean level in dBFS.
    double level;
    /// How many times further the sound before its start lies from that after it than on either side; NaN for the first.
    double contrast;
} gv_section;

/// A stretch in which somebody speaks or sings.
typedef struct {
    /// sizeof(gv_voice), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Where it starts.
    double start_time;
    /// Where it ends; not part of it.
    double end_time;
    /// Mean of the detector's scores in it, 0 to 1.
    double confidence;
} gv_voice;

/// A moment that a cut can fall on.
typedef struct {
    /// sizeof(gv_audio_peak).
    uint32_t struct_size;
    /// What happens: GV_AUDIO_PEAK_...
    uint32_t kind;
    /// When it is.
    double time;
    /// Root mean square of the 46 ms that follow, as a share of the loudest such stretch, 0 to 1.
    double energy;
} gv_audio_peak;

/// Number of onsets. 0 for NULL.
size_t gv_sound_onsets_len(const gv_sound *sound);

/// The onset at index, in time order. onset->struct_size must be set.
gv_status gv_sound_onsets_get(const gv_sound *sound, size_t index, gv_onset *onset);

/// Number of beats. 0 for NULL.
size_t gv_sound_beats_len(const gv_sound *sound);

/// The beat at index, in time order. beat->struct_size must be set.
gv_status gv_sound_beats_get(const gv_sound *sound, size_t index, gv_beat *beat);

/// Number of sections, which cover the sound without gaps. 0 for NULL.
size_t gv_sound_sections_len(const gv_sound *sound);

/// The section at index, in time order. section->struct_size must be set.
gv_status gv_sound_sections_get(const gv_sound *sound, size_t index, gv_section *section);

/// Number of stretches in which somebody speaks or sings. 0 for NULL.
size_t gv_sound_voices_len(const gv_sound *sound);

/// The stretch at index, in time order. voice->struct_size must be set.
gv_status gv_sound_voices_get(const gv_sound *sound, size_t index, gv_voice *voice);

/// Number of moments that a cut can fall on. 0 for NULL.
size_t gv_sound_peaks_len(const gv_sound *sound);

/// The moment at index, in time order. peak->struct_size must be set.
gv_status gv_sound_peaks_get(const gv_sound *sound, size_t index, gv_audio_peak *peak);

/* ---- Listening to a file, or to samples that the program pushes ----
 */

/// Listens to samples that the program pushes. Threads may share it: what one of them asks waits for what another does.
typedef struct gv_listener gv_listener;

/// How sound is listened to; gv_listen_options_init sets what is usual.
typedef struct {
    /// sizeof(gv_listen_options).
    uint32_t struct_size;
    /// Threads at most, results do not depend on it; 0 takes what the process may use.
    uint32_t num_threads;
    /// Slowest tempo that is looked for, in beats a minute; 40 is usual.
    double min_bpm;
    /// Fastest tempo that is looked for, in beats a minute; 220 is usual.
    double max_bpm;
    /// Tempo that is most likely before anything is heard, a prior that decides between half and double; 115 is usual.
    double expected_bpm;
    /// The ffmpeg program, for files; NULL takes that of the environment variable GV_FFMPEG, else the one on the PATH.
    const char *ffmpeg;
    /// What finds voices, lent for the call; NULL takes the built-in classifier.
    const gv_voice_detector *voice_detector;
} gv_listen_options;

/// Sets options to what is usual.
void gv_listen_options_init(gv_listen_options *options);

/// Listens to a file, a video's sound or a plain one. options may be NULL.
///
/// Errors: GV_NOT_FOUND, GV_MEDIA, GV_UNSUPPORTED where it has no sound, GV_UNAVAILABLE where there is no ffmpeg, GV_CALLBACK
/// and GV_MODEL of the detector of voices.
gv_status gv_listen_file(const char *path,
                         const gv_listen_options *options,
                         gv_sound **sound);

/// Makes a listener. options may be NULL.
gv_status gv_listener_new(const gv_listen_options *options, gv_listener **listener);

/// Takes the next block, in the order of time. A hole between two blocks is silence; what two blocks both hold is taken
/// from the first.
gv_status gv_listener_push(gv_listener *listener, const gv_audio *audio);

/// Ends the sound and gives what was heard. The listener is then of no more use and is to be freed.
///
/// Errors: GV_INVALID_INPUT where nothing was pushed, GV_CALLBACK and GV_MODEL of the detector of voices.
gv_status gv_listener_finish(gv_listener *listener, gv_sound **sound);

/// Frees a listener. NULL is allowed.
void gv_listener_free(gv_listener *listener);

/* ---- Whether what is seen falls on what is heard (component 3) ----
 *
 * Cuts, motion and faces that appear are matched with beats, onsets, voices and drops, one with one. Dense music has a
 * peak near every cut, so that figures come with what as many cuts placed at random would give.
 */

/// A cut.
#define GV_VISUAL_PEAK_CUT 0

/// A dissolve or fade.
#define GV_VISUAL_PEAK_TRANSITION 1

/// A face appears.
#define GV_VISUAL_PEAK_FACE 2

/// Motion that is stronger than before and after.
#define GV_VISUAL_PEAK_MOTION 3

/// A cut comes onto a drop or a beat.
#define GV_PRIORITY_HIGH 0

/// A cut comes onto a voice or an onset.
#define GV_PRIORITY_MEDIUM 1

/// A face or motion, which is moved by trimming the shot before it.
#define GV_PRIORITY_LOW 2

/// There is no such number of frames.
#define GV_NO_FRAMES INT64_MIN

/// How much of what is seen falls on what is heard; never changes, so threads may share it.
typedef struct gv_sync gv_sync;

/// A moment that stands out in the picture.
typedef struct {
    /// sizeof(gv_visual_peak).
    uint32_t struct_size;
    /// What happens: GV_VISUAL_PEAK_...
    uint32_t kind;
    /// When it is.
    double time;
    /// Motion there, in source pixels per nominal frame interval.
    double motion_energy;
} gv_visual_peak;

/// The headline figures of sync.
typedef struct {
    /// sizeof(gv_sync_figures), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Audio peaks.
    uint64_t audio_peaks;
    /// Visual peaks.
    uint64_t visual_peaks;
    /// Visual peaks that have an audio peak of their own within the tolerance.
    uint64_t synced;
    /// The same as a share of all visual peaks, in percent.
    double percentage;
    /// Mean percentage of as many visual peaks placed at random; NaN where there is nothing to compare.
    double chance_percentage;
    /// Share of random placements of the cuts whose beats fit as well, 0 to 1; NaN where there are no cuts or no beats.
    double cuts_p_value;
    /// Seconds by which the picture is late throughout; NaN where no constant offset stands out.
    double offset;
    /// Standard error of that in seconds; NaN where there is none.
    double offset_uncertainty;
    /// Within how many seconds two peaks are in sync.
    double tolerance;
    /// Mean score of the points as they are, 0 to 1.
    double score_before;
    /// Mean score once all shifts are made.
    double score_after;
    /// What to do, with the measured values; borrowed.
    const char *recommendation;
} gv_sync_figures;

/// A visual peak and the audio peak that goes with it.
typedef struct {
    /// sizeof(gv_sync_point), set by the caller.
    uint32_t struct_size;
    /// Whether the offset is within the tolerance: 0 or 1.
    uint32_t synced;
    /// What is heard: GV_AUDIO_PEAK_...
    uint32_t audio_kind;
    /// What is seen: GV_VISUAL_PEAK_...
    uint32_t visual_kind;
    /// When it is heard.
    double audio_time;
    /// When it is seen.
    double visual_time;
    /// Seconds by which the picture is later than the sound; negative where it is earlier.
    double offset;
    /// 1 for no offset, 0.5 at the tolerance, 0 from twice the tolerance on.
    double score;
} gv_sync_point;

/// A shift that brings something that is seen onto something that is heard.
typedef struct {
    /// sizeof(gv_shift), set by the caller.
    uint32_t struct_size;
    /// How much it gains: GV_PRIORITY_HIGH, ..._MEDIUM or ..._LOW.
    uint32_t priority;
    /// When the visual peak is.
    double visual_time;
    /// When the audio peak is that it belongs onto.
    double audio_time;
    /// Seconds to move it by, negative for earlier; whole frames where the rate is known.
    double seconds;
    /// The same in frames; GV_NO_FRAMES where the rate is not known.
    int64_t frames;
} gv_shift;

/// Number of moments that stand out in the picture. 0 for NULL.
size_t gv_analysis_visual_peaks_len(const gv_analysis *analysis);

/// The moment at index, in time order. peak->struct_size must be set.
gv_status gv_analysis_visual_peaks_get(const gv_analysis *analysis, size_t index, gv_visual_peak *peak);

/// Judges the sync of an analysed video with a sound, its own where sound is NULL; two peaks are in sync within tolerance
/// seconds, above 0 and at most 0.5; 0.1 is usual.
///
/// Shifts are whole frames of the video's rate, and leave speech as it is. GV_UNAVAILABLE where the video has no sound of
/// its own, or nobody listened.
gv_status gv_sync_new(const gv_analysis *analysis,
                      const gv_sound *sound,
                      double tolerance,
                      gv_sync **sync);

/// Judges the sync of peaks of one's own in a video from start to end. Shifts are whole frames of frame_rate; 0 does not
/// round them.
gv_status gv_sync_of_peaks(const gv_audio_peak *audio,
                           size_t audio_len,
                           const gv_visual_peak *visual,
                           size_t visual_len,
                           double start,
                           double end,
                           double frame_rate,
                           double tolerance,
                           gv_sync **sync);

/// Frees what was judged. NULL is allowed.
void gv_sync_free(gv_sync *sync);

/// The headline figures. figures->struct_size must be set.
gv_status gv_sync_summary(const gv_sync *sync, gv_sync_figures *figures);

/// Number of visual peaks that have an audio peak of their own within half a second. 0 for NULL.
size_t gv_sync_points_len(const gv_sync *sync);

/// The point at index, in time order. point->struct_size must be set.
gv_status gv_sync_points_get(const gv_sync *sync, size_t index, gv_sync_point *point);

/// Number of shifts that bring what can be brought into sync. 0 for NULL.
size_t gv_sync_shifts_len(const gv_sync *sync);

/// The shift at index, smallest first. shift->struct_size must be set.
gv_status gv_sync_shifts_get(const gv_sync *sync, size_t index, gv_shift *shift);

/// Everything as a JSON object. Free it with gv_string_free.
gv_status gv_sync_json(const gv_sync *sync, char **sync_json);

/* ---- Analysing a video file ----
 */

/// Motion by the displacement of every pixel.
#define GV_MOTION_OPTICAL_FLOW 0

/// Motion by the difference of two pictures; quick, and right for slow motion only.
#define GV_MOTION_FRAME_DIFF 1

/// Motion by blocks searched for in the next picture.
#define GV_MOTION_BLOCK_MATCHING 2

/// Motion by blocks for the coarse displacement, by every pixel for the rest.
#define GV_MOTION_HYBRID 3

/// How a video is analysed; gv_analyze_options_init sets what is usual.
typedef struct {
    /// sizeof(gv_analyze_options).
    uint32_t struct_size;
    /// Threads that look at motion, at most; results do not depend on it. 0 takes half of what the process may use, since
    /// decoding wants the others.
    uint32_t num_threads;
    /// Pixels on the long side of the picture in which motion and shots are looked at, 32 to 4096; 320 is usual.
    uint32_t motion_long_side;
    /// By which method motion is measured: GV_MOTION_...
    uint32_t motion_method;
    /// The ffmpeg program; NULL takes that of the environment variable GV_FFMPEG, else the one on the PATH.
    const char *ffmpeg;
    /// Pixels on the long side of the picture in which faces, objects and text are looked for, 32 to 4096; 640 is usual.
    uint32_t detail_long_side;
    /// Whether faces are looked for: 0 or 1; 1 is usual.
    uint32_t faces;
    /// Whether objects are looked for, 0 or 1; 1 is usual. Where there is no model they are unknown.
    uint32_t objects;
    /// Whether text is looked for: 0 or 1; 1 is usual.
    uint32_t text;
    /// Whether sound is listened to: 0 or 1; 1 is usual.
    uint32_t sound;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Frames a second in which faces are looked for, 0.01 to 1000; 5 is usual.
    double faces_per_second;
    /// Frames a second in which objects are looked for, 0.01 to 1000; 2 is usual.
    double objects_per_second;
    /// Frames a second in which text is looked for, 0.01 to 1000; 5 is usual.
    double text_per_second;
    /// What looks for faces, lent for the call; NULL takes the best that is there, of a confidence of 0.5 at least.
    const gv_face_detector *face_detector;
    /// What looks for objects, lent for the call; NULL takes the best that is there, of a confidence of 0.4 at least.
    const gv_object_detector *object_detector;
    /// What reads the lines of writing that are found, lent for the call; NULL leaves unknown what they say.
    const gv_text_reader *text_reader;
    /// What finds voices in the sound, lent for the call; NULL takes the built-in classifier.
    const gv_voice_detector *voice_detector;
} gv_analyze_options;

/// Where a running analysis is.
typedef struct {
    /// sizeof(gv_progress) of the library that runs.
    uint32_t struct_size;
    /// Whether total_frames is known: 0 or 1.
    uint32_t has_total;
    /// Frames analysed.
    uint64_t frames;
    /// Frames that the file announces.
    uint64_t total_frames;
} gv_progress;

/// Hears of a running analysis; another value than 0 ends it with GV_CANCELLED.
///
/// Called after each frame, and about every 20 ms while none comes. A C++ exception must not leave it.
typedef int (*gv_progress_fn)(const gv_progress *progress, void *userdata);

/// Sets options to what is usual.
void gv_analyze_options_init(gv_analyze_options *options);

/// Analyses the video file at path. options and progress may be NULL; progress is called on this thread.
///
/// A file that is damaged in the middle is analysed as far as it can be decoded. Errors: GV_NOT_FOUND, GV_MEDIA,
/// GV_UNSUPPORTED, GV_UNAVAILABLE where there is no ffmpeg, GV_CANCELLED.
gv_status gv_analyze_file(const char *path,
                          const gv_analyze_options *options,
                          gv_progress_fn progress,
                          void *userdata,
                          gv_analysis **analysis);

/* ---- Frames that a program pushes, and the work on them, on a thread of the library's own ----
 */

/// What all frames of a video have in common; gv_video_format_init sets what is usual.
typedef struct {
    /// sizeof(gv_video_format).
    uint32_t struct_size;
    /// How the bytes are laid out: GV_LAYOUT_...
    uint32_t layout;
    /// Width in pixels, 1 to 32768.
    uint32_t width;
    /// Height in pixels, 1 to 32768.
    uint32_t height;
    /// Seconds of one unit of pts, as time_base_num / time_base_den; 1 / 1000 is usual.
    int64_t time_base_num;
    /// See time_base_num.
    int64_t time_base_den;
    /// Frames per second that the video is made for, as rate_num / rate_den; 0 / 1 where nobody knows.
    int64_t rate_num;
    /// See rate_num.
    int64_t rate_den;
    /// Width of a pixel divided by its height, as pixel_aspect_num / pixel_aspect_den; 1 / 1 is usual.
    int64_t pixel_aspect_num;
    /// See pixel_aspect_num.
    int64_t pixel_aspect_den;
} gv_video_format;

/// One picture; gv_frame_init sets it to nothing. Its bytes are borrowed for the call.
typedef struct {
    /// sizeof(gv_frame).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// The moment at which it is shown, in units of the time base; not before that of the frame before.
    int64_t pts;
    /// The first row's first byte of each plane that the layout has.
    const uint8_t *planes[3];
    /// Bytes from a row to the next one below; negative for pictures that lie upside down in memory.
    ptrdiff_t strides[3];
} gv_frame;

/// Sets a format to what is usual.
void gv_video_format_init(gv_video_format *format);

/// Sets a frame to nothing.
void gv_frame_init(gv_frame *frame);

/* ---- Analysing frames that the program pushes, out of its own decoder or renderer ----
 *
 * Make an analyzer, push every frame in the order of its time, and the sound where there is one, finish. The analysis
 * runs beside the program, on threads of the library's own; pushing waits where it falls behind by more than a few
 * frames.
 */

/// Analyses the frames of one video. Threads may share it: what one of them asks waits for what another does, but for
/// gv_analyzer_cancel. A detector or reader that it asks may cancel it; one that pushes to it or frees it would wait for
/// itself.
typedef struct gv_analyzer gv_analyzer;

/// Makes an analyzer of frames of one format. options may be NULL.
gv_status gv_analyzer_new(const gv_video_format *format, const gv_analyze_options *options, gv_analyzer **analyzer);

/// Takes the next frame; returns when its bytes are no longer needed.
///
/// Errors: GV_INVALID_INPUT for a frame that goes back in time, GV_CONFLICT after gv_analyzer_finish, and what made the
/// analysis itself end.
gv_status gv_analyzer_push_frame(gv_analyzer *analyzer, const gv_frame *frame);

/// Takes the next block of the sound, in the order of time, on the timeline of the frames; from any thread, before, beside
/// or after them. Where options.sound is 0 it is not listened to.
///
/// A hole between two blocks is silence. Errors: GV_INVALID_INPUT for a block that is not of the first one's format,
/// GV_CONFLICT after gv_analyzer_finish.
gv_status gv_analyzer_push_audio(gv_analyzer *analyzer,
                                 const gv_audio *audio);

/// Ends the video, waits for the analysis and gives it. The analyzer is then of no more use and is to be freed.
///
/// A video without frames is no error: nothing is found in it.
gv_status gv_analyzer_finish(gv_analyzer *analyzer, gv_analysis **analysis);

/// Makes pushing and finishing end with GV_CANCELLED; may be called from any thread while they run.
gv_status gv_analyzer_cancel(const gv_analyzer *analyzer);

/// Frees an analyzer; one that was not finished is cancelled. NULL is allowed.
void gv_analyzer_free(gv_analyzer *analyzer);

/* ---- Motion weighed by faces (component 2): what moves in faces counts more than what moves elsewhere ----
 *
 * Energies are in source pixels per nominal frame interval.
 */

/// How many times faces usually count, the specification's value: a prior.
#define GV_FACE_WEIGHT 3.2

/// Weighs the motion of frames that the program pushes. Threads may share it, as they may a gv_analyzer.
typedef struct gv_motion_weigher gv_motion_weigher;

/// The face-weighted motion of a video; never changes, so threads may share it.
typedef struct gv_weighted_motion gv_weighted_motion;

/// The headline figures of face-weighted motion.
typedef struct {
    /// sizeof(gv_weighted_figures), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Weighted motion in faces, added up over the frames.
    double face_motion;
    /// Motion outside of faces, added up over the frames.
    double background_motion;
    /// The first over the second; infinite where only faces move, 0 where nothing does.
    double face_to_background;
    /// Mean part of the picture that faces cover, 0 to 1.
    double face_ratio;
    /// The weight of faces that was applied.
    double weight;
    /// Name of the detector; borrowed.
    const char *detector;
} gv_weighted_figures;

/// How much moves from one frame to the next, in faces and elsewhere.
typedef struct {
    /// sizeof(gv_weighted_frame), set by the caller.
    uint32_t struct_size;
    /// Faces in the picture.
    uint32_t faces;
    /// Number of the frame that the motion leads to.
    uint64_t frame;
    /// When it is shown.
    double time;
    /// Mean energy inside of the faces times their weight; 0 without a face.
    double face_motion;
    /// Mean energy outside of all faces.
    double background_motion;
    /// Energy of the whole picture, that of faces weighed.
    double total_motion;
    /// Part of the picture that faces cover, 0 to 1.
    double face_ratio;
} gv_weighted_frame;

/// A moment at which faces and their motion draw the eye most.
typedef struct {
    /// sizeof(gv_weighted_peak), set by the caller.
    uint32_t struct_size;
    /// Faces in the picture.
    uint32_t faces;
    /// Number of the frame.
    uint64_t frame;
    /// When it is shown.
    double time;
    /// Energy of the whole picture, that of faces weighed.
    double total_motion;
    /// Part of the picture that faces cover, 0 to 1.
    double face_ratio;
} gv_weighted_peak;

/// Measures the motion of the video file at path, what moves in faces weighed by weight, 0 or more; GV_FACE_WEIGHT is
/// usual. detector may be NULL for the best that is there, options and progress may be NULL; of options, ffmpeg and
/// num_threads are used.
gv_status gv_weigh_motion_of_file(const char *path,
                                  const gv_face_detector *detector,
                                  double weight,
                                  const gv_analyze_options *options,
                                  gv_progress_fn progress,
                                  void *userdata,
                                  gv_weighted_motion **motion);

/// Makes a weigher of frames of one format; detector and options as for gv_weigh_motion_of_file.
gv_status gv_motion_weigher_new(const gv_video_format *format,
                                const gv_face_detector *detector,
                                double weight,
                                const gv_analyze_options *options,
                                gv_motion_weigher **weigher);

/// Takes the next frame, as gv_analyzer_push_frame does.
gv_status gv_motion_weigher_push_frame(gv_motion_weigher *weigher, const gv_frame *frame);

/// Ends the video, waits, and gives its motion. The weigher is then of no more use and is to be freed.
gv_status gv_motion_weigher_finish(gv_motion_weigher *weigher, gv_weighted_motion **motion);

/// Makes pushing and finishing end with GV_CANCELLED; may be called from any thread while they run.
gv_status gv_motion_weigher_cancel(const gv_motion_weigher *weigher);

/// Frees a weigher; one that was not finished is cancelled. NULL is allowed.
void gv_motion_weigher_free(gv_motion_weigher *weigher);

/// Frees it. NULL is allowed.
void gv_weighted_motion_free(gv_weighted_motion *motion);

/// The headline figures. figures->struct_size must be set.
gv_status gv_weighted_motion_summary(const gv_weighted_motion *motion, gv_weighted_figures *figures);

/// Number of measured pairs of frames; those across a boundary of shots are left out. 0 for NULL.
size_t gv_weighted_motion_len(const gv_weighted_motion *motion);

/// The measured pair at index, in time order. frame->struct_size must be set.
gv_status gv_weighted_motion_get(const gv_weighted_motion *motion, size_t index, gv_weighted_frame *frame);

/// Number of moments with a face, half a second apart at least. 0 for NULL.
size_t gv_weighted_motion_peaks_len(const gv_weighted_motion *motion);

/// The moment at index, most weighted motion first. peak->struct_size must be set.
gv_status gv_weighted_motion_peaks_get(const gv_weighted_motion *motion, size_t index, gv_weighted_peak *peak);

/// Everything as a JSON object. Free it with gv_string_free.
gv_status gv_weighted_motion_json(const gv_weighted_motion *motion, char **motion_json);

/* ---- Checks before an ad is published: each pass, fail or unknown, with the time and value that decide ----
 *
 * Limits that are no standard's are priors. What nobody looked at is unknown, never a pass.
 */

/// It is as it should be.
#define GV_CHECK_PASS 0

/// It is not.
#define GV_CHECK_FAIL 1

/// It could not be told.
#define GV_CHECK_UNKNOWN 2

/// The outcome of all rules; never changes, so threads may share it.
typedef struct gv_check_report gv_check_report;

/// The outcome of one rule. Its texts are borrowed from the report.
typedef struct {
    /// sizeof(gv_finding), set by the caller.
    uint32_t struct_size;
    /// How it went: GV_CHECK_PASS, ..._FAIL or ..._UNKNOWN.
    uint32_t outcome;
    /// Whether an ad must pass it: 0 or 1.
    uint32_t required;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Where the evidence is; NaN where it is at no one time.
    double time;
    /// What was measured, in unit; NaN where nothing was.
    double measured;
    /// The lowest value that passes; NaN where there is no such limit.
    double at_least;
    /// The highest value that passes; NaN where there is no such limit.
    double at_most;
    /// What was checked, as "loudness".
    const char *check;
    /// The unit of the values, as "LUFS".
    const char *unit;
    /// What was found, in words.
    const char *reason;
    /// What to do about it where it fails.
    const char *fix;
} gv_finding;

/// Checks an analysed ad for a placement ("stories", "reels", "tiktok", "shorts", "feed", "instream"), or for any where
/// placement is NULL. rules_json and placements_json are tables of one's own, or NULL for the built-in ones.
gv_status gv_check(const gv_analysis *analysis,
                   const char *placement,
                   const char *rules_json,
                   const char *placements_json,
                   gv_check_report **report);

/// Frees a report. NULL is allowed.
void gv_check_report_free(gv_check_report *report);

/// Number of outcomes. 0 for NULL.
size_t gv_check_report_len(const gv_check_report *report);

/// The outcome at index, in the order of the rules. finding->struct_size must be set.
gv_status gv_check_report_get(const gv_check_report *report, size_t index, gv_finding *finding);

/// Whether no required check failed: 1 or 0; where strict is not 0, none may be unknown either. 0 for NULL.
int gv_check_report_passes(const gv_check_report *report, int strict);

/// The report as a JSON object. Free it with gv_string_free.
gv_status gv_check_report_json(const gv_check_report *report, char **report_json);

/* ---- Psychological timing: when a viewer can take which message in (component 4) ----
 */

/// Places triggers in an analysed video: a JSON object with windows and a recommended structure. Free it with
/// gv_string_free.
gv_status gv_trigger_plan(const gv_analysis *analysis, char **plan_json);

/// Places triggers in samples of motion: len times in seconds, in order, and energies in source pixels per frame
/// interval; faces holds GV_YES, GV_NO or GV_UNKNOWN for each, or is NULL. Free plan_json with gv_string_free.
gv_status gv_trigger_plan_of_samples(const double *times,
                                     const double *energies,
                                     const int32_t *faces,
                                     size_t len,
                                     char **plan_json);

/* ---- Scores that add up: the parts of a score, and what was measured for each ----
 *
 * What is unknown adds nothing, and is not absent.
 */

/// The parts of a score; lent by what was judged, valid until that is freed.
typedef struct gv_ledger gv_ledger;

/// A part of a score. Its texts are borrowed from the ledger.
typedef struct {
    /// sizeof(gv_score_part), set by the caller.
    uint32_t struct_size;
    /// Whether anybody looked: 0 or 1.
    uint32_t known;
    /// What it adds to the score; 0 where it is unknown.
    double value;
    /// What it adds at most.
    double possible;
    /// What was measured, in the unit that reason names; NaN where it is unknown, or nothing is there.
    double measured;
    /// Where; NaN where it is at no one time.
    double time;
    /// What it stands for, as "contrast".
    const char *name;
    /// What was found, in words.
    const char *reason;
} gv_score_part;

/// Number of parts. 0 for NULL.
size_t gv_ledger_len(const gv_ledger *ledger);

/// The part at index. part->struct_size must be set.
gv_status gv_ledger_get(const gv_ledger *ledger, size_t index, gv_score_part *part);

/* ---- The opening: whether it holds, and how to write one (component 8) ----
 *
 * What the analysis did not look at is unknown: it adds nothing to the score, and its values are NaN.
 */

/// It works by a face.
#define GV_HOOK_FACE 0

/// By movement.
#define GV_HOOK_MOTION 1

/// By writing.
#define GV_HOOK_TEXT 2

/// By sound.
#define GV_HOOK_AUDIO 3

/// By a sudden change.
#define GV_HOOK_PATTERN_INTERRUPT 4

/// By before and after: a state that holds changes into another that holds.
#define GV_HOOK_TRANSFORMATION 5

/// By a question, written or spoken.
#define GV_HOOK_QUESTION 6

/// Nothing of what is known is strong enough to be called a hook.
#define GV_HOOK_NONE UINT32_MAX

/// What an opening is, how well it works, and what to do about it; never changes, so threads may share it.
typedef struct gv_hook gv_hook;

/// The headline figures of an opening.
typedef struct {
    /// sizeof(gv_hook_figures), set by the caller.
    uint32_t struct_size;
    /// What it works by most: GV_HOOK_...
    uint32_t kind;
    /// 0 to 100: the sum of the ledger.
    double score;
    /// What the score would be at most if all that is unknown were perfect.
    double possible_score;
    /// When the first face is seen; NaN where none is, or faces are unknown.
    double first_face_time;
    /// When motion peaks first; NaN where little moves, or motion is unknown.
    double first_motion_peak;
    /// When the first writing stands; NaN where none does, or writing is unknown.
    double first_text_time;
    /// When sound sets in strongly for the first time; NaN where it does not, or sound is unknown.
    double first_audio_peak;
    /// How unexpected the strongest change is, 0 to 1; NaN where light and colour are unknown.
    double pattern_interrupt;
    /// Mean of what is known of closeness of faces, attention and strength of sound, 0 to 1.
    double emotional_intensity;
    /// Where the first cut belongs.
    double optimal_cut_time;
} gv_hook_figures;

/// How much speaks for one type of hook.
typedef struct {
    /// sizeof(gv_hook_strength), set by the caller.
    uint32_t struct_size;
    /// The type: GV_HOOK_...
    uint32_t kind;
    /// 0 to 1; NaN where nobody looked for it.
    double strength;
    /// When it happens; NaN where it does not.
    double time;
    /// What was measured, in the unit that reason names; NaN where nothing was.
    double measured;
    /// What was found, in words; borrowed from the hook.
    const char *reason;
} gv_hook_strength;

/// Something to do about an opening. Its texts are borrowed from the hook.
typedef struct {
    /// sizeof(gv_hook_improvement), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// When.
    double time;
    /// What was measured; NaN where it is that nothing is there.
    double measured;
    /// What it should be.
    double wanted;
    /// Which part of the score it would raise, as the ledger names it.
    const char *part;
    /// What to do, and why, in words.
    const char *text;
} gv_hook_improvement;

/// Judges the opening of an analysed video. Free it with gv_hook_free.
gv_status gv_hook_new(const gv_analysis *analysis, gv_hook **hook);

/// Frees a hook. NULL is allowed.
void gv_hook_free(gv_hook *hook);

/// The headline figures. figures->struct_size must be set.
gv_status gv_hook_summary(const gv_hook *hook, gv_hook_figures *figures);

/// The parts of the score. NULL for NULL.
const gv_ledger *gv_hook_ledger(const gv_hook *hook);

/// Predicted attention in the opening: len times and as many values from 0 to 1, borrowed from the hook; none where attention
/// is unknown.
gv_status gv_hook_attention(const gv_hook *hook,
                            const double **times,
                            const double **values,
                            size_t *len);

/// Number of types, all of which are told. 0 for NULL.
size_t gv_hook_strengths_len(const gv_hook *hook);

/// How much speaks for the type at index. strength->struct_size must be set.
gv_status gv_hook_strengths_get(const gv_hook *hook, size_t index, gv_hook_strength *strength);

/// Number of things to do. 0 for NULL.
size_t gv_hook_improvements_len(const gv_hook *hook);

/// What to do at index, the largest gain first. improvement->struct_size must be set.
gv_status gv_hook_improvements_get(const gv_hook *hook, size_t index, gv_hook_improvement *improvement);

/// Judges the opening of an analysed video, and tells everything as a JSON object. Free it with gv_string_free.
gv_status gv_hook_analysis(const gv_analysis *analysis, char **hook_json);

/// Writes an opening for a product after the template that suits an industry; industry may be NULL. Scores of templates are
/// priors. Free script_json with gv_string_free.
gv_status gv_hook_script(const char *product,
                         const char *pain_point,
                         const char *industry,
                         char **script_json);

/* ---- The call to action that a video has: how good it is (component 9) ----
 *
 * Places are shares of the picture's width and height, 0 to 1. What the analysis did not look at is unknown, not absent.
 */

/// A box of strong colour with writing in it, that stands still.
#define GV_CANDIDATE_BUTTON 0

/// Writing whose words ask for something.
#define GV_CANDIDATE_WORDS 1

/// Writing in the last third that nobody has read: it may be a call.
#define GV_CANDIDATE_UNREAD_TEXT 2

/// The call to action of a video, as it was judged; never changes, so threads may share it.
typedef struct gv_cta gv_cta;

/// The headline figures of a call to action.
typedef struct {
    /// sizeof(gv_cta_figures), set by the caller.
    uint32_t struct_size;
    /// Whether there is one: GV_YES, GV_NO, or GV_UNKNOWN where what could tell is unknown.
    int32_t detected;
    /// Whether the seconds before press, with more motion than usual or with words: GV_YES, GV_NO, or GV_UNKNOWN without a
    /// call, and where motion or what writing says is unknown and the other does not press.
    int32_t urgency;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// When it begins; NaN without a call.
    double start_time;
    /// For how many seconds it stands; NaN without a call.
    double duration;
    /// How well it is seen, 0 to 100: the sum of the ledger; 0 without a call.
    double score;
    /// Mean motion meanwhile in source pixels per nominal frame interval; NaN without a call, and where it is unknown.
    double motion;
} gv_cta_figures;

/// Something that is, or may be, a call to action. Its texts are borrowed.
typedef struct {
    /// sizeof(gv_cta_candidate), set by the caller.
    uint32_t struct_size;
    /// By what it was recognised: GV_CANDIDATE_...
    uint32_t kind;
    /// Whether it stands in the last third: 0 or 1.
    uint32_t late;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// When it begins.
    double start_time;
    /// When it is over.
    double end_time;
    /// Left edge.
    double x;
    /// Top edge.
    double y;
    /// Width.
    double width;
    /// Height.
    double height;
    /// Mean contrast over its life, 1 to 21 (WCAG); NaN where it was not measured.
    double contrast;
    /// What it says; NULL where nobody reads.
    const char *text;
    /// Colour of a button as "#RRGGBB"; NULL for another call.
    const char *colour;
} gv_cta_candidate;

/// How much of a call the controls of a placement cover.
typedef struct {
    /// sizeof(gv_cta_overlap), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// The part of the call that is covered, in percent.
    double percent;
    /// The placement, as "reels"; borrowed.
    const char *placement;
} gv_cta_overlap;

/// A sentence.
typedef struct {
    /// sizeof(gv_remark), set by the caller.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// What it says; borrowed.
    const char *text;
} gv_remark;

/// Judges the call to action of an analysed video, against what the surfaces of the platforms cover. placements_json is a
/// table of one's own, or NULL for the built-in one. Free it with gv_cta_free.
gv_status gv_cta_new(const gv_analysis *analysis,
                     const char *placements_json,
                     gv_cta **cta);

/// Frees a call to action. NULL is allowed.
void gv_cta_free(gv_cta *cta);

/// The headline figures. figures->struct_size must be set.
gv_status gv_cta_summary(const gv_cta *cta, gv_cta_figures *figures);

/// The parts of the score; none without a call. NULL for NULL.
const gv_ledger *gv_cta_ledger(const gv_cta *cta);

/// Number of candidates: the call that was judged, else what may be one. 0 for NULL.
size_t gv_cta_candidates_len(const gv_cta *cta);

/// The candidate at index, the best first. candidate->struct_size must be set.
gv_status gv_cta_candidates_get(const gv_cta *cta, size_t index, gv_cta_candidate *candidate);

/// Number of vertical placements whose controls were looked at: none for a picture that is not vertical, and without a
/// call. 0 for NULL.
size_t gv_cta_overlaps_len(const gv_cta *cta);

/// How much the placement at index covers. overlap->struct_size must be set.
gv_status gv_cta_overlaps_get(const gv_cta *cta, size_t index, gv_cta_overlap *overlap);

/// Number of things to do. 0 for NULL.
size_t gv_cta_recommendations_len(const gv_cta *cta);

/// What to do at index, with times and values. remark->struct_size must be set.
gv_status gv_cta_recommendations_get(const gv_cta *cta, size_t index, gv_remark *remark);

/// Number of things that could not be told. 0 for NULL.
size_t gv_cta_unknown_len(const gv_cta *cta);

/// What could not be told at index, and why. remark->struct_size must be set.
gv_status gv_cta_unknown_get(const gv_cta *cta, size_t index, gv_remark *remark);

/// Judges the call to action as gv_cta_new does, and tells everything as a JSON object. Free cta_json with gv_string_free.
gv_status gv_cta_analysis(const gv_analysis *analysis,
                          const char *placements_json,
                          char **cta_json);

/* ---- Where a call to action belongs, and in which words (component 9) ----
 */

/// A button of any text.
#define GV_CTA_BUTTON 0

/// To swipe up.
#define GV_CTA_SWIPE_UP 1

/// To follow the link of a profile.
#define GV_CTA_LINK_BIO 2

/// To shop.
#define GV_CTA_SHOP_NOW 3

/// To read on.
#define GV_CTA_LEARN_MORE 4

/// To sign up.
#define GV_CTA_SIGN_UP 5

/// To download.
#define GV_CTA_DOWNLOAD 6

/// To call.
#define GV_CTA_CALL_NOW 7

/// To act before a clock runs out.
#define GV_CTA_COUNTDOWN 8

/// Something else.
#define GV_CTA_CUSTOM 9

/// In the last 3 to 5 seconds.
#define GV_CTA_POSITION_END 0

/// From 70 to 85 % of the video.
#define GV_CTA_POSITION_MID_END 1

/// Several times.
#define GV_CTA_POSITION_REPEATED 2

/// At half of the video and at its end.
#define GV_CTA_POSITION_EARLY_END 3

/// Where a call to action belongs in a video, and why; never changes, so threads may share it.
typedef struct gv_cta_place gv_cta_place;

/// A call to action at its best place. Its texts are borrowed.
typedef struct {
    /// sizeof(gv_cta_place_figures), set by the caller.
    uint32_t struct_size;
    /// What it asks for: GV_CTA_BUTTON and what follows.
    uint32_t kind;
    /// Where calls of this industry stand: GV_CTA_POSITION_...
    uint32_t position;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// When it begins.
    double start_time;
    /// When it is over.
    double end_time;
    /// How much speaks for the place, 0 to 1: the sum of the ledger.
    double score;
    /// What it says.
    const char *text;
    /// Colour of its button as "#RRGGBB".
    const char *colour;
    /// Why there, in words.
    const char *reason;
} gv_cta_place_figures;

/// Places the call to action that suits an industry in an analysed video. Free it with gv_cta_place_free.
gv_status gv_cta_place_new(const gv_analysis *analysis, const char *industry, gv_cta_place **place);

/// Frees a place. NULL is allowed.
void gv_cta_place_free(gv_cta_place *place);

/// The call and its place. figures->struct_size must be set.
gv_status gv_cta_place_summary(const gv_cta_place *place, gv_cta_place_figures *figures);

/// What speaks for the place. NULL for NULL.
const gv_ledger *gv_cta_place_ledger(const gv_cta_place *place);

/// Number of things that should happen before the call. 0 for NULL.
size_t gv_cta_place_steps_len(const gv_cta_place *place);

/// What should happen before the call, in the order of time. remark->struct_size must be set.
gv_status gv_cta_place_steps_get(const gv_cta_place *place, size_t index, gv_remark *remark);

/// Places the call to action as gv_cta_place_new does, and tells everything as a JSON object. Free placement_json with
/// gv_string_free.
gv_status gv_cta_timing(const gv_analysis *analysis, const char *industry, char **placement_json);

/// Plans the closing of a video of so many seconds for an industry. Free sequence_json with gv_string_free.
gv_status gv_cta_sequence(double seconds, const char *industry, char **sequence_json);

/// Says a call in count other words, as a list of texts. Free variations_json with gv_string_free.
gv_status gv_cta_variations(const char *base, size_t count, char **variations_json);

/* ---- The variation generator: designs that teach the most for their number (component 10) ----
 *
 * Concepts, variations and options are JSON; every text that is given as char * is freed with gv_string_free.
 */

/// The model was trained on the account's outcomes.
#define GV_BASIS_MODEL 0

/// It rests on patterns of past winners and losers.
#define GV_BASIS_PATTERNS 1

/// It is someone's belief, not data.
#define GV_BASIS_PRIOR 2

/// Makes variations of a concept; threads may share it, once it has its model.
typedef struct gv_variation_generator gv_variation_generator;

/// Predicts len variations of a concept, both given as JSON: for each a mean from 0, worst, to 1, best, and a standard
/// deviation. Returns GV_OK; any other status, which gv_explain may explain, ends what asked with GV_CALLBACK. The same
/// input gives the same output. A C++ exception must not leave it. Called by whichever thread generates.
typedef gv_status (*gv_predict_fn)(const char *concept_json,
                                   const char *variations_json,
                                   size_t len,
                                   double *means,
                                   double *sds,
                                   void *userdata);

/// A program's model of how variations will do.
typedef struct {
    /// sizeof(gv_performance_model_functions).
    uint32_t struct_size;
    /// What the predictions truthfully rest on: GV_BASIS_...
    uint32_t basis;
    /// Predicts.
    gv_predict_fn predict;
    /// Handed to predict and drop.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_performance_model_functions;

/// Makes a generator. options_json is an object ({"seed": 7, "strategy": ...}) or NULL.
gv_status gv_variation_generator_new(const char *options_json, gv_variation_generator **generator);

/// Makes a generator predict with a program's model; without one, variations stay unranked. On an error drop is not
/// called.
gv_status gv_variation_generator_set_model(gv_variation_generator *generator,
                                           const gv_performance_model_functions *functions);

/// Frees a generator. NULL is allowed.
void gv_variation_generator_free(gv_variation_generator *generator);

/// Makes count variations of a concept: an object with a list, "variations", and what is to be known of it.
gv_status gv_variation_generator_generate(const gv_variation_generator *generator,
                                          const char *concept_json,
                                          size_t count,
                                          char **set_json);

/// Puts a list of variations in the order of what is expected of them, best first.
gv_status gv_variation_generator_rank(const gv_variation_generator *generator,
                                      const char *variations_json,
                                      char **ranked_json);

/// Writes a list of variations out for a render tool: scenes with times and texts. concept_json may be NULL.
gv_status gv_variation_generator_export(const gv_variation_generator *generator,
                                        const char *variations_json,
                                        const char *concept_json,
                                        char **exported_json);

/* ---- The budget optimiser: who gets what, to the cent (component 11) ----
 */

/// Most expected revenue under the posterior, with a share for exploration.
#define GV_BUDGET_POLICY_POSTERIOR 0

/// The specification's thresholds on the observed return.
#define GV_BUDGET_POLICY_SPEC 1

/// The ad's budget is being held.
#define GV_AD_STATUS_MAINTAINING 0

/// The platform is still learning whom to show the ad to; its budget is left alone.
#define GV_AD_STATUS_LEARNING 1

/// Its budget is being raised.
#define GV_AD_STATUS_SCALING 2

/// Its budget is being cut.
#define GV_AD_STATUS_DECLINING 3

/// It is not running; it has no part in the total.
#define GV_AD_STATUS_PAUSED 4

/// The budget may move freely.
#define GV_HOLD_NONE 0

/// The caller locked it.
#define GV_HOLD_LOCKED 1

/// The ad's counts contradict each other.
#define GV_HOLD_CONTRADICTORY_COUNTS 2

/// It is learning.
#define GV_HOLD_LEARNING 3

/// Too little was spent.
#define GV_HOLD_TOO_LITTLE_SPEND 4

/// Too few conversions to raise it.
#define GV_HOLD_TOO_FEW_CONVERSIONS 5

/// Judges ads and plans their budgets; never changes, so threads may share it.
typedef struct gv_budget_optimizer gv_budget_optimizer;

/// Who gets what; never changes, so threads may share it.
typedef struct gv_budget_plan gv_budget_plan;

/// Rules of the budget optimiser; gv_budget_options_init sets what is usual.
typedef struct {
    /// sizeof(gv_budget_options).
    uint32_t struct_size;
    /// How budgets are chosen: GV_BUDGET_POLICY_...
    uint32_t policy;
    /// The return aimed at; 2 is usual.
    double target_roas;
    /// Smallest daily budget, in currency units; 10 is usual.
    double min_budget;
    /// Most that a budget rises at once, in percent; 50 is usual.
    double max_increase_percent;
    /// Most that a budget falls at once, in percent; 50 is usual.
    double max_decrease_percent;
    /// Seed of the draws: the same seed and ads give the same plan.
    uint64_t seed;
    /// More rules as a JSON object ({"locked": ["ad_7"]}), or NULL; it wins over the fields above.
    const char *more_json;
} gv_budget_options;

/// The figures of an ad and its daily budget; gv_ad_performance_init sets them to nothing.
typedef struct {
    /// sizeof(gv_ad_performance).
    uint32_t struct_size;
    /// Its state: GV_AD_STATUS_...
    uint32_t status;
    /// The ad's id, unique in a call.
    const char *ad_id;
    /// Its campaign's id, or NULL.
    const char *campaign_id;
    /// Money spent so far, in currency units.
    double spend;
    /// Budget of a day, in currency units; 0 counts as paused.
    double daily_budget;
    /// Times shown.
    uint64_t impressions;
    /// Clicks.
    uint64_t clicks;
    /// Conversions reported.
    uint64_t conversions;
    /// Revenue reported, in currency units.
    double revenue;
    /// Hours it has run.
    double hours_active;
    /// When the last conversion was reported, in milliseconds since 1970 UTC; GV_NO_TIME where nobody knows.
    int64_t last_conversion_ms;
    /// The budget 24 hours ago, in currency units; NaN takes the present one.
    double budget_24h_ago;
} gv_ad_performance;

/// The budget of one running ad in a plan. Amounts are whole cents: they add up exactly.
typedef struct {
    /// sizeof(gv_planned_budget), set by the caller.
    uint32_t struct_size;
    /// Why it could not move freely: GV_HOLD_...
    uint32_t hold;
    /// The ad; borrowed from the plan.
    const char *ad_id;
    /// Its daily budget before.
    int64_t current_cents;
    /// Its daily budget in the plan.
    int64_t budget_cents;
    /// The lowest it was allowed.
    int64_t low_cents;
    /// The highest it was allowed.
    int64_t high_cents;
    /// Why it changes, in a sentence, borrowed from the plan; NULL where it does not.
    const char *reason;
    /// Posterior probability that the change goes in the right direction; NaN where nothing changes.
    double confidence;
    /// Expected revenue gained per day beyond what the money brings elsewhere, in currency units.
    double expected_gain;
    /// 1 for the changes that bring the first half of the plan's gain, 2 up to 80 %, then 3; 0 without a change.
    uint32_t priority;
    /// 0; fills the struct.
    uint32_t reserved;
} gv_planned_budget;

/// Sets options to what is usual.
void gv_budget_options_init(gv_budget_options *options);

/// Sets an ad's figures to nothing.
void gv_ad_performance_init(gv_ad_performance *ad);

/// Makes a budget optimiser. options may be NULL: then they are the usual ones.
gv_status gv_budget_optimizer_new(const gv_budget_options *options, gv_budget_optimizer **optimizer);

/// Frees a budget optimiser. NULL is allowed.
void gv_budget_optimizer_free(gv_budget_optimizer *optimizer);

/// Plans the running ads' daily budgets so that they add up to total_daily_budget currency units; 0 takes the sum of
/// the present ones.
///
/// Ads with too little evidence keep theirs. What no ad may take is left: gv_budget_plan_unallocated_cents.
gv_status gv_budget_optimizer_plan(const gv_budget_optimizer *optimizer,
                                   const gv_ad_performance *ads,
                                   size_t ads_len,
                                   double total_daily_budget,
                                   gv_budget_plan **plan);

/// The account summed up, as a JSON object. Free it with gv_string_free.
gv_status gv_budget_optimizer_report_json(const gv_budget_optimizer *optimizer,
                                          const gv_ad_performance *ads,
                                          size_t ads_len,
                                          char **json);

/// The next 1 to 365 days, acting every day against holding, as a JSON object. Free it with gv_string_free.
gv_status gv_budget_optimizer_simulate_json(const gv_budget_optimizer *optimizer,
                                            const gv_ad_performance *ads,
                                            size_t ads_len,
                                            uint32_t days,
                                            char **json);

/// Number of budgets in a plan: one for each running ad. 0 for NULL.
size_t gv_budget_plan_len(const gv_budget_plan *plan);

/// The budget at index. budget->struct_size must be set.
gv_status gv_budget_plan_get(const gv_budget_plan *plan, size_t index, gv_planned_budget *budget);

/// Cents a day to share out. With what is unallocated, the budgets add up to it exactly. 0 for NULL.
int64_t gv_budget_plan_total_cents(const gv_budget_plan *plan);

/// Cents a day that no ad may take. 0 for NULL.
int64_t gv_budget_plan_unallocated_cents(const gv_budget_plan *plan);

/// The whole plan as a JSON object; amounts are whole cents. Free it with gv_string_free.
gv_status gv_budget_plan_json(const gv_budget_plan *plan, char **json);

/// Frees a plan. NULL is allowed.
void gv_budget_plan_free(gv_budget_plan *plan);

/* ---- The kill switch: which ads to stop (component 12) ----
 */

/// A moment that nobody knows.
#define GV_NO_TIME INT64_MIN

/// Stops an ad where its posterior says that it loses money: the most profit.
#define GV_KILL_POLICY_ECONOMIC 0

/// Stops an ad where its being good enough is rejected, looked at as often as one likes; slower.
#define GV_KILL_POLICY_ANYTIME_VALID 1

/// The specification's five rules on observed ratios, in their order.
#define GV_KILL_POLICY_SPEC 2

/// Leave the ad as it is.
#define GV_KILL_ACTION_KEEP 0

/// Pause it.
#define GV_KILL_ACTION_KILL 1

/// Start it again: late conversions have exonerated it.
#define GV_KILL_ACTION_REVIVE 2

/// There is no reason: the ad may go on.
#define GV_KILL_REASON_NONE 0

/// Too few click.
#define GV_KILL_REASON_LOW_CTR 1

/// Too few of those who click convert.
#define GV_KILL_REASON_LOW_CVR 2

/// A conversion costs a multiple of the target.
#define GV_KILL_REASON_HIGH_CPA 3

/// Less comes back than is spent.
#define GV_KILL_REASON_NEGATIVE_ROAS 4

/// Nothing was sold for a considerable spend.
#define GV_KILL_REASON_NO_CONVERSIONS 5

/// Conversions have stopped coming as they used to.
#define GV_KILL_REASON_DECLINING_PERFORMANCE 6

/// The budget is used up; not a failure.
#define GV_KILL_REASON_BUDGET_EXHAUSTED 7

/// Someone asked for it.
#define GV_KILL_REASON_MANUAL 8

/// A list of decisions; never changes, so threads may share it.
typedef struct gv_kill_decisions gv_kill_decisions;

/// Decides which ads to stop, which to keep and which paused ones to start again.
typedef struct gv_kill_switch gv_kill_switch;

/// Thresholds of the kill switch; gv_kill_options_init sets what is usual.
typedef struct {
    /// sizeof(gv_kill_options).
    uint32_t struct_size;
    /// How evidence becomes a decision: GV_KILL_POLICY_...
    uint32_t policy;
    /// What a conversion may cost, in currency units; 50 is usual.
    double target_cpa;
    /// The return aimed at; with the target cost it gives the expected order value; 2 is usual.
    double target_roas;
    /// The return below which an ad loses money, 1 / margin; 1 is usual.
    double keep_roas;
    /// Probability of losing money from which an ad is stopped; 0.9 is usual.
    double kill_confidence;
    /// Spend before an ad is judged, in currency units; 50 is usual.
    double min_spend;
    /// Hours before an ad is judged; 24 is usual.
    double min_hours;
    /// More thresholds as a JSON object ({"min_ctr": 0.004}), or NULL; it wins over the fields above.
    const char *more_json;
} gv_kill_options;

/// The figures of a running or paused ad; gv_ad_metrics_init sets them to nothing.
typedef struct {
    /// sizeof(gv_ad_metrics).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// The ad's id, unique in a call.
    const char *ad_id;
    /// Its campaign's id, or NULL.
    const char *campaign_id;
    /// Money spent so far, in currency units.
    double spend;
    /// Money it may spend in all, in currency units; 0 means unknown.
    double budget;
    /// Times shown.
    uint64_t impressions;
    /// Clicks.
    uint64_t clicks;
    /// Conversions reported.
    uint64_t conversions;
    /// Revenue reported, in currency units.
    double revenue;
    /// Hours it has run.
    double hours_running;
    /// When the last conversion was reported, in milliseconds since 1970 UTC; GV_NO_TIME where nobody knows.
    int64_t last_conversion_ms;
} gv_ad_metrics;

/// The decision about one ad.
typedef struct {
    /// sizeof(gv_kill_decision), set by the caller.
    uint32_t struct_size;
    /// What to do: GV_KILL_ACTION_...
    uint32_t action;
    /// The reason most probably true: GV_KILL_REASON_...
    uint32_t reason;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Posterior probability that the reason is true; without one, that the ad earns at least keep_roas.
    double confidence;
    /// Expected loss that a kill avoids, in currency units; 0 unless killed.
    double waste_prevented;
    /// Posterior mean of the true return.
    double expected_roas;
    /// 10 % quantile of the true return.
    double roas_low;
    /// 90 % quantile of the true return.
    double roas_high;
    /// Posterior probability that the ad earns less than keep_roas.
    double probability_unprofitable;
    /// The ad; borrowed from the decisions.
    const char *ad_id;
    /// What a person should know, in a sentence or two; borrowed from the decisions.
    const char *recommendation;
} gv_kill_decision;

/// Sets options to what is usual.
void gv_kill_options_init(gv_kill_options *options);

/// Sets an ad's figures to nothing.
void gv_ad_metrics_init(gv_ad_metrics *ad);

/// Makes a kill switch. options may be NULL: then they are the usual ones.
gv_status gv_kill_switch_new(const gv_kill_options *options, gv_kill_switch **kill_switch);

/// Frees a kill switch. NULL is allowed.
void gv_kill_switch_free(gv_kill_switch *kill_switch);

/// Judges ads from now on against what these have shown, past ones of the account included.
gv_status gv_kill_switch_learn_account(gv_kill_switch *kill_switch, const gv_ad_metrics *ads, size_t ads_len);

/// Judges running ads together: every decision, in the order of the ads.
///
/// Counts that contradict each other keep an ad running and are named in its recommendation.
gv_status gv_kill_switch_evaluate(const gv_kill_switch *kill_switch,
                                  const gv_ad_metrics *ads,
                                  size_t ads_len,
                                  gv_kill_decisions **decisions);

/// Judges ads that were paused hours_since_kill hours ago: those that late conversions have exonerated get
/// GV_KILL_ACTION_REVIVE, the others stay paused.
gv_status gv_kill_switch_review_killed(const gv_kill_switch *kill_switch,
                                       const gv_ad_metrics *ads,
                                       size_t ads_len,
                                       double hours_since_kill,
                                       gv_kill_decisions **decisions);

/// Number of decisions. 0 for NULL.
size_t gv_kill_decisions_len(const gv_kill_decisions *decisions);

/// The decision at index. decision->struct_size must be set.
gv_status gv_kill_decisions_get(const gv_kill_decisions *decisions, size_t index, gv_kill_decision *decision);

/// Everything about the decisions as one JSON document: an array in their order. Free it with gv_string_free.
gv_status gv_kill_decisions_json(const gv_kill_decisions *decisions, char **json);

/// The sums over the decisions as a JSON object. Free it with gv_string_free.
gv_status gv_kill_decisions_report_json(const gv_kill_decisions *decisions, char **json);

/// Frees a list of decisions. NULL is allowed.
void gv_kill_decisions_free(gv_kill_decisions *decisions);

/* ---- The store: where predictions, campaigns, patterns and models are kept ----
 */

/// An open store; threads may share it. What was made with it keeps it open after gv_store_free.
typedef struct gv_store gv_store;

/// Opens a store, and makes it where there is none: a file, "sqlite:///path", ":memory:", "postgresql://user@host/database"
/// where the library was built with its feature postgres, or NULL for the usual place.
///
/// The usual place is the one in PATTERNS_DB_PATH, else geminivideo.db in GV_DATA_DIR, else in the user's data folder.
gv_status gv_store_open(const char *address,
                        gv_store **store);

/// Names the store, without a password. Free the text with gv_string_free.
gv_status gv_store_describe(const gv_store *store, char **description);

/// Copies the store into a new file while it is in use.
gv_status gv_store_backup(const gv_store *store, const char *path);

/// Frees a store. NULL is allowed.
void gv_store_free(gv_store *store);

/* ---- A store of the program's own ----
 *
 * The program keeps documents and logs; filters, orders, searches and all rules are the library's. A document is a JSON
 * object with an id and a version in a named collection; a log is a sequence of entries with a key each.
 */

/// Writes a document: version 1 where there is none, else one more than its version.
#define GV_STORE_PUT 0

/// Removes a document; where there is none and that is allowed, nothing happens.
#define GV_STORE_DELETE 1

/// Adds an entry to a log, unless its key is there.
#define GV_STORE_APPEND 2

/// Anything may be there, or nothing.
#define GV_EXPECT_ANY 0

/// There must be no such document.
#define GV_EXPECT_ABSENT 1

/// The document must have the version expected_version.
#define GV_EXPECT_VERSION 2

/// Where a program's store puts what it found; lent for the call, and used by its thread only.
typedef struct gv_store_reply gv_store_reply;

/// One change of a batch; lent for the call.
typedef struct {
    /// sizeof(gv_store_change) of the library that runs; the same for every change of a batch.
    uint32_t struct_size;
    /// What to do: GV_STORE_PUT, ..._DELETE or ..._APPEND.
    uint32_t kind;
    /// What must be there before: GV_EXPECT_...; not for GV_STORE_APPEND.
    uint32_t expect;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// The version for GV_EXPECT_VERSION.
    uint64_t expected_version;
    /// Which collection, or which log: lower-case letters, digits and underscores.
    const char *collection;
    /// Which document, or the key of the entry: 1 to 512 bytes.
    const char *id;
    /// The JSON object; NULL for GV_STORE_DELETE.
    const char *body;
    /// When it happened, in milliseconds since 1970; GV_STORE_APPEND only.
    int64_t at_ms;
} gv_store_change;

/// A program's store. All functions may be called by several threads at once; a C++ exception must not leave one.
///
/// They return GV_OK; GV_CONFLICT where a document is not as expected (apply only); GV_TRANSPORT or GV_TIMEOUT where trying
/// again may help; any other status where the store cannot be used. gv_explain says why.
typedef struct {
    /// sizeof(gv_store_functions).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Its name in messages, without a password.
    const char *name;
    /// Applies len changes, all or none, durably before it returns; batches of several threads do not interleave. For each
    /// change in turn it calls gv_store_reply_applied.
    gv_status (*apply)(const gv_store_change *changes, size_t len, gv_store_reply *reply, void *userdata);
    /// Hands a document to gv_store_reply_document; where there is none it hands over nothing.
    gv_status (*get)(const char *collection, const char *id, gv_store_reply *reply, void *userdata);
    /// Hands every document of a collection to gv_store_reply_document, in any order.
    gv_status (*each)(const char *collection, gv_store_reply *reply, void *userdata);
    /// Hands up to limit entries of a log that come after a sequence number, 0 for the beginning, to gv_store_reply_entry,
    /// in their order.
    gv_status (*read_log)(const char *log, uint64_t after, size_t limit, gv_store_reply *reply, void *userdata);
    /// Copies the store into a new file; may be NULL: the store then has tools of its own for that.
    gv_status (*backup)(const char *path, void *userdata);
    /// Handed to every function.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_store_functions;

/// Makes a store out of a program's functions. On an error drop is not called.
gv_status gv_store_new(const gv_store_functions *functions, gv_store **store);

/// Says what became of the next change of a batch: number is the version of the document (GV_STORE_PUT), the sequence number
/// of the entry (GV_STORE_APPEND, larger than those of all entries before it), or 0. was_there is 1 where the entry's key was
/// there before; number is then that entry's, and it was not touched.
gv_status gv_store_reply_applied(gv_store_reply *reply,
                                 uint64_t number,
                                 uint32_t was_there);

/// Hands over a document. body is the JSON object as it was put.
gv_status gv_store_reply_document(gv_store_reply *reply, const char *id, uint64_t version, const char *body);

/// Hands over an entry of a log.
gv_status gv_store_reply_entry(gv_store_reply *reply,
                               uint64_t sequence,
                               const char *key,
                               int64_t at_ms,
                               const char *body);

/* ---- HTTP by the program itself, where the library's own client (rustls, blocking) is not wanted ----
 *
 * A program gives a function that sends one request and hands its answer over piece by piece. A status of 400 or 500 is
 * an answer, no failure. Header fields are sent as they are, in their order; among them are secrets, so nothing of a
 * request is logged. Nothing is retried: the library does that.
 */

/// The whole answer was handed over.
#define GV_HTTP_ANSWERED 0

/// No connection came about: the service cannot have acted on the request.
#define GV_HTTP_NO_CONNECTION 1

/// Not all of the request was handed over: the service cannot have acted on it.
#define GV_HTTP_NOT_SENT 2

/// The connection broke; the service may have acted on the request.
#define GV_HTTP_BROKEN 3

/// A time limit of the request was reached.
#define GV_HTTP_TIMED_OUT 4

/// What came is not HTTP.
#define GV_HTTP_NOT_HTTP 5

/// A function of the reply said that the transfer is to end, and it was ended.
#define GV_HTTP_STOPPED 6

/// Where the answer of one request goes; valid until the function that was given it returns.
typedef struct gv_http_reply gv_http_reply;

/// A way to send requests; threads may share it. What was made with it keeps it after gv_transport_free.
typedef struct gv_transport gv_transport;

/// One field of a header.
typedef struct {
    /// Its name.
    const char *name;
    /// Its value; it may be a secret.
    const char *value;
} gv_http_header;

/// One request; lent for the call.
typedef struct {
    /// sizeof(gv_http_request) of the library that runs.
    uint32_t struct_size;
    /// Redirects to follow at most; beyond that the redirect itself is the answer.
    uint32_t max_redirects;
    /// "GET", "POST" or "DELETE".
    const char *method;
    /// The absolute URL.
    const char *url;
    /// Fields to be sent in this order; Host and Content-Length are the transport's.
    const gv_http_header *headers;
    /// Number of fields.
    size_t headers_len;
    /// What is to be sent; a POST without a body sends Content-Length: 0.
    const uint8_t *body;
    /// Bytes to be sent.
    size_t body_len;
    /// Time for the whole request with its answer, in milliseconds.
    uint64_t timeout_ms;
    /// Longest time without a byte coming or going, in milliseconds.
    uint64_t idle_timeout_ms;
} gv_http_request;

/// Sends one request and hands its answer to the reply: GV_HTTP_ANSWERED, or how it failed; gv_explain says why, without
/// header values. A C++ exception must not leave it. Called by whichever thread asks the library, by several at once.
typedef int (*gv_http_send_fn)(const gv_http_request *request, gv_http_reply *reply, void *userdata);

/// A way to send requests, as a program gives it.
typedef struct {
    /// sizeof(gv_transport_functions).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// Its name and version, for results and logs.
    const char *name;
    /// Sends a request.
    gv_http_send_fn send;
    /// Handed to send and drop.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_transport_functions;

/// Makes a transport out of a program's function. On an error drop is not called.
gv_status gv_transport_new(const gv_transport_functions *functions, gv_transport **transport);

/// Frees a transport. NULL is allowed.
void gv_transport_free(gv_transport *transport);

/// Takes the status of the answer, 100 to 599; to be called first. Again where a redirect was followed: fields that were
/// taken before are then forgotten.
gv_status gv_http_reply_status(gv_http_reply *reply,
                               uint32_t status);

/// Takes a field of the answer's header; to be called before the body.
gv_status gv_http_reply_header(gv_http_reply *reply, const char *name, const char *value);

/// Takes the next piece of the answer's body, as it was sent. On another status than GV_OK the transfer is to end, and
/// the function to return GV_HTTP_STOPPED.
gv_status gv_http_reply_body(gv_http_reply *reply, const uint8_t *bytes, size_t len);

/// Whether the request is to end at once: 1, and the function is to return GV_HTTP_STOPPED; else 0.
int gv_http_reply_is_cancelled(const gv_http_reply *reply);

/* ---- The figures of ads, as a platform gives them ----
 */

/// Figures of ads.
typedef struct gv_ad_insights gv_ad_insights;

/// Figures of an ad over some days; gv_ad_insight_init sets it to nothing. Texts that the library gives are borrowed from
/// their list.
typedef struct {
    /// sizeof(gv_ad_insight).
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// The ad.
    const char *ad_id;
    /// Its campaign; NULL where not known.
    const char *campaign_id;
    /// First day, as "2026-03-01" in the account's time zone; NULL where not known.
    const char *first_day;
    /// Last day; NULL where not known.
    const char *last_day;
    /// Money spent, in currency units.
    double spend;
    /// Times shown.
    uint64_t impressions;
    /// Clicks.
    uint64_t clicks;
    /// Conversions.
    uint64_t conversions;
    /// Revenue, in currency units.
    double revenue;
} gv_ad_insight;

/// Sets figures to nothing.
void gv_ad_insight_init(gv_ad_insight *insight);

/// Adds the figures of an ad; for the function insights of a program's platform.
gv_status gv_ad_insights_add(gv_ad_insights *insights, const gv_ad_insight *insight);

/// Number of ads. 0 for NULL.
size_t gv_ad_insights_len(const gv_ad_insights *insights);

/// The figures at index. insight->struct_size must be set.
gv_status gv_ad_insights_get(const gv_ad_insights *insights, size_t index, gv_ad_insight *insight);

/// The figures as a JSON list. Free it with gv_string_free.
gv_status gv_ad_insights_json(const gv_ad_insights *insights, char **insights_json);

/// Frees figures. NULL is allowed. Those that a platform's function is lent are not to be freed.
void gv_ad_insights_free(gv_ad_insights *insights);

/* ---- Ad platforms: Meta's, and the program's own ----
 */

/// There is no such amount.
#define GV_NO_CENTS INT64_MIN

/// An ad platform; threads may share it. What was made with it keeps it after gv_ad_platform_free.
typedef struct gv_ad_platform gv_ad_platform;

/// What a platform says about an ad.
typedef struct {
    /// sizeof(gv_ad_state) of the library that runs.
    uint32_t struct_size;
    /// Whether the ad is switched on: 0 or 1.
    uint32_t running;
    /// Daily budget of what owns it; GV_NO_CENTS where there is none, as with a lifetime budget.
    int64_t daily_budget_cents;
    /// Id of what the budget belongs to, such as an ad set; ads may share it. NUL-terminated.
    char budget_owner[128];
    /// Currency of the budget; empty where not known. NUL-terminated.
    char currency[8];
} gv_ad_state;

/// A program's platform. All functions may be called by several threads at once; a C++ exception must not leave one.
///
/// They return GV_OK; GV_TRANSPORT where nothing was changed because the platform was not reached; GV_TIMEOUT where a
/// change was sent and nobody saw the answer, which is never a success and never repeated blindly; any other status
/// where the platform refuses. gv_explain says why. Changes may be repeated: the second call changes nothing.
typedef struct {
    /// sizeof(gv_ad_platform_functions).
    uint32_t struct_size;
    /// Budget changes of one owner that the platform takes within an hour; 0 for any number.
    uint32_t budget_changes_per_hour;
    /// Its name, for the journal.
    const char *name;
    /// Reads whether an ad runs and what its budget is; state is set to nothing before.
    gv_status (*state)(const char *ad_id, gv_ad_state *state, void *userdata);
    /// Switches an ad off.
    gv_status (*pause)(const char *ad_id, void *userdata);
    /// Switches an ad on.
    gv_status (*resume)(const char *ad_id, void *userdata);
    /// Sets the daily budget that an ad spends from; state is what was read just before.
    gv_status (*set_daily_budget)(const char *ad_id, const gv_ad_state *state, int64_t budget_cents, void *userdata);
    /// Adds the figures of the account's ads from one day to another, both included and written "2026-03-01", to found with
    /// gv_ad_insights_add; found is lent for the call. May be NULL: the platform then gives no figures.
    gv_status (*insights)(const char *since, const char *until, gv_ad_insights *found, void *userdata);
    /// Handed to every function.
    void *userdata;
    /// Called once, when nothing uses userdata any more; may be NULL.
    void (*drop)(void *userdata);
} gv_ad_platform_functions;

/// Makes a platform out of a program's functions. On an error drop is not called.
gv_status gv_ad_platform_new(const gv_ad_platform_functions *functions, gv_ad_platform **platform);

/// Meta's Marketing API. options_json is an object with any of access_token, app_secret, ad_account, base_url, timeout
/// (seconds) and max_retries, or NULL; what it leaves out is read from META_ACCESS_TOKEN, META_APP_SECRET and
/// META_AD_ACCOUNT_ID. transport may be NULL.
gv_status gv_ad_platform_meta(const char *options_json, const gv_transport *transport, gv_ad_platform **platform);

/// Frees a platform. NULL is allowed.
void gv_ad_platform_free(gv_ad_platform *platform);

/// Reads the figures of the account's ads from a platform, from one day to another, both included and written
/// "2026-03-01" in the account's time zone.
gv_status gv_ad_platform_insights(const gv_ad_platform *platform,
                                  const char *since,
                                  const char *until,
                                  gv_ad_insights **insights);

/* ---- Making changes on an ad platform, every one of them journaled, capped and reversible ----
 */

/// Switch the ad off.
#define GV_CHANGE_PAUSE 0

/// Switch the ad on.
#define GV_CHANGE_RESUME 1

/// Give the ad another daily budget.
#define GV_CHANGE_BUDGET 2

/// Makes changes on a platform; threads may share it.
typedef struct gv_executor gv_executor;

/// A change that is wanted; gv_change_init sets it to a pause of nothing.
typedef struct {
    /// sizeof(gv_change).
    uint32_t struct_size;
    /// What to do: GV_CHANGE_...
    uint32_t kind;
    /// The ad.
    const char *ad_id;
    /// The daily budget wanted; GV_CHANGE_BUDGET only.
    int64_t budget_cents;
    /// The daily budget that the decision assumed: with another one the change is refused. GV_NO_CENTS assumes nothing.
    int64_t assumed_cents;
} gv_change;

/// Sets a change to a pause of nothing.
void gv_change_init(gv_change *change);

/// Makes an executor. journal is the file that changes are written into, before and after; NULL keeps them in memory.
/// Changes of budgets add up to at most per_run_cents in a run and per_day_cents in a day; GV_NO_CENTS takes what is
/// usual.
gv_status gv_executor_new(const gv_ad_platform *platform,
                          const char *journal,
                          int64_t per_run_cents,
                          int64_t per_day_cents,
                          gv_executor **executor);

/// Frees an executor; what it changed stays. NULL is allowed.
void gv_executor_free(gv_executor *executor);

/// Says what gv_executor_apply would do, and changes nothing.
gv_status gv_executor_preview(const gv_executor *executor,
                              const gv_change *changes,
                              size_t changes_len,
                              char **run_json);

/// Makes changes: reads each ad, refuses what the decision did not foresee, checks the caps, writes down what is to be
/// done, does it, looks, and writes down what became of it.
///
/// run_json is a JSON object with the run's name and every step's outcome; a step that was refused or failed is there, and
/// no error.
gv_status gv_executor_apply(const gv_executor *executor,
                            const gv_change *changes,
                            size_t changes_len,
                            char **run_json);

/// Undoes a run of the journal, by its name.
gv_status gv_executor_revert(const gv_executor *executor, const char *run, char **run_json);

/* ---- The winning patterns database (component 17) ----
 *
 * Patterns and queries are JSON; every text that is given as char * is freed with gv_string_free.
 */

/// Patterns in a store; threads may share it.
typedef struct gv_patterns_db gv_patterns_db;

/// Opens the patterns of a store.
gv_status gv_patterns_db_new(const gv_store *store, gv_patterns_db **db);

/// Frees it; what is stored stays. NULL is allowed.
void gv_patterns_db_free(gv_patterns_db *db);

/// Adds a pattern, or replaces the one of its id; id is the id that it is kept under.
gv_status gv_patterns_db_add(const gv_patterns_db *db, const char *pattern_json, char **id);

/// The pattern of an id; GV_NOT_FOUND where there is none.
gv_status gv_patterns_db_get(const gv_patterns_db *db, const char *id, char **pattern_json);

/// Finds patterns, the best return first. query_json is an object with any of industry, platform, objective, hook_type,
/// min_roas, limit (10 is usual) and include_losers, or NULL.
gv_status gv_patterns_db_find(const gv_patterns_db *db, const char *query_json, char **patterns_json);

/// Finds patterns by words in their texts, best first.
gv_status gv_patterns_db_search(const gv_patterns_db *db, const char *words, size_t limit, char **patterns_json);

/// Finds the patterns that are most like one, with their likeness.
gv_status gv_patterns_db_similar(const gv_patterns_db *db, const char *pattern_json, size_t limit, char **similar_json);

/// The patterns with the best return.
gv_status gv_patterns_db_top(const gv_patterns_db *db, size_t limit, char **patterns_json);

/// What each type of hook has brought: an object by type.
gv_status gv_patterns_db_hook_statistics(const gv_patterns_db *db, char **statistics_json);

/// What is usual in an industry; GV_NOT_FOUND where nothing is known of it.
gv_status gv_patterns_db_benchmarks(const gv_patterns_db *db, const char *industry, char **benchmarks_json);

/// What sets a list of winners apart from the losers that are stored; null where nothing can be said.
gv_status gv_patterns_db_creative_dna(const gv_patterns_db *db, const char *patterns_json, char **dna_json);

/// Writes every pattern into a file as JSON Lines with a checksum; count is how many, and may be NULL.
gv_status gv_patterns_db_export(const gv_patterns_db *db, const char *path, size_t *count);

/// Adds the patterns of a file that gv_patterns_db_export wrote; count is how many, and may be NULL.
gv_status gv_patterns_db_import(const gv_patterns_db *db, const char *path, size_t *count);

/// Takes what an analysis measured to a pattern, to which the program adds platform, industry and figures.
gv_status gv_pattern_of_analysis(const gv_analysis *analysis, char **pattern_json);

/* ---- Learning across campaigns (component 13) ----
 *
 * Learnings and advice are JSON; every text that is given as char * is freed with gv_string_free.
 */

/// Learns from campaigns that are kept in a store; threads may share it.
typedef struct gv_campaign_learner gv_campaign_learner;

/// Opens the campaigns of a store. options_json is an object ({"min_accounts": 3}) or NULL.
gv_status gv_campaign_learner_new(const gv_store *store, const char *options_json, gv_campaign_learner **learner);

/// Frees it; what is stored stays. NULL is allowed.
void gv_campaign_learner_free(gv_campaign_learner *learner);

/// Keeps what a campaign has shown, in place of what was kept of it before.
gv_status gv_campaign_learner_add(const gv_campaign_learner *learner, const char *learning_json);

/// Advises a new campaign. account may be NULL; audience_json is an object that describes the audience, or NULL.
gv_status gv_campaign_learner_recommend(const gv_campaign_learner *learner,
                                        const char *industry,
                                        const char *objective,
                                        const char *account,
                                        const char *audience_json,
                                        char **recommendations_json);

/// What is known of an industry; null where nothing is.
gv_status gv_campaign_learner_insight(const gv_campaign_learner *learner, const char *industry, char **insight_json);

/// How much is kept, of which industries.
gv_status gv_campaign_learner_stats(const gv_campaign_learner *learner, char **stats_json);

/// Everything that is kept, to be merged elsewhere; without names of accounts and campaigns where redact is not 0.
gv_status gv_campaign_learner_export(const gv_campaign_learner *learner, int redact, char **knowledge_json);

/// Merges what gv_campaign_learner_export gave; count is the number of campaigns taken, and may be NULL.
gv_status gv_campaign_learner_merge(const gv_campaign_learner *learner, const char *knowledge_json, size_t *count);

/* ---- The conversions feedback loop: events in, outcomes matched, models retrained (component 14) ----
 *
 * Events, rows and answers are JSON; every text that is given as char * is freed with gv_string_free. Customer data is
 * hashed before it is kept.
 */

/// Takes conversions and retrains; threads may share it.
typedef struct gv_feedback_loop gv_feedback_loop;

/// Opens the conversions of a store. options_json is an object ({"retrain_threshold": 50}) or NULL.
gv_status gv_feedback_loop_new(const gv_store *store, const char *options_json, gv_feedback_loop **feedback);

/// Frees it; what is stored stays. NULL is allowed.
void gv_feedback_loop_free(gv_feedback_loop *feedback);

/// Takes one event, as the Conversions API spells it, and makes it durable; a repeated one is told and kept once.
gv_status gv_feedback_loop_process(const gv_feedback_loop *feedback, const char *event_json, char **processed_json);

/// Takes a list of events in one transaction, which is many times as fast; one that breaks a rule does not keep the
/// others out: its place in the answer is {"error": "..."}.
gv_status gv_feedback_loop_process_all(const gv_feedback_loop *feedback,
                                       const char *events_json,
                                       char **processed_json);

/// Takes a list of rows of the platform's report; a row of the same creative and day replaces the former.
gv_status gv_feedback_loop_record_insights(const gv_feedback_loop *feedback, const char *rows_json);

/// Matches mature outcomes with predictions: the new pairs.
gv_status gv_feedback_loop_match(const gv_feedback_loop *feedback, char **pairs_json);

/// Whether there is enough new to learn from: should is 0 or 1.
gv_status gv_feedback_loop_should_retrain(const gv_feedback_loop *feedback, int *should);

/// Makes models learn from what is new; a model goes live only where it is better by more than chance.
gv_status gv_feedback_loop_retrain(const gv_feedback_loop *feedback, char **outcome_json);

/// How much has come, is waiting and was not matched.
gv_status gv_feedback_loop_metrics(const gv_feedback_loop *feedback, char **metrics_json);

/// Sends what waits for the Conversions API: {"sent": 3, "refused": 0, "waiting": 0}.
///
/// api_json is an object with pixel_id and access_token, and any of base_url, app_secret and test_event_code; NULL takes
/// META_PIXEL_ID and META_ACCESS_TOKEN of the environment. transport may be NULL. A platform that does not answer is no
/// error: the events wait.
gv_status gv_feedback_loop_flush_outbox(const gv_feedback_loop *feedback,
                                        const char *api_json,
                                        const gv_transport *transport,
                                        char **delivery_json);

/// Answers an HTTP request that brings events: {"status": 200, "content_type": "...", "body": "..."}.
///
/// keys_json is {"app_secret": "...", "verify_token": "..."}; target is the path with its query; headers_json is an
/// object of names and values; the body's signature is checked over its raw bytes before it is read. Every event is
/// durable when the answer is 200. An error is the store's: answer with a 5xx, and the sender will try again.
gv_status gv_feedback_loop_handle_webhook(const gv_feedback_loop *feedback,
                                          const char *keys_json,
                                          const char *method,
                                          const char *target,
                                          const char *headers_json,
                                          const uint8_t *body,
                                          size_t body_len,
                                          char **answer_json);

/* ---- The accuracy of predictions (component 15) ----
 *
 * Records and reports are JSON; every text that is given as char * is freed with gv_string_free.
 */

/// Records predictions and outcomes in a store; threads may share it.
typedef struct gv_accuracy_tracker gv_accuracy_tracker;

/// Opens the predictions of a store.
gv_status gv_accuracy_tracker_new(const gv_store *store, gv_accuracy_tracker **tracker);

/// Frees it; what is stored stays. NULL is allowed.
void gv_accuracy_tracker_free(gv_accuracy_tracker *tracker);

/// Records a prediction: an object with prediction_id, model_type, model_version, predicted_value, confidence and
/// metric_type ("ctr", "cvr", "cpa", "roas", "conversions"), and optionally campaign_id, creative_id, features (an
/// object of numbers and texts) and predicted_at (milliseconds since 1970 UTC). record_json is what is kept.
gv_status gv_accuracy_tracker_record_prediction(const gv_accuracy_tracker *tracker,
                                                const char *prediction_json,
                                                char **record_json);

/// Records what came of a prediction: an object with value, and optionally events (the counted ones that it rests on),
/// matured (true is usual) and at (milliseconds since 1970 UTC). GV_NOT_FOUND where the prediction is not known.
gv_status gv_accuracy_tracker_record_actual(const gv_accuracy_tracker *tracker,
                                            const char *prediction_id,
                                            const char *actual_json,
                                            char **record_json);

/// How right predictions of the last days were. model_type and model_version may be NULL: then they do not matter.
gv_status gv_accuracy_tracker_report(const gv_accuracy_tracker *tracker,
                                     const char *model_type,
                                     const char *model_version,
                                     double days,
                                     char **report_json);

/// The newest predictions. campaign_id may be NULL.
gv_status gv_accuracy_tracker_history(const gv_accuracy_tracker *tracker,
                                      const char *campaign_id,
                                      size_t limit,
                                      char **records_json);

/// Whether a model should learn again, and why: {"retrain": true, "reason": "..."}.
gv_status gv_accuracy_tracker_should_retrain(const gv_accuracy_tracker *tracker,
                                             const char *model_type,
                                             char **answer_json);

/// What a stated confidence has been worth so far, 0 to 1.
gv_status gv_accuracy_tracker_calibrated_confidence(const gv_accuracy_tracker *tracker,
                                                    const char *model_type,
                                                    double stated,
                                                    double *confidence);

/// Headline figures of every model.
gv_status gv_accuracy_tracker_dashboard(const gv_accuracy_tracker *tracker, char **dashboard_json);

/* ---- Retraining: models that learn from outcomes, judged on what they have not seen (component 16) ----
 *
 * Configurations, jobs and features are JSON; every text that is given as char * is freed with gv_string_free.
 */

/// Retrains models from the outcomes in a store; threads may share it.
typedef struct gv_retrain_pipeline gv_retrain_pipeline;

/// Opens the models of a store. config_json is an object ({"min_samples_for_retrain": 200}) or NULL.
gv_status gv_retrain_pipeline_new(const gv_store *store, const char *config_json, gv_retrain_pipeline **pipeline);

/// Frees it; what is stored stays. NULL is allowed.
void gv_retrain_pipeline_free(gv_retrain_pipeline *pipeline);

/// Whether a type of model should learn again, and why.
gv_status gv_retrain_pipeline_check(const gv_retrain_pipeline *pipeline, const char *model_type, char **need_json);

/// Makes a type of model learn now. trigger is "manual", "drift_detected", "accuracy_drop", "data_threshold" or
/// "scheduled".
gv_status gv_retrain_pipeline_start(const gv_retrain_pipeline *pipeline,
                                    const char *model_type,
                                    const char *trigger,
                                    char **job_json);

/// Retrains whatever is due, as a clock's job: what was run.
gv_status gv_retrain_pipeline_run_scheduled(const gv_retrain_pipeline *pipeline, char **jobs_json);

/// What became of a job; GV_NOT_FOUND where there is none of that id.
gv_status gv_retrain_pipeline_job(const gv_retrain_pipeline *pipeline, const char *job_id, char **job_json);

/// The newest jobs. model_type may be NULL.
gv_status gv_retrain_pipeline_history(const gv_retrain_pipeline *pipeline,
                                      const char *model_type,
                                      size_t limit,
                                      char **jobs_json);

/// Which versions are live, and what is going on.
gv_status gv_retrain_pipeline_status(const gv_retrain_pipeline *pipeline, char **status_json);

/// Makes a version live.
gv_status gv_retrain_pipeline_promote(const gv_retrain_pipeline *pipeline,
                                      const char *model_type,
                                      const char *version,
                                      char **aliases_json);

/// Makes the version live that was so before; null where there was none.
gv_status gv_retrain_pipeline_rollback(const gv_retrain_pipeline *pipeline,
                                       const char *model_type,
                                       char **aliases_json);

/// What the live model says of a list of creatives, each an object of features: {"version": "...", "estimates":
/// [{"mean": 1.9, "sd": 0.3}]}. GV_NOT_FOUND where no model is live yet.
gv_status gv_retrain_pipeline_predict(const gv_retrain_pipeline *pipeline,
                                      const char *model_type,
                                      const char *rows_json,
                                      char **answer_json);

/* ---- Runway video: paid tasks that are journaled, so that nothing is lost or paid twice (component 18) ----
 *
 * Requests and results are JSON; every text that is given as char * is freed with gv_string_free. A key given in options
 * is never shown; without one it is read from the environment.
 */

/// Speaks to Runway; threads may share it.
typedef struct gv_runway gv_runway;

/// Where a generation stands; lent for the call.
typedef struct {
    /// sizeof(gv_generation_progress) of the library that runs.
    uint32_t struct_size;
    /// 0; keeps what follows in place.
    uint32_t reserved;
    /// The service's name for the task, or NULL before it has one.
    const char *task_id;
    /// The state in the service's words, or NULL.
    const char *status;
    /// Share that is done, 0 to 1; NaN where the service does not say.
    double progress;
    /// Seconds since the first request.
    double elapsed;
} gv_generation_progress;

/// Hears of a generation about every 50 ms, on the thread that asked for it; another value than 0 cancels it, as far as
/// the service allows. A C++ exception must not leave it.
typedef int (*gv_generation_fn)(const gv_generation_progress *progress, void *userdata);

/// Makes a client. options_json is an object with any of api_key, base_url, allow_http, state_dir, spending_cap_usd,
/// timeout, poll_interval, max_wait (seconds), max_retries and download, or NULL. transport may be NULL: then the library
/// sends requests itself.
gv_status gv_runway_new(const char *options_json,
                        const gv_transport *transport,
                        gv_runway **runway);

/// Frees a client; tasks go on at the service. NULL is allowed.
void gv_runway_free(gv_runway *runway);

/// What a request will cost by the table: {"credits": 60.0, "usd": 0.6}. Nothing is sent.
gv_status gv_runway_estimate(const gv_runway *runway, const char *request_json, char **cost_json);

/// Generates a video, waits for it and downloads it. request_json is an object with prompt, and any of model, duration
/// (seconds), aspect_ratio ("16:9"), seed, image (a path, URL or data URI), style and fresh. A video that failed is a
/// result whose status says so, no error. progress may be NULL.
///
/// The same request is not paid twice: its earlier result is given, unless fresh is true.
gv_status gv_runway_generate(const gv_runway *runway,
                             const char *request_json,
                             gv_generation_fn progress,
                             void *userdata,
                             char **result_json);

/// Goes on to wait for a task that was paid for earlier, by this process or another.
gv_status gv_runway_resume(const gv_runway *runway,
                           const char *task_id,
                           gv_generation_fn progress,
                           void *userdata,
                           char **result_json);

/// Cancels a task that runs, or deletes one that ended.
gv_status gv_runway_cancel_task(const gv_runway *runway, const char *task_id);

/// Tasks that were paid for and have not ended, as a list of their names.
gv_status gv_runway_open_tasks(const gv_runway *runway, char **tasks_json);

/// What was spent, and on what.
gv_status gv_runway_ledger(const gv_runway *runway, char **ledger_json);

/* ---- ElevenLabs voice: paid speech that is journaled and stored, so that nothing is paid twice (component 19) ----
 *
 * Requests and reports are JSON; every text that is given as char * is freed with gv_string_free. A key given in options
 * is never shown; without one it is read from the environment.
 */

/// Speaks to ElevenLabs; threads may share it.
typedef struct gv_elevenlabs gv_elevenlabs;

/// What a script became; never changes, so threads may share it.
typedef struct gv_voice_over gv_voice_over;

/// Asked about every 50 ms, on the thread that asked for the voice: another value than 0 ends it. A C++ exception must
/// not leave it.
typedef int (*gv_cancel_fn)(void *userdata);

/// Makes a client. options_json is an object with any of api_key, base_url, allow_http, state_dir, spending_cap_usd,
/// timeout (seconds) and max_retries, or NULL. transport may be NULL: then the library sends requests itself.
gv_status gv_elevenlabs_new(const char *options_json, const gv_transport *transport, gv_elevenlabs **elevenlabs);

/// Frees a client. NULL is allowed.
void gv_elevenlabs_free(gv_elevenlabs *elevenlabs);

/// What a text will cost. model may be NULL. Nothing is sent.
gv_status gv_elevenlabs_estimate(const gv_elevenlabs *elevenlabs,
                                 const char *script,
                                 const char *model,
                                 char **cost_json);

/// Speaks a script. request_json is an object with text and voice (a name of a preset, or an id), and any of model,
/// settings, output_format ("mp3_44100_128"), language, seed, timestamps and fresh. stop may be NULL.
///
/// A script that fails in the middle pays for the missing pieces alone when it is asked for again.
gv_status gv_elevenlabs_speak(const gv_elevenlabs *elevenlabs,
                              const char *request_json,
                              gv_cancel_fn stop,
                              void *userdata,
                              gv_voice_over **voice_over);

/// Voices of the account.
gv_status gv_elevenlabs_voices(const gv_elevenlabs *elevenlabs, char **voices_json);

/// Clones a voice from samples_len recordings (MP3, WAV, Ogg, FLAC or M4A), each of which has samples_sizes bytes.
/// description may be NULL. voice_id is the new voice's.
gv_status gv_elevenlabs_clone_voice(const gv_elevenlabs *elevenlabs,
                                    const char *name,
                                    const char *description,
                                    const uint8_t *const *samples,
                                    const size_t *samples_sizes,
                                    size_t samples_len,
                                    char **voice_id);

/// What was spent, and on what.
gv_status gv_elevenlabs_ledger(const gv_elevenlabs *elevenlabs, char **ledger_json);

/// The audio: size bytes in the format that was asked for, lent by the voice-over.
gv_status gv_voice_over_audio(const gv_voice_over *voice_over, const uint8_t **bytes, size_t *size);

/// Everything but the audio: length, cost, files, times of the characters.
gv_status gv_voice_over_json(const gv_voice_over *voice_over, char **json);

/// Frees a voice-over. NULL is allowed.
void gv_voice_over_free(gv_voice_over *voice_over);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* GEMINIVIDEO_H */
