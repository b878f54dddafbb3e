/* The room that the bodies of all upstream answers share: a counter with somebody waiting. */
#include "mcp/upstream/room.h"

#include <mcp/error.h>

#include <pthread.h>

static struct {
    pthread_mutex_t lock; /* guards all members */
    size_t limit;
    size_t used;
    bool waiting;
    void (*on_room)(void);
} room = { .lock = PTHREAD_MUTEX_INITIALIZER, .limit = MCP__ROOM_DEFAULT };

void mcp__room_configure(size_t max_bytes_total)
{
    pthread_mutex_lock(&room.lock);
    room.limit = max_bytes_total == 0 ? MCP__ROOM_DEFAULT : max_bytes_total;
    pthread_mutex_unlock(&room.lock);
}

size_t mcp__room_limit(void)
{
    size_t limit;

    pthread_mutex_lock(&room.lock);
    limit = room.limit;
    pthread_mutex_unlock(&room.lock);
    return limit;
}

size_t mcp__room_used(void)
{
    size_t used;

    pthread_mutex_lock(&room.lock);
    used = room.used;
    pthread_mutex_unlock(&room.lock);
    return used;
}

bool mcp__room_take(size_t bytes)
{
    bool taken;

    pthread_mutex_lock(&room.lock);
    taken = room.used <= room.limit && bytes <= room.limit - room.used;
    if (taken)
        room.used += bytes;
    else
        room.waiting = true;
    pthread_mutex_unlock(&room.lock);
    return taken;
}

void mcp__room_give(size_t bytes)
{
    void (*tell)(void) = NULL;

    pthread_mutex_lock(&room.lock);
    MCP_BUG_ON(bytes > room.used);
    room.used -= bytes;
    if (room.waiting && bytes > 0) {
        room.waiting = false;
        tell = room.on_room;
    }
    pthread_mutex_unlock(&room.lock);
    if (tell != NULL)
        tell();
}

void mcp__room_on_free(void (*on_room)(void))
{
    pthread_mutex_lock(&room.lock);
    room.on_room = on_room;
    pthread_mutex_unlock(&room.lock);
}
