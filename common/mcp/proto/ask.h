/* The inside of asking back: what was asked, what came back, and the state that travels sealed. */
#ifndef MCP_PROTO_ASK_H
#define MCP_PROTO_ASK_H

#include <mcp/ask.h>
#include <mcp/json_writer.h>

struct mcp_call;

/* What a client can do, by its capabilities. */
enum mcp_client_cap {
    MCP_CLIENT_FORM = 1 << MCP_ASK_FORM,
    MCP_CLIENT_URL = 1 << MCP_ASK_URL,
    MCP_CLIENT_SAMPLING = 1 << MCP_ASK_SAMPLE,
    MCP_CLIENT_ROOTS = 1 << MCP_ASK_ROOTS,
    MCP_CLIENT_TASKS = 1 << (MCP_ASK_ROOTS + 1), /* the Tasks extension */
};
/* The bits of a ClientCapabilities object. */
unsigned mcp__client_caps(struct mcp_json capabilities);

/* All of them in the arena of their call. */
struct mcp_keyed {
    mcp_str key;
    struct mcp_json value;
    struct mcp_keyed *next;
};
struct mcp_question {
    mcp_str key;
    enum mcp_ask kind;
    mcp_str params; /* may be missing */
    uint64_t id; /* of the request that carries it (legacy), in its key (tasks) */
    bool answered;
    struct mcp_question *next;
};

/* Rounds of questions in one call. */
#define MCP_ASK_ROUNDS_MAX 32

/* Before the handler: opens the state that the client gave back and takes its answers. 0, or
 * MCP_EINVAL: tampered with, expired, or of another request. */
int mcp__ask_open(struct mcp_call *call, struct mcp_error *err);
/* After MCP_EINPUT: the result that asks, or what the legacy transport will ask. 0, or a code. */
int mcp__ask_close(struct mcp_call *call, struct mcp_error *err);
/* Takes one answer, a value of any document; false without memory. */
bool mcp__ask_answer(struct mcp_call *call, struct mcp_question *q, struct mcp_json value);
/* The JSON-RPC request of a question. */
void mcp__ask_request(struct mcp_buf *out, const struct mcp_question *q);
/* The members of inputRequests: what is not answered. numbered: each key with the id of its question
 * behind it, so that none comes twice in a task. */
void mcp__ask_list(struct mcp_jsonw *w, const struct mcp_question *q, bool numbered);
/* The member of an object that answers a question with a numbered key. */
struct mcp_json mcp__ask_pick(struct mcp_json object, const struct mcp_question *q);
/* {"code":-32021,...} for what the client lacks. */
void mcp__ask_refusal(struct mcp_call *call, mcp_str message);

#endif
