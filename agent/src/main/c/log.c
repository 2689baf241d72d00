#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * The file is what kubelets and log collectors read: "TIME stdout F text", a P in place of the F where the line goes on in the
 * next one. Lines are put together here and written many at a time.
 */
enum { TEXT_MAX = 128 << 10, PREFIX_MAX = 64 };

static char text[TEXT_MAX];
static size_t used;

bool log_open(struct log *log, const char *path) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
    if (fd < 0) {
        return false;
    }
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(fd);
        errno = EINVAL;
        return false;
    }
    char *copy = path == log->path ? log->path : strdup(path);
    if (copy == NULL) {
        close(fd);
        return false;
    }
    if (log->fd >= 0) {
        close(log->fd);
    }
    log->fd = fd;
    log->path = copy;
    return true;
}

void log_close(struct log *log) {
    if (log->fd >= 0) {
        close(log->fd);
    }
    log->fd = -1;
    free(log->path);
    log->path = NULL;
}

/* On a full disk the lines are lost, but whole ones: half a line would spoil the next. */
static void flush(struct log *log) {
    size_t sent = 0;
    while (sent < used && log->fd >= 0) {
        ssize_t count = write(log->fd, text + sent, used - sent);
        if (count > 0) {
            sent += (size_t) count;
            continue;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        size_t whole = sent;
        while (whole > 0 && text[whole - 1] != '\n') {
            whole--;
        }
        struct stat about;
        if (whole < sent && fstat(log->fd, &about) == 0 && about.st_size >= (off_t) (sent - whole)
                && ftruncate(log->fd, about.st_size - (off_t) (sent - whole)) != 0) {
            /* The line stays torn; there is nobody to tell. */
            break;
        }
        break;
    }
    used = 0;
}

static void put(const void *data, size_t length) {
    if (length > 0) {
        memcpy(text + used, data, length);
        used += length;
    }
}

static void emit(struct log *log, struct stream *stream, const char *stamp, char tag, const uint8_t *data, size_t length) {
    if (used + PREFIX_MAX + stream->held + length + 1 > sizeof text) {
        flush(log);
    }
    int prefix = snprintf(text + used, PREFIX_MAX, "%s %s %c ", stamp,
            stream->message == MESSAGE_OUTPUT ? "stdout" : "stderr", tag);
    used += (size_t) prefix;
    put(stream->line, stream->held);
    put(data, length);
    put("\n", 1);
    stream->held = 0;
}

static void stamp_now(char stamp[PREFIX_MAX]) {
    int64_t now = wall_ns();
    time_t seconds = (time_t) (now / 1000000000);
    struct tm day;
    gmtime_r(&seconds, &day);
    size_t length = strftime(stamp, PREFIX_MAX, "%Y-%m-%dT%H:%M:%S", &day);
    snprintf(stamp + length, PREFIX_MAX - length, ".%09dZ", (int) (now % 1000000000));
}

void log_append(struct log *log, struct stream *stream, const uint8_t *data, size_t length) {
    if (log->fd < 0) {
        return;
    }
    if (stream->line == NULL && (stream->line = malloc(LINE_MAX_BYTES)) == NULL) {
        return;
    }
    char stamp[PREFIX_MAX];
    stamp_now(stamp);
    while (length > 0) {
        const uint8_t *end = memchr(data, '\n', length);
        size_t take = end == NULL ? length : (size_t) (end - data);
        size_t room = LINE_MAX_BYTES - stream->held;
        if (take > room) {
            emit(log, stream, stamp, 'P', data, room);
            data += room;
            length -= room;
        } else if (end != NULL) {
            emit(log, stream, stamp, 'F', data, take);
            data += take + 1;
            length -= take + 1;
        } else {
            memcpy(stream->line + stream->held, data, take);
            stream->held += take;
            length = 0;
        }
    }
    flush(log);
}

void log_finish(struct log *log, struct stream *stream) {
    if (log->fd >= 0 && stream->held > 0) {
        char stamp[PREFIX_MAX];
        stamp_now(stamp);
        emit(log, stream, stamp, 'P', NULL, 0);
        flush(log);
    }
    free(stream->line);
    stream->line = NULL;
    stream->held = 0;
}
