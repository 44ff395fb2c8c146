/* Plugs in a detector of voices of the program's own, where others bring a network: a gate that takes for a voice whatever
 * is loud. The program renders ten seconds of hum, and a buzz from second 2 to 5, in stereo. */

#include <geminivideo.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RATE = 44100, SECONDS = 10, BLOCK = 4410 };

static float samples[BLOCK][2];

/* How loud a voice is, is the user's to say; it is handed to every call. */
struct gate {
    float level;
    uint32_t rate;
    size_t frame;
};

/* Root mean square of each frame, as a share of twice the level at which the gate opens. */
static gv_status listen(const float *sound, size_t sound_len, float *scores, size_t scores_len,
                        void *userdata) {
    const struct gate *gate = (const struct gate *)userdata;
    size_t number, i;
    if (gate->level <= 0) {
        gv_explain("the gate has no level");
        return GV_INVALID_INPUT;
    }
    for (number = 0; number < scores_len && (number + 1) * gate->frame <= sound_len; number++) {
        const float *frame = sound + number * gate->frame;
        float power = 0;
        for (i = 0; i < gate->frame; i++) power += frame[i] * frame[i];
        scores[number] = sqrtf(power / (float)gate->frame) / (2 * gate->level);
        if (scores[number] > 1) scores[number] = 1;
    }
    return GV_OK;
}

static void render(int block) {
    int i;
    for (i = 0; i < BLOCK; i++) {
        double time = (block * (double)BLOCK + i) / RATE;
        double hum = 0.005 * sin(314.16 * time);
        double buzz = time >= 2 && time < 5 ? 0.3 * sin(1256.64 * time) : 0;
        samples[i][0] = samples[i][1] = (float)(hum + buzz);
    }
}

static gv_status hear(const gv_voice_detector *detector, gv_sound **sound) {
    gv_listen_options options;
    gv_listener *listener = NULL;
    gv_status status;
    int block;

    gv_listen_options_init(&options);
    options.voice_detector = detector;
    status = gv_listener_new(&options, &listener);
    for (block = 0; status == GV_OK && block < SECONDS * RATE / BLOCK; block++) {
        gv_audio audio;
        render(block);
        gv_audio_init(&audio);
        audio.channels = 2;
        audio.rate = RATE;
        audio.pts = (int64_t)block * BLOCK;
        audio.frames = BLOCK;
        audio.planes[0] = samples;
        status = gv_listener_push(listener, &audio);
    }
    if (status == GV_OK) status = gv_listener_finish(listener, sound);
    gv_listener_free(listener);
    return status;
}

int main(void) {
    struct gate gate = {0.03F, 8000, 160};
    gv_voice_detector_functions functions;
    gv_voice_detector *detector = NULL;
    gv_sound *sound = NULL;
    gv_status status;
    size_t i;

    memset(&functions, 0, sizeof functions);
    functions.struct_size = sizeof functions;
    functions.name = "gate";
    functions.rate = gate.rate;
    functions.frame = gate.frame;
    functions.scores = listen;
    functions.userdata = &gate;
    status = gv_voice_detector_new(&functions, &detector);
    if (status == GV_OK) status = hear(detector, &sound);
    for (i = 0; status == GV_OK && i < gv_sound_voices_len(sound); i++) {
        gv_voice voice;
        voice.struct_size = sizeof voice;
        status = gv_sound_voices_get(sound, i, &voice);
        if (status == GV_OK)
            printf("a voice from %.1f s to %.1f s\n", voice.start_time, voice.end_time);
    }
    gv_sound_free(sound);
    sound = NULL;

    gate.level = 0;
    if (status == GV_OK && hear(detector, &sound) == GV_CALLBACK)
        printf("%s\n", gv_last_error_message());
    if (status != GV_OK)
        fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    gv_sound_free(sound);
    gv_voice_detector_free(detector);
    return status == GV_OK ? 0 : 1;
}
