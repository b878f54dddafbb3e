/* Threads that run tool handlers: started on demand, bounded, with small stacks. */
#ifndef MCP_NET_WORKER_H
#define MCP_NET_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded in what is run. */
struct mcp_job {
    struct mcp_job *next; /* in the queue, under its lock */
    void (*run)(struct mcp_job *job); /* on a worker; the job is its own again when it returns */
};

struct mcp_workers;

/* max: most threads. max_queue: most jobs that wait for one. No thread is started yet. NULL without
 * memory. */
struct mcp_workers *mcp__workers_new(unsigned max, unsigned max_queue);
/* Loop thread. 0, or MCP_EBUSY: the queue is full, or no thread can be had at all. */
int mcp__workers_submit(struct mcp_workers *workers, struct mcp_job *job);
unsigned mcp__workers_threads(struct mcp_workers *workers);
/* Takes a job that no worker has begun out of the queue again: true when it was there. */
bool mcp__workers_withdraw(struct mcp_workers *workers, struct mcp_job *job);
/* Ends the threads as they become idle, waits for them until until_ms of the monotonic clock, and
 * frees. Jobs still queued are run first. Returns how many threads still run: then nothing is
 * freed, and the process should end by _exit. NULL is fine. */
unsigned mcp__workers_stop(struct mcp_workers *workers, uint64_t until_ms);

#endif
