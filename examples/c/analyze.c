/* Analyses a video file: analyze FILE [--json] */

#include <geminivideo.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const moments[] = {"hook", "transition", "call to action", "emotional"};
static const char *const hooks[] = {"a face",          "motion",           "writing", "sound",
                                    "an interruption", "before and after", "a question"};

/* Called on this thread; another value than 0 would stop the analysis. */
static int show_progress(const gv_progress *progress, void *userdata) {
    uint64_t *shown = (uint64_t *)userdata;
    if (progress->has_total && progress->frames >= *shown + 100) {
        *shown = progress->frames;
        fprintf(stderr, "%" PRIu64 " of %" PRIu64 " frames\n", progress->frames,
                progress->total_frames);
    }
    return 0;
}

static int failed(gv_status status) {
    fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    return 1;
}

static int print_json(const gv_analysis *analysis) {
    char *json = NULL;
    gv_status status = gv_analysis_json(analysis, &json);
    if (status != GV_OK) return failed(status);
    puts(json);
    gv_string_free(json);
    return 0;
}

/* What the opening works by, and what would improve it most. */
static gv_status print_opening(const gv_hook *hook) {
    gv_hook_figures figures;
    gv_hook_improvement first;
    gv_status status;
    figures.struct_size = sizeof figures;
    status = gv_hook_summary(hook, &figures);
    if (status != GV_OK) return status;
    printf("opening: works by %s, %.0f of 100\n", figures.kind < 7 ? hooks[figures.kind] : "nothing",
           figures.score);
    if (gv_hook_improvements_len(hook) == 0) return GV_OK;
    first.struct_size = sizeof first;
    status = gv_hook_improvements_get(hook, 0, &first);
    if (status == GV_OK) printf("  %s: %s\n", first.part, first.text);
    return status;
}

/* Where the call to action stands, and what covers it where. */
static gv_status print_call(const gv_cta *cta) {
    size_t i;
    gv_cta_figures figures;
    gv_status status;
    figures.struct_size = sizeof figures;
    status = gv_cta_summary(cta, &figures);
    if (status != GV_OK) return status;
    if (figures.detected != GV_YES) {
        printf("call to action: %s\n", figures.detected == GV_NO ? "none" : "unknown");
        return GV_OK;
    }
    printf("call to action: from %.2f s for %.2f s, %.0f of 100\n", figures.start_time,
           figures.duration, figures.score);
    for (i = 0; i < gv_cta_overlaps_len(cta); i++) {
        gv_cta_overlap overlap;
        overlap.struct_size = sizeof overlap;
        status = gv_cta_overlaps_get(cta, i, &overlap);
        if (status != GV_OK) return status;
        printf("  %s covers %.0f %% of it\n", overlap.placement, overlap.percent);
    }
    return GV_OK;
}

static int print_report(const gv_analysis *analysis) {
    gv_status status;
    size_t i;
    gv_hook *hook = NULL;
    gv_cta *cta = NULL;
    gv_summary summary;
    summary.struct_size = sizeof summary;
    status = gv_analysis_summary(analysis, &summary);
    if (status != GV_OK) return failed(status);
    printf("%" PRIu32 " x %" PRIu32 ", %.2f s, %" PRIu64 " frames, median motion %.2f pixels\n",
           summary.width, summary.height, summary.duration, summary.frames, summary.median_energy);

    for (i = 0; i < gv_analysis_shots_len(analysis); i++) {
        gv_shot shot;
        shot.struct_size = sizeof shot;
        status = gv_analysis_shots_get(analysis, i, &shot);
        if (status != GV_OK) return failed(status);
        printf("shot %zu: %.2f s to %.2f s\n", i, shot.start_time, shot.end_time);
    }
    for (i = 0; i < gv_analysis_moments_len(analysis); i++) {
        gv_moment moment;
        moment.struct_size = sizeof moment;
        status = gv_analysis_moments_get(analysis, i, &moment);
        if (status != GV_OK) return failed(status);
        printf("%s: %.2f s to %.2f s, %s\n", moment.kind < 4 ? moments[moment.kind] : "moment",
               moment.start_time, moment.end_time, moment.reason);
    }
    status = gv_hook_new(analysis, &hook);
    if (status == GV_OK) status = print_opening(hook);
    if (status == GV_OK) status = gv_cta_new(analysis, NULL, &cta);
    if (status == GV_OK) status = print_call(cta);
    gv_cta_free(cta);
    gv_hook_free(hook);
    if (status != GV_OK) return failed(status);
    return 0;
}

int main(int argc, char **argv) {
    uint64_t shown = 0;
    gv_analysis *analysis = NULL;
    gv_analyze_options options;
    gv_status status;
    int result;
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE [--json]\n", argv[0]);
        return 2;
    }
    gv_analyze_options_init(&options);
    options.num_threads = 2;
    status = gv_analyze_file(argv[1], &options, show_progress, &shown, &analysis);
    if (status != GV_OK) return failed(status);
    result = argc > 2 && strcmp(argv[2], "--json") == 0 ? print_json(analysis)
                                                        : print_report(analysis);
    gv_analysis_free(analysis);
    return result;
}
