/// geminivideo for C++17: objects that free themselves, exceptions for statuses, ranges for lists.
///
/// Header only, over geminivideo.h. An object is moved, not copied; what it lends (lists, their items' texts) is valid as
/// long as it lives: a list of a temporary does not compile. Where a text is NULL in C it is nullptr here.

#ifndef GEMINIVIDEO_HPP
#define GEMINIVIDEO_HPP

#include "geminivideo.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
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

/// A list inside an object, to be walked with for; its items are values.
template <class Object, class Item, std::size_t (*Length)(const Object *),
          gv_status (*Get)(const Object *, std::size_t, Item *)>
class List {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using pointer = const Item *;
        using reference = Item;

        iterator(const Object *object, std::size_t index) noexcept
            : object_(object), index_(index) {}
        Item operator*() const { return at(object_, index_); }
        iterator &operator++() noexcept {
            ++index_;
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator before = *this;
            ++index_;
            return before;
        }
        bool operator==(const iterator &other) const noexcept { return index_ == other.index_; }
        bool operator!=(const iterator &other) const noexcept { return index_ != other.index_; }

    private:
        const Object *object_;
        std::size_t index_;
    };

    explicit List(const Object *object) noexcept : object_(object) {}
    std::size_t size() const noexcept { return Length(object_); }
    bool empty() const noexcept { return size() == 0; }
    /// The item at an index; Error with GV_NOT_FOUND beyond the end.
    Item operator[](std::size_t index) const { return at(object_, index); }
    iterator begin() const noexcept { return iterator(object_, 0); }
    iterator end() const noexcept { return iterator(object_, size()); }

private:
    static Item at(const Object *object, std::size_t index) {
        Item item{};
        item.struct_size = sizeof item;
        detail::check(Get(object, index, &item));
        return item;
    }

    const Object *object_;
};

/// The attention curve, lent by an Analysis.
struct Attention {
    const double *times;
    const double *values;
    std::size_t size;
};

/// What was found in a video.
class Analysis : public detail::Owned<gv_analysis, gv_analysis_free> {
public:
    using Owned::Owned;
    using Shots = List<gv_analysis, gv_shot, gv_analysis_shots_len, gv_analysis_shots_get>;
    using Moments = List<gv_analysis, gv_moment, gv_analysis_moments_len, gv_analysis_moments_get>;
    using Motion =
        List<gv_analysis, gv_motion_frame, gv_analysis_motion_len, gv_analysis_motion_get>;

    gv_summary summary() const {
        gv_summary summary{};
        summary.struct_size = sizeof summary;
        detail::check(gv_analysis_summary(get(), &summary));
        return summary;
    }
    Shots shots() const & noexcept { return Shots(get()); }
    Shots shots() const && = delete;
    Moments moments() const & noexcept { return Moments(get()); }
    Moments moments() const && = delete;
    Motion motion() const & noexcept { return Motion(get()); }
    Motion motion() const && = delete;
    Attention attention() const && = delete;
    Attention attention() const & {
        Attention curve{};
        detail::check(gv_analysis_attention(get(), &curve.times, &curve.values, &curve.size));
        return curve;
    }
    double attention_at(double time) const {
        double value = 0;
        detail::check(gv_analysis_attention_at(get(), time, &value));
        return value;
    }
    /// Everything as one JSON document.
    std::string json() const { return detail::text_of(gv_analysis_json, get()); }
    /// Where triggers belong, as JSON (component 4).
    std::string trigger_plan() const { return detail::text_of(gv_trigger_plan, get()); }
    /// What was measured, as a pattern of the winning patterns database.
    std::string pattern() const { return detail::text_of(gv_pattern_of_analysis, get()); }
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
    /// Called on the caller's thread; false ends the analysis. What it throws ends it too, and is thrown on.
    std::function<bool(const gv_progress &)> on_progress;

    gv_analyze_options in_c() const {
        gv_analyze_options options{};
        gv_analyze_options_init(&options);
        options.num_threads = num_threads;
        options.motion_long_side = motion_long_side;
        options.motion_method = motion_method;
        options.ffmpeg = ffmpeg.empty() ? nullptr : detail::c_text(ffmpeg);
        return options;
    }
};

/// Analyses a video file.
inline Analysis analyze_file(const std::string &path, const AnalyzeOptions &options = {}) {
    struct Watch {
        const std::function<bool(const gv_progress &)> *on_progress;
        std::exception_ptr thrown;
    } watch{&options.on_progress, nullptr};
    const gv_progress_fn tell = [](const gv_progress *progress, void *userdata) -> int {
        auto &watched = *static_cast<Watch *>(userdata);
        try {
            return (*watched.on_progress)(*progress) ? 0 : 1;
        } catch (...) {
            watched.thrown = std::current_exception();
            return 1;
        }
    };
    const gv_analyze_options given = options.in_c();
    gv_analysis *analysis = nullptr;
    const gv_status status = gv_analyze_file(detail::c_text(path), &given,
                                             options.on_progress ? tell : nullptr, &watch,
                                             &analysis);
    if (watch.thrown) {
        gv_analysis_free(analysis);
        std::rethrow_exception(watch.thrown);
    }
    detail::check(status);
    return Analysis(analysis);
}

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

/// Analyses frames that the program pushes.
class Analyzer : public detail::Owned<gv_analyzer, gv_analyzer_free> {
public:
    explicit Analyzer(const gv_video_format &format, const AnalyzeOptions &options = {})
        : Owned(make(format, options)) {}

    /// Takes the next frame.
    void push(const gv_frame &frame) { detail::check(gv_analyzer_push_frame(get(), &frame)); }
    /// Takes the next frame of a layout with one plane.
    void push(std::int64_t pts, const std::uint8_t *pixels, std::ptrdiff_t stride) {
        gv_frame frame{};
        gv_frame_init(&frame);
        frame.pts = pts;
        frame.planes[0] = pixels;
        frame.strides[0] = stride;
        push(frame);
    }
    /// Ends the video and waits for the analysis.
    Analysis finish() {
        return Analysis(detail::made_by<gv_analysis>(gv_analyzer_finish, get()));
    }
    /// Makes push and finish throw; may be called from any thread.
    void cancel() const { detail::check(gv_analyzer_cancel(get())); }

private:
    static gv_analyzer *make(const gv_video_format &format, const AnalyzeOptions &options) {
        const gv_analyze_options given = options.in_c();
        return detail::made_by<gv_analyzer>(gv_analyzer_new, &format, &given);
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
