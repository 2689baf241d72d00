#include "shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long outputs are read on after a process ended, while others hold them open. */
enum { DRAIN_MS = 2000 };

struct process *processes;
static size_t process_count;
static int init_process, init_processes, own_processes;
static bool ending;
static struct watch children = {.fd = -1};

/*
 * Of whom nobody knew when they ended: what an OCI runtime starts is the shim's child only when that runtime has ended,
 * and may have ended before it.
 */
enum { STRAYS_MAX = 64 };
static struct {
    pid_t pid;
    int status;
} strays[STRAYS_MAX];
static size_t stray_count;

static void finish_if_done(struct process *process);
static void child_speaks(struct watch *watch, uint32_t events);
static void watch_output(struct stream *stream, int fd);
static void reap(struct watch *watch, uint32_t events);

void processes_open(int init_pid, int init_namespace) {
    init_process = init_pid;
    init_processes = init_namespace;
    own_processes = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    children.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    children.ready = reap;
    watch_set(&children, EPOLLIN);
}

struct process *process_find(const char *id) {
    for (struct process *process = processes; process != NULL; process = process->next) {
        if (process->container && strcmp(process->id, id) == 0) {
            return process;
        }
    }
    return NULL;
}

static void release(struct process *process) {
    for (struct process **at = &processes; *at != NULL; at = &(*at)->next) {
        if (*at == process) {
            *at = process->next;
            process_count--;
            break;
        }
    }
    watch_close(&process->start);
    watch_close(&process->input);
    watch_close(&process->out.watch);
    watch_close(&process->err.watch);
    if (process->pidfd >= 0) {
        close(process->pidfd);
    }
    if (process->console >= 0) {
        close(process->console);
    }
    free(process->pid_file);
    free(process->program_log);
    log_close(&process->log);
    free(process->out.line);
    free(process->err.line);
    free(process->pending);
    free(process->problem);
    free(process->memory_events);
    for (size_t i = 0; i < process->cgroups.count; i++) {
        free((void *) (uintptr_t) process->cgroups.at[i]);
    }
    free(process->cgroups.at);
    free(process);
}

/* ---- output ---- */

static void stream_end(struct stream *stream) {
    watch_close(&stream->watch);
    log_finish(&stream->process->log, stream);
    finish_if_done(stream->process);
}

static void stream_ready(struct watch *watch, uint32_t events) {
    (void) events;
    static uint8_t data[DATA_MAX];
    struct stream *stream = (struct stream *) watch;
    struct process *process = stream->process;
    if (peers_full(process)) {
        /* Who reads too slowly slows the process down, until it is put out; see peers_tick. */
        stream->paused = true;
        watch_set(watch, 0);
        return;
    }
    ssize_t count = read(watch->fd, data, sizeof data);
    if (count > 0) {
        log_append(&process->log, stream, data, (size_t) count);
        peers_output(process, stream->message, data, (size_t) count);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        /* EIO is the end of a terminal. */
        stream_end(stream);
    }
}

void process_resume(struct process *process) {
    struct stream *streams[] = {&process->out, &process->err};
    for (size_t i = 0; i < 2; i++) {
        if (streams[i]->paused && !process->launching && !peers_full(process)) {
            streams[i]->paused = false;
            watch_set(&streams[i]->watch, EPOLLIN);
        }
    }
}

/* ---- input ---- */

static void input_close(struct process *process) {
    if (process->pid == 0 && process->input.fd >= 0) {
        shutdown(process->input.fd, SHUT_WR);
    }
    watch_close(&process->input);
    free(process->pending);
    process->pending = NULL;
    process->pending_length = process->pending_sent = 0;
}

static void input_ready(struct watch *watch, uint32_t events) {
    (void) events;
    struct process *process = (struct process *) ((char *) watch - offsetof(struct process, input));
    while (process->pending_sent < process->pending_length) {
        ssize_t count = write(watch->fd, process->pending + process->pending_sent,
                process->pending_length - process->pending_sent);
        if (count < 0 && errno == EAGAIN) {
            watch_set(watch, EPOLLOUT);
            return;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            input_close(process);
            peers_resume_input(process);
            return;
        }
        process->pending_sent += (size_t) count;
    }
    watch_set(watch, 0);
    free(process->pending);
    process->pending = NULL;
    process->pending_length = process->pending_sent = 0;
    if (process->input_ends) {
        input_close(process);
    }
    peers_resume_input(process);
}

bool process_takes_input(const struct process *process) {
    return process->pending_length == 0 && process->state != STATE_STARTING;
}

void process_input(struct process *process, const uint8_t *data, size_t length) {
    if (process->input.fd < 0 || process->input_ends || length == 0) {
        return;
    }
    process->pending = malloc(length);
    if (process->pending == NULL) {
        return;
    }
    memcpy(process->pending, data, length);
    process->pending_length = length;
    process->pending_sent = 0;
    input_ready(&process->input, EPOLLOUT);
}

void process_input_end(struct process *process) {
    if ((process->flags & FLAG_TERMINAL) != 0) {
        return;
    }
    process->input_ends = true;
    if (process->pending_length == 0) {
        input_close(process);
    }
}

void process_resize(struct process *process, int64_t rows, int64_t columns) {
    if ((process->flags & FLAG_TERMINAL) != 0 && process->out.watch.fd >= 0 && rows > 0 && columns > 0 && rows < 65536
            && columns < 65536) {
        struct winsize size = {.ws_row = (unsigned short) rows, .ws_col = (unsigned short) columns};
        ioctl(process->out.watch.fd, TIOCSWINSZ, &size);
    }
}

/* ---- the end ---- */

int cgroup_kill(const struct texts *cgroups) {
    int killed = 0;
    char path[4096];
    for (size_t i = 0; i < cgroups->count; i++) {
        snprintf(path, sizeof path, "%s/cgroup.kill", cgroups->at[i]);
        if (file_write(path, "1")) {
            return 0;
        }
    }
    /* Version 1 has no such file. A process may fork while this looks, so it is repeated until there is nobody. */
    for (int round = 0; round < 100; round++) {
        int found = 0;
        for (size_t i = 0; i < cgroups->count; i++) {
            snprintf(path, sizeof path, "%s/cgroup.procs", cgroups->at[i]);
            FILE *file = fopen(path, "re");
            int pid;
            while (file != NULL && fscanf(file, "%d", &pid) == 1) {
                if (pid > 1 && pid != getpid() && kill(pid, SIGKILL) == 0) {
                    char name[64];
                    char state = 0;
                    snprintf(name, sizeof name, "/proc/%d/stat", pid);
                    FILE *stat = fopen(name, "re");
                    if (stat != NULL) {
                        int matched = fscanf(stat, "%*d (%*[^)]) %c", &state);
                        found += matched != 1 || state != 'Z';
                        fclose(stat);
                    }
                }
            }
            if (file != NULL) {
                fclose(file);
            }
            if (found > 0) {
                break;
            }
        }
        killed += found;
        if (found == 0) {
            break;
        }
        usleep(1000);
    }
    return killed;
}

/* Version 1 and 2 both have a line "oom_kill COUNT", in different files. */
static bool oom_killed(const char *path) {
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    char name[64];
    long long count, kills = 0;
    while (fscanf(file, "%63s %lld", name, &count) == 2) {
        if (strcmp(name, "oom_kill") == 0) {
            kills = count;
        }
    }
    fclose(file);
    return kills > 0;
}

static void write_exit(const struct process *process) {
    char path[256], temporary[256], text[256];
    snprintf(path, sizeof path, "containers/%s/exit", process->id);
    snprintf(temporary, sizeof temporary, "containers/%s/exit.new", process->id);
    int length = snprintf(text, sizeof text, "code=%d\noom=%d\nstarted=%lld\nfinished=%lld\n", process->code,
            process->oom_killed, (long long) process->started_ns, (long long) process->finished_ns);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool whole = fd >= 0 && write(fd, text, (size_t) length) == length;
    if (fd >= 0) {
        close(fd);
    }
    /* On a full disk the answer to status still has it. */
    if (whole && rename(temporary, path) != 0) {
        unlink(temporary);
    }
}

static void answer_start(struct process *process) {
    struct peer *peer = process->requester;
    process->requester = NULL;
    if (peer == NULL) {
        return;
    }
    peer->waits = false;
    if (process->state == STATE_FAILED) {
        peer->process = NULL;
        peer_fail(peer, "%s", process->problem);
        return;
    }
    struct bytes payload = {0};
    bytes_number(&payload, TAG_PID, process->pid);
    bytes_number(&payload, TAG_STARTED, process->started_ns);
    peer_send(peer, MESSAGE_DONE, payload.at, payload.length);
    free(payload.at);
    if (process->container) {
        peer->process = NULL;
        peer_finish(peer);
    } else {
        peers_resume_input(process);
    }
}

static void finish_if_done(struct process *process) {
    bool open = process->out.watch.fd >= 0 || process->err.watch.fd >= 0;
    if (process->finished || process->state == STATE_STARTING || !process->reaped || open) {
        return;
    }
    process->finished = true;
    input_close(process);
    if (process->state == STATE_FAILED) {
        answer_start(process);
        release(process);
        return;
    }
    process->state = STATE_EXITED;
    if (process->container) {
        write_exit(process);
    }
    peers_exited(process);
    if (!process->container) {
        release(process);
    }
}

static void ended(struct process *process, int status) {
    process->reaped = true;
    process->pid = 0;
    process->finished_ns = wall_ns();
    process->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    process->deadline_ms = now_ms() + DRAIN_MS;
    if (process->container) {
        if (process->processes != PROCESSES_OWN) {
            cgroup_kill(&process->cgroups);
        }
        process->oom_killed = oom_killed(process->memory_events);
    }
    if (process->start.fd < 0) {
        finish_if_done(process);
    }
}

static void start_failed(struct process *process) {
    /* Outputs are not read: nothing ran. */
    watch_close(&process->out.watch);
    watch_close(&process->err.watch);
    if (process->problem == NULL) {
        process->problem = strdup("out of memory");
    }
}

static void take_terminal(struct process *process, int terminal) {
    watch_output(&process->out, terminal);
    if ((process->flags & FLAG_INPUT) != 0) {
        process->input.fd = fcntl(terminal, F_DUPFD_CLOEXEC, 0);
    }
}

/* The OCI runtime has ended: what it has started is the process from now on. */
static void launched(struct process *process, int status) {
    if (process->start.fd >= 0) {
        child_speaks(&process->start, 0);
    }
    process->launching = false;
    if (process->state == STATE_FAILED) {
        ended(process, status);
        return;
    }
    pid_t pid = status == 0 ? launch_pid(process->pid_file) : 0;
    int terminal = pid > 0 && process->console >= 0 ? launch_terminal(process->console) : -1;
    if (pid <= 0 || (process->console >= 0 && terminal < 0)) {
        char text[PROBLEM_MAX];
        launch_problem(process->program_log, status, text);
        process->state = STATE_FAILED;
        process->problem = strdup(text);
        start_failed(process);
        ended(process, status);
        return;
    }
    process->pid = pid;
    process->pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
    process->state = STATE_RUNNING;
    process->started_ns = wall_ns();
    if (terminal >= 0) {
        take_terminal(process, terminal);
    }
    answer_start(process);
    process_resume(process);
    for (size_t i = 0; i < stray_count && i < STRAYS_MAX; i++) {
        if (strays[i].pid == pid) {
            strays[i].pid = 0;
            ended(process, strays[i].status);
            break;
        }
    }
}

static void reap(struct watch *watch, uint32_t events) {
    (void) events;
    struct signalfd_siginfo ignored[8];
    while (read(watch->fd, ignored, sizeof ignored) > 0) {
    }
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == init_process) {
            /* The process namespace of the pod is gone, and all that lived in it. */
            processes_shutdown();
            continue;
        }
        struct process *process = processes;
        while (process != NULL && process->pid != pid) {
            process = process->next;
        }
        if (process == NULL) {
            strays[stray_count % STRAYS_MAX].pid = pid;
            strays[stray_count++ % STRAYS_MAX].status = status;
        } else if (process->launching) {
            launched(process, status);
        } else {
            ended(process, status);
        }
    }
}

static bool processes_gone(void) {
    for (const struct process *process = processes; process != NULL; process = process->next) {
        if (process->pid > 0 || (process->container && !process->finished && process->state != STATE_FAILED)) {
            return false;
        }
    }
    return true;
}

int64_t processes_tick(int64_t now) {
    if (ending && processes_gone()) {
        pod_end();
    }
    int64_t wait = -1;
    struct process *next;
    for (struct process *process = processes; process != NULL; process = next) {
        next = process->next;
        if (!process->reaped || process->finished || process->start.fd >= 0 || process->deadline_ms == INT64_MAX) {
            continue;
        }
        if (now >= process->deadline_ms) {
            watch_close(&process->out.watch);
            watch_close(&process->err.watch);
            log_finish(&process->log, &process->out);
            log_finish(&process->log, &process->err);
            finish_if_done(process);
            wait = 0;
        } else if (wait < 0 || process->deadline_ms - now < wait) {
            wait = process->deadline_ms - now;
        }
    }
    return wait;
}

/* ---- the start ---- */

static void watch_output(struct stream *stream, int fd) {
    if (fd >= 0) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        stream->watch.fd = fd;
        stream->watch.ready = stream_ready;
        watch_set(&stream->watch, EPOLLIN);
    }
}

/* What a child says before it becomes another program: its terminal, or what went wrong. Its end: it is that program now. */
static void child_speaks(struct watch *watch, uint32_t events) {
    (void) events;
    struct process *process = (struct process *) ((char *) watch - offsetof(struct process, start));
    char text[PROBLEM_MAX];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {text, sizeof text - 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
            .msg_controllen = sizeof control};
    ssize_t count = recvmsg(watch->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    struct cmsghdr *header = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header != NULL && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int))) {
        int terminal;
        memcpy(&terminal, CMSG_DATA(header), sizeof terminal);
        if (process->out.watch.fd >= 0) {
            close(terminal);
            return;
        }
        take_terminal(process, terminal);
        return;
    }
    if (count > 0) {
        text[count] = 0;
        process->state = STATE_FAILED;
        free(process->problem);
        process->problem = strdup(text);
    } else if (process->launching) {
        watch_close(watch);
        return;
    } else if (process->state == STATE_STARTING) {
        process->state = STATE_RUNNING;
        process->started_ns = wall_ns();
    }
    watch_close(watch);
    if (process->state == STATE_FAILED) {
        /* The child ends by itself, and is reaped. */
        start_failed(process);
    } else {
        answer_start(process);
    }
    finish_if_done(process);
}

static bool keep_texts(struct texts *copies, const struct texts *texts) {
    for (size_t i = 0; i < texts->count; i++) {
        char *copy = strdup(texts->at[i]);
        if (copy == NULL || !texts_add(copies, copy)) {
            free(copy);
            return false;
        }
    }
    return true;
}

static struct process *create(void) {
    struct process *process = process_count >= PROCESSES_MAX ? NULL : calloc(1, sizeof *process);
    if (process != NULL) {
        process->pidfd = process->start.fd = process->input.fd = process->log.fd = process->console = -1;
        process->out.watch.fd = process->err.watch.fd = -1;
        process->out.process = process->err.process = process;
        process->out.message = MESSAGE_OUTPUT;
        process->err.message = MESSAGE_ERROR_OUTPUT;
        process->start.ready = child_speaks;
        process->input.ready = input_ready;
        process->next = processes;
        processes = process;
        process_count++;
    }
    return process;
}

/* Of a child that shall be in a process namespace that is there already; -1: none such; -2: it is gone. */
static int processes_to_join(const struct spec *spec, const struct process *container) {
    char path[64];
    if (container != NULL) {
        snprintf(path, sizeof path, "/proc/%d/ns/pid", container->pid);
    } else if (spec->processes == PROCESSES_POD) {
        return init_processes >= 0 ? fcntl(init_processes, F_DUPFD_CLOEXEC, 0) : -2;
    } else if (spec->processes == PROCESSES_TARGET) {
        const struct process *target = spec->target == NULL ? NULL : process_find(spec->target);
        if (target == NULL || target->state != STATE_RUNNING || target->pid == 0) {
            return -2;
        }
        snprintf(path, sizeof path, "/proc/%d/ns/pid", target->pid);
    } else {
        return -1;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -2 : fd;
}

static const char *clone_child(struct process *process, const struct spec *spec, const struct process *container) {
    int channel[2] = {-1, -1}, input[2] = {-1, -1}, output[2] = {-1, -1}, error[2] = {-1, -1};
    const char *problem = NULL;
    bool terminal = (spec->flags & FLAG_TERMINAL) != 0;
    bool launch = spec->program.count > 0;
    bool others = false;
    for (const struct process *other = processes; other != NULL; other = other->next) {
        others |= other->launching;
    }
    if (launch && !others) {
        /* Numbers of processes are used again. */
        memset(strays, 0, sizeof strays);
    }
    int join = launch ? -1 : processes_to_join(spec, container);
    if (join == -2) {
        return "the container whose processes are to be seen does not run";
    }
    bool opened = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) == 0;
    if (opened && !terminal) {
        opened = pipe2(output, O_CLOEXEC) == 0 && pipe2(error, O_CLOEXEC) == 0;
        if (opened && (spec->flags & FLAG_INPUT) != 0) {
            opened = pipe2(input, O_CLOEXEC) == 0;
        } else if (opened) {
            input[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        }
    }
    pid_t pid = -1;
    if (!opened) {
        problem = "cannot make pipes: too many open files";
    } else if (join >= 0 && setns(join, CLONE_NEWPID) != 0) {
        problem = "cannot join the process namespace";
    } else {
        unsigned long flags = SIGCHLD;
        if (container == NULL && !launch) {
            flags |= (pod_users < 0 ? CLONE_NEWNS : 0) | (spec->processes == PROCESSES_OWN ? CLONE_NEWPID : 0);
        }
        pid = (pid_t) syscall(SYS_clone, flags, 0, 0, 0, 0);
        if (pid == 0) {
            struct child child = {channel[1], input[0], output[1], error[1],
                    container == NULL ? -1 : container->pidfd};
            if (launch) {
                child_launch(spec, &child);
            }
            child_run(spec, &child);
        }
        if (pid < 0) {
            problem = errno == EAGAIN ? "cannot fork: too many processes" : "cannot fork: the kernel refuses namespaces";
        }
    }
    if (join >= 0) {
        setns(own_processes, CLONE_NEWPID);
        close(join);
    }
    int close_now[] = {channel[1], input[0], output[1], error[1]};
    for (size_t i = 0; i < 4; i++) {
        if (close_now[i] >= 0) {
            close(close_now[i]);
        }
    }
    if (problem != NULL) {
        int rest[] = {channel[0], input[1], output[0], error[0]};
        for (size_t i = 0; i < 4; i++) {
            if (rest[i] >= 0) {
                close(rest[i]);
            }
        }
        return problem;
    }
    process->pid = pid;
    process->launching = launch;
    if (!launch) {
        process->pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
    }
    process->start.fd = channel[0];
    watch_set(&process->start, EPOLLIN);
    process->input.fd = input[1];
    if (input[1] >= 0) {
        fcntl(input[1], F_SETFL, fcntl(input[1], F_GETFL) | O_NONBLOCK);
    }
    watch_output(&process->out, output[0]);
    watch_output(&process->err, error[0]);
    if (launch && !terminal) {
        /* Nothing is told before the answer to the start; and what a runtime that fails writes there is in its log, too. */
        struct stream *streams[] = {&process->out, &process->err};
        for (size_t i = 0; i < 2; i++) {
            streams[i]->paused = true;
            watch_set(&streams[i]->watch, 0);
        }
    }
    return NULL;
}

const char *process_start(struct spec *spec, bool is_container, struct peer *requester) {
    struct process *container = process_find(spec->id);
    if (ending) {
        return "the sandbox is being stopped";
    }
    if (is_container && container != NULL) {
        return "the container was started before";
    }
    if (!is_container && (container == NULL || container->state != STATE_RUNNING || container->pid == 0)) {
        return "the container does not run";
    }
    if (is_container && spec->root == NULL && spec->program.count == 0) {
        return "the container has no root";
    }
    struct process *process = create();
    if (process == NULL) {
        return "the pod has too many processes that were started from outside";
    }
    strcpy(process->id, spec->id);
    process->container = is_container;
    process->flags = spec->flags;
    process->processes = spec->processes;
    static char problem[PROBLEM_MAX];
    const char *failed = NULL;
    if (is_container && spec->log != NULL && !log_open(&process->log, spec->log)) {
        snprintf(problem, sizeof problem, "cannot open the log %s: %s", spec->log, strerror(errno));
        failed = problem;
    } else if (is_container && !keep_texts(&process->cgroups, &spec->cgroups)) {
        failed = "out of memory";
    }
    if (failed == NULL && is_container && spec->memory_events != NULL) {
        process->memory_events = strdup(spec->memory_events);
    }
    if (failed == NULL && spec->program.count > 0) {
        process->pid_file = strdup(spec->pid_file);
        process->program_log = strdup(spec->program_log);
        process->console = spec->console == NULL ? -1 : launch_listen(spec->console);
        if (process->pid_file == NULL || process->program_log == NULL) {
            failed = "out of memory";
        } else if (spec->console != NULL && process->console < 0) {
            snprintf(problem, sizeof problem, "cannot listen at %s: %s", spec->console, strerror(errno));
            failed = problem;
        }
    }
    if (failed == NULL) {
        failed = clone_child(process, spec, is_container ? NULL : container);
    }
    if (failed != NULL) {
        release(process);
        return failed;
    }
    process->requester = requester;
    requester->process = process;
    requester->waits = true;
    return NULL;
}

/* A connection to a port of the pod is a process to its peer: it has input, output and an end. */
const char *process_dial(int64_t port, struct peer *requester) {
    if (port <= 0 || port > 65535) {
        return "the port is none of 1 to 65535";
    }
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port),
            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t) port),
            .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    /* To a loopback address it succeeds or fails at once. */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *) &four, sizeof four) != 0) {
        close(fd);
        fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, (struct sockaddr *) &six, sizeof six) != 0) {
            close(fd);
            fd = -1;
        }
    }
    if (fd < 0) {
        return errno == ECONNREFUSED || errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL ? "connection refused"
                                                                                       : "cannot connect";
    }
    struct process *process = create();
    if (process == NULL) {
        close(fd);
        return "the pod has too many streams";
    }
    strcpy(process->id, "port");
    process->flags = FLAG_INPUT;
    process->state = STATE_RUNNING;
    process->reaped = true;
    process->deadline_ms = INT64_MAX;
    process->input.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    requester->process = process;
    process->requester = requester;
    watch_output(&process->out, fd);
    answer_start(process);
    return NULL;
}

/* ---- what else is asked ---- */

const char *process_signal(struct process *process, int number, bool all) {
    if (number < 0 || number > SIGRTMAX) {
        return "there is no such signal";
    }
    if (process->pid > 0 && process->state != STATE_FAILED) {
        if (all && number == SIGKILL) {
            cgroup_kill(&process->cgroups);
        }
        kill(process->pid, number);
    }
    return NULL;
}

/* A peer is gone. What was started only for it loses its streams; with a terminal that is a hang-up. */
void process_leave(struct process *process, struct peer *peer) {
    if (process->requester == peer) {
        process->requester = NULL;
    }
    if (process->container) {
        if ((process->flags & FLAG_INPUT_ONCE) != 0 && process->state == STATE_RUNNING && !peer->waits
                && !peers_attached(process)) {
            process_input_end(process);
        }
        process_resume(process);
        return;
    }
    if ((process->flags & FLAG_DIES_WITH_PEER) != 0 && process->pid > 0) {
        /* It leads a group of its own. */
        kill(-process->pid, SIGKILL);
        kill(process->pid, SIGKILL);
    }
    process->input_ends = true;
    input_close(process);
    watch_close(&process->out.watch);
    watch_close(&process->err.watch);
    finish_if_done(process);
}

void process_forget(struct process *process) {
    if (process->finished) {
        release(process);
    }
}

void process_describe(const struct process *process, struct bytes *out) {
    struct bytes one = {0};
    bytes_text(&one, TAG_ID, process->id);
    bytes_number(&one, TAG_STATE, process->finished || process->state != STATE_EXITED ? process->state : STATE_RUNNING);
    bytes_number(&one, TAG_PID, process->pid);
    bytes_number(&one, TAG_STARTED, process->started_ns);
    if (process->finished) {
        bytes_number(&one, TAG_CODE, process->code);
        bytes_number(&one, TAG_OOM_KILLED, process->oom_killed);
        bytes_number(&one, TAG_FINISHED, process->finished_ns);
    }
    bytes_field(out, TAG_CONTAINER, one.at, one.length);
    free(one.at);
}

void processes_shutdown(void) {
    ending = true;
    for (struct process *process = processes; process != NULL; process = process->next) {
        if (process->pid > 0) {
            if (process->container) {
                cgroup_kill(&process->cgroups);
            }
            kill(process->pid, SIGKILL);
        }
    }
}
