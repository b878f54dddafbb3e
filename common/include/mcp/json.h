/* Reading JSON: one strict pass, then tokens of jsmn with typed access; no tree, no copy. */
#ifndef MCP_JSON_H
#define MCP_JSON_H

#include <mcp/arena.h>
#include <mcp/error.h>
#include <mcp/str.h>

/* Limits of one document. Zero fields mean the default in brackets. */
struct mcp_json_limits {
    size_t max_bytes; /* [4 MiB] */
    size_t max_tokens; /* [262144] */
    unsigned max_depth; /* [64] */
};

/* The strict pass of RFC 8259: grammar, UTF-8, escapes (lone surrogates refused), depth, size.
 * Allocates nothing. On success *tokens (may be NULL) is what mcp_json_parse will need.
 * Returns 0, MCP_EPARSE or MCP_ETOOBIG; err names the byte offset. */
int mcp_json_scan(mcp_str text, const struct mcp_json_limits *limits, size_t *tokens,
                  struct mcp_error *err);

/* The same pass, and where a large member of the outermost object stands: *value is its bytes, missing
 * when none is written so (its bytes, without escapes); the last one counts. */
int mcp_json_scan_member(mcp_str text, const struct mcp_json_limits *limits, mcp_str name,
                         mcp_str *value, struct mcp_error *err);

struct mcp_json_doc;

/* One value inside a document: by value, valid while text and document live. A missing value has
 * doc NULL; every accessor takes it and says "not that". */
struct mcp_json {
    const struct mcp_json_doc *doc; /* borrowed */
    uint32_t tok;
};

enum mcp_json_type {
    MCP_JSON_MISSING,
    MCP_JSON_NULL,
    MCP_JSON_BOOL,
    MCP_JSON_NUMBER,
    MCP_JSON_STRING,
    MCP_JSON_ARRAY,
    MCP_JSON_OBJECT,
};

/* Scans, then parses into arena. text is borrowed and must outlive the document. *root is written
 * only on success. */
int mcp_json_parse(struct mcp_arena *arena, mcp_str text, const struct mcp_json_limits *limits,
                   struct mcp_json *root, struct mcp_error *err);

enum mcp_json_type mcp_json_type(struct mcp_json v);
static inline bool mcp_json_exists(struct mcp_json v)
{
    return v.doc != NULL;
}
/* The bytes of the value as they stand in the text: a string with its quotes, a number's digits. */
mcp_str mcp_json_raw(struct mcp_json v);

/* Members and elements. mcp_json_get gives the first member of that (unescaped) name. */
struct mcp_json mcp_json_get(struct mcp_json object, mcp_str name);
struct mcp_json mcp_json_path(struct mcp_json object, const char *dotted);
size_t mcp_json_count(struct mcp_json container);

/* for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) it.key, it.value */
struct mcp_json_iter {
    struct mcp_json value;
    struct mcp_json key; /* a string value in objects, missing in arrays */
    size_t index;
    uint32_t next, left; /* private */
    const struct mcp_json_doc *doc; /* private */
    bool object; /* private */
};
struct mcp_json_iter mcp_json_iter(struct mcp_json container);
bool mcp_json_next(struct mcp_json_iter *it);

/* Typed access: 0, or -1 when the value is of another type or does not fit. */
int mcp_json_bool(struct mcp_json v, bool *out);
int mcp_json_int64(struct mcp_json v, int64_t *out); /* 1.0 and 1e2 are integers too */
int mcp_json_double(struct mcp_json v, double *out);
/* The unescaped text; points into the document's text when nothing was escaped, else into arena. */
int mcp_json_str(struct mcp_json v, struct mcp_arena *arena, mcp_str *out);
/* Equal to s after unescaping; no allocation. */
bool mcp_json_str_eq(struct mcp_json v, mcp_str s);
/* As mcp_json_str of the member, or MCP_STR_NULL when it is missing or no string. */
mcp_str mcp_json_get_str(struct mcp_json object, mcp_str name, struct mcp_arena *arena);
bool mcp_json_get_bool(struct mcp_json object, mcp_str name, bool fallback);
int64_t mcp_json_get_int64(struct mcp_json object, mcp_str name, int64_t fallback);

/* The name of a member that stands twice in this object (not in what it contains), else missing.
 * Takes heap memory for a moment beyond 24 members; without any it names a member as twice there,
 * because refusing is the safe answer. */
struct mcp_json mcp_json_duplicate(struct mcp_json object);

/* Walks the elements of one large array without a document for the whole: memory is that of one
 * element. text must have passed mcp_json_scan. path: dotted member names to the array, "" = root.
 * each returns 0 to go on, else the walk ends with that value. The element is valid during the call.
 * 0, what each returned, MCP_ENOTFOUND when no array stands there, MCP_EPARSE or MCP_ENOMEM. */
int mcp_json_each(mcp_str text, const char *path,
                  int (*each)(void *ctx, struct mcp_json element, struct mcp_error *err), void *ctx,
                  struct mcp_error *err);

#endif
