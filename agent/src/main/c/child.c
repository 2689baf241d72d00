#include "shim.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int child_channel = -1;

static _Noreturn void fail(const char *problem, const char *format, va_list arguments) {
    char text[PROBLEM_MAX];
    int length = vsnprintf(text, sizeof text, format, arguments);
    if (length < 0 || length >= (int) sizeof text) {
        length = (int) sizeof text - 1;
    }
    if (problem != NULL) {
        length += snprintf(text + length, sizeof text - (size_t) length, ": %c%s", tolower(problem[0]), problem + 1);
        if (length >= (int) sizeof text) {
            length = (int) sizeof text - 1;
        }
    }
    if (write(child_channel, text, (size_t) length) < 0) {
        _exit(127);
    }
    _exit(126);
}

_Noreturn void child_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fail(NULL, format, arguments);
}

_Noreturn void child_fail_errno(const char *format, ...) {
    const char *problem = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    fail(problem, format, arguments);
}

bool file_write(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t written = write(fd, text, strlen(text));
    int problem = errno;
    close(fd);
    errno = problem;
    return written == (ssize_t) strlen(text);
}

static void default_signals(void) {
    for (int number = 1; number <= SIGRTMAX; number++) {
        signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void join_cgroups(const struct spec *spec) {
    for (size_t i = 0; i < spec->cgroups.count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/cgroup.procs", spec->cgroups.at[i]);
        if (!file_write(path, "0")) {
            child_fail_errno("join the cgroup %s", spec->cgroups.at[i]);
        }
    }
}

/* Without CAP_SYS_RESOURCE a process may not make itself less likely to be killed than it is: then it stays as it is. */
static void set_oom_score(const struct spec *spec) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long) spec->oom_score);
    if (spec->has_oom_score && !file_write("/proc/self/oom_score_adj", text) && errno != EACCES) {
        child_fail_errno("set oom_score_adj to %s", text);
    }
}

/* Makes a terminal in the container's own devpts, and gives its other side to the shim. */
static int open_terminal(const struct spec *spec, int channel, bool console) {
    int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    int locked = 0;
    unsigned number;
    char name[64];
    if (master < 0 || ioctl(master, TIOCSPTLCK, &locked) != 0 || ioctl(master, TIOCGPTN, &number) != 0) {
        child_fail_errno("make a terminal with /dev/pts/ptmx");
    }
    snprintf(name, sizeof name, "/dev/pts/%u", number);
    int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0 || fchown(slave, (uid_t) spec->user, (gid_t) -1) != 0) {
        child_fail_errno("open the terminal %s", name);
    }
    if (console) {
        int fd = open("/dev/console", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0666);
        if (fd >= 0) {
            close(fd);
        }
        if (mount(name, "/dev/console", NULL, MS_BIND, NULL) != 0) {
            child_fail_errno("mount the terminal at /dev/console");
        }
    }
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    char byte = 'T';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
            .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &master, sizeof master);
    if (sendmsg(channel, &message, 0) < 0) {
        child_fail_errno("hand the terminal over");
    }
    close(master);
    if (ioctl(slave, TIOCSCTTY, 0) != 0) {
        child_fail_errno("take the terminal");
    }
    return slave;
}

/* Programs open /dev/stdout again by name, as the user they are. */
static void give_to_user(const struct spec *spec, int fd) {
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode) && fchown(fd, (uid_t) spec->owner, (gid_t) -1) != 0) {
        child_fail_errno("give the streams to the user");
    }
}

static void set_streams(const struct spec *spec, const struct child *child) {
    int streams[] = {child->input, child->output, child->error};
    if ((spec->flags & FLAG_TERMINAL) != 0) {
        streams[0] = streams[1] = streams[2] = open_terminal(spec, child->channel, child->container < 0);
    }
    for (int fd = 0; fd < 3; fd++) {
        if (dup2(streams[fd], fd) < 0) {
            child_fail_errno("set the standard streams");
        }
    }
}

/* As root first; where root may not, of a network's file system for one, as the user. */
static bool enter_directory(const struct spec *spec, bool last) {
    const char *directory = spec->directory == NULL || spec->directory[0] == 0 ? "/" : spec->directory;
    if (chdir(directory) != 0) {
        if (!last && (errno == EACCES || errno == EPERM)) {
            return false;
        }
        child_fail_errno("change to the working directory %s", directory);
    }
    /* A folder outside of the root, reached through an open one, shows no absolute path. */
    char here[PATH_MAX];
    if (getcwd(here, sizeof here) == NULL || here[0] != '/') {
        child_fail("the working directory %s is outside of the container", directory);
    }
    return true;
}

static const char *search_path(const struct spec *spec) {
    for (size_t i = 0; i < spec->environment.count; i++) {
        if (strncmp(spec->environment.at[i], "PATH=", 5) == 0) {
            return spec->environment.at[i] + 5;
        }
    }
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

static _Noreturn void execute(const struct spec *spec) {
    char **arguments = (char **) (uintptr_t) spec->arguments.at;
    char **environment = (char **) (uintptr_t) spec->environment.at;
    const char *name = arguments[0];
    if (strchr(name, '/') != NULL) {
        execve(name, arguments, environment);
        if (errno == ENOENT || errno == ENOTDIR) {
            child_fail_errno("exec: \"%s\": stat %s", name, name);
        }
        child_fail_errno("exec: \"%s\"", name);
    }
    bool denied = false;
    for (const char *at = search_path(spec); name[0] != 0 && at != NULL;) {
        const char *end = strchr(at, ':');
        int length = end == NULL ? (int) strlen(at) : (int) (end - at);
        char path[PATH_MAX];
        if (snprintf(path, sizeof path, "%.*s%s%s", length, at, length == 0 ? "./" : "/", name) < (int) sizeof path) {
            struct stat about;
            execve(path, arguments, environment);
            if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
                child_fail_errno("exec: \"%s\"", path);
            }
            denied |= errno == EACCES && stat(path, &about) == 0 && S_ISREG(about.st_mode);
        }
        at = end == NULL ? NULL : end + 1;
    }
    if (denied) {
        child_fail("exec: \"%s\": permission denied", name);
    }
    child_fail("exec: \"%s\": executable file not found in $PATH", name);
}

_Noreturn void child_launch(const struct spec *spec, const struct child *child) {
    child_channel = child->channel;
    default_signals();
    setsid();
    umask(022);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int streams[] = {child->input, child->output, child->error};
    for (int fd = 0; fd < 3; fd++) {
        if (dup2(streams[fd] < 0 ? null : streams[fd], fd) < 0) {
            child_fail_errno("set the standard streams");
        }
    }
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *environment[] = {path, NULL};
    execve(spec->program.at[0], (char **) (uintptr_t) spec->program.at, environment);
    child_fail_errno("run the OCI runtime %s", spec->program.at[0]);
}

_Noreturn void child_run(const struct spec *spec, const struct child *child) {
    child_channel = child->channel;
    /* Until it is another program, nobody in the container may look at it or through it. */
    prctl(PR_SET_DUMPABLE, 0);
    default_signals();
    setsid();
    umask(022);
    devices_limit(spec);
    join_cgroups(spec);
    set_oom_score(spec);
    if (spec->apparmor != NULL && !file_write("/proc/self/attr/exec", spec->apparmor)) {
        child_fail_errno("take the AppArmor profile %s", spec->apparmor);
    }
    int streams[] = {child->input, child->output, child->error};
    for (size_t i = 0; i < 3; i++) {
        give_to_user(spec, streams[i]);
    }
    if (child->container >= 0) {
        int users = pod_users >= 0 ? CLONE_NEWUSER : 0;
        if (setns(child->container, CLONE_NEWNS | CLONE_NEWCGROUP | users) != 0) {
            child_fail_errno("enter the container");
        }
        if (pod_users >= 0) {
            users_become_root();
        }
    } else {
        if (pod_users < 0 && (spec->flags & FLAG_CGROUP_NAMESPACE) != 0 && unshare(CLONE_NEWCGROUP) != 0) {
            child_fail_errno("make a cgroup namespace");
        }
        mounts_make(spec);
    }
    set_streams(spec, child);
    bool entered = enter_directory(spec, false);
    identity_take(spec);
    if (!entered) {
        enter_directory(spec, true);
    }
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    /* Set last: a change of the user forgets it. If the shim was killed before, its end of the channel is closed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct pollfd shim = {.fd = child->channel, .events = POLLRDHUP};
    if (poll(&shim, 1, 0) > 0 && (shim.revents & (POLLHUP | POLLRDHUP)) != 0) {
        _exit(137);
    }
    execute(spec);
}
