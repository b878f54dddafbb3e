/* One message on its way down the ladder, and the answers that every rung can give. */
#ifndef MCP_PROTO_STEP_H
#define MCP_PROTO_STEP_H

#include "mcp/proto/modern.h"

/* Lives in mcp__dispatch. */
struct mcp_step {
    const struct mcp_dispatch *d;
    const struct mcp_inbound *in;
    struct mcp_call *call;
    struct mcp_buf *reply;
    struct mcp_outcome *out;
    struct mcp_rpc rpc;
    struct mcp_meta meta; /* all missing until the era is looked for */
    unsigned client_caps; /* enum mcp_client_cap, of the request or its session */
    struct mcp_error *err; /* borrowed; clear until a rung fails */
};

/* ---- answers: each of them is the last thing of a step --------------------------------------- */

/* data: a whole JSON value or missing. */
void mcp__step_fail(struct mcp_step *s, int status, int code, mcp_str message, mcp_str data);
/* In band: the params are wrong. */
void mcp__step_invalid(struct mcp_step *s, mcp_str message);
/* As s->err says. */
void mcp__step_fail_err(struct mcp_step *s, int status);
void mcp__step_result(struct mcp_step *s, mcp_str result);

/* ---- calls ----------------------------------------------------------------------------------- */

/* Fills the call with what every handler has; args is an object or missing. 0, or -1 with the error
 * replied. deadline_ms: 0 for the default. */
int mcp__step_call(struct mcp_step *s, struct mcp_json args, unsigned deadline_ms);

/* ---- methods (step_read.c) ------------------------------------------------------------------- */

void mcp__step_list(struct mcp_step *s, enum mcp_list list);
void mcp__step_resources_read(struct mcp_step *s);
void mcp__step_prompts_get(struct mcp_step *s);
void mcp__step_complete(struct mcp_step *s);
void mcp__step_set_level(struct mcp_step *s);
void mcp__step_listen(struct mcp_step *s);
void mcp__step_subscribe(struct mcp_step *s, bool on);

/* ---- the Tasks extension (step_task.c) ------------------------------------------------------- */

/* The client of a modern request declares it; the error when it does not. */
bool mcp__step_has_tasks(const struct mcp_step *s);
void mcp__step_needs_tasks(struct mcp_step *s);
void mcp__step_task(struct mcp_step *s);

#endif
