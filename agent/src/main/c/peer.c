#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A request must be here by then, and who is attached must have taken something by then. */
enum { REQUEST_MS = 30000, STUCK_MS = 30000 };

static struct peer *peers;
static size_t peer_count;
static struct watch listener = {.fd = -1};

static void peer_ready(struct watch *watch, uint32_t events);

static void drop(struct peer *peer) {
    for (struct peer **at = &peers; *at != NULL; at = &(*at)->next) {
        if (*at == peer) {
            *at = peer->next;
            peer_count--;
            break;
        }
    }
    watch_close(&peer->watch);
    if (peer->process != NULL) {
        process_leave(peer->process, peer);
    }
    free(peer->payload.at);
    free(peer->queue.at);
    free(peer);
}

/* Peers are dropped only where nobody holds one: in peer_ready and in peers_tick. */
static void watch_peer(struct peer *peer) {
    uint32_t events = peer->queue.length > peer->queue_sent ? EPOLLOUT : 0;
    bool reads = peer->process == NULL || (process_takes_input(peer->process) && !peer->waits);
    if (reads && !peer->closing) {
        events |= EPOLLIN;
    }
    watch_set(&peer->watch, events == 0 ? EPOLLRDHUP : events);
}

static bool flush(struct peer *peer) {
    while (peer->queue_sent < peer->queue.length) {
        ssize_t count = send(peer->watch.fd, peer->queue.at + peer->queue_sent, peer->queue.length - peer->queue_sent,
                MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN) {
            break;
        }
        if (count < 0) {
            return false;
        }
        peer->queue_sent += (size_t) count;
        peer->full_since_ms = now_ms();
    }
    if (peer->queue_sent == peer->queue.length) {
        peer->queue.length = peer->queue_sent = 0;
        if (peer->queue.room > DATA_MAX) {
            free(peer->queue.at);
            peer->queue = (struct bytes) {0};
        }
    }
    return true;
}

void peer_send(struct peer *peer, enum message message, const void *payload, size_t length) {
    if (peer->closing) {
        return;
    }
    if (peer->queue.length == peer->queue_sent) {
        peer->queue.length = peer->queue_sent = 0;
        peer->full_since_ms = now_ms();
    }
    uint8_t header[FRAME_HEADER];
    frame_header(header, message, length);
    if (!bytes_add(&peer->queue, header, sizeof header) || !bytes_add(&peer->queue, payload, length) || !flush(peer)) {
        peer->closing = true;
        peer->queue.length = peer->queue_sent = 0;
        shutdown(peer->watch.fd, SHUT_RDWR);
    }
    watch_peer(peer);
}

void peer_finish(struct peer *peer) {
    peer->closing = true;
    watch_peer(peer);
    if (peer->queue.length == peer->queue_sent) {
        /* Its own end wakes peer_ready, which drops it. */
        shutdown(peer->watch.fd, SHUT_RDWR);
    }
}

void peer_fail(struct peer *peer, const char *format, ...) {
    char text[PROBLEM_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct bytes payload = {0};
    bytes_text(&payload, TAG_TEXT, text);
    peer_send(peer, MESSAGE_FAILED, payload.at, payload.length);
    free(payload.at);
    peer_finish(peer);
}

static void succeed(struct peer *peer, const struct bytes *payload) {
    peer_send(peer, MESSAGE_DONE, payload == NULL ? NULL : payload->at, payload == NULL ? 0 : payload->length);
}

bool peer_full(const struct peer *peer) {
    return peer->queue.length - peer->queue_sent > QUEUE_MAX;
}

bool peers_full(const struct process *process) {
    for (const struct peer *peer = peers; peer != NULL; peer = peer->next) {
        if (peer->process == process && !peer->waits && peer_full(peer)) {
            return true;
        }
    }
    return false;
}

bool peers_attached(const struct process *process) {
    for (const struct peer *peer = peers; peer != NULL; peer = peer->next) {
        if (peer->process == process && !peer->closing) {
            return true;
        }
    }
    return false;
}

void peers_output(struct process *process, enum message message, const void *data, size_t length) {
    for (struct peer *peer = peers; peer != NULL; peer = peer->next) {
        /* A new exec's first output may come before the word that it was started: its peer can tell them apart. */
        if (peer->process == process && !(peer->waits && process->container)) {
            peer_send(peer, message, data, length);
        }
    }
}

void peers_resume_input(struct process *process) {
    for (struct peer *peer = peers; peer != NULL; peer = peer->next) {
        if (peer->process == process) {
            watch_peer(peer);
        }
    }
}

void peers_exited(struct process *process) {
    struct bytes payload = {0};
    bytes_text(&payload, TAG_ID, process->id);
    bytes_number(&payload, TAG_CODE, process->code);
    bytes_number(&payload, TAG_OOM_KILLED, process->oom_killed);
    bytes_number(&payload, TAG_STARTED, process->started_ns);
    bytes_number(&payload, TAG_FINISHED, process->finished_ns);
    for (struct peer *peer = peers; peer != NULL; peer = peer->next) {
        if (peer->process == process) {
            peer->process = NULL;
            peer_send(peer, MESSAGE_EXITED, payload.at, payload.length);
            peer_finish(peer);
        } else if (peer->events && process->container) {
            peer_send(peer, MESSAGE_EXITED, payload.at, payload.length);
        }
    }
    free(payload.at);
}

void peers_stopped(void) {
    for (struct peer *peer = peers; peer != NULL; peer = peer->next) {
        if (peer->stops) {
            succeed(peer, NULL);
        }
    }
}

/* ---- requests ---- */

/* What all small requests have: an id, a number, flags, a text. */
struct request {
    const char *id;
    int64_t signal, flags, port, rows, columns;
};

static bool read_request(struct request *request, const uint8_t *payload, size_t length) {
    memset(request, 0, sizeof *request);
    struct fields rest = {payload, length};
    struct field field;
    int more;
    while ((more = field_next(&rest, &field)) > 0) {
        bool right = true;
        switch (field.tag) {
            case TAG_ID: right = (request->id = field_text(&field)) != NULL && is_id(request->id); break;
            case TAG_SIGNAL: right = field_number(&field, &request->signal); break;
            case TAG_FLAGS: right = field_number(&field, &request->flags); break;
            case TAG_PORT: right = field_number(&field, &request->port); break;
            case TAG_ROWS: right = field_number(&field, &request->rows); break;
            case TAG_COLUMNS: right = field_number(&field, &request->columns); break;
            default: break;
        }
        if (!right) {
            return false;
        }
    }
    return more == 0;
}

static void start(struct peer *peer, bool container) {
    struct spec spec;
    const char *problem = spec_read(&spec, peer->payload.at, peer->payload.length);
    if (problem == NULL) {
        problem = process_start(&spec, container, peer);
    }
    spec_release(&spec);
    if (problem != NULL) {
        peer_fail(peer, "%s", problem);
    }
}

static void status(struct peer *peer) {
    struct bytes payload = {0};
    bytes_number(&payload, TAG_PID, getpid());
    for (const struct process *process = processes; process != NULL; process = process->next) {
        if (process->container) {
            process_describe(process, &payload);
        }
    }
    succeed(peer, &payload);
    free(payload.at);
    peer_finish(peer);
}

static void with_container(struct peer *peer, enum message message, const struct request *request) {
    struct process *process = request->id == NULL ? NULL : process_find(request->id);
    if (process == NULL) {
        if (message == MESSAGE_FORGET) {
            succeed(peer, NULL);
            peer_finish(peer);
        } else {
            peer_fail(peer, "the container was not started");
        }
        return;
    }
    const char *problem = NULL;
    switch (message) {
        case MESSAGE_SIGNAL:
            problem = process_signal(process, (int) request->signal, (request->flags & FLAG_ALL_PROCESSES) != 0);
            break;
        case MESSAGE_REOPEN_LOG:
            if (process->log.path != NULL && !log_open(&process->log, process->log.path)) {
                peer_fail(peer, "cannot open the log %s: %s", process->log.path, strerror(errno));
                return;
            }
            break;
        case MESSAGE_ATTACH:
            if (process->state != STATE_RUNNING || process->finished) {
                problem = "the container does not run";
                break;
            }
            succeed(peer, NULL);
            peer->process = process;
            watch_peer(peer);
            return;
        case MESSAGE_FORGET:
            if (!process->finished) {
                problem = "the container runs";
                break;
            }
            process_forget(process);
            break;
        default: break;
    }
    if (problem != NULL) {
        peer_fail(peer, "%s", problem);
    } else {
        succeed(peer, NULL);
        peer_finish(peer);
    }
}

static void handle_request(struct peer *peer, enum message message) {
    if (message == MESSAGE_START || message == MESSAGE_EXEC) {
        start(peer, message == MESSAGE_START);
        return;
    }
    struct request request;
    if (!read_request(&request, peer->payload.at, peer->payload.length)) {
        peer_fail(peer, "the request is malformed");
        return;
    }
    const char *problem;
    switch (message) {
        case MESSAGE_SIGNAL:
        case MESSAGE_REOPEN_LOG:
        case MESSAGE_ATTACH:
        case MESSAGE_FORGET: with_container(peer, message, &request); break;
        case MESSAGE_STATUS: status(peer); break;
        case MESSAGE_EVENTS:
            peer->events = true;
            succeed(peer, NULL);
            break;
        case MESSAGE_DIAL:
            problem = process_dial(request.port, peer);
            if (problem != NULL) {
                peer_fail(peer, "%s", problem);
            }
            break;
        case MESSAGE_SHUTDOWN:
            peer->stops = true;
            peer->waits = true;
            processes_shutdown();
            break;
        default: peer_fail(peer, "this shim knows no request %d", (int) message); break;
    }
}

static void handle_frame(struct peer *peer) {
    enum message message = peer->header[2];
    struct process *process = peer->process;
    if (process == NULL && !peer->events) {
        handle_request(peer, message);
        return;
    }
    struct request request;
    if (process == NULL) {
        peer_fail(peer, "this connection tells events");
    } else if (message == MESSAGE_INPUT) {
        process_input(process, peer->payload.at, peer->payload.length);
        watch_peer(peer);
    } else if (message == MESSAGE_INPUT_END) {
        /* One who was attached goes; the next one may have input again, unless the container has it only once. */
        if (!process->container || (process->flags & FLAG_INPUT_ONCE) != 0) {
            process_input_end(process);
        }
    } else if (message == MESSAGE_RESIZE && read_request(&request, peer->payload.at, peer->payload.length)) {
        process_resize(process, request.rows, request.columns);
    } else {
        peer_fail(peer, "there is no such frame in a stream");
    }
}

/* false: the peer is gone. */
static bool receive(struct peer *peer) {
    if (peer->header_length < FRAME_HEADER) {
        ssize_t count = recv(peer->watch.fd, peer->header + peer->header_length, FRAME_HEADER - peer->header_length,
                MSG_DONTWAIT);
        if (count <= 0) {
            return count < 0 && (errno == EAGAIN || errno == EINTR);
        }
        peer->header_length += (size_t) count;
        if (peer->header_length < FRAME_HEADER) {
            return true;
        }
        const char *problem = NULL;
        int64_t length = frame_length(peer->header, &problem);
        if (length < 0) {
            peer_fail(peer, "%s", problem);
            return true;
        }
        peer->payload_expected = (size_t) length;
        peer->payload.length = 0;
    }
    static uint8_t piece[64 << 10];
    size_t missing = peer->payload_expected - peer->payload.length;
    if (missing > 0) {
        ssize_t count = recv(peer->watch.fd, piece, missing < sizeof piece ? missing : sizeof piece, MSG_DONTWAIT);
        if (count <= 0) {
            return count < 0 && (errno == EAGAIN || errno == EINTR);
        }
        /* Memory grows with what has come, not with what was announced. */
        if (!bytes_add(&peer->payload, piece, (size_t) count)) {
            return false;
        }
        missing -= (size_t) count;
    }
    if (missing == 0) {
        peer->header_length = 0;
        handle_frame(peer);
        peer->payload.length = 0;
        if (peer->payload.room > DATA_MAX) {
            free(peer->payload.at);
            peer->payload = (struct bytes) {0};
        }
    }
    return true;
}

static void peer_ready(struct watch *watch, uint32_t events) {
    struct peer *peer = (struct peer *) ((char *) watch - offsetof(struct peer, watch));
    bool was_full = peer_full(peer);
    bool alive = flush(peer);
    if (alive && peer->closing) {
        alive = peer->queue.length > peer->queue_sent && (events & (EPOLLHUP | EPOLLERR)) == 0;
    } else if (alive && (events & EPOLLIN) != 0) {
        alive = receive(peer);
    } else if (alive && (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) {
        alive = false;
    }
    if (!alive) {
        drop(peer);
        return;
    }
    if (was_full && !peer_full(peer) && peer->process != NULL) {
        process_resume(peer->process);
    }
    watch_peer(peer);
}

int64_t peers_tick(int64_t now) {
    int64_t wait = -1;
    struct peer *next;
    for (struct peer *peer = peers; peer != NULL; peer = next) {
        next = peer->next;
        bool requests = peer->process == NULL && !peer->events && !peer->waits;
        bool stuck = peer->queue.length > peer->queue_sent;
        if (!requests && !stuck) {
            continue;
        }
        /* An exec may be as slow as it likes: it slows nobody but itself. */
        if (stuck && !requests && peer->process != NULL && !peer->process->container) {
            continue;
        }
        int64_t due = stuck && !requests ? peer->full_since_ms + STUCK_MS : peer->since_ms + REQUEST_MS;
        if (now >= due) {
            drop(peer);
            next = peers;
        } else if (wait < 0 || due - now < wait) {
            wait = due - now;
        }
    }
    return wait;
}

static void listener_ready(struct watch *watch, uint32_t events) {
    (void) events;
    int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    struct ucred caller;
    socklen_t length = sizeof caller;
    struct peer *peer = NULL;
    if (peer_count < PEERS_MAX && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &caller, &length) == 0
            && (caller.uid == 0 || caller.uid == geteuid())) {
        peer = calloc(1, sizeof *peer);
    }
    if (peer == NULL) {
        close(fd);
        return;
    }
    peer->watch.fd = fd;
    peer->watch.ready = peer_ready;
    peer->since_ms = now_ms();
    peer->next = peers;
    peers = peer;
    peer_count++;
    watch_peer(peer);
}

void peers_open(const char *socket_name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(socket_name) >= sizeof address.sun_path) {
        child_fail("the socket's path %s is too long", socket_name);
    }
    strcpy(address.sun_path, socket_name);
    unlink(socket_name);
    listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    if (listener.fd < 0 || bind(listener.fd, (struct sockaddr *) &address, sizeof address) != 0
            || listen(listener.fd, PEERS_MAX) != 0) {
        child_fail_errno("listen on %s", socket_name);
    }
    umask(before);
    listener.ready = listener_ready;
    watch_set(&listener, EPOLLIN);
}
