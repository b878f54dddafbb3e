/* Tags in the shapes that providers write them, as pairs of key and value. */
#ifndef COST_DATASET_TAG_PARSE_H
#define COST_DATASET_TAG_PARSE_H

#include <mcp/arena.h>
#include <mcp/error.h>

#define COST__MAX_TAGS 512

struct cost__tag_pair {
    mcp_str key, value; /* into the text, or in the scratch buffer when there were escapes */
};

struct cost__tag_list {
    struct cost__tag_pair pairs[COST__MAX_TAGS];
    size_t n;
};

/* Appends the pairs of text to list: a JSON object; an array of objects with key/value, Key/Value or
 * TagKey/TagValue; an object's members without its braces. Values: a string as it is, true (a
 * valueless key) "true", null the empty string, anything else its JSON text. Empty text, {}, [] and
 * null give nothing. Scratch text lives in arena. MCP_EDATA for what is none of these, with the
 * reason; MCP_ETOOBIG past COST__MAX_TAGS. */
int cost__tag_parse(mcp_str text, struct mcp_arena *arena, struct cost__tag_list *list,
                    const char **reason);

#endif
