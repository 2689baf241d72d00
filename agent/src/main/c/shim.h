/*
 * keelson-shim: one small process for each pod. It makes and keeps the pod's namespaces, starts the pod's containers, is
 * their parent, writes their logs, and tells how they ended; so that a pod goes on while the agent is away.
 *
 *      agent ── pod.c: detaches, makes the namespaces, listens on a Unix socket
 *                 │
 *                 │      users.c: those that are others outside
 *        requests ▼ peer.c: connections ── wire.c: frames and their fields ── spec.c: what to start, checked
 *                 │
 *                 ▼
 *             process.c: starts, signals, reaps ──clone──► child.c ── devices.c ── mounts.c ── identity.c ──► execve
 *                 │ output and input
 *                 │ or, of a pod with a runtime class, clone ──► execve of an OCI runtime: launch.c
 *                 ├──► log.c: lines of the log
 *                 └──► peer.c: those who are attached
 *
 * One thread; loop.c waits for all of it. Everything that comes in has a limit, and what is over it is an error to the one
 * who sent it and to nobody else.
 */
#ifndef KEELSON_SHIM_H
#define KEELSON_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes. */
enum {
    FRAME_HEADER = 8,
    FIELD_HEADER = 8,
    REQUEST_MAX = 4 << 20,
    DATA_MAX = 32 << 10,
    QUEUE_MAX = 256 << 10,
    LINE_MAX_BYTES = 16 << 10,
    ID_MAX = 64,
    PROBLEM_MAX = 1024,
};

enum { PEERS_MAX = 256, PROCESSES_MAX = 512, PROTOCOL_VERSION = 1 };

/* A frame is 'K', the version, one of these, 0, and the payload's length in four bytes, the low one first. */
enum message {
    MESSAGE_POD = 1, /* once, on the standard input */
    MESSAGE_START = 2,
    MESSAGE_SIGNAL = 3,
    MESSAGE_EXEC = 4,
    MESSAGE_ATTACH = 5,
    MESSAGE_STATUS = 6,
    MESSAGE_REOPEN_LOG = 7,
    MESSAGE_EVENTS = 8,
    MESSAGE_FORGET = 9,
    MESSAGE_SHUTDOWN = 10,
    MESSAGE_DIAL = 11,
    /* On a connection that has become the stream of a process: */
    MESSAGE_INPUT = 32,
    MESSAGE_INPUT_END = 33,
    MESSAGE_RESIZE = 34,
    /* From the shim: */
    MESSAGE_DONE = 64,
    MESSAGE_FAILED = 65,
    MESSAGE_OUTPUT = 66,
    MESSAGE_ERROR_OUTPUT = 67,
    MESSAGE_EXITED = 68,
};

/*
 * The payload of a request is a row of fields: the tag and a zero, in two bytes each, the value's length in four, the value.
 * A text ends with a zero byte and has no other; a number has eight bytes. The payload of data is just that.
 */
enum tag {
    TAG_ID = 1,
    TAG_ROOT = 2,
    TAG_ARGUMENT = 3,
    TAG_ENVIRONMENT = 4,
    TAG_DIRECTORY = 5,
    TAG_USER = 6,
    TAG_GROUP = 7,
    TAG_OTHER_GROUP = 8,
    TAG_MOUNT = 9,
    TAG_DEVICE = 10,
    TAG_MASKED = 11,
    TAG_READONLY = 12,
    TAG_CGROUP = 13,
    TAG_MEMORY_EVENTS = 14,
    TAG_CAPABILITIES = 15, /* bounding, effective, permitted, inheritable, ambient: eight bytes each */
    TAG_FLAGS = 16,
    TAG_SECCOMP = 17, /* instructions of BPF */
    TAG_OOM_SCORE = 18,
    TAG_PROCESSES = 19, /* one of enum processes */
    TAG_TARGET = 20,
    TAG_LOG = 21,
    TAG_SIGNAL = 22,
    TAG_HOSTNAME = 23,
    TAG_NETWORK = 24,
    TAG_SYSCTL = 25,
    TAG_SOCKET = 26,
    TAG_PORT = 27,
    TAG_ROWS = 28,
    TAG_COLUMNS = 29,
    TAG_APPARMOR = 30,
    TAG_UNIFIED_CGROUP = 31,
    TAG_DEVICE_FILTER = 32, /* instructions of eBPF, for the unified cgroup */
    TAG_USERS = 33,         /* where the pod's user namespace is kept */
    TAG_USER_MAP = 34,      /* as /proc/PID/uid_map takes it */
    TAG_GROUP_MAP = 35,
    TAG_OWNER = 36, /* the user as the node counts, whose the streams are */
    TAG_PROGRAM = 37,     /* words of an OCI runtime's command that starts it, in place of the shim */
    TAG_PID_FILE = 38,    /* where the OCI runtime says which process it started */
    TAG_CONSOLE = 39,     /* the socket over which it hands a terminal */
    TAG_PROGRAM_LOG = 46, /* what it says of errors, a line of JSON each */
    TAG_PATH = 40,
    TAG_SOURCE = 41,
    TAG_TYPE = 42,
    TAG_OPTIONS = 43,
    TAG_MODE = 44,
    TAG_DEVICE_NUMBER = 45,
    TAG_PID = 50,
    TAG_CODE = 51,
    TAG_OOM_KILLED = 52,
    TAG_FINISHED = 53,
    TAG_TEXT = 54,
    TAG_STATE = 55,
    TAG_CONTAINER = 56,
    TAG_STARTED = 57,
};

/* TAG_FLAGS of MESSAGE_START, _EXEC and _SIGNAL. */
enum {
    FLAG_TERMINAL = 1,
    FLAG_INPUT = 2,
    FLAG_INPUT_ONCE = 4,       /* the end of the first attached connection is the end of the input */
    FLAG_READONLY_ROOT = 8,
    FLAG_NO_NEW_PRIVILEGES = 16,
    FLAG_CGROUP_NAMESPACE = 32,
    FLAG_DIES_WITH_PEER = 64,  /* an exec is killed when the one who asked for it is gone */
    FLAG_DEVICE_LINKS = 128,   /* /dev is the container's own: make what belongs there */
    FLAG_ALL_PROCESSES = 256,
};

/* TAG_FLAGS of MESSAGE_POD. */
enum {
    FLAG_NEW_NETWORK = 1, /* made here and bound to TAG_NETWORK */
    FLAG_NEW_IPC = 2,
    FLAG_NEW_NAMES = 4,
    FLAG_NEW_PROCESSES = 8,
    FLAG_NEW_USERS = 16, /* with TAG_USER_MAP and TAG_GROUP_MAP, bound to TAG_USERS; all the others belong to it */
};

/* TAG_PROCESSES: whose process namespace a container is in. */
enum processes { PROCESSES_OWN = 0, PROCESSES_POD = 1, PROCESSES_NODE = 2, PROCESSES_TARGET = 3 };

/* TAG_FLAGS of a mount. */
enum {
    MOUNT_BIND = 1,
    MOUNT_RECURSIVE = 2,
    MOUNT_READONLY = 4,
    MOUNT_READONLY_BELOW = 8,
    MOUNT_NO_SUID = 16,
    MOUNT_NO_DEVICES = 32,
    MOUNT_NO_EXEC = 64,
    MOUNT_FOLLOWS = 128, /* sees what the node mounts there later */
    MOUNT_SHARED = 256,  /* and lets the node see its own */
    MOUNT_MAPPED = 512,  /* the owners of files are the pod's users of the same numbers */
};

/* ---- wire.c ---- */

struct fields {
    const uint8_t *at;
    size_t left;
};

struct field {
    uint16_t tag;
    uint32_t length;
    const uint8_t *value;
};

/* The next field: 1; 0 at the end; -1 if what follows is none. */
int field_next(struct fields *rest, struct field *field);
/* NULL if the value is not one text. */
const char *field_text(const struct field *field);
bool field_number(const struct field *field, int64_t *number);

/* What is sent: grows up to a limit, and then holds nothing more. */
struct bytes {
    uint8_t *at;
    size_t length, room;
};

bool bytes_add(struct bytes *bytes, const void *data, size_t length);
void bytes_text(struct bytes *bytes, enum tag tag, const char *text);
void bytes_number(struct bytes *bytes, enum tag tag, int64_t number);
void bytes_field(struct bytes *bytes, enum tag tag, const void *value, size_t length);
void frame_header(uint8_t header[FRAME_HEADER], enum message message, size_t length);
/* The payload's length, or -1 with what is wrong. */
int64_t frame_length(const uint8_t header[FRAME_HEADER], const char **problem);

/* ---- spec.c ---- */

struct texts {
    const char **at; /* with a NULL behind the last one */
    size_t count, room;
};

struct mount_spec {
    const char *path, *source, *type, *options;
    int64_t flags;
};

struct device_spec {
    const char *path;
    int64_t number, mode, user, group;
};

/* What to start. The texts lie in the request that it was read from. */
struct spec {
    const char *id, *target, *root, *directory, *log, *memory_events, *apparmor;
    struct texts arguments, environment, masked, readonly, cgroups, program;
    const char *pid_file, *console, *program_log;
    struct mount_spec *mounts;
    size_t mount_count;
    struct device_spec *devices;
    size_t device_count;
    gid_t *groups;
    size_t group_count;
    int64_t user, group, owner, flags, processes, oom_score;
    bool has_owner, has_oom_score, has_capabilities;
    uint64_t capabilities[5];
    const char *unified_cgroup;
    const uint8_t *seccomp, *device_filter;
    size_t seccomp_length, device_filter_length;
};

/* NULL if the spec was read; else what is wrong with it. To be released in both cases. */
const char *spec_read(struct spec *spec, const uint8_t *payload, size_t length);
void spec_release(struct spec *spec);
bool texts_add(struct texts *texts, const char *text);
/* Letters, digits, '-' and '_' only: it becomes a part of paths. */
bool is_id(const char *text);

/* ---- loop.c ---- */

struct watch {
    int fd; /* -1: not watched */
    uint32_t events;
    void (*ready)(struct watch *watch, uint32_t events);
};

void loop_open(void);
/* Also with no events at all, which keeps even a hang-up from being told. */
void watch_set(struct watch *watch, uint32_t events);
void watch_close(struct watch *watch);
void loop_run(void);
int64_t now_ms(void);
int64_t wall_ns(void);

/* ---- log.c ---- */

struct log {
    int fd;
    char *path;
};

struct stream;
bool log_open(struct log *log, const char *path);
void log_close(struct log *log);
void log_append(struct log *log, struct stream *stream, const uint8_t *data, size_t length);
/* What is left of a line that has no end. */
void log_finish(struct log *log, struct stream *stream);

/* ---- process.c ---- */

struct peer;
struct process;

/* An output of a process. */
struct stream {
    struct watch watch;
    struct process *process;
    enum message message;
    char *line; /* the beginning of a line that is not in the log yet */
    size_t held;
    bool paused;
};

enum state { STATE_STARTING = 0, STATE_RUNNING = 1, STATE_EXITED = 2, STATE_FAILED = 3 };

struct process {
    struct process *next;
    char id[ID_MAX + 1];
    bool container, launching; /* launching: pid is the OCI runtime's, which has not started it yet */
    enum state state;
    pid_t pid; /* 0 once it is reaped */
    int pidfd;
    int64_t flags, processes;
    struct watch start; /* the way to the child until it is another program */
    char *problem;
    struct peer *requester; /* who waits for the start */
    struct watch input;
    uint8_t *pending; /* input that the process has not taken */
    size_t pending_length, pending_sent;
    bool input_ends;
    struct stream out, err;
    struct log log;
    struct texts cgroups;
    char *memory_events, *pid_file, *program_log;
    int console; /* where the OCI runtime hands a terminal over */
    int64_t deadline_ms; /* until when outputs are read after the end */
    int64_t started_ns, finished_ns;
    int code;
    bool oom_killed, reaped, finished;
};

extern struct process *processes;

void processes_open(int init_pid, int init_namespace);
/* Starts it; the requester is answered later, or now with the problem that is returned. */
const char *process_start(struct spec *spec, bool container, struct peer *requester);
const char *process_dial(int64_t port, struct peer *requester);
struct process *process_find(const char *id);
const char *process_signal(struct process *process, int number, bool all);
void process_input(struct process *process, const uint8_t *data, size_t length);
bool process_takes_input(const struct process *process);
void process_input_end(struct process *process);
void process_resize(struct process *process, int64_t rows, int64_t columns);
void process_resume(struct process *process);
void process_leave(struct process *process, struct peer *peer);
void process_forget(struct process *process);
void process_describe(const struct process *process, struct bytes *out);
void processes_shutdown(void);
/* Does what is due; returns milliseconds until something will be, -1: nothing. */
int64_t processes_tick(int64_t now);
int cgroup_kill(const struct texts *cgroups);

/* ---- launch.c ---- */

/* A socket for the terminal of what an OCI runtime starts; -1 with errno. */
int launch_listen(const char *path);
/* The terminal that was handed over; -1 if there is none. */
int launch_terminal(int listener);
/* The process that it says it started; 0 if it says none. */
pid_t launch_pid(const char *path);
/* What it said last of what is wrong, in a text of PROBLEM_MAX at most. */
void launch_problem(const char *path, int status, char text[PROBLEM_MAX]);

/* ---- peer.c ---- */

struct peer {
    struct peer *next;
    struct watch watch;
    uint8_t header[FRAME_HEADER];
    size_t header_length;
    struct bytes payload;
    size_t payload_expected;
    struct bytes queue;
    size_t queue_sent;
    struct process *process; /* whose stream this is */
    bool events, closing, waits, stops;
    int64_t since_ms, full_since_ms;
};

void peers_open(const char *socket_name);
void peer_send(struct peer *peer, enum message message, const void *payload, size_t length);
void peer_fail(struct peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What was queued is sent, then it is closed. */
void peer_finish(struct peer *peer);
bool peer_full(const struct peer *peer);
void peers_output(struct process *process, enum message message, const void *data, size_t length);
bool peers_full(const struct process *process);
bool peers_attached(const struct process *process);
void peers_exited(struct process *process);
void peers_resume_input(struct process *process);
int64_t peers_tick(int64_t now);
/* The pod is at its end: those who asked for it hear that. */
void peers_stopped(void);

/* ---- child.c, mounts.c, devices.c, identity.c: between clone and execve ---- */

struct child {
    int channel; /* takes what is wrong, or the terminal; its end says that all went well */
    int input, output, error; /* -1 with a terminal */
    int container; /* a process to join, -1 for a new container */
};

/* Where child_fail tells; then the process ends. */
extern int child_channel;
_Noreturn void child_run(const struct spec *spec, const struct child *child);
/* Becomes the OCI runtime, which starts the process. */
_Noreturn void child_launch(const struct spec *spec, const struct child *child);
_Noreturn void child_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void child_fail_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes a short file whole. */
bool file_write(const char *path, const char *text);
void mounts_make(const struct spec *spec);
void identity_take(const struct spec *spec);
/* Who is in the unified cgroup may use only the devices that the filter allows. */
void devices_limit(const struct spec *spec);

/* ---- users.c ---- */

/* The pod's user namespace; -1: its users are the node's. */
extern int pod_users;
/* Makes it, and in it the namespaces of the flags (CLONE_NEW…), with their sysctls; they are taken by users_give. */
void users_make(const char *place, const char *user_map, const char *group_map, int flags,
        const struct texts *sysctls);
/* Joins a namespace that users_make made: its type, and its name below /proc/PID/ns. */
bool users_give(int type, const char *name);
/* All have been taken. */
void users_made(void);
/* From now on rights are those that the pod's users can have; further namespaces are the pod's. */
void users_enter(int further);
/* As the pod's root, of whom what is made now is. */
void users_become_root(void);
/* Lets files of a mount that is nowhere yet be of the pod's users. False with errno. */
bool users_map(int tree, bool below);
/* Whether this machine can do all that; ends with what it lacks, and what to do. */
_Noreturn void users_check(const char *folder);

/* ---- pod.c ---- */

void sysctls_set(const struct texts *sysctls);

/* All containers are gone: takes away what was made for the pod, and ends. */
_Noreturn void pod_end(void);

#endif
