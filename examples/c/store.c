/* Keeps winning patterns in a store of the program's own, here lists in memory: the library filters, orders and searches,
 * the program keeps documents and logs. */

#include <geminivideo.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A document, or an entry of a log; number is its version, or its place. */
struct item {
    int is_entry;
    char *list, *id, *body;
    uint64_t number;
    int64_t at_ms;
};

struct items {
    struct item *all;
    size_t len;
};

static char *copy_of(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = (char *)malloc(size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

static struct item *find(const struct items *items, int is_entry, const char *list,
                         const char *id) {
    size_t i;
    for (i = 0; i < items->len; i++) {
        struct item *item = &items->all[i];
        if (item->is_entry == is_entry && !strcmp(item->list, list) && !strcmp(item->id, id))
            return item;
    }
    return NULL;
}

static void forget(struct item *item) {
    free(item->list);
    free(item->id);
    free(item->body);
}

static gv_status add(struct items *items, const gv_store_change *change, uint64_t number) {
    struct item *all = (struct item *)realloc(items->all, (items->len + 1) * sizeof *all);
    struct item *item;
    if (!all) return GV_STORAGE;
    items->all = all;
    item = &all[items->len++];
    item->is_entry = change->kind == GV_STORE_APPEND;
    item->list = copy_of(change->collection);
    item->id = copy_of(change->id);
    item->body = copy_of(change->body);
    item->number = number;
    item->at_ms = change->at_ms;
    return item->list && item->id && item->body ? GV_OK : GV_STORAGE;
}

static int is_expected(const gv_store_change *change, const struct item *there) {
    if (change->expect == GV_EXPECT_ABSENT) return !there;
    if (change->expect == GV_EXPECT_VERSION)
        return there && there->number == change->expected_version;
    return 1;
}

/* A batch is whole or not at all: what may fail is looked at before anything is changed. No batch of the library changes one
 * document twice; a store for others would have to look again. */
static gv_status apply(const gv_store_change *changes, size_t len, gv_store_reply *reply,
                       void *userdata) {
    struct items *items = (struct items *)userdata;
    size_t i;
    for (i = 0; i < len; i++) {
        if (changes[i].kind != GV_STORE_APPEND &&
            !is_expected(&changes[i], find(items, 0, changes[i].collection, changes[i].id))) {
            gv_explain("another version of a document");
            return GV_CONFLICT;
        }
    }
    for (i = 0; i < len; i++) {
        const gv_store_change *change = &changes[i];
        int is_entry = change->kind == GV_STORE_APPEND;
        struct item *there = find(items, is_entry, change->collection, change->id);
        uint64_t number = is_entry ? items->len + 1 : there ? there->number + 1 : 1;
        gv_status status = GV_OK;
        if (is_entry && there) {
            status = gv_store_reply_applied(reply, there->number, 1);
        } else {
            if (there) {
                forget(there);
                memmove(there, there + 1,
                        (size_t)(items->all + items->len - there - 1) * sizeof *there);
                items->len--;
            }
            if (change->kind != GV_STORE_DELETE) status = add(items, change, number);
            if (status == GV_OK) status = gv_store_reply_applied(reply, number, 0);
        }
        if (status != GV_OK) return status;
    }
    return GV_OK;
}

static gv_status get(const char *collection, const char *id, gv_store_reply *reply,
                     void *userdata) {
    const struct item *item = find((const struct items *)userdata, 0, collection, id);
    return item ? gv_store_reply_document(reply, item->id, item->number, item->body) : GV_OK;
}

static gv_status each(const char *collection, gv_store_reply *reply, void *userdata) {
    const struct items *items = (const struct items *)userdata;
    gv_status status = GV_OK;
    size_t i;
    for (i = 0; status == GV_OK && i < items->len; i++) {
        const struct item *item = &items->all[i];
        if (!item->is_entry && !strcmp(item->list, collection))
            status = gv_store_reply_document(reply, item->id, item->number, item->body);
    }
    return status;
}

static gv_status read_log(const char *log, uint64_t after, size_t limit, gv_store_reply *reply,
                          void *userdata) {
    const struct items *items = (const struct items *)userdata;
    gv_status status = GV_OK;
    size_t i;
    for (i = 0; status == GV_OK && limit > 0 && i < items->len; i++) {
        const struct item *item = &items->all[i];
        if (!item->is_entry || strcmp(item->list, log) || item->number <= after) continue;
        status = gv_store_reply_entry(reply, item->number, item->id, item->at_ms, item->body);
        limit--;
    }
    return status;
}

static void free_items(void *userdata) {
    struct items *items = (struct items *)userdata;
    size_t i;
    for (i = 0; i < items->len; i++) forget(&items->all[i]);
    free(items->all);
    items->all = NULL;
    items->len = 0;
}

static gv_status use(const gv_patterns_db *db) {
    static const char *const patterns[] = {
        "{\"source_platform\": \"meta\", \"ad_format\": \"video\", \"industry\": \"homeware\", "
        "\"objective\": \"conversions\", \"estimated_roas\": 2.8, "
        "\"hook_pattern\": {\"hook_type\": \"question\", \"text_used\": \"Cold coffee again?\"}}",
        "{\"source_platform\": \"tiktok\", \"ad_format\": \"video\", \"industry\": \"homeware\", "
        "\"objective\": \"conversions\", \"estimated_roas\": 1.4, "
        "\"hook_pattern\": {\"hook_type\": \"statement\"}}"};
    char *text = NULL;
    gv_status status = GV_OK;
    size_t i;
    for (i = 0; status == GV_OK && i < 2; i++) {
        status = gv_patterns_db_add(db, patterns[i], &text);
        if (status == GV_OK) gv_string_free(text);
    }
    if (status == GV_OK) status = gv_patterns_db_find(db, "{\"min_roas\": 2}", &text);
    if (status == GV_OK) {
        printf("at least 2: %s\n", text);
        gv_string_free(text);
    }
    return status;
}

int main(void) {
    struct items items = {NULL, 0};
    gv_store_functions functions;
    gv_store *store = NULL;
    gv_patterns_db *db = NULL;
    gv_status status;

    memset(&functions, 0, sizeof functions);
    functions.struct_size = sizeof functions;
    functions.name = "lists in memory";
    functions.apply = apply;
    functions.get = get;
    functions.each = each;
    functions.read_log = read_log;
    functions.userdata = &items;
    functions.drop = free_items;
    status = gv_store_new(&functions, &store);
    if (status == GV_OK) status = gv_patterns_db_new(store, &db);
    if (status == GV_OK) status = use(db);
    if (status == GV_OK) printf("%lu items are kept\n", (unsigned long)items.len);
    if (status != GV_OK)
        fprintf(stderr, "error %" PRIu32 ": %s\n", status, gv_last_error_message());
    gv_patterns_db_free(db);
    gv_store_free(store);
    return status == GV_OK ? 0 : 1;
}
