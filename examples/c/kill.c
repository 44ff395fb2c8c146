/* Which of three ads to stop, and where their money should go. */

#include <geminivideo.h>
#include <inttypes.h>
#include <stdio.h>

enum { ADS = 3 };

static const struct figures {
    const char *id;
    double spend, daily_budget, revenue;
    uint64_t impressions, clicks, conversions;
} account[ADS] = {
    {"ad_winner", 480, 40, 1900, 40000, 640, 38},
    {"ad_steady", 450, 40, 980, 42000, 520, 20},
    {"ad_loser", 420, 40, 0, 52000, 90, 0},
};

static int failed(gv_status status) {
    fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    return 1;
}

static int kill_losers(void) {
    gv_kill_options options;
    gv_kill_switch *kill_switch = NULL;
    gv_kill_decisions *decisions = NULL;
    gv_ad_metrics ads[ADS];
    gv_status status;
    size_t i;

    gv_kill_options_init(&options);
    options.target_cpa = 25;
    status = gv_kill_switch_new(&options, &kill_switch);
    if (status != GV_OK) return failed(status);
    for (i = 0; i < ADS; i++) {
        gv_ad_metrics_init(&ads[i]);
        ads[i].ad_id = account[i].id;
        ads[i].spend = account[i].spend;
        ads[i].budget = 1000;
        ads[i].impressions = account[i].impressions;
        ads[i].clicks = account[i].clicks;
        ads[i].conversions = account[i].conversions;
        ads[i].revenue = account[i].revenue;
        ads[i].hours_running = 288;
    }
    status = gv_kill_switch_evaluate(kill_switch, ads, ADS, &decisions);
    for (i = 0; status == GV_OK && i < gv_kill_decisions_len(decisions); i++) {
        gv_kill_decision decision;
        decision.struct_size = sizeof decision;
        status = gv_kill_decisions_get(decisions, i, &decision);
        if (status != GV_OK) break;
        printf("%s: %s (%.0f %%). %s\n", decision.ad_id,
               decision.action == GV_KILL_ACTION_KILL ? "stop" : "keep",
               100 * decision.confidence, decision.recommendation);
    }
    gv_kill_decisions_free(decisions);
    gv_kill_switch_free(kill_switch);
    return status == GV_OK ? 0 : failed(status);
}

static int move_budgets(void) {
    gv_budget_optimizer *optimizer = NULL;
    gv_budget_plan *plan = NULL;
    gv_ad_performance ads[ADS];
    int64_t sum = 0;
    gv_status status;
    size_t i;

    status = gv_budget_optimizer_new(NULL, &optimizer);
    if (status != GV_OK) return failed(status);
    for (i = 0; i < ADS; i++) {
        gv_ad_performance_init(&ads[i]);
        ads[i].ad_id = account[i].id;
        ads[i].spend = account[i].spend;
        ads[i].daily_budget = account[i].daily_budget;
        ads[i].impressions = account[i].impressions;
        ads[i].clicks = account[i].clicks;
        ads[i].conversions = account[i].conversions;
        ads[i].revenue = account[i].revenue;
        ads[i].hours_active = 288;
    }
    status = gv_budget_optimizer_plan(optimizer, ads, ADS, 0, &plan);
    for (i = 0; status == GV_OK && i < gv_budget_plan_len(plan); i++) {
        gv_planned_budget budget;
        budget.struct_size = sizeof budget;
        status = gv_budget_plan_get(plan, i, &budget);
        if (status != GV_OK) break;
        sum += budget.budget_cents;
        printf("%s: %.2f to %.2f a day%s%s\n", budget.ad_id, (double)budget.current_cents / 100,
               (double)budget.budget_cents / 100, budget.reason ? ", " : "",
               budget.reason ? budget.reason : "");
    }
    if (status == GV_OK && sum + gv_budget_plan_unallocated_cents(plan) !=
                               gv_budget_plan_total_cents(plan)) {
        fprintf(stderr, "the budgets do not add up\n");
        status = GV_INTERNAL;
    }
    gv_budget_plan_free(plan);
    gv_budget_optimizer_free(optimizer);
    return status == GV_OK ? 0 : failed(status);
}

int main(void) { return kill_losers() || move_budgets(); }
