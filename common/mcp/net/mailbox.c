/* How other threads hand things to the loop: a guarded queue, and a wake-up that carries nothing. */
#include "mcp/net/mailbox.h"

static void on_async(uv_async_t *async)
{
    struct mcp_mailbox *box = async->data;

    mcp__mailbox_drain(box);
    if (box->on_wake != NULL)
        box->on_wake(box);
}

int mcp__mailbox_init(struct mcp_mailbox *box, uv_loop_t *loop)
{
    int rc = uv_async_init(loop, &box->async, on_async);

    if (rc != 0)
        return rc;
    box->async.data = box;
    pthread_mutex_init(&box->lock, NULL);
    box->first = NULL;
    box->last = &box->first;
    box->on_wake = NULL;
    return 0;
}

void mcp__mailbox_post(struct mcp_mailbox *box, struct mcp_mail *mail)
{
    bool wake = false;

    pthread_mutex_lock(&box->lock);
    if (!mail->posted) {
        mail->posted = true;
        mail->next = NULL;
        wake = box->first == NULL;
        *box->last = mail;
        box->last = &mail->next;
    }
    /* Inside the lock: once it is released, a stopping loop may free the mailbox. */
    if (wake)
        uv_async_send(&box->async);
    pthread_mutex_unlock(&box->lock);
}

void mcp__mailbox_wake(struct mcp_mailbox *box)
{
    uv_async_send(&box->async);
}

void mcp__mailbox_drain(struct mcp_mailbox *box)
{
    for (;;) {
        struct mcp_mail *mail;

        pthread_mutex_lock(&box->lock);
        mail = box->first;
        if (mail != NULL) {
            box->first = mail->next;
            if (box->first == NULL)
                box->last = &box->first;
            mail->posted = false;
        }
        pthread_mutex_unlock(&box->lock);
        if (mail == NULL)
            return;
        mail->deliver(mail);
    }
}

void mcp__mailbox_close(struct mcp_mailbox *box)
{
    uv_close((uv_handle_t *)&box->async, NULL);
}

void mcp__mailbox_release(struct mcp_mailbox *box)
{
    pthread_mutex_destroy(&box->lock);
}
