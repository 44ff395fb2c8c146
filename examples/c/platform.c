/* Moves budgets on a platform that the program speaks to itself, here one in memory, and undoes it. */

#include <geminivideo.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ADS = 2 };

/* A real program would send requests to its platform. */
static struct ad {
    const char *id;
    uint32_t running;
    int64_t budget_cents;
} ads[ADS] = {{"ad_1", 1, 4000}, {"ad_2", 1, 4000}};

static struct ad *find(const char *id) {
    int i;
    for (i = 0; i < ADS; i++)
        if (strcmp(ads[i].id, id) == 0) return &ads[i];
    gv_explain("there is no such ad");
    return NULL;
}

static gv_status state(const char *ad_id, gv_ad_state *told, void *userdata) {
    const struct ad *ad = find(ad_id);
    (void)userdata;
    if (!ad) return GV_NOT_FOUND;
    told->running = ad->running;
    told->daily_budget_cents = ad->budget_cents;
    snprintf(told->budget_owner, sizeof told->budget_owner, "set of %s", ad->id);
    snprintf(told->currency, sizeof told->currency, "EUR");
    return GV_OK;
}

static gv_status pause_ad(const char *ad_id, void *userdata) {
    struct ad *ad = find(ad_id);
    (void)userdata;
    if (!ad) return GV_NOT_FOUND;
    ad->running = 0;
    return GV_OK;
}

static gv_status resume_ad(const char *ad_id, void *userdata) {
    struct ad *ad = find(ad_id);
    (void)userdata;
    if (!ad) return GV_NOT_FOUND;
    ad->running = 1;
    return GV_OK;
}

static gv_status set_budget(const char *ad_id, const gv_ad_state *before, int64_t cents,
                            void *userdata) {
    struct ad *ad = find(ad_id);
    (void)before, (void)userdata;
    if (!ad) return GV_NOT_FOUND;
    ad->budget_cents = cents;
    return GV_OK;
}

static void show(const char *when) {
    int i;
    for (i = 0; i < ADS; i++)
        printf("%s: %s %s, %.2f a day\n", when, ads[i].id, ads[i].running ? "runs" : "is paused",
               (double)ads[i].budget_cents / 100);
}

int main(void) {
    gv_ad_platform_functions functions;
    gv_ad_platform *platform = NULL;
    gv_executor *executor = NULL;
    gv_change changes[ADS];
    char *run = NULL, *undone = NULL;
    char name[64] = "";
    const char *at;
    gv_status status;

    memset(&functions, 0, sizeof functions);
    functions.struct_size = sizeof functions;
    functions.name = "memory";
    functions.state = state;
    functions.pause = pause_ad;
    functions.resume = resume_ad;
    functions.set_daily_budget = set_budget;
    status = gv_ad_platform_new(&functions, &platform);
    if (status == GV_OK)
        status = gv_executor_new(platform, NULL, GV_NO_CENTS, GV_NO_CENTS, &executor);

    gv_change_init(&changes[0]);
    changes[0].kind = GV_CHANGE_BUDGET;
    changes[0].ad_id = "ad_1";
    changes[0].budget_cents = 6000;
    changes[0].assumed_cents = 4000;
    gv_change_init(&changes[1]);
    changes[1].kind = GV_CHANGE_PAUSE;
    changes[1].ad_id = "ad_2";
    show("before");
    if (status == GV_OK) status = gv_executor_apply(executor, changes, ADS, &run);
    show("after");
    at = run ? strstr(run, "\"run\":\"") : NULL;
    if (at) sscanf(at, "\"run\":\"%63[^\"]", name);
    if (status == GV_OK) status = gv_executor_revert(executor, name, &undone);
    show("undone");
    if (status != GV_OK)
        fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    gv_string_free(undone);
    gv_string_free(run);
    gv_executor_free(executor);
    gv_ad_platform_free(platform);
    return status == GV_OK ? 0 : 1;
}
