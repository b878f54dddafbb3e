/* Asking the client back in the middle of a call: input from its user, its model, its roots. */
#ifndef MCP_ASK_H
#define MCP_ASK_H

#include <mcp/call.h>

/* A handler asks for all that it lacks, then returns MCP_EINPUT; it runs again from the top when
 * the answers are there, maybe much later and in another process. Nothing with an effect stands
 * before its last mcp_need. Not in completions, and not from .fast. */
enum mcp_ask {
    MCP_ASK_FORM, /* elicitation/create with message and requestedSchema */
    MCP_ASK_URL, /* elicitation/create with mode "url", message and url */
    MCP_ASK_SAMPLE, /* sampling/createMessage */
    MCP_ASK_ROOTS, /* roots/list */
};

/* Registers one question. key: 1 to 128 bytes, the handler's own name for it. params: the JSON
 * object of its params; missing for roots. 0, or MCP_ECAPABILITY with err when this client cannot
 * answer that: the handler goes on without, or returns it. */
int mcp_need(struct mcp_call *call, const char *key, enum mcp_ask kind, mcp_str params,
             struct mcp_error *err);
/* The answer to that question as the protocol has it ({"action":...}), always an object and
 * otherwise unchecked; missing: not asked or not answered. */
struct mcp_json mcp_input(struct mcp_call *call, const char *key);
/* The content of an accepted form; missing when it was declined or cancelled. *answered (may be
 * NULL) tells whether there is an answer at all. */
struct mcp_json mcp_input_content(struct mcp_call *call, const char *key, bool *answered);

/* Carries a value to the next run of this call, sealed when it travels through the client: a whole
 * JSON value, all of them together under 48 KiB. */
void mcp_state_set(struct mcp_call *call, const char *key, mcp_str json);
struct mcp_json mcp_state_get(struct mcp_call *call, const char *key);

#endif
