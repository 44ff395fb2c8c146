/* Generates a video with Runway over the program's own HTTP client, here libcurl.
 *
 * generate PROMPT FOLDER [ADDRESS OF THE SERVICE]; the key is read from RUNWAYML_API_SECRET. Asking for the same again
 * costs nothing: FOLDER remembers what was paid for. */

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <geminivideo.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t take_header(char *line, size_t size, size_t count, void *userdata) {
    gv_http_reply *reply = (gv_http_reply *)userdata;
    size_t length = size * count;
    unsigned status;
    char text[8192];
    char *value;
    size_t end = length;
    while (end > 0 && (line[end - 1] == '\r' || line[end - 1] == '\n')) end--;
    if (end >= sizeof text) return length;
    memcpy(text, line, end);
    text[end] = '\0';
    if (sscanf(text, "HTTP/%*s %u", &status) == 1)
        return gv_http_reply_status(reply, status) == GV_OK ? length : 0;
    value = strchr(text, ':');
    if (!value) return length;
    *value++ = '\0';
    while (*value == ' ') value++;
    gv_http_reply_header(reply, text, value);
    return length;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *userdata) {
    gv_http_reply *reply = (gv_http_reply *)userdata;
    return gv_http_reply_body(reply, (const uint8_t *)bytes, size * count) == GV_OK ? size * count
                                                                                  : 0;
}

static int look(void *userdata, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    return gv_http_reply_is_cancelled((const gv_http_reply *)userdata);
}

static int outcome(CURLcode code) {
    switch (code) {
        case CURLE_OK: return GV_HTTP_ANSWERED;
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION: return GV_HTTP_NO_CONNECTION;
        case CURLE_OPERATION_TIMEDOUT: return GV_HTTP_TIMED_OUT;
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL: return GV_HTTP_NOT_HTTP;
        case CURLE_WRITE_ERROR:
        case CURLE_ABORTED_BY_CALLBACK: return GV_HTTP_STOPPED;
        default: return GV_HTTP_BROKEN;
    }
}

/* Sends one request; the library calls it, from whichever thread asks it for something. */
static int send_with_curl(const gv_http_request *request, gv_http_reply *reply, void *userdata) {
    struct curl_slist *fields = curl_slist_append(NULL, "Expect:");
    CURL *curl = curl_easy_init();
    CURLcode code;
    size_t i;
    (void)userdata;
    for (i = 0; i < request->headers_len; i++) {
        const gv_http_header *header = &request->headers[i];
        size_t size = strlen(header->name) + strlen(header->value) + 3;
        char *line = (char *)malloc(size);
        if (!line) return GV_HTTP_NOT_SENT;
        snprintf(line, size, "%s: %s", header->name, header->value);
        fields = curl_slist_append(fields, line);
        free(line);
    }
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    if (strcmp(request->method, "POST") == 0 || request->body_len > 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body_len ? (const char *)request->body
                                                                     : "");
    }
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)(request->idle_timeout_ms / 1000 + 1));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request->max_redirects > 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)request->max_redirects);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, reply);
    code = curl_easy_perform(curl);
    if (code != CURLE_OK) gv_explain(curl_easy_strerror(code));
    curl_slist_free_all(fields);
    curl_easy_cleanup(curl);
    return outcome(code);
}

static int show(const gv_generation_progress *progress, void *userdata) {
    (void)userdata;
    if (progress->status) fprintf(stderr, "%s, %.0f s\n", progress->status, progress->elapsed);
    return 0;
}

int main(int argc, char **argv) {
    gv_transport_functions functions;
    gv_transport *transport = NULL;
    gv_runway *runway = NULL;
    gv_status status;
    char options[4096], request[4096];
    char *result = NULL;
    if (argc < 3) {
        fprintf(stderr, "usage: %s PROMPT FOLDER [ADDRESS]\n", argv[0]);
        return 2;
    }
    snprintf(options, sizeof options, "{\"state_dir\": \"%s\", \"poll_interval\": 0.1%s%s%s}",
             argv[2], argc > 3 ? ", \"base_url\": \"" : "", argc > 3 ? argv[3] : "",
             argc > 3 ? "\"" : "");
    snprintf(request, sizeof request, "{\"prompt\": \"%s\"}", argv[1]);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    memset(&functions, 0, sizeof functions);
    functions.struct_size = sizeof functions;
    functions.name = curl_version();
    functions.send = send_with_curl;
    status = gv_transport_new(&functions, &transport);
    if (status == GV_OK) status = gv_runway_new(options, transport, &runway);
    if (status == GV_OK) status = gv_runway_generate(runway, request, show, NULL, &result);
    if (status == GV_OK) puts(result);
    else fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    gv_string_free(result);
    gv_runway_free(runway);
    gv_transport_free(transport);
    curl_global_cleanup();
    return status == GV_OK ? 0 : 1;
}
