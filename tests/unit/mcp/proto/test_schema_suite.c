/* The public JSON Schema test suite (2020-12) for the keywords that are understood. */
#include <mcp/map.h>
#include <mcp/schema.h>

#include "data_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The number of lines in schema_skips.txt. It may only fall. */
#define SKIPS 66
#define SKIPS_FILE "tests/unit/mcp/proto/schema_skips.txt"

/* Files about keywords that are refused at compile as a whole. */
static const char *const refused_files[] = { "anchor.json",
                                             "dynamicRef.json",
                                             "refRemote.json",
                                             "unevaluatedItems.json",
                                             "unevaluatedProperties.json",
                                             "vocabulary.json" };
static const char *const optional_files[] = { "bignum.json",           "ecmascript-regex.json",
                                              "float-overflow.json",   "non-bmp-regex.json",
                                              "format/date-time.json", "format/date.json",
                                              "format/uri.json",       "format/uuid.json" };

struct run {
    struct mcp_map skips; /* "file :: group :: test" -> 1 once it was met */
    size_t passed, skipped;
    size_t wrong; /* failed and not skipped, or skipped and passed */
};

static void judge(struct run *run, const char *file, mcp_str group, mcp_str test, bool right)
{
    struct mcp_map_slot *slot;
    char name[1024];

    snprintf(name, sizeof(name), "%s :: %.*s :: %.*s", file, MCP_STR_ARG(group), MCP_STR_ARG(test));
    slot = mcp_map_find(&run->skips, mcp_str_z(name));
    if (slot != NULL) {
        slot->value.num = 1;
        run->skipped++;
    }
    if (right && slot == NULL)
        run->passed++;
    else if (right || slot == NULL) {
        run->wrong++;
        fprintf(stderr, "%s: %s\n", right ? "passes, remove from the skips" : "fails", name);
    }
}

static void run_group(struct run *run, const char *file, struct mcp_json group,
                      struct mcp_arena *arena)
{
    mcp_str name = mcp_json_get_str(group, MCP_STR("description"), arena);
    struct mcp_schema *schema =
        mcp_schema_compile(mcp_json_raw(mcp_json_get(group, MCP_STR("schema"))), NULL);

    for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(group, MCP_STR("tests")));
         mcp_json_next(&it);) {
        bool valid = mcp_json_get_bool(it.value, MCP_STR("valid"), false);
        struct mcp_json data = mcp_json_get(it.value, MCP_STR("data"));
        struct mcp_error err = { 0 };
        int rc = MCP_EINTERNAL;

        if (schema != NULL)
            rc = mcp_schema_check(schema, data, arena, &err);
        judge(run, file, name, mcp_json_get_str(it.value, MCP_STR("description"), arena),
              valid ? rc == 0 : rc == MCP_EINVAL && err.message[0] != '\0');
    }
    mcp_schema_free(schema);
}

static void run_file(struct run *run, const char *folder, const char *file)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json root;
    char path[4096];
    size_t len;
    char *text;

    snprintf(path, sizeof(path), "%s/%s", folder, file);
    text = data_read(path, &len);
    assert_int_equal(mcp_json_parse(arena, mcp_str_n(text, len), NULL, &root, NULL), 0);
    for (struct mcp_json_iter it = mcp_json_iter(root); mcp_json_next(&it);)
        run_group(run, file, it.value, arena);
    mcp_arena_free(arena);
    free(text);
}

static bool is_refused(const char *file)
{
    for (size_t i = 0; i < sizeof(refused_files) / sizeof(refused_files[0]); i++) {
        if (strcmp(file, refused_files[i]) == 0)
            return true;
    }
    return !mcp_str_ends(mcp_str_z(file), MCP_STR(".json"));
}

static void the_public_suite_passes_but_for_a_list_that_only_shrinks(void **state)
{
    const char *folder = data_folder("json-schema-suite/draft2020-12");
    struct run run = { 0 };
    mcp_str rest, line;
    char *skips, **names;
    char sub[4096];
    size_t len, n, lines = 0;

    (void)state;
    if (folder == NULL)
        skip();
    skips = data_read(SKIPS_FILE, &len);
    rest = mcp_str_n(skips, len);
    while (rest.len > 0) {
        bool made;

        mcp_str_cut(&rest, '\n', &line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        assert_non_null(mcp_map_put(&run.skips, line, &made));
        assert_true(made);
        lines++;
    }

    n = data_names(folder, &names);
    for (size_t i = 0; i < n; i++) {
        if (!is_refused(names[i]))
            run_file(&run, folder, names[i]);
    }
    data_names_free(names, n);
    snprintf(sub, sizeof(sub), "%s/optional", folder);
    for (size_t i = 0; i < sizeof(optional_files) / sizeof(optional_files[0]); i++)
        run_file(&run, sub, optional_files[i]);

    fprintf(stderr, "schema suite: %zu passed, %zu skipped\n", run.passed, run.skipped);
    assert_int_equal(run.wrong, 0);
    assert_int_equal(lines, SKIPS);
    assert_int_equal(run.skipped, SKIPS); /* no line names a case that is not there */
    assert_true(run.passed > 900);
    mcp_map_release(&run.skips);
    free(skips);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_public_suite_passes_but_for_a_list_that_only_shrinks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
