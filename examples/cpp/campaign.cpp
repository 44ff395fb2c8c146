// A campaign from variations over kills and budgets to what it teaches the next one. Records are kept in memory here;
// give Store a path to keep them.

#include <geminivideo.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace gv = geminivideo;

namespace {

const char *const product_idea = R"({"id": "cup", "product": "Everwarm cup", "industry": "homeware",
    "hook_script": "Cold coffee again?", "cta_text": "Order yours", "objective": "conversions"})";

void decide() {
    gv_kill_options options = gv::kill_options();
    options.target_cpa = 25;
    std::vector<gv_ad_metrics> ads{gv::ad_metrics("winner"), gv::ad_metrics("loser")};
    for (auto &ad : ads) {
        ad.spend = 450;
        ad.budget = 1000;
        ad.impressions = 45000;
        ad.hours_running = 288;
    }
    ads[0].clicks = 640;
    ads[0].conversions = 38;
    ads[0].revenue = 1900;
    ads[1].clicks = 80;
    for (const gv_kill_decision &decision : gv::KillSwitch(options).evaluate(ads))
        std::printf("%s: %s\n", decision.ad_id, decision.recommendation);
}

void learn(const gv::Store &store) {
    using std::chrono::milliseconds;
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const auto now = std::chrono::duration_cast<milliseconds>(since_1970).count();

    const gv::CampaignLearner learner(store);
    for (const char *id : {"spring", "summer", "autumn"}) {
        learner.add(std::string(R"({"campaign_id": ")") + id +
                    R"(", "account_id": "a", "industry": "homeware", "objective": "conversions",
            "winning_hooks": ["question"], "best_roas": 2.8, "best_ctr": 0.014, "best_cpa": 21,
            "total_spend": 5000, "total_conversions": 240, "confidence_score": 0.8,
            "data_points": 240, "campaign_duration_days": 30, "extracted_at": )" +
                    std::to_string(now) + "}");
    }
    std::printf("advice: %s\n", learner.recommend("homeware", "conversions").c_str());

    const gv::PatternsDb patterns(store);
    const std::string id = patterns.add(R"({"source_platform": "meta", "ad_format": "video",
        "industry": "homeware", "objective": "conversions", "estimated_roas": 2.8,
        "hook_pattern": {"hook_type": "question"}})");
    std::printf("pattern %s: %s\n", id.c_str(), patterns.find(R"({"limit": 1})").c_str());

    const gv::AccuracyTracker tracker(store);
    tracker.record_prediction(R"({"prediction_id": "p1", "model_type": "roas",
        "model_version": "1", "predicted_value": 2.5, "confidence": 0.7, "metric_type": "roas",
        "campaign_id": "spring", "creative_id": "c1"})");
    std::printf("outcome: %s\n",
                tracker.record_actual("p1", R"({"value": 2.8, "events": 38})").c_str());
}

}  // namespace

int main() try {
    const gv::VariationGenerator generator;
    std::printf("variations: %s\n", generator.generate(product_idea, 4).c_str());
    decide();
    learn(gv::Store(":memory:"));
    return 0;
} catch (const gv::Error &error) {
    std::fprintf(stderr, "error %u: %s\n", static_cast<unsigned>(error.status()), error.what());
    return 1;
} catch (const std::exception &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
}
