// What geminivideo.hpp promises beyond the C header: owners, exceptions, ranges. Prints "ok"; wrapper FILE analyses too.

#include <geminivideo.hpp>

#include <cstdio>
#include <cstdlib>
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
    REQUIRE(analysis.pattern().find("hook_pattern") != std::string::npos);
    REQUIRE(status_of([&] { analysis.attention_at(1e9); }) == GV_NOT_FOUND);
}

int main(int argc, char **argv) {
    refuses();
    walks_lists();
    if (argc > 1) stops(argv[1]);
    std::puts("ok");
    return 0;
}
