#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What an OCI runtime says, by its files and over its socket, of a process that it has started. It has ended by then, so
 * nothing here waits for it.
 */

/* Of its log only the end is looked at. */
enum { LOG_END = 16 << 10, TERMINAL_MS = 1000 };

int launch_listen(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (bind(fd, (struct sockaddr *) &address, sizeof address) != 0 || listen(fd, 1) != 0)) {
        int problem = errno;
        close(fd);
        errno = problem;
        return -1;
    }
    return fd;
}

int launch_terminal(int listener) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct pollfd sent = {.fd = connection, .events = POLLIN};
    if (connection < 0 || poll(&sent, 1, TERMINAL_MS) != 1) {
        if (connection >= 0) {
            close(connection);
        }
        return -1;
    }
    char name[4096];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {name, sizeof name};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
            .msg_controllen = sizeof control};
    ssize_t count = recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    close(connection);
    struct cmsghdr *header = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    int terminal = -1;
    if (header != NULL && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(&terminal, CMSG_DATA(header), sizeof terminal);
    }
    return terminal;
}

pid_t launch_pid(const char *path) {
    FILE *file = fopen(path, "re");
    int pid = 0;
    if (file != NULL) {
        if (fscanf(file, "%d", &pid) != 1) {
            pid = 0;
        }
        fclose(file);
    }
    return pid;
}

/* The text behind "msg": in a line of JSON, without its escapes. */
static bool message_of(const char *line, char text[PROBLEM_MAX]) {
    const char *at = strstr(line, "\"msg\":\"");
    if (at == NULL) {
        return false;
    }
    size_t length = 0;
    for (at += strlen("\"msg\":\""); *at != 0 && *at != '"' && length < PROBLEM_MAX - 1; at++) {
        char c = *at;
        if (c == '\\' && at[1] != 0) {
            c = *++at;
            c = c == 'n' || c == 't' || c == 'r' ? ' ' : c;
        }
        text[length++] = c;
    }
    text[length] = 0;
    return length > 0;
}

void launch_problem(const char *path, int status, char text[PROBLEM_MAX]) {
    static char end[LOG_END + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    ssize_t length = -1;
    if (fd >= 0 && fstat(fd, &about) == 0) {
        length = pread(fd, end, LOG_END, about.st_size > LOG_END ? about.st_size - LOG_END : 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    bool found = false;
    end[length < 0 ? 0 : length] = 0;
    char *rest = NULL;
    for (char *line = strtok_r(end, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        found |= message_of(line, text);
    }
    if (!found) {
        snprintf(text, PROBLEM_MAX, "the OCI runtime ended with %s %d, and does not say why",
                WIFSIGNALED(status) ? "signal" : "code", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
}
