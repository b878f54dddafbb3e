/* Turns one YAML document into JSON text, so that it is checked and read like all other input. */
#include "yaml_json.h"

#include <mcp/decimal.h>
#include <mcp/json_writer.h>

#include <yaml.h>

#define MAX_DEPTH 60

/* Where the writer stands: in a mapping every other scalar is a key. */
struct level {
    bool mapping;
    bool expect_key;
};

struct turn {
    yaml_parser_t parser;
    struct mcp_jsonw w;
    struct level levels[MAX_DEPTH];
    unsigned depth;
    mcp_str file;
    struct mcp_error *err;
};

static int refuse(struct turn *t, const yaml_event_t *e, const char *what)
{
    return mcp_error_set(t->err, MCP_EINVAL, "%.*s:%zu: %s", MCP_STR_ARG(t->file),
                         e->start_mark.line + 1, what);
}

static bool is_null(mcp_str s)
{
    return s.len == 0 || mcp_str_eq(s, MCP_STR("null")) || mcp_str_eq(s, MCP_STR("~"));
}

/* YAML 1.2's core schema, as far as JSON has the value too. */
static void put_scalar(struct turn *t, const yaml_event_t *e)
{
    mcp_str s = mcp_str_n((const char *)e->data.scalar.value, e->data.scalar.length);
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    struct mcp_decimal d;

    if (plain && (mcp_str_eq(s, MCP_STR("true")) || mcp_str_eq(s, MCP_STR("false"))))
        mcp_jsonw_bool(&t->w, s.ptr[0] == 't');
    else if (plain && is_null(s))
        mcp_jsonw_null(&t->w);
    else if (plain && mcp_decimal_parse(s, &d) == 0)
        mcp_jsonw_raw(&t->w, s);
    else
        mcp_jsonw_str(&t->w, s);
}

static int on_scalar(struct turn *t, const yaml_event_t *e)
{
    struct level *l = t->depth > 0 ? &t->levels[t->depth - 1] : NULL;

    if (e->data.scalar.tag != NULL)
        return refuse(t, e, "a tag (!...) has no meaning here");
    if (l != NULL && l->mapping && l->expect_key) {
        mcp_jsonw_key(&t->w, mcp_str_n((const char *)e->data.scalar.value, e->data.scalar.length));
        l->expect_key = false;
        return 0;
    }
    put_scalar(t, e);
    if (l != NULL && l->mapping)
        l->expect_key = true;
    return 0;
}

static int on_open(struct turn *t, const yaml_event_t *e, bool mapping)
{
    struct level *l = t->depth > 0 ? &t->levels[t->depth - 1] : NULL;

    if (t->depth == MAX_DEPTH)
        return refuse(t, e, "nested too deeply");
    if (l != NULL && l->mapping && l->expect_key)
        return refuse(t, e, "a key must be plain text");
    t->levels[t->depth++] = (struct level){ .mapping = mapping, .expect_key = mapping };
    if (mapping)
        mcp_jsonw_object(&t->w);
    else
        mcp_jsonw_array(&t->w);
    return 0;
}

static void on_close(struct turn *t)
{
    mcp_jsonw_end(&t->w);
    t->depth--;
    if (t->depth > 0 && t->levels[t->depth - 1].mapping)
        t->levels[t->depth - 1].expect_key = true;
}

/* 1 at the end of the stream, 0 to go on. */
static int on_event(struct turn *t, const yaml_event_t *e, unsigned *documents)
{
    switch (e->type) {
    case YAML_STREAM_END_EVENT:
        return 1;
    case YAML_DOCUMENT_START_EVENT:
        return ++*documents > 1 ? refuse(t, e, "more than one document (---)") : 0;
    case YAML_SCALAR_EVENT:
        return on_scalar(t, e);
    case YAML_MAPPING_START_EVENT:
        return on_open(t, e, true);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(t, e, false);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        on_close(t);
        return 0;
    case YAML_ALIAS_EVENT:
        return refuse(t, e, "an alias (*name) has no meaning here");
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

int cost__yaml_json(mcp_str yaml, mcp_str file, struct mcp_buf *json, struct mcp_error *err)
{
    struct turn t = { .file = file, .err = err };
    unsigned documents = 0;
    yaml_event_t event;
    int rc = 0;

    if (!yaml_parser_initialize(&t.parser))
        return mcp_error_set(err, MCP_ENOMEM, "no memory to read %.*s", MCP_STR_ARG(file));
    yaml_parser_set_input_string(&t.parser, (const unsigned char *)yaml.ptr, yaml.len);
    mcp_jsonw_init(&t.w, json);
    while (rc == 0) {
        if (!yaml_parser_parse(&t.parser, &event)) {
            rc = mcp_error_set(err, MCP_EINVAL, "%.*s:%zu: %s", MCP_STR_ARG(file),
                               t.parser.problem_mark.line + 1,
                               t.parser.problem != NULL ? t.parser.problem : "no YAML");
            break;
        }
        rc = on_event(&t, &event, &documents);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&t.parser);
    if (rc < 0)
        return rc;
    if (documents == 0)
        mcp_jsonw_null(&t.w);
    return mcp_buf_error(json) == 0
               ? 0
               : mcp_error_set(err, MCP_ETOOBIG, "%.*s is too large", MCP_STR_ARG(file));
}
