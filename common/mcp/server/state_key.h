/* The key that seals cursors: from the options, from this user's file, or of this process. */
#ifndef MCP_SERVER_STATE_KEY_H
#define MCP_SERVER_STATE_KEY_H

#include "mcp/proto/sealer.h"

#include <mcp/secret.h>

#include <pthread.h>

/* On the caller's storage; mcp__state_key_init before use. */
struct mcp__state_key {
    pthread_mutex_t lock; /* guards key */
    struct mcp_secret key;
    const char *dir; /* borrowed; NULL: no file, the key is this process's */
};

/* option: state_key, or missing. dir: name of the folder below $XDG_STATE_HOME, NULL for a key of
 * this process. MCP_ECONFIG when the option is shorter than 32 bytes. */
int mcp__state_key_init(struct mcp__state_key *k, mcp_str option, const char *dir,
                        struct mcp_error *err);
void mcp__state_key_release(struct mcp__state_key *k);
/* The key; reads or makes the file on the first call. Valid until release. MCP_ECONFIG when the
 * file is not private or cannot be had. Any thread. */
int mcp__state_key_get(struct mcp__state_key *k, mcp_str *key, struct mcp_error *err);
/* A sealer that uses k, which outlives it, and the companion library. */
struct mcp_sealer mcp__state_key_sealer(struct mcp__state_key *k);

#endif
