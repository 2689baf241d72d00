#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Users of a pod that are others outside. The shim itself stays one of the node: only so can it open what is mounted into
 * containers. A process of a moment makes the namespaces, each of which belongs to the users of whoever makes it, and the
 * shim takes them over; its children enter them when all is open that takes the node's rights.
 */

int pod_users = -1;

static pid_t maker = -1;
static int maker_channel = -1;

static void write_map(const char *name, const char *map) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", maker, name);
    if (!file_write(path, map)) {
        child_fail_errno("write the %s of a pod with hostUsers: false", name);
    }
}

/* EPERM and ENOSPC both come of settings of the node. */
static _Noreturn void fail_to_make(void) {
    child_fail_errno("make a user namespace (hostUsers: false needs it: the kernel must be built with CONFIG_USER_NS, and"
                     " the sysctl user.max_user_namespaces must allow more)");
}

/* Waits for the other side. If it is gone, it has told what is wrong. */
static void hear(int channel) {
    char byte;
    if (read(channel, &byte, 1) != 1) {
        _exit(126);
    }
}

static void say(int channel) {
    if (write(channel, "", 1) != 1) {
        _exit(126);
    }
}

static _Noreturn void run_maker(int channel, int further, const struct texts *sysctls) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWUSER) != 0) {
        fail_to_make();
    }
    say(channel);
    hear(channel);
    users_become_root();
    if (further != 0 && unshare(further) != 0) {
        child_fail_errno("make the namespaces of a pod with hostUsers: false");
    }
    /* Some of them may be set by the namespace's own root only. */
    sysctls_set(sysctls);
    say(channel);
    hear(channel);
    _exit(0);
}

/* Its map is written from outside: who is inside may not say whom outside he is. */
static void make(const char *user_map, const char *group_map, int further, const struct texts *sysctls) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0) {
        child_fail_errno("socketpair");
    }
    maker = fork();
    if (maker < 0) {
        child_fail_errno("fork");
    }
    if (maker == 0) {
        close(channel[0]);
        run_maker(channel[1], further, sysctls);
    }
    close(channel[1]);
    maker_channel = channel[0];
    hear(maker_channel);
    write_map("uid_map", user_map);
    write_map("gid_map", group_map);
    say(maker_channel);
    hear(maker_channel);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", maker);
    pod_users = open(path, O_RDONLY | O_CLOEXEC);
    if (pod_users < 0) {
        child_fail_errno("open the user namespace");
    }
}

void users_make(const char *place, const char *user_map, const char *group_map, int further,
        const struct texts *sysctls) {
    make(user_map, group_map, further, sysctls);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", pod_users);
    int fd = open(place, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (fd < 0 || mount(path, place, NULL, MS_BIND, NULL) != 0) {
        child_fail_errno("keep the user namespace at %s", place);
    }
    close(fd);
}

bool users_give(int type, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", maker, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool joined = fd >= 0 && setns(fd, type) == 0;
    int problem = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = problem;
    return joined;
}

void users_made(void) {
    close(maker_channel);
    waitpid(maker, NULL, 0);
}

void users_enter(int further) {
    if (setns(pod_users, CLONE_NEWUSER) != 0) {
        child_fail_errno("enter the pod's user namespace");
    }
    if (further != 0 && unshare(further) != 0) {
        child_fail_errno("make the container's namespaces");
    }
}

void users_become_root(void) {
    if (setgroups(0, NULL) != 0 || setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0) {
        child_fail_errno("become root in the pod's user namespace");
    }
    /* A change of the user may set it. */
    prctl(PR_SET_DUMPABLE, 0);
}

bool users_map(int tree, bool below) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t) pod_users};
    return mount_setattr(tree, "", AT_EMPTY_PATH | (below ? AT_RECURSIVE : 0), &attributes, sizeof attributes) == 0;
}

/* Two folders that are looked at as one, as layers of an image are. */
static void check_overlay(int tree, const char *folder) {
    char options[4096];
    snprintf(options, sizeof options, "lowerdir=%s/a:%s/b", folder, folder);
    if (move_mount(tree, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH) != 0
            || mount("overlay", folder, "overlay", MS_RDONLY, options) != 0) {
        child_fail_errno("overlayfs takes no layers whose users are mapped (Linux 5.19 or later is needed)");
    }
}

_Noreturn void users_check(const char *folder) {
    static const struct texts none;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        child_fail_errno("make a mount namespace");
    }
    make("0 65536 65536\n", "0 65536 65536\n", 0, &none);
    users_made();
    int disk = open_tree(AT_FDCWD, folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (disk < 0 || !users_map(disk, false)) {
        child_fail_errno("the file system of %s cannot map users (ext4, xfs and btrfs of Linux 5.19 can)", folder);
    }
    close(disk);
    int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
    int memory = context >= 0 && fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0
            ? fsmount(context, FSMOUNT_CLOEXEC, 0)
            : -1;
    if (memory < 0 || mkdirat(memory, "a", 0755) != 0 || mkdirat(memory, "b", 0755) != 0) {
        child_fail_errno("make a file system in memory");
    }
    if (!users_map(memory, false)) {
        child_fail_errno("file systems in memory cannot map users (Linux 6.3 or later is needed)");
    }
    check_overlay(memory, folder);
    _exit(0);
}
