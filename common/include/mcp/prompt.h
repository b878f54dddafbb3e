/* A prompt is a row of a static table: its arguments, and the function that writes its messages. */
#ifndef MCP_PROMPT_H
#define MCP_PROMPT_H

#include <mcp/call.h>

struct mcp_prompt_arg {
    const char *name;
    const char *title; /* may be NULL */
    const char *description; /* may be NULL */
    bool required;
};

enum mcp_role { MCP_ROLE_USER, MCP_ROLE_ASSISTANT };

/* Rows are static const, in the order in which they are listed. */
struct mcp_prompt {
    const char *name; /* 1 to 64 of [A-Za-z0-9_.-] */
    const char *title; /* may be NULL */
    const char *description;
    const struct mcp_prompt_arg *args;
    size_t n_args;
    /* On a worker; may wait. Each mcp_result_text, _image, _audio, _resource and _link is one
     * message of the current role. Required arguments are there, all of them are strings. 0,
     * MCP_EINPUT after mcp_need, or a negative code with err. */
    int (*get)(struct mcp_call *call, struct mcp_error *err);
    /* Optional: proposes values of an argument by mcp_completion_add. `given` is what was typed so
     * far; mcp_call_args holds arguments that are already known. */
    int (*complete)(struct mcp_call *call, mcp_str argument, mcp_str given, struct mcp_error *err);
};

/* An argument of the prompt; missing when the client did not give it. */
mcp_str mcp_prompt_arg(struct mcp_call *call, const char *name);
/* The role of the messages that follow [user]. */
void mcp_prompt_role(struct mcp_call *call, enum mcp_role role);
/* Proposes one value, in prompts as in resources. The first 100 are sent, the others counted. */
void mcp_completion_add(struct mcp_call *call, mcp_str value);

#endif
