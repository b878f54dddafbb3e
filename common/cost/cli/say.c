/* What a program says to the person at the terminal: failures, texts that fit, its last word. */
#include "say.h"

#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int cost__cli_fail(const struct cost_server_spec *spec, int status, const struct mcp_error *err)
{
    fprintf(stderr, "%s: %s\n", spec->name, err->message);
    if (err->next[0] != '\0')
        fprintf(stderr, "%s\n", err->next);
    return status;
}

int cost__cli_done(void)
{
    /* A full buffer is written before the flush: an error of that is only remembered. */
    return fflush(stdout) == 0 && !ferror(stdout) ? COST__EXIT_OK : COST__EXIT_ERROR;
}

unsigned cost__cli_width(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return 100;
    return size.ws_col < 40 ? 40 : size.ws_col;
}

static size_t columns_of(mcp_str s)
{
    size_t n = 0;

    /* Bytes that go on a character take no column of their own. */
    for (size_t i = 0; i < s.len; i++)
        n += (s.ptr[i] & 0xc0) != 0x80;
    return n;
}

static void print_broken(mcp_str line, unsigned width)
{
    size_t at = 0;
    mcp_str word;

    for (bool more = true, first = true; more; first = false) {
        size_t n;

        more = mcp_str_cut(&line, ' ', &word);
        n = columns_of(word);
        if (!first && at + 1 + n > width) {
            fputs("\n    ", stdout);
            at = 4;
        } else if (!first) {
            putchar(' ');
            at++;
        }
        fwrite(word.ptr, 1, word.len, stdout);
        at += n;
    }
    putchar('\n');
}

void cost__cli_print(mcp_str text)
{
    unsigned width = isatty(STDOUT_FILENO) ? cost__cli_width() : UINT_MAX;
    mcp_str line;

    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    for (bool more = true; more;) {
        more = mcp_str_cut(&text, '\n', &line);
        if (columns_of(line) > width) {
            print_broken(line, width);
            continue;
        }
        fwrite(line.ptr, 1, line.len, stdout);
        putchar('\n');
    }
}

void cost__cli_refusal(mcp_str text, mcp_str *message, mcp_str *next)
{
    static const char mark[] = " Next: ";
    mcp_str code;

    /* "error CODE: MESSAGE. Next: NEXT": the code is for programs. */
    *message = text;
    *next = MCP_STR_NULL;
    if (mcp_str_cut_prefix(&text, MCP_STR("error ")) && mcp_str_cut(&text, ':', &code))
        *message = mcp_str_trim(text);
    for (size_t i = 0; i + sizeof(mark) <= message->len; i++) {
        if (memcmp(message->ptr + i, mark, sizeof(mark) - 1) != 0)
            continue;
        *next = mcp_str_n(message->ptr + i + sizeof(mark) - 1, message->len - i - sizeof(mark) + 1);
        message->len = i;
        return;
    }
}
