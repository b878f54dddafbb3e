/* The sessions of legacy clients over HTTP: a table with a cap, idle expiry and bound principals. */
#ifndef MCP_PROTO_SESSION_H
#define MCP_PROTO_SESSION_H

#include "mcp/proto/era.h"
#include "mcp/proto/watch.h"

#include <mcp/call.h>

#define MCP_SESSION_ID_LEN 32 /* 128 random bits in hexadecimal */

struct mcp_session {
    char id[MCP_SESSION_ID_LEN + 1];
    enum mcp_revision rev; /* negotiated */
    unsigned client_caps; /* enum mcp_client_cap, of initialize */
    int log_level; /* enum mcp_log_severity, of logging/setLevel */
    struct mcp_watch watch; /* what it wants to be told of */
    void *transport; /* the streams that the transport holds for it; on_close takes them back */
    uint64_t streams; /* numbered so far */
    uint64_t used_ms; /* monotonic, of the last request */
    unsigned running; /* calls and open streams; a session with one does not expire */
    char *principal; /* owned, NUL-terminated; "" for the one local user */
    size_t principal_len;
    struct mcp_session *next; /* in its bucket */
};

/* All of it belongs to the loop thread. */
struct mcp_sessions;

/* max: most sessions at once. idle_ms: expiry. on_close: called before one goes; may be NULL. NULL
 * without memory. */
struct mcp_sessions *mcp__sessions_new(size_t max, uint64_t idle_ms,
                                       void (*on_close)(struct mcp_session *session));
void mcp__sessions_free(struct mcp_sessions *sessions);
size_t mcp__sessions_count(const struct mcp_sessions *sessions);

/* Opens one with the id made of random (16 bytes). When the table is full the one that was idle
 * longest gives way, if it was idle for a minute at least and runs nothing. MCP_EBUSY when none
 * may go, MCP_ENOMEM. */
int mcp__session_open(struct mcp_sessions *sessions, const unsigned char random[16],
                      enum mcp_revision rev, mcp_str principal, uint64_t now_ms,
                      struct mcp_session **out);
/* NULL when it is unknown, expired, or another principal's. Touches it. */
struct mcp_session *mcp__session_find(struct mcp_sessions *sessions, mcp_str id, mcp_str principal,
                                      uint64_t now_ms);
void mcp__session_close(struct mcp_sessions *sessions, struct mcp_session *session);
/* Closes what is idle for too long. */
void mcp__sessions_sweep(struct mcp_sessions *sessions, uint64_t now_ms);

#endif
