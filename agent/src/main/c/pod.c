#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a pod is to have. */
struct pod {
    const char *hostname, *network, *socket, *users, *user_map, *group_map;
    struct texts sysctls, cgroups;
    int64_t flags;
};

static int64_t pod_flags;
static char socket_path[108];

/*
 * A container may run this very program as its own command, and get at the file through /proc/PID/exe. So the program runs
 * from a read-only view of its file that nobody can make writable.
 */
static void run_from_readonly_file(char **arguments) {
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct statvfs about;
    if (self >= 0 && fstatvfs(self, &about) == 0 && (about.f_flag & ST_RDONLY) != 0) {
        close(self);
        return;
    }
    int tree = self < 0 ? -1 : open_tree(self, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0) {
        child_fail_errno("cannot protect the program's file (Linux 5.12 or later is needed)");
    }
    char *environment[] = {NULL};
    syscall(SYS_execveat, tree, "", arguments, environment, AT_EMPTY_PATH);
    child_fail_errno("cannot run from the protected file");
}

static void read_exactly(uint8_t *at, size_t length) {
    while (length > 0) {
        ssize_t count = read(STDIN_FILENO, at, length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            child_fail("the pod's description ends early");
        }
        at += count;
        length -= (size_t) count;
    }
}

static void read_pod(struct pod *pod) {
    uint8_t header[FRAME_HEADER];
    read_exactly(header, sizeof header);
    const char *problem = NULL;
    int64_t length = frame_length(header, &problem);
    if (length < 0 || header[2] != MESSAGE_POD) {
        child_fail("%s", problem == NULL ? "the standard input has no description of a pod" : problem);
    }
    uint8_t *payload = malloc((size_t) length + 1);
    if (payload == NULL) {
        child_fail("out of memory");
    }
    read_exactly(payload, (size_t) length);
    struct fields rest = {payload, (size_t) length};
    struct field field;
    int more;
    while ((more = field_next(&rest, &field)) > 0) {
        bool right = true;
        const char *text = field_text(&field);
        switch (field.tag) {
            case TAG_HOSTNAME: right = (pod->hostname = text) != NULL; break;
            case TAG_NETWORK: right = (pod->network = text) != NULL; break;
            case TAG_USERS: right = (pod->users = text) != NULL; break;
            case TAG_USER_MAP: right = (pod->user_map = text) != NULL; break;
            case TAG_GROUP_MAP: right = (pod->group_map = text) != NULL; break;
            case TAG_SOCKET: right = (pod->socket = text) != NULL && text[0] == '/'; break;
            case TAG_SYSCTL: right = text != NULL && texts_add(&pod->sysctls, text); break;
            case TAG_CGROUP: right = text != NULL && texts_add(&pod->cgroups, text); break;
            case TAG_FLAGS: right = field_number(&field, &pod->flags); break;
            default: break;
        }
        if (!right) {
            child_fail("a field of the pod's description is malformed");
        }
    }
    if (more < 0 || pod->socket == NULL || strlen(pod->socket) >= sizeof socket_path) {
        child_fail("the pod's description is malformed, or has no socket");
    }
    if ((pod->flags & FLAG_NEW_USERS) != 0
            && (pod->users == NULL || pod->user_map == NULL || pod->group_map == NULL)) {
        child_fail("the pod's description has users of its own, but does not say which");
    }
}

static bool new_namespace(int type, const char *name) {
    return pod_users < 0 ? unshare(type) == 0 : users_give(type, name);
}

static void make_network(const struct pod *pod) {
    if (pod->network == NULL) {
        return;
    }
    if ((pod->flags & FLAG_NEW_NETWORK) == 0) {
        int fd = open(pod->network, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || setns(fd, CLONE_NEWNET) != 0) {
            child_fail_errno("join the network namespace %s", pod->network);
        }
        close(fd);
        return;
    }
    if (!new_namespace(CLONE_NEWNET, "net")) {
        child_fail_errno("make a network namespace");
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback) != 0) {
        child_fail_errno("bring the loopback interface up");
    }
    close(fd);
    fd = open(pod->network, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (fd < 0) {
        child_fail_errno("make %s", pod->network);
    }
    close(fd);
    if (mount("/proc/self/ns/net", pod->network, NULL, MS_BIND, NULL) != 0) {
        child_fail_errno("keep the network namespace at %s", pod->network);
    }
}

void sysctls_set(const struct texts *sysctls) {
    for (size_t i = 0; i < sysctls->count; i++) {
        char path[512] = "/proc/sys/";
        const char *value = strchr(sysctls->at[i], '=');
        size_t length = value == NULL ? 0 : (size_t) (value - sysctls->at[i]);
        if (length == 0 || length > 400 || strstr(sysctls->at[i], "..") != NULL) {
            child_fail("the sysctl %s is malformed", sysctls->at[i]);
        }
        memcpy(path + 10, sysctls->at[i], length);
        path[10 + length] = 0;
        if (!file_write(path, value + 1)) {
            child_fail_errno("set the sysctl %s", sysctls->at[i]);
        }
    }
}

/* The containers of the pod see this process: there must be nothing of the node to be seen through it. */
static void hide_init(char **arguments) {
    for (size_t i = 0; arguments[i] != NULL; i++) {
        memset(arguments[i], 0, strlen(arguments[i]));
    }
    prctl(PR_SET_NAME, "keelson-init");
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
            || (mkdir("empty", 0555) != 0 && errno != EEXIST)
            || mount("empty", "empty", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=555") != 0
            || chdir("empty") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0
            || chdir("/") != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) {
        _exit(1);
    }
}

_Noreturn static void run_init(int parent, char **arguments) {
    dup2(parent, 0);
    close_range(1, ~0U, 0);
    hide_init(arguments);
    if (pod_users >= 0) {
        users_become_root();
    }
    /* After a change of the user, which forgets it. A parent that died before does not read any more. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (write(0, "", 1) != 1) {
        _exit(1);
    }
    close(0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    for (;;) {
        siginfo_t ignored;
        sigwaitinfo(&set, &ignored);
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
    }
}

/* Is the parent of all processes in the pod's process namespace that have lost theirs. */
static pid_t make_init(int *namespace, char **arguments) {
    int channel[2];
    if (pipe2(channel, O_CLOEXEC) != 0) {
        child_fail_errno("pipe");
    }
    pid_t pid = (pid_t) syscall(SYS_clone, SIGCHLD | CLONE_NEWPID, 0, 0, 0, 0);
    if (pid < 0) {
        child_fail_errno("make a process namespace");
    }
    if (pid == 0) {
        if (pod_users >= 0) {
            users_enter(0);
        }
        run_init(channel[1], arguments);
    }
    close(channel[1]);
    char byte;
    if (read(channel[0], &byte, 1) != 1) {
        child_fail("the first process of the pod's process namespace did not start");
    }
    close(channel[0]);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/pid", pid);
    *namespace = open(path, O_RDONLY | O_CLOEXEC);
    return pid;
}

static void make_namespaces(const struct pod *pod) {
    if ((pod->flags & FLAG_NEW_USERS) != 0) {
        int further = ((pod->flags & FLAG_NEW_NETWORK) != 0 ? CLONE_NEWNET : 0)
                | ((pod->flags & FLAG_NEW_IPC) != 0 ? CLONE_NEWIPC : 0)
                | ((pod->flags & FLAG_NEW_NAMES) != 0 ? CLONE_NEWUTS : 0);
        users_make(pod->users, pod->user_map, pod->group_map, further, &pod->sysctls);
    }
    make_network(pod);
    if ((pod->flags & FLAG_NEW_IPC) != 0) {
        if (!new_namespace(CLONE_NEWIPC, "ipc")) {
            child_fail_errno("make an IPC namespace");
        }
        if ((mkdir("shm", 0755) != 0 && errno != EEXIST)
                || mount("shm", "shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k") != 0) {
            child_fail_errno("mount the pod's shared memory");
        }
    }
    if ((pod->flags & FLAG_NEW_NAMES) != 0) {
        if (!new_namespace(CLONE_NEWUTS, "uts")) {
            child_fail_errno("make a namespace for the host name");
        }
        if (pod->hostname != NULL && sethostname(pod->hostname, strlen(pod->hostname)) != 0) {
            child_fail_errno("set the host name %s", pod->hostname);
        }
    }
    if (pod_users < 0) {
        sysctls_set(&pod->sysctls);
    } else {
        users_made();
    }
}

static void detach_streams(int channel) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; fd++) {
        dup2(null, fd);
    }
    if (channel != 3) {
        dup3(channel, 3, O_CLOEXEC);
    }
    child_channel = 3;
    close_range(4, ~0U, 0);
}

static void ignore_signals(void) {
    int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        signal(ignored[i], SIG_IGN);
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
}

_Noreturn static void run(const struct pod *pod, int channel, char **arguments) {
    detach_streams(channel);
    prctl(PR_SET_NAME, "keelson-shim");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    ignore_signals();
    umask(022);
    int lock = open("lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
        child_fail_errno("lock the pod's folder");
    }
    for (size_t i = 0; i < pod->cgroups.count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/cgroup.procs", pod->cgroups.at[i]);
        if (!file_write(path, "0")) {
            child_fail_errno("join the cgroup %s", pod->cgroups.at[i]);
        }
    }
    /* Where the kernel does not allow it, the shim is as likely to be killed as the agent is. */
    file_write("/proc/self/oom_score_adj", "-998");
    make_namespaces(pod);
    int init_namespace = -1;
    pid_t init = (pod->flags & FLAG_NEW_PROCESSES) != 0 ? make_init(&init_namespace, arguments) : -1;
    pod_flags = pod->flags;
    strcpy(socket_path, pod->socket);
    loop_open();
    processes_open(init, init_namespace);
    peers_open(socket_path);
    char text[32];
    snprintf(text, sizeof text, "+%d %d", getpid(), init);
    if (write(child_channel, text, strlen(text)) < 0) {
        _exit(1);
    }
    close(child_channel);
    child_channel = -1;
    loop_run();
    _exit(1);
}

_Noreturn void pod_end(void) {
    if ((pod_flags & FLAG_NEW_IPC) != 0) {
        umount2("shm", MNT_DETACH);
    }
    unlink(socket_path);
    peers_stopped();
    _exit(0);
}

int main(int count, char **arguments) {
    child_channel = STDERR_FILENO;
    if (count == 3 && strcmp(arguments[1], "users") == 0) {
        users_check(arguments[2]);
    }
    if (count != 3 || strcmp(arguments[1], "pod") != 0) {
        fprintf(stderr, "usage: keelson-shim pod FOLDER < DESCRIPTION\n"
                        "       keelson-shim users FOLDER\n"
                        "The agent starts it, one for each pod. Protocol version %d.\n", PROTOCOL_VERSION);
        return 2;
    }
    run_from_readonly_file(arguments);
    struct pod pod = {0};
    read_pod(&pod);
    if (chdir(arguments[2]) != 0) {
        child_fail_errno("enter %s", arguments[2]);
    }
    int channel[2];
    if (pipe2(channel, O_CLOEXEC) != 0) {
        child_fail_errno("pipe");
    }
    pid_t pid = fork();
    if (pid < 0) {
        child_fail_errno("fork");
    }
    if (pid == 0) {
        setsid();
        pid = fork();
        if (pid == 0) {
            run(&pod, channel[1], arguments);
        }
        _exit(pid < 0);
    }
    close(channel[1]);
    waitpid(pid, NULL, 0);
    char text[PROBLEM_MAX];
    size_t length = 0;
    ssize_t got;
    while (length < sizeof text - 1 && (got = read(channel[0], text + length, sizeof text - 1 - length)) > 0) {
        length += (size_t) got;
    }
    text[length] = 0;
    if (text[0] == '+') {
        printf("%s\n", text + 1);
        return 0;
    }
    fprintf(stderr, "%s\n", length == 0 ? "the shim ended before the pod was made" : text);
    return 1;
}
