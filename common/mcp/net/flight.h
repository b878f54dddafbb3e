/* A call that a worker runs: its deadline, its progress, its cancellation, its late answer. */
#ifndef MCP_NET_FLIGHT_H
#define MCP_NET_FLIGHT_H

#include "mcp/net/loop.h"
#include "mcp/proto/call_internal.h"

struct mcp_flight;

/* How the owner of a call hears of it; both on the loop thread. */
/* Whoever waits for a flight. All but done may be NULL: nobody wants to know. */
struct mcp_flight_ops {
    /* The end, exactly once unless it was abandoned. call is finished and borrowed; NULL: the
     * deadline (or the end of the server) passed and the handler did not come back, the answer is
     * the owner's: err says it. The flight is gone afterwards as far as the owner is concerned. */
    void (*done)(struct mcp_flight *flight, struct mcp_call *call, const struct mcp_error *err);
    /* At most ten times a second, and only with a progress token. */
    void (*progress)(struct mcp_flight *flight, int64_t done, int64_t total, mcp_str message);
    /* A log message, one whole notification. Before done. */
    void (*log)(struct mcp_flight *flight, mcp_str text);
    /* A request to the client, one whole message: false (and NULL) when there is no way to it. */
    bool (*ask)(struct mcp_flight *flight, mcp_str text);
    /* The call became a task, which only a call that may be one does: response is the answer, and the flight is gone as far as the owner is
     * concerned. */
    void (*task)(struct mcp_flight *flight, mcp_str response);
    /* The handler lets the client go for a while; its stream may end without the answer. */
    void (*hang_up)(struct mcp_flight *flight);
    /* The client took it back: no answer is to be given, and none of the others comes. */
    void (*cancelled)(struct mcp_flight *flight);
};

struct mcp_flight_owner {
    const struct mcp_flight_ops *ops;
    void *ptr; /* borrowed */
    /* Who may take the call back by its id: a session, a stdio connection; NULL: nobody. */
    const void *scope;
};

struct mcp_flight {
    struct mcp_job job;
    struct mcp_mail done_mail, progress_mail, log_mail, hang_up_mail, task_mail;
    struct mcp_loop *loop; /* borrowed */
    struct mcp_call *call; /* one reference of ours */
    const struct mcp_flight_ops *ops; /* NULL: abandoned or answered */
    void *owner; /* of ops; borrowed */
    const void *scope;
    struct mcp_flight *prev, *next;
    uint64_t started_ms, progress_ms;
    unsigned progress_seq; /* the last one sent */
    atomic_bool
        progress_armed; /* news are on their way to the loop, or wait there for their time */
    bool progress_waits;
    unsigned asking; /* questions to the client that are open; no worker has the call then */
    uint64_t asked_ms; /* since when */
    bool late; /* answered without the handler */
    bool is_task; /* ops are those of tasks */
};

enum mcp_start {
    MCP_START_DONE, /* fast: the result is in the call */
    MCP_START_FLYING, /* ops->done comes later */
    MCP_START_BUSY, /* no worker and no room in the queue */
};

/* Runs .fast here: true with the result in the call, which is counted; else nothing has happened. */
bool mcp__flight_fast(struct mcp_loop *loop, struct mcp_call *call);
/* Hands the call to a worker. The caller keeps its own reference. ops may be called from the next turn
 * of the loop on. Never MCP_START_DONE. */
enum mcp_start mcp__flight_launch(struct mcp_loop *loop, struct mcp_call *call,
                                  const struct mcp_flight_owner *owner, struct mcp_flight **out);
/* The two, one behind the other. */
enum mcp_start mcp__flight_start(struct mcp_loop *loop, struct mcp_call *call,
                                 const struct mcp_flight_owner *owner, struct mcp_flight **out);
/* Cancels and forgets: ops is never called again. */
void mcp__flight_abandon(struct mcp_flight *flight);
/* Takes back the calls of that scope with that id, all of them when it is missing. */
void mcp__flights_cancel(struct mcp_loop *loop, const void *scope, mcp_str id);
/* A client's response, taken for the call of that scope that asked; else passed over. */
void mcp__flights_answer(struct mcp_loop *loop, const void *scope, mcp_str id,
                         struct mcp_json response);
/* Takes the answer to a question that is open; with the last one the handler runs again. */
void mcp__flight_answered(struct mcp_flight *flight, struct mcp_question *q,
                          struct mcp_json answer);
/* How many answers are still to be given; a task has given its own. */
size_t mcp__flights_pending(const struct mcp_loop *loop);
/* Deadlines, waiting progress, and the end of the server: from the tick. */
void mcp__flights_tick(struct mcp_loop *loop);
/* Frees what is kept for reuse. */
void mcp__flights_release(struct mcp_loop *loop);

/* Counts a finished call by what it became. */
void mcp__flight_count(struct mcp_counters *counters, const struct mcp_call *call,
                       uint64_t elapsed_ms);
/* The error of a full queue: 1 s is the hint. */
void mcp__flight_busy_error(struct mcp_error *err);

#endif
