/* The configuration file: YAML events onto the rows of the option tables. */
#include "options_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

#define DEPTH_MAX 16
#define KEYS_MAX 4096

struct reader {
    const struct mcp_options *o; /* borrowed */
    mcp_str file; /* borrowed; for errors */
    struct mcp_arena *arena; /* borrowed */
    struct mcp_error *err; /* borrowed */
    yaml_parser_t parser;
    mcp_str seen[KEYS_MAX]; /* full paths, in arena */
    size_t n_seen;
};

static int fail(struct reader *r, size_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct reader *r, size_t line, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
        text[0] = '\0';
    va_end(ap);
    return mcp_error_set(r->err, MCP_EINVAL, "%.*s:%zu: %s", MCP_STR_ARG(r->file), line, text);
}

/* The next event; the caller deletes it when 0 is returned. */
static int next(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return 0;
    return fail(r, r->parser.problem_mark.line + 1, "%s%s%s",
                r->parser.problem == NULL ? "no valid YAML" : r->parser.problem,
                r->parser.context == NULL ? "" : " ",
                r->parser.context == NULL ? "" : r->parser.context);
}

static size_t line_of(const yaml_event_t *event)
{
    return event->start_mark.line + 1;
}

static mcp_str scalar_of(const yaml_event_t *event)
{
    return mcp_str_n((const char *)event->data.scalar.value, event->data.scalar.length);
}

static bool is_null(const yaml_event_t *event)
{
    mcp_str text = scalar_of(event);

    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text.len == 0 || mcp_str_eq(text, MCP_STR("~")) ||
            mcp_str_eq_nocase(text, MCP_STR("null")));
}

/* Reads past one whole node whose first event is already taken. */
static int skip_node(struct reader *r, yaml_event_type_t first)
{
    unsigned depth = first == YAML_MAPPING_START_EVENT || first == YAML_SEQUENCE_START_EVENT;

    while (depth > 0) {
        yaml_event_t event;

        if (next(r, &event) < 0)
            return -1;
        if (event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT)
            depth++;
        else if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT)
            depth--;
        yaml_event_delete(&event);
    }
    return 0;
}

static int set_scalar(struct reader *r, const struct mcp_opt *opt, void *target, mcp_str path,
                      const yaml_event_t *event, bool item)
{
    struct mcp__opt_why why;
    mcp_str text;
    int rc;

    if (mcp__opt_expand(scalar_of(event), r->arena, &text, &why) < 0)
        return fail(r, line_of(event), "%.*s %s", MCP_STR_ARG(path), why.text);
    rc = opt->type == MCP_OPT_LIST && !item
             ? mcp__opt_parse_list(opt, target, text, r->arena, &why)
             : mcp__opt_parse(opt, target, text, false, r->arena, &why);
    if (rc < 0)
        return fail(r, line_of(event), "%.*s %s", MCP_STR_ARG(path), why.text);
    return 0;
}

static int set_sequence(struct reader *r, const struct mcp_opt *opt, void *target, mcp_str path,
                        size_t line)
{
    bool end = false;

    if (opt->type != MCP_OPT_LIST)
        return fail(r, line, "%.*s takes one value, not a list", MCP_STR_ARG(path));
    while (!end) {
        yaml_event_t event;
        int rc = 0;

        if (next(r, &event) < 0)
            return -1;
        end = event.type == YAML_SEQUENCE_END_EVENT;
        if (!end && event.type != YAML_SCALAR_EVENT)
            rc = fail(r, line_of(&event), "%.*s takes a list of plain values", MCP_STR_ARG(path));
        else if (!end)
            rc = set_scalar(r, opt, target, path, &event, true);
        yaml_event_delete(&event);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int set_option(struct reader *r, size_t index, const struct mcp_opt *opt, void *target,
                      mcp_str path)
{
    yaml_event_t event;
    int rc = 0;

    if (next(r, &event) < 0)
        return -1;
    if (opt->type == MCP_OPT_SKIP) {
        rc = skip_node(r, event.type);
        goto out;
    }
    if (event.type == YAML_SCALAR_EVENT && is_null(&event))
        goto out; /* "key:" without a value leaves the default */
    mcp__opt_clear(opt, target);
    r->o->sources[index] = MCP_OPT_FILE;
    if (event.type == YAML_SCALAR_EVENT)
        rc = set_scalar(r, opt, target, path, &event, false);
    else if (event.type == YAML_SEQUENCE_START_EVENT)
        rc = set_sequence(r, opt, target, path, line_of(&event));
    else
        rc = fail(r, line_of(&event), "%.*s takes a value, not a %s", MCP_STR_ARG(path),
                  event.type == YAML_ALIAS_EVENT ? "reference" : "section");
out:
    yaml_event_delete(&event);
    return rc;
}

/* path is the beginning of some option's name, up to a dot. */
static bool is_section(const struct reader *r, mcp_str path)
{
    const struct mcp_opt *opt;

    for (size_t i = 0; (opt = mcp__opt_at(r->o->tables, r->o->n_tables, i, NULL)) != NULL; i++) {
        struct mcp_opt head = *opt;
        char name[MCP__OPT_NAME_MAX];

        if (!mcp__opt_has_key(opt) || strlen(opt->name) <= path.len || opt->name[path.len] != '.' ||
            path.len >= sizeof(name))
            continue;
        memcpy(name, opt->name, path.len);
        name[path.len] = '\0';
        head.name = name;
        if (mcp__opt_is_key(&head, path))
            return true;
    }
    return false;
}

static int unknown_key(struct reader *r, mcp_str path, size_t line)
{
    const struct mcp_opt *opt;
    const char *best = NULL;
    unsigned best_distance = 4;

    for (size_t i = 0; (opt = mcp__opt_at(r->o->tables, r->o->n_tables, i, NULL)) != NULL; i++) {
        unsigned distance = mcp_str_distance(path, mcp_str_z(opt->name), 3);
        mcp_str head = mcp_str_z(opt->name);

        if (!mcp__opt_has_key(opt) || (opt->flags & MCP_OPT_HIDDEN) != 0)
            continue;
        /* A misspelt section is compared with as much of the name as it is long in words. */
        for (size_t k = 0; distance > 3 && k < head.len; k++) {
            if (head.ptr[k] != '.')
                continue;
            distance = mcp_str_distance(path, mcp_str_n(head.ptr, k), 3);
        }
        if (distance < best_distance && 2 * distance <= path.len) {
            best_distance = distance;
            best = opt->name;
        }
    }
    fail(r, line, "unknown key \"%.*s\"", MCP_STR_ARG(mcp_str_head(path, 100)));
    if (best != NULL)
        return mcp_error_next(r->err, "Did you mean \"%s\"? --print-config shows all keys", best);
    return mcp_error_next(r->err, "--print-config shows all keys");
}

static int note_seen(struct reader *r, mcp_str path, size_t line)
{
    for (size_t i = 0; i < r->n_seen; i++) {
        if (mcp_str_eq(r->seen[i], path))
            return fail(r, line, "%.*s stands twice", MCP_STR_ARG(path));
    }
    if (r->n_seen == KEYS_MAX)
        return fail(r, line, "more than %d keys", KEYS_MAX);
    r->seen[r->n_seen++] = path;
    return 0;
}

static int read_mapping(struct reader *r, mcp_str prefix, unsigned depth);

/* The value of a key that is no option itself but the beginning of some. */
static int read_section(struct reader *r, mcp_str path, unsigned depth)
{
    yaml_event_t event;
    int rc = 0;

    if (next(r, &event) < 0)
        return -1;
    if (event.type == YAML_MAPPING_START_EVENT && depth < DEPTH_MAX)
        rc = read_mapping(r, path, depth + 1);
    else if (event.type != YAML_SCALAR_EVENT || !is_null(&event))
        rc = fail(r, line_of(&event), "%.*s is a section with keys of its own", MCP_STR_ARG(path));
    yaml_event_delete(&event);
    return rc;
}

static int read_key(struct reader *r, mcp_str prefix, mcp_str key, size_t line, unsigned depth)
{
    mcp_str path = prefix.len == 0 ? mcp_arena_str(r->arena, key)
                                   : mcp_arena_printf(r->arena, "%.*s.%.*s", MCP_STR_ARG(prefix),
                                                      MCP_STR_ARG(key));
    const struct mcp_opt *opt;
    void *target;

    if (note_seen(r, path, line) < 0)
        return -1;
    for (size_t i = 0; (opt = mcp__opt_at(r->o->tables, r->o->n_tables, i, &target)) != NULL; i++) {
        if (mcp__opt_has_key(opt) && mcp__opt_is_key(opt, path))
            return set_option(r, i, opt, target, path);
    }
    if (is_section(r, path))
        return read_section(r, path, depth);
    return unknown_key(r, path, line);
}

/* The pairs of a mapping whose start was taken, to its end. */
static int read_mapping(struct reader *r, mcp_str prefix, unsigned depth)
{
    bool end = false;
    int rc = 0;

    while (!end && rc == 0) {
        yaml_event_t event;

        if (next(r, &event) < 0)
            return -1;
        end = event.type == YAML_MAPPING_END_EVENT;
        if (!end && event.type != YAML_SCALAR_EVENT)
            rc = fail(r, line_of(&event), "a key must be a plain word");
        else if (!end)
            rc = read_key(r, prefix, scalar_of(&event), line_of(&event), depth);
        yaml_event_delete(&event);
    }
    return rc;
}

static int read_stream(struct reader *r)
{
    bool document = false, end = false;
    int rc = 0;

    while (!end && rc == 0) {
        yaml_event_t event;

        if (next(r, &event) < 0)
            return -1;
        switch (event.type) {
        case YAML_STREAM_END_EVENT:
            end = true;
            break;
        case YAML_DOCUMENT_START_EVENT:
            if (document)
                rc = fail(r, line_of(&event), "a second document begins here");
            document = true;
            break;
        case YAML_MAPPING_START_EVENT:
            rc = read_mapping(r, MCP_STR(""), 0);
            break;
        case YAML_SCALAR_EVENT:
            if (!is_null(&event))
                rc = fail(r, line_of(&event), "expected \"key: value\" lines");
            break;
        case YAML_SEQUENCE_START_EVENT:
        case YAML_ALIAS_EVENT:
            rc = fail(r, line_of(&event), "expected \"key: value\" lines");
            break;
        default: /* stream start, document end */
            break;
        }
        yaml_event_delete(&event);
    }
    return rc;
}

int mcp__options_read_yaml(const struct mcp_options *o, mcp_str file, mcp_str text,
                           struct mcp_arena *arena, struct mcp_error *err)
{
    struct reader *r = mcp_arena_alloc(arena, sizeof(*r));
    int rc;

    r->o = o;
    r->file = file;
    r->arena = arena;
    r->err = err;
    if (!yaml_parser_initialize(&r->parser))
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &r->parser, (const unsigned char *)(text.ptr == NULL ? "" : text.ptr), text.len);
    rc = read_stream(r);
    yaml_parser_delete(&r->parser);
    return rc < 0 ? MCP_EINVAL : 0;
}

int mcp__options_read_file(const struct mcp_options *o, mcp_str file, struct mcp_arena *arena,
                           struct mcp_error *err)
{
    const char *path = mcp_str_cz(arena, file);
    struct mcp_buf text;
    int fd = -1, rc;

    mcp_buf_init(&text, MCP__OPT_FILE_MAX);
    fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        rc = mcp_error_set(err, MCP_ECONFIG, "cannot open the configuration file %.*s: %s",
                           MCP_STR_ARG(file), path == NULL ? "no valid name" : strerror(errno));
        goto out;
    }
    for (;;) {
        char chunk[8192];
        ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            rc = mcp_error_set(err, MCP_ECONFIG, "cannot read the configuration file %.*s: %s",
                               MCP_STR_ARG(file), strerror(errno));
            goto out;
        }
        if (n == 0)
            break;
        mcp_buf_put(&text, chunk, (size_t)n);
    }
    if (mcp_buf_error(&text) < 0) {
        rc = mcp_error_set(err, MCP_ECONFIG, "the configuration file %.*s is over %u KiB",
                           MCP_STR_ARG(file), MCP__OPT_FILE_MAX / 1024);
        goto out;
    }
    rc = mcp__options_read_yaml(o, file, mcp_buf_view(&text), arena, err);
out:
    if (fd >= 0)
        close(fd);
    mcp_buf_release(&text);
    return rc;
}
