// What geminivideo.hpp promises beyond the C header: owners, exceptions, ranges. Prints "ok"; wrapper FILE analyses too.

#include <geminivideo.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace gv = geminivideo;

#define REQUIRE(condition)                                                       \
    do {                                                                         \
        if (!(condition)) {                                                      \
            std::fprintf(stderr, "line %d: " #condition " is false\n", __LINE__); \
            std::exit(1);                                                        \
        }                                                                        \
    } while (0)

template <class Function>
gv_status status_of(Function function) {
    try {
        function();
    } catch (const gv::Error &error) {
        REQUIRE(!std::string(error.what()).empty());
        return error.status();
    }
    return GV_OK;
}

static_assert(!std::is_copy_constructible<gv::Analysis>::value, "an owner is not copied");
static_assert(std::is_nothrow_move_constructible<gv::KillSwitch>::value, "an owner is moved");

static void refuses() {
    REQUIRE(status_of([] { gv::analyze_file("nowhere.mp4"); }) == GV_NOT_FOUND);
    REQUIRE(status_of([] { gv::analyze_file(std::string("a\0b", 3)); }) == GV_INVALID_INPUT);
    REQUIRE(status_of([] { gv::Analyzer(gv::video_format(99, 2, 2)); }) == GV_INVALID_INPUT);
    REQUIRE(status_of([] { gv::VariationGenerator("{\"sed\": 1}"); }) == GV_INVALID_INPUT);
    const gv::Store store(":memory:");
    REQUIRE(status_of([&] { gv::PatternsDb(store).get_pattern("none"); }) == GV_NOT_FOUND);
    REQUIRE(status_of([&] { gv::PatternsDb(store).benchmarks("none"); }) == GV_NOT_FOUND);
    REQUIRE(status_of([&] {
                gv::AccuracyTracker(store).record_actual("none", "{\"value\": 1}");
            }) == GV_NOT_FOUND);
}

static void walks_lists() {
    std::vector<gv_ad_metrics> ads{gv::ad_metrics("a"), gv::ad_metrics("b")};
    ads[0].spend = ads[1].spend = 300;
    ads[0].impressions = ads[1].impressions = 40000;
    ads[0].hours_running = ads[1].hours_running = 100;
    ads[0].clicks = 20;
    ads[1].clicks = 900;
    ads[1].conversions = 40;
    ads[1].revenue = 4000;
    gv::KillSwitch first;
    const gv::KillSwitch moved(std::move(first));
    const gv::KillDecisions decisions = moved.evaluate(ads);
    std::vector<std::string> stopped;
    for (const auto &decision : decisions)
        if (decision.action == GV_KILL_ACTION_KILL) stopped.push_back(decision.ad_id);
    REQUIRE(stopped == std::vector<std::string>{"a"});
    REQUIRE(decisions.size() == 2);
    REQUIRE(status_of([&] { decisions[2]; }) == GV_NOT_FOUND);
    REQUIRE(moved.evaluate({}).size() == 0);
}

// A detector that throws, or finds a box in the middle.
static gv::ObjectDetector boxes(bool throws) {
    return gv::ObjectDetector("boxes", [throws](const gv_picture &picture) {
        if (throws) throw std::runtime_error("the box is shut");
        const auto width = static_cast<float>(picture.width);
        const auto height = static_cast<float>(picture.height);
        return std::vector<gv_object>{gv::object(39, width / 4, height / 4, 10, 10, 0.5F),
                                      gv::object(0, width / 2, height / 2, 10, 10, 0.9F)};
    });
}

static void detects() {
    const std::vector<std::uint8_t> pixels(64 * 48 * 3, 90);
    const gv_picture picture = gv::picture(GV_LAYOUT_BGR24, 64, 48, pixels.data(), 64 * 3);
    const gv::ObjectDetector detector = boxes(false);
    REQUIRE(detector.name() == "boxes");
    const std::vector<gv_object> found = detector.detect(picture);
    REQUIRE(found.size() == 2 && found[0].class_id == 0 && found[1].x == 16);
    const gv::ObjectDetector broken = boxes(true);
    REQUIRE(status_of([&] { broken.detect(picture); }) == GV_CALLBACK);
    REQUIRE(std::string(gv_last_error_message()).find("the box is shut") != std::string::npos);
    REQUIRE(status_of([] { gv::ObjectDetector("", {}); }) == GV_OK);

    gv::AnalyzeOptions options;
    options.object_detector = &detector;
    options.faces = options.text = false;
    gv::Analyzer analyzer(gv::video_format(GV_LAYOUT_BGR24, 64, 48), options);
    const std::vector<float> silence(48000, 0.0F);
    analyzer.push_audio(gv::audio(0, silence.data(), silence.size(), 1, 48000));
    for (int number = 0; number < 20; ++number) analyzer.push(number * 50, pixels.data(), 64 * 3);
    const gv::Analysis analysis = analyzer.finish();
    std::size_t people = 0;
    for (const gv_object &object : analysis.objects()) people += object.class_id == 0 ? 1 : 0;
    REQUIRE(people > 0 && people * 2 == analysis.objects().size());
    REQUIRE(analysis.object_summary().has_people == GV_YES);
    REQUIRE(status_of([&] { analysis.face_presence(); }) == GV_UNAVAILABLE);
    REQUIRE(analysis.unknown().size() == 2 && analysis.unknown()[0].part == GV_PART_FACES);
    REQUIRE(static_cast<bool>(analysis.sound()));
    REQUIRE(analysis.sound().summary().duration == 1.0);
    REQUIRE(analysis.sound().beats().empty());
    const gv::Sync sync(analysis);
    REQUIRE(sync.points().empty() && sync.summary().audio_peaks == 0);
    const gv::CheckReport report(analysis, "reels");
    std::size_t failed = 0;
    for (const gv_finding &finding : report) failed += finding.outcome == GV_CHECK_FAIL ? 1 : 0;
    REQUIRE(failed > 0 && report.size() > failed && !report.passes(true));

    gv::Listener listener;
    listener.push(gv::audio(0, silence.data(), silence.size(), 1, 48000));
    const gv::Sound sound = listener.finish();
    REQUIRE(sound.view().summary().channels == 1);
    const gv::Sync other(analysis, sound.view(), 0.2);
    REQUIRE(other.summary().tolerance == 0.2);
}

static void hears_voices() {
    std::vector<float> sound(6 * 16000, 0.0F);
    for (std::size_t at = 2 * 16000; at < 4 * 16000; ++at)
        sound[at] = 0.3F * std::sin(0.0864F * static_cast<float>(at));
    const auto hear = [&](const gv::VoiceDetector &detector) {
        gv::Listener listener(gv::listen_options(&detector));
        listener.push(gv::audio(0, sound.data(), sound.size(), 1, 16000));
        const gv::Sound heard = listener.finish();
        return std::vector<gv_voice>(heard.view().voices().begin(), heard.view().voices().end());
    };
    const gv::VoiceDetector loud("loud", 16000, 160, [](const float *samples, std::size_t size) {
        std::vector<float> scores;
        for (std::size_t start = 0; start + 160 <= size; start += 160)
            scores.push_back(*std::max_element(samples + start, samples + start + 160) > 0.05F);
        return scores;
    });
    REQUIRE(loud.name() == "loud" && loud.rate() == 16000 && loud.frame() == 160);
    REQUIRE(loud.scores(std::vector<float>(330, 1.0F)) == std::vector<float>({1, 1}));
    const std::vector<gv_voice> voices = hear(loud);
    REQUIRE(voices.size() == 1 && std::fabs(voices[0].start_time - 2) < 0.02);

    const auto says = [&](const gv::VoiceDetector &detector, const std::string &words) {
        REQUIRE(status_of([&] { hear(detector); }) == GV_CALLBACK);
        return std::string(gv_last_error_message()).find(words) != std::string::npos;
    };
    using Scores = std::vector<float>;
    REQUIRE(says({"short", 16000, 160, [](const float *, std::size_t) { return Scores{1}; }},
                 "1 scores for 600 frames"));
    REQUIRE(says({"deaf", 16000, 160,
                  [](const float *, std::size_t) -> Scores { throw std::runtime_error("no ear"); }},
                 "no ear"));
    REQUIRE(says({"none", 16000, 160, nullptr}, "bad_function_call"));
    REQUIRE(status_of([] { gv::VoiceDetector("x", 16000, 0, nullptr); }) == GV_INVALID_INPUT);
    REQUIRE(status_of([] { gv::VoiceDetector::silero("nowhere.onnx"); }) == GV_NOT_FOUND);

    gv::AnalyzeOptions options;
    options.voice_detector = &loud;
    options.faces = options.objects = options.text = false;
    gv::Analyzer analyzer(gv::video_format(GV_LAYOUT_GRAY8, 64, 48), options);
    const std::vector<std::uint8_t> pixels(64 * 48, 90);
    for (int second = 0; second < 6; ++second) analyzer.push(second * 1000, pixels.data(), 64);
    analyzer.push_audio(gv::audio(0, sound.data(), sound.size(), 1, 16000));
    const gv::Analysis analysis = analyzer.finish();
    REQUIRE(analysis.sound().voices().size() == 1);
}

static void weighs_and_reads_pushed_frames() {
    const gv::FaceDetector everywhere("everywhere", [](const gv_picture &picture) {
        const auto width = static_cast<float>(picture.width);
        return std::vector<gv_face>{gv::face(0, 0, width / 2, 20, 0.9F)};
    });
    struct Unread {};
    const gv::TextReader reader("none", [](const gv_picture &) -> std::string { throw Unread{}; });
    gv::AnalyzeOptions options;
    options.face_detector = &everywhere;
    options.text_reader = &reader;
    options.objects = false;
    const gv_video_format format = gv::video_format(GV_LAYOUT_GRAY8, 64, 48);
    gv::MotionWeigher weigher(format, 2, options);
    gv::Analyzer analyzer(format, options);
    for (int number = 0; number < 5; ++number) {
        const std::vector<std::uint8_t> pixels(64 * 48, static_cast<std::uint8_t>(90 + number));
        weigher.push(number * 40, pixels.data(), 64);
        analyzer.push(number * 40, pixels.data(), 64);
    }
    const gv::WeightedMotion motion = weigher.finish();
    REQUIRE(motion.summary().weight == 2 && motion.frames().size() == 4);
    REQUIRE(status_of([&] { weigher.finish(); }) == GV_CONFLICT);
    // Nothing is written on a grey wall, so the reader is never asked.
    const gv::Analysis analysis = analyzer.finish();
    REQUIRE(analysis.face_presence().ratio == 1);
}

static void judges(const gv::Analysis &analysis) {
    const gv::Hook hook(analysis);
    const gv_hook_figures opening = hook.summary();
    double sum = 0;
    for (const gv_score_part &part : hook.ledger()) sum += part.value;
    REQUIRE(std::fabs(sum - opening.score) < 1e-9);
    std::size_t points = 0;
    double before = -1;
    for (const gv::AttentionPoint &point : hook.attention()) {
        REQUIRE(point.time > before && point.value >= 0 && point.value <= 1);
        before = point.time;
        ++points;
    }
    REQUIRE(points > 10 && points == hook.attention().size());
    const gv::Attention curve = analysis.attention();
    REQUIRE(curve[0].time == curve.times()[0] && curve[0].value == curve.values()[0]);
    REQUIRE(status_of([&] { curve[curve.size()]; }) == GV_NOT_FOUND);
    REQUIRE(hook.strengths().size() == 7);
    REQUIRE(hook.strengths()[GV_HOOK_MOTION].kind == GV_HOOK_MOTION);
    REQUIRE(gv::known(hook.strengths()[GV_HOOK_MOTION].strength).has_value());
    REQUIRE(!gv::known(std::nan("")).has_value());
    for (const gv_hook_improvement &improvement : hook.improvements())
        REQUIRE(!std::string(improvement.text).empty());

    const gv::Cta cta(analysis);
    REQUIRE(cta.summary().detected == GV_YES || cta.ledger().empty());
    REQUIRE(gv::known(cta.summary().start_time).has_value() == !cta.ledger().empty());
    for (const gv_cta_candidate &candidate : cta.candidates())
        REQUIRE(candidate.end_time > candidate.start_time && candidate.width > 0);
    for (const gv_cta_overlap &overlap : cta.overlaps()) REQUIRE(overlap.percent <= 100);
    REQUIRE(status_of([&] { cta.recommendations()[99]; }) == GV_NOT_FOUND);

    const gv::CtaPlace place(analysis, "ecommerce");
    const gv_cta_place_figures best = place.summary();
    REQUIRE(best.kind == GV_CTA_SHOP_NOW && best.end_time > best.start_time);
    REQUIRE(std::string(best.colour).front() == '#' && place.ledger().size() == 6);
    for (const gv_remark &step : place.steps()) REQUIRE(!std::string(step.text).empty());
}

static void stops(const std::string &path) {
    struct Stop {};
    gv::AnalyzeOptions options;
    options.on_progress = [](const gv_progress &) -> bool { throw Stop{}; };
    bool thrown = false;
    try {
        gv::analyze_file(path, options);
    } catch (const Stop &) {
        thrown = true;
    }
    REQUIRE(thrown);
    options.on_progress = [](const gv_progress &progress) { return progress.frames < 3; };
    REQUIRE(status_of([&] { gv::analyze_file(path, options); }) == GV_CANCELLED);
    options.on_progress = nullptr;
    const gv::Analysis analysis = gv::analyze_file(path, options);
    REQUIRE(analysis.shots().size() >= 1);
    REQUIRE(analysis.motion()[0].frame == 1);
    REQUIRE(analysis.json().front() == '{');
    REQUIRE(analysis.trigger_plan().find("windows") != std::string::npos);
    REQUIRE(analysis.hook().find("hook_type") != std::string::npos);
    REQUIRE(analysis.cta().front() == '{');
    REQUIRE(analysis.cta_timing("ecommerce").front() == '{');
    REQUIRE(status_of([&] { analysis.cta("[]"); }) != GV_OK);
    REQUIRE(status_of([&] { gv::Cta(analysis, "[]"); }) == GV_INVALID_INPUT);
    judges(analysis);
    REQUIRE(analysis.pattern().find("hook_pattern") != std::string::npos);
    REQUIRE(status_of([&] { analysis.attention_at(1e9); }) == GV_NOT_FOUND);
}

static int no_network(const gv_http_request *, gv_http_reply *, void *userdata) {
    ++*static_cast<int *>(userdata);
    gv_explain("the cable is out");
    return GV_HTTP_NO_CONNECTION;
}

static void sends_nothing_by_itself() {
    int calls = 0;
    gv_transport_functions functions{};
    functions.struct_size = sizeof functions;
    functions.name = "none";
    functions.send = no_network;
    functions.userdata = &calls;
    const gv::Transport transport(functions);
    const char *options = R"({"api_key": "k", "state_dir": "", "max_retries": 0})";
    const gv::Runway runway(options, &transport);
    REQUIRE(runway.estimate(R"({"prompt": "a cup"})").find("credits") != std::string::npos);
    REQUIRE(calls == 0);
    REQUIRE(status_of([&] { runway.generate(R"({"prompt": "a cup"})"); }) == GV_TRANSPORT);
    const gv::ElevenLabs elevenlabs(options, &transport);
    REQUIRE(status_of([&] {
                elevenlabs.speak(R"({"text": "Hello.", "voice": "josh"})");
            }) == GV_TRANSPORT);
    REQUIRE(calls == 2);
    struct Stop {};
    bool thrown = false;
    try {
        runway.generate(R"({"prompt": "b"})", [](const gv_generation_progress &) -> bool {
            throw Stop{};
        });
    } catch (const Stop &) {
        thrown = true;
    }
    REQUIRE(thrown);
}

static void acts_on_no_platform() {
    const gv::AdPlatform meta = gv::AdPlatform::meta(R"({"access_token": "t"})");
    const gv::Executor executor(meta);
    REQUIRE(executor.preview({}).find("\"steps\":[]") != std::string::npos);
    REQUIRE(status_of([&] { executor.apply({gv::change(7, "ad")}); }) == GV_INVALID_INPUT);
    REQUIRE(status_of([&] { executor.revert("none"); }) != GV_OK);
    REQUIRE(status_of([] { gv::AdPlatform(gv_ad_platform_functions{}); }) == GV_INVALID_INPUT);
    gv::VariationGenerator generator;
    REQUIRE(status_of([&] { generator.set_model(gv_performance_model_functions{}); }) ==
            GV_INVALID_INPUT);
}

int main(int argc, char **argv) {
    refuses();
    detects();
    hears_voices();
    weighs_and_reads_pushed_frames();
    walks_lists();
    sends_nothing_by_itself();
    acts_on_no_platform();
    if (argc > 1) stops(argv[1]);
    std::puts("ok");
    return 0;
}
