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

/// Frees a text that a function of this library gave as char *. NULL is allowed.
void gv_string_free(char *text);

/* ---- What an analysis found ----
 *
 * Times are presentation times in seconds, frames are counted from 0. gv_analysis_json tells everything; the other
 * functions tell what most programs ask for.
 */

/// Next to nothing moves.
#define GV_MOTION_STATIC 0

/// Smooth motion.
#define GV_MOTION_SMOOTH 1

/// Fast motion.
#define GV_MOTION_FAST 2

/// Chaotic motion.
#define GV_MOTION_CHAOTIC 3

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

/// The attention peak of the opening.
#define GV_MOMENT_HOOK 0

/// A shot boundary, or a strong change of how much moves.
#define GV_MOMENT_TRANSITION 1

/// The calm picture of the closing section that an attention peak leads to.
#define GV_MOMENT_CTA 2

/// A held shot in the middle, much calmer than the rest, or calm with a face.
#define GV_MOMENT_EMOTIONAL 3

/// It was not looked at, so nobody knows.
#define GV_UNKNOWN -1

/// It was looked for, and is not there.
#define GV_NO 0

/// It is there.
#define GV_YES 1

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

/// Frees an analysis. NULL is allowed.
void gv_analysis_free(gv_analysis *analysis);

/// Everything as one JSON document, to be freed with gv_string_free; its field schema_version tells its shape.
gv_status gv_analysis_json(const gv_analysis *analysis, char **json);

/// The headline figures. summary->struct_size must be set.
gv_status gv_analysis_summary(const gv_analysis *analysis, gv_summary *summary);

/// Number of shots; they cover every frame once. 0 for NULL.
size_t gv_analysis_shots_len(const gv_analysis *analysis);

/// The shot at index. shot->struct_size must be set.
gv_status gv_analysis_shots_get(const gv_analysis *analysis, size_t index, gv_shot *shot);

/// Number of moments that stand out. 0 for NULL.
size_t gv_analysis_moments_len(const gv_analysis *analysis);

/// The moment at index. moment->struct_size must be set.
gv_status gv_analysis_moments_get(const gv_analysis *analysis, size_t index, gv_moment *moment);

/// Number of measured pairs of frames. 0 for NULL.
size_t gv_analysis_motion_len(const gv_analysis *analysis);

/// The measured pair at index, in time order. frame->struct_size must be set.
gv_status gv_analysis_motion_get(const gv_analysis *analysis, size_t index, gv_motion_frame *frame);

/// The attention curve: len times and as many values from 0 to 1, borrowed from the analysis.
gv_status gv_analysis_attention(const gv_analysis *analysis, const double **times, const double **values, size_t *len);

/// Attention at a time, 0 to 1; GV_NOT_FOUND outside the video.
gv_status gv_analysis_attention_at(const gv_analysis *analysis, double time, double *value);

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
    /// Threads at most, results do not depend on it; 0 takes what the process may use.
    uint32_t num_threads;
    /// Pixels on the long side of the picture in which motion and shots are looked at, 32 to 4096; 320 is usual.
    uint32_t motion_long_side;
    /// By which method motion is measured: GV_MOTION_...
    uint32_t motion_method;
    /// The ffmpeg program; NULL takes that of the environment variable GV_FFMPEG, else the one on the PATH.
    const char *ffmpeg;
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
gv_status gv_analyze_file(const char *path, const gv_analyze_options *options, gv_progress_fn progress, void *userdata, gv_analysis **analysis);

/* ---- Analysing frames that the program pushes, out of its own decoder or renderer ----
 *
 * Make an analyzer, push every frame in the order of its time, finish. The analysis runs beside the program, on threads
 * of the library's own; pushing waits where it falls behind by more than a few frames.
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

/// Analyses the frames of one video. Threads may share it: what one of them asks waits for what another does, but for
/// gv_analyzer_cancel.
typedef struct gv_analyzer gv_analyzer;

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

/// Makes an analyzer of frames of one format. options may be NULL.
gv_status gv_analyzer_new(const gv_video_format *format, const gv_analyze_options *options, gv_analyzer **analyzer);

/// Takes the next frame; returns when its bytes are no longer needed.
///
/// Errors: GV_INVALID_INPUT for a frame that goes back in time, GV_CONFLICT after gv_analyzer_finish, and what made the
/// analysis itself end.
gv_status gv_analyzer_push_frame(gv_analyzer *analyzer, const gv_frame *frame);

/// Ends the video, waits for the analysis and gives it. The analyzer is then of no more use and is to be freed.
///
/// A video without frames is no error: nothing is found in it.
gv_status gv_analyzer_finish(gv_analyzer *analyzer, gv_analysis **analysis);

/// Makes pushing and finishing end with GV_CANCELLED; may be called from any thread while they run.
gv_status gv_analyzer_cancel(const gv_analyzer *analyzer);

/// Frees an analyzer; one that was not finished is cancelled. NULL is allowed.
void gv_analyzer_free(gv_analyzer *analyzer);

/* ---- Psychological timing: when a viewer can take which message in (component 4) ----
 */

/// Places triggers in an analysed video: a JSON object with windows and a recommended structure. Free it with
/// gv_string_free.
gv_status gv_trigger_plan(const gv_analysis *analysis, char **plan_json);

/// Places triggers in samples of motion: len times in seconds, in order, and energies in source pixels per frame
/// interval; faces holds GV_YES, GV_NO or GV_UNKNOWN for each, or is NULL. Free plan_json with gv_string_free.
gv_status gv_trigger_plan_of_samples(const double *times, const double *energies, const int32_t *faces, size_t len, char **plan_json);

/* ---- The variation generator: designs that teach the most for their number (component 10) ----
 *
 * Concepts, variations and options are JSON; every text that is given as char * is freed with gv_string_free.
 */

/// Makes variations of a concept; never changes, so threads may share it.
typedef struct gv_variation_generator gv_variation_generator;

/// Makes a generator. options_json is an object ({"seed": 7, "strategy": ...}) or NULL.
gv_status gv_variation_generator_new(const char *options_json, gv_variation_generator **generator);

/// Frees a generator. NULL is allowed.
void gv_variation_generator_free(gv_variation_generator *generator);

/// Makes count variations of a concept: an object with a list, "variations", and what is to be known of it.
gv_status gv_variation_generator_generate(const gv_variation_generator *generator, const char *concept_json, size_t count, char **set_json);

/// Puts a list of variations in the order of what is expected of them, best first.
gv_status gv_variation_generator_rank(const gv_variation_generator *generator, const char *variations_json, char **ranked_json);

/// Writes a list of variations out for a render tool: scenes with times and texts. concept_json may be NULL.
gv_status gv_variation_generator_export(const gv_variation_generator *generator, const char *variations_json, const char *concept_json, char **exported_json);

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
gv_status gv_budget_optimizer_plan(const gv_budget_optimizer *optimizer, const gv_ad_performance *ads, size_t ads_len, double total_daily_budget, gv_budget_plan **plan);

/// The account summed up, as a JSON object. Free it with gv_string_free.
gv_status gv_budget_optimizer_report_json(const gv_budget_optimizer *optimizer, const gv_ad_performance *ads, size_t ads_len, char **json);

/// The next 1 to 365 days, acting every day against holding, as a JSON object. Free it with gv_string_free.
gv_status gv_budget_optimizer_simulate_json(const gv_budget_optimizer *optimizer, const gv_ad_performance *ads, size_t ads_len, uint32_t days, char **json);

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
gv_status gv_kill_switch_evaluate(const gv_kill_switch *kill_switch, const gv_ad_metrics *ads, size_t ads_len, gv_kill_decisions **decisions);

/// Judges ads that were paused hours_since_kill hours ago: those that late conversions have exonerated get
/// GV_KILL_ACTION_REVIVE, the others stay paused.
gv_status gv_kill_switch_review_killed(const gv_kill_switch *kill_switch, const gv_ad_metrics *ads, size_t ads_len, double hours_since_kill, gv_kill_decisions **decisions);

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

/// Opens a store, and makes it where there is none: a file, "sqlite:///path", ":memory:", or NULL for the usual place.
///
/// The usual place is the one in PATTERNS_DB_PATH, else geminivideo.db in GV_DATA_DIR, else in the user's data folder.
gv_status gv_store_open(const char *address, gv_store **store);

/// Names the store, without a password. Free the text with gv_string_free.
gv_status gv_store_describe(const gv_store *store, char **description);

/// Copies the store into a new file while it is in use.
gv_status gv_store_backup(const gv_store *store, const char *path);

/// Frees a store. NULL is allowed.
void gv_store_free(gv_store *store);

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
gv_status gv_campaign_learner_recommend(const gv_campaign_learner *learner, const char *industry, const char *objective, const char *account, const char *audience_json, char **recommendations_json);

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
gv_status gv_feedback_loop_process_all(const gv_feedback_loop *feedback, const char *events_json, char **processed_json);

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

/// Answers an HTTP request that brings events: {"status": 200, "content_type": "...", "body": "..."}.
///
/// keys_json is {"app_secret": "...", "verify_token": "..."}; target is the path with its query; headers_json is an
/// object of names and values; the body's signature is checked over its raw bytes before it is read. Every event is
/// durable when the answer is 200. An error is the store's: answer with a 5xx, and the sender will try again.
gv_status gv_feedback_loop_handle_webhook(const gv_feedback_loop *feedback, const char *keys_json, const char *method, const char *target, const char *headers_json, const uint8_t *body, size_t body_len, char **answer_json);

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
gv_status gv_accuracy_tracker_record_prediction(const gv_accuracy_tracker *tracker, const char *prediction_json, char **record_json);

/// Records what came of a prediction: an object with value, and optionally events (the counted ones that it rests on),
/// matured (true is usual) and at (milliseconds since 1970 UTC). GV_NOT_FOUND where the prediction is not known.
gv_status gv_accuracy_tracker_record_actual(const gv_accuracy_tracker *tracker, const char *prediction_id, const char *actual_json, char **record_json);

/// How right predictions of the last days were. model_type and model_version may be NULL: then they do not matter.
gv_status gv_accuracy_tracker_report(const gv_accuracy_tracker *tracker, const char *model_type, const char *model_version, double days, char **report_json);

/// The newest predictions. campaign_id may be NULL.
gv_status gv_accuracy_tracker_history(const gv_accuracy_tracker *tracker, const char *campaign_id, size_t limit, char **records_json);

/// Whether a model should learn again, and why: {"retrain": true, "reason": "..."}.
gv_status gv_accuracy_tracker_should_retrain(const gv_accuracy_tracker *tracker, const char *model_type, char **answer_json);

/// What a stated confidence has been worth so far, 0 to 1.
gv_status gv_accuracy_tracker_calibrated_confidence(const gv_accuracy_tracker *tracker, const char *model_type, double stated, double *confidence);

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
gv_status gv_retrain_pipeline_start(const gv_retrain_pipeline *pipeline, const char *model_type, const char *trigger, char **job_json);

/// Retrains whatever is due, as a clock's job: what was run.
gv_status gv_retrain_pipeline_run_scheduled(const gv_retrain_pipeline *pipeline, char **jobs_json);

/// What became of a job; GV_NOT_FOUND where there is none of that id.
gv_status gv_retrain_pipeline_job(const gv_retrain_pipeline *pipeline, const char *job_id, char **job_json);

/// The newest jobs. model_type may be NULL.
gv_status gv_retrain_pipeline_history(const gv_retrain_pipeline *pipeline, const char *model_type, size_t limit, char **jobs_json);

/// Which versions are live, and what is going on.
gv_status gv_retrain_pipeline_status(const gv_retrain_pipeline *pipeline, char **status_json);

/// Makes a version live.
gv_status gv_retrain_pipeline_promote(const gv_retrain_pipeline *pipeline, const char *model_type, const char *version, char **aliases_json);

/// Makes the version live that was so before; null where there was none.
gv_status gv_retrain_pipeline_rollback(const gv_retrain_pipeline *pipeline, const char *model_type, char **aliases_json);

/// What the live model says of a list of creatives, each an object of features: {"version": "...", "estimates":
/// [{"mean": 1.9, "sd": 0.3}]}. GV_NOT_FOUND where no model is live yet.
gv_status gv_retrain_pipeline_predict(const gv_retrain_pipeline *pipeline, const char *model_type, const char *rows_json, char **answer_json);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* GEMINIVIDEO_H */
