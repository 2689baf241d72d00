/*
 * The program of the image keelson/web: an HTTP/1.1 server that answers with one line, its version, its pod and the
 * path, and writes a line for each request. It is the first program of a container, so it ends at once when it is told
 * to, and lets nobody's ended children stay.
 *
 * One thread waits for all connections in poll(2). A connection has a fixed buffer for the head of a request; what does
 * not fit is refused. What comes too slowly is closed, and where there are more connections than places, the one that
 * waits longest makes room. So no client can take more than its place, and none longer than its time.
 *
 * The standard library's streams are not used: they would be the larger part of the program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 128,
    HEAD_BYTES_MAX = 4096,
    SHOWN_METHOD_MAX = 16,
    SHOWN_PATH_MAX = 256,
    ANSWER_BYTES_MAX = 1536,
    LINE_BYTES_MAX = 512,
    BACKLOG = 512,
    /** For a request to come whole, and for an answer to be taken. */
    REQUEST_MS = 10000,
    /** For the next request of a connection to begin. */
    IDLE_MS = 30000,
    /** For a client to take an answer after which nothing is read from it. */
    LINGER_MS = 2000,
    /** What is thrown away of a body before the connection is closed. */
    DRAINED_BYTES_MAX = 1 << 20,
    PORT_DEFAULT = 8080,
};

enum state { FREE, READING, ANSWERING, DRAINING };

struct text {
    char *at;
    size_t length;
    size_t limit;
};

struct connection {
    enum state state;
    int fd;
    /** Nothing of a request has come yet. */
    bool idle;
    bool closes;
    int64_t deadline;
    size_t have;
    size_t drained;
    size_t sent;
    size_t answer_length;
    char peer[INET6_ADDRSTRLEN];
    char head[HEAD_BYTES_MAX];
    char answer[ANSWER_BYTES_MAX];
};

static struct connection connections[CONNECTIONS_MAX];
static struct utsname names;
static const char *version = "1";

static void add(struct text *text, const char *what, size_t length) {
    if (length > text->limit - text->length) {
        length = text->limit - text->length;
    }
    memcpy(text->at + text->length, what, length);
    text->length += length;
}

static void add_text(struct text *text, const char *what) {
    add(text, what, strlen(what));
}

static void add_number(struct text *text, unsigned long number) {
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char) ('0' + number % 10);
        number /= 10;
    } while (number > 0);
    add(text, digits + at, sizeof digits - at);
}

/** What a client sent goes into logs and terminals: nothing but visible letters of ASCII. */
static void add_visible(struct text *text, const char *what, size_t length) {
    for (size_t i = 0; i < length && i < SHOWN_PATH_MAX; i++) {
        char letter = what[i] > ' ' && what[i] < 127 ? what[i] : '?';
        add(text, &letter, 1);
    }
    if (length > SHOWN_PATH_MAX) {
        add_text(text, "...");
    }
}

/** A line at once, so that lines of several writers do not mix. */
static void write_line(struct text *line) {
    line->at[line->length++] = '\n';
    size_t done = 0;
    while (done < line->length) {
        ssize_t wrote = write(STDOUT_FILENO, line->at + done, line->length - done);
        if (wrote < 0 && errno != EINTR) {
            return;
        }
        done += wrote < 0 ? 0 : (size_t) wrote;
    }
}

static void say(const char *first, const char *second) {
    char space[LINE_BYTES_MAX];
    struct text line = {space, 0, sizeof space - 1};
    add_text(&line, first);
    add_text(&line, second);
    write_line(&line);
}

static void say_port(uint16_t port, const char *what) {
    char space[LINE_BYTES_MAX];
    struct text line = {space, 0, sizeof space - 1};
    add_text(&line, "keelson/web version ");
    add_text(&line, version);
    add_text(&line, ", port ");
    add_number(&line, port);
    add_text(&line, ": ");
    add_text(&line, what);
    write_line(&line);
}

static _Noreturn void fail(const char *what) {
    say(what, strerror(errno));
    _exit(1);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void stop(int signal) {
    (void) signal;
    _exit(0);
}

static void handle_signals(void) {
    struct sigaction ending = {.sa_handler = stop};
    struct sigaction ignoring = {.sa_handler = SIG_IGN};
    /* Whose parent ended is a child of the first process; with this, none of them stays when it has ended. */
    struct sigaction reaping = {.sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT};
    if (sigaction(SIGTERM, &ending, NULL) < 0 || sigaction(SIGINT, &ending, NULL) < 0
        || sigaction(SIGPIPE, &ignoring, NULL) < 0 || sigaction(SIGCHLD, &reaping, NULL) < 0) {
        fail("signals: ");
    }
}

/** For both families; a machine without IPv6 has one for IPv4. */
static int listen_on(uint16_t port) {
    int one = 1;
    int zero = 0;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_ANY_INIT};
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero) == 0
            && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0
            && bind(fd, (struct sockaddr *) &any, sizeof any) == 0 && listen(fd, BACKLOG) == 0) {
            return fd;
        }
        if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT) {
            return -1;
        }
        close(fd);
    }
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {INADDR_ANY}};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0
        || bind(fd, (struct sockaddr *) &any, sizeof any) < 0 || listen(fd, BACKLOG) < 0) {
        return -1;
    }
    return fd;
}

static void remember_peer(struct connection *connection, const struct sockaddr_storage *from) {
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *) from;
    const char *known = NULL;
    if (from->ss_family == AF_INET) {
        known = inet_ntop(AF_INET, &((const struct sockaddr_in *) from)->sin_addr, connection->peer, INET6_ADDRSTRLEN);
    } else if (from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        known = inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, connection->peer, INET6_ADDRSTRLEN);
    } else if (from->ss_family == AF_INET6) {
        known = inet_ntop(AF_INET6, &six->sin6_addr, connection->peer, INET6_ADDRSTRLEN);
    }
    if (known == NULL) {
        strcpy(connection->peer, "-");
    }
}

static void close_connection(struct connection *connection) {
    if (connection->state != FREE) {
        close(connection->fd);
        connection->state = FREE;
    }
}

/** Who waits longest, or a free place if there is none that waits. */
static struct connection *oldest(void) {
    struct connection *found = &connections[0];
    for (size_t i = 1; i < CONNECTIONS_MAX; i++) {
        if (connections[i].state != FREE && (found->state == FREE || connections[i].deadline < found->deadline)) {
            found = &connections[i];
        }
    }
    return found;
}

/** A free place, if need be that of who waits longest. */
static struct connection *take_place(void) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (connections[i].state == FREE) {
            return &connections[i];
        }
    }
    struct connection *place = oldest();
    close_connection(place);
    return place;
}

static void accept_all(int listener) {
    for (int i = 0; i < BACKLOG; i++) {
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        int fd = accept4(listener, (struct sockaddr *) &from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE) {
                close_connection(oldest());
            }
            return;
        }
        struct connection *connection = take_place();
        connection->state = READING;
        connection->fd = fd;
        connection->idle = true;
        connection->closes = false;
        connection->have = 0;
        connection->drained = 0;
        connection->deadline = now_ms() + REQUEST_MS;
        remember_peer(connection, &from);
    }
}

static void write_to(struct connection *connection);

static void answer(struct connection *connection, const char *status, const char *headers, const struct text *body,
                   bool has_body) {
    struct text out = {connection->answer, 0, sizeof connection->answer};
    add_text(&out, "HTTP/1.1 ");
    add_text(&out, status);
    add_text(&out, "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n");
    add_text(&out, headers);
    add_text(&out, connection->closes ? "Connection: close\r\n" : "");
    add_text(&out, "Content-Length: ");
    add_number(&out, body->length);
    add_text(&out, "\r\n\r\n");
    if (has_body) {
        add(&out, body->at, body->length);
    }
    connection->answer_length = out.length;
    connection->sent = 0;
    connection->state = ANSWERING;
    connection->deadline = now_ms() + REQUEST_MS;
}

static void log_request(const struct connection *connection, const char *method, size_t method_length,
                        const char *path, size_t path_length, const char *status) {
    char space[LINE_BYTES_MAX];
    struct text line = {space, 0, sizeof space - 1};
    add_text(&line, connection->peer);
    add_text(&line, " ");
    add_visible(&line, method, method_length < SHOWN_METHOD_MAX ? method_length : SHOWN_METHOD_MAX);
    add_text(&line, " ");
    add_visible(&line, path, path_length);
    add_text(&line, " ");
    add(&line, status, 3);
    write_line(&line);
}

/** Refuses what is no request, and reads no further. */
static void refuse(struct connection *connection, const char *status) {
    char space[128];
    struct text body = {space, 0, sizeof space};
    add_text(&body, status + 4);
    add_text(&body, "\n");
    connection->closes = true;
    log_request(connection, "-", 1, "-", 1, status);
    answer(connection, status, "", &body, true);
}

/** Whether a line begins with a header's name, in whatever case, and a colon; then the value. */
static const char *value_of(const char *line, const char *end, const char *name) {
    size_t length = strlen(name);
    if ((size_t) (end - line) <= length || line[length] != ':') {
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        if ((line[i] | 0x20) != name[i]) {
            return NULL;
        }
    }
    const char *value = line + length + 1;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    return value;
}

static bool has_word(const char *value, const char *end, const char *word) {
    size_t length = strlen(word);
    for (; (size_t) (end - value) >= length; value++) {
        size_t same = 0;
        while (same < length && (value[same] | 0x20) == word[same]) {
            same++;
        }
        if (same == length) {
            return true;
        }
    }
    return false;
}

/** Reads what matters of the headers: whether more comes than the head, and whether the client wants to go on. */
static void read_headers(struct connection *connection, const char *at, const char *end) {
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t) (end - at));
        if (line_end == NULL) {
            return;
        }
        const char *value;
        if ((value = value_of(at, line_end, "connection")) != NULL) {
            connection->closes = connection->closes || has_word(value, line_end, "close");
        } else if ((value = value_of(at, line_end, "content-length")) != NULL) {
            connection->drained = *value == '0' && value[1] <= ' ' ? connection->drained : 1;
        } else if (value_of(at, line_end, "transfer-encoding") != NULL) {
            connection->drained = 1;
        }
        at = line_end + 1;
    }
}

/** Answers a request whose head is there, from the buffer's beginning up to its empty line. */
static void serve(struct connection *connection, size_t head_length) {
    const char *head = connection->head;
    const char *end = head + head_length;
    const char *line_end = memchr(head, '\n', head_length);
    const char *method_end = memchr(head, ' ', (size_t) (line_end - head));
    const char *path = method_end == NULL ? NULL : method_end + 1;
    const char *path_end = path == NULL ? NULL : memchr(path, ' ', (size_t) (line_end - path));
    if (method_end == NULL || method_end == head || path_end == NULL || path_end == path
        || (size_t) (line_end - path_end) < 9 || memcmp(path_end + 1, "HTTP/1.", 7) != 0) {
        refuse(connection, "400 Bad Request");
        return;
    }
    size_t method_length = (size_t) (method_end - head);
    size_t path_length = (size_t) (path_end - path);
    /* What version 1.0 does to go on is not worth it here. */
    connection->closes = path_end[8] == '0';
    connection->drained = 0;
    read_headers(connection, line_end + 1, end);
    if (connection->drained > 0) {
        /* A body is not read, only thrown away, so what follows it is not, either. */
        connection->closes = true;
    }
    bool is_head = method_length == 4 && memcmp(head, "HEAD", 4) == 0;
    bool is_get = method_length == 3 && memcmp(head, "GET", 3) == 0;
    const char *query = memchr(path, '?', path_length);
    size_t plain_length = query == NULL ? path_length : (size_t) (query - path);
    char space[768];
    struct text body = {space, 0, sizeof space};
    const char *status = "200 OK";
    const char *headers = "";
    if (!is_get && !is_head) {
        status = "405 Method Not Allowed";
        headers = "Allow: GET, HEAD\r\n";
        add_text(&body, "Method Not Allowed\n");
    } else if (plain_length == 8 && memcmp(path, "/healthz", 8) == 0) {
        add_text(&body, "ok\n");
    } else {
        add_text(&body, "keelson/web version ");
        add_text(&body, version);
        add_text(&body, " on ");
        add_text(&body, names.nodename);
        add_text(&body, ": ");
        add_visible(&body, path, path_length);
        add_text(&body, "\n");
    }
    log_request(connection, head, method_length, path, path_length, status);
    answer(connection, status, headers, &body, !is_head);
}

/** The length of the head with its empty line; 0 if it is not there whole. */
static size_t head_length(const struct connection *connection) {
    const char *at = connection->head;
    const char *end = at + connection->have;
    while ((at = memchr(at, '\n', (size_t) (end - at))) != NULL) {
        at++;
        if (at < end && *at == '\n') {
            return (size_t) (at + 1 - connection->head);
        }
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n') {
            return (size_t) (at + 2 - connection->head);
        }
    }
    return 0;
}

/** Answers the next request that is in the buffer. */
static void go_on(struct connection *connection) {
    size_t length = head_length(connection);
    if (length > 0) {
        serve(connection, length);
        memmove(connection->head, connection->head + length, connection->have - length);
        connection->have -= length;
        write_to(connection);
    } else if (connection->have == HEAD_BYTES_MAX) {
        refuse(connection, "431 Request Header Fields Too Large");
        connection->have = 0;
        write_to(connection);
    } else if (connection->have > 0 && connection->idle) {
        connection->idle = false;
        connection->deadline = now_ms() + REQUEST_MS;
    }
}

static void read_from(struct connection *connection) {
    ssize_t got = read(connection->fd, connection->head + connection->have, HEAD_BYTES_MAX - connection->have);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close_connection(connection);
        return;
    }
    if (got > 0) {
        connection->have += (size_t) got;
        go_on(connection);
    }
}

/** Closing while something is unread would take the answer away from the client. */
static void drain(struct connection *connection) {
    ssize_t got = read(connection->fd, connection->head, HEAD_BYTES_MAX);
    if (got > 0) {
        connection->drained += (size_t) got;
    }
    if (got == 0 || connection->drained > DRAINED_BYTES_MAX || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close_connection(connection);
    }
}

static void write_to(struct connection *connection) {
    ssize_t wrote = write(connection->fd, connection->answer + connection->sent,
                          connection->answer_length - connection->sent);
    if (wrote < 0 && errno != EAGAIN && errno != EINTR) {
        close_connection(connection);
        return;
    }
    connection->sent += wrote < 0 ? 0 : (size_t) wrote;
    if (connection->sent < connection->answer_length) {
        return;
    }
    if (connection->closes) {
        shutdown(connection->fd, SHUT_WR);
        connection->state = DRAINING;
        connection->deadline = now_ms() + LINGER_MS;
        return;
    }
    connection->state = READING;
    connection->idle = true;
    connection->deadline = now_ms() + IDLE_MS;
}

static void step(struct connection *connection, short events) {
    if (events != 0) {
        switch (connection->state) {
        case READING:
            read_from(connection);
            break;
        case ANSWERING:
            write_to(connection);
            break;
        case DRAINING:
            drain(connection);
            break;
        case FREE:
            break;
        }
        /* What came with the request before is answered without waiting for more. */
        while (connection->state == READING && connection->have > 0 && head_length(connection) > 0) {
            go_on(connection);
        }
        return;
    }
    if (connection->deadline > now_ms()) {
        return;
    }
    if (connection->state == READING && !connection->idle) {
        refuse(connection, "408 Request Timeout");
        write_to(connection);
    } else {
        close_connection(connection);
    }
}

static int next_wait_ms(void) {
    int64_t now = now_ms();
    int64_t wait = -1;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (connections[i].state != FREE) {
            int64_t left = connections[i].deadline > now ? connections[i].deadline - now : 0;
            wait = wait < 0 || left < wait ? left : wait;
        }
    }
    return (int) wait;
}

static _Noreturn void run(int listener) {
    struct pollfd waits[CONNECTIONS_MAX + 1];
    for (;;) {
        waits[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            enum state state = connections[i].state;
            waits[i + 1] = (struct pollfd){
                .fd = state == FREE ? -1 : connections[i].fd,
                .events = state == ANSWERING ? POLLOUT : POLLIN,
            };
        }
        if (poll(waits, CONNECTIONS_MAX + 1, next_wait_ms()) < 0) {
            if (errno != EINTR) {
                fail("poll: ");
            }
            continue;
        }
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
            if (connections[i].state != FREE) {
                step(&connections[i], waits[i + 1].revents);
            }
        }
        if (waits[0].revents != 0) {
            accept_all(listener);
        }
    }
}

static uint16_t port_of(const char *text) {
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || port < 1 || port > 65535) {
        say("the port has to be a number from 1 to 65535, not ", text);
        _exit(2);
    }
    return (uint16_t) port;
}

int main(int count, char **words) {
    const char *port_text = getenv("PORT");
    uint16_t port = port_text == NULL || *port_text == '\0' ? PORT_DEFAULT : port_of(port_text);
    for (int i = 1; i < count; i++) {
        if (strncmp(words[i], "--port=", 7) == 0) {
            port = port_of(words[i] + 7);
        } else if (strcmp(words[i], "--port") == 0 && i + 1 < count) {
            port = port_of(words[++i]);
        } else {
            say("usage: web [--port NUMBER], or PORT in the environment; not ", words[i]);
            return 2;
        }
    }
    const char *told = getenv("WEB_VERSION");
    if (told != NULL && *told != '\0' && strlen(told) < 64) {
        version = told;
    }
    handle_signals();
    if (uname(&names) < 0) {
        fail("uname: ");
    }
    int listener = listen_on(port);
    if (listener < 0) {
        say_port(port, strerror(errno));
        return 1;
    }
    say_port(port, "listening");
    run(listener);
}
