#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * Makes what a container sees as its files, in its own mount namespace. If the pod has users of its own, that namespace is
 * theirs; then the node's files are opened, and device nodes made, before it is entered. Paths of the image are looked up so that no symlink in
 * it leads out of its root, and mounts are put in place by descriptors, never by a path that could be changed meanwhile.
 */

enum { LINKS_MAX = 20 };

static int root = -1;

static int look_up(const char *path, int flags, mode_t mode) {
    struct open_how how = {.flags = (uint64_t) (flags | O_CLOEXEC), .mode = mode,
            .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int) syscall(SYS_openat2, root, path, &how, sizeof how);
}

/* What a link of the image leads to, as a path in the root; false if there is no link. */
static bool follow(int folder, const char *parent, const char *name, char target[PATH_MAX]) {
    char link[PATH_MAX];
    ssize_t length = readlinkat(folder, name, link, sizeof link - 1);
    if (length < 0) {
        return false;
    }
    link[length] = 0;
    int whole = snprintf(target, PATH_MAX, "%s%s%s", link[0] == '/' ? "" : parent, link[0] == '/' ? "" : "/", link);
    return whole < PATH_MAX;
}

/* Takes a path apart: the folder before its last slash, and the name behind it. */
static bool split(const char *path, char parent[PATH_MAX], char name[PATH_MAX]) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    size_t begin = length;
    while (begin > 0 && path[begin - 1] != '/') {
        begin--;
    }
    if (length >= PATH_MAX || begin == length) {
        errno = length >= PATH_MAX ? ENAMETOOLONG : EINVAL;
        return false;
    }
    memcpy(name, path + begin, length - begin);
    name[length - begin] = 0;
    memcpy(parent, path, begin);
    parent[begin] = 0;
    if (begin == 0) {
        strcpy(parent, "/");
    }
    return true;
}

/* Opens a folder; makes it if need be, with those above it, and those that links of the image lead to. */
static int open_folder(const char *path, int links) {
    int fd = look_up(path, O_PATH | O_DIRECTORY, 0);
    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    char parent[PATH_MAX], name[PATH_MAX], target[PATH_MAX];
    if (!split(path, parent, name)) {
        return -1;
    }
    int folder = open_folder(parent, links);
    if (folder < 0) {
        return -1;
    }
    bool made = mkdirat(folder, name, 0755) == 0;
    int problem = errno;
    bool linked = !made && problem == EEXIST && follow(folder, parent, name, target);
    close(folder);
    if (linked) {
        if (links == LINKS_MAX) {
            errno = ELOOP;
            return -1;
        }
        return open_folder(target, links + 1);
    }
    if (!made && problem != EEXIST) {
        errno = problem;
        return -1;
    }
    return look_up(path, O_PATH | O_DIRECTORY, 0);
}

/* The same for a file, which is empty if it is made. */
static int open_file(const char *path, int links) {
    int fd = look_up(path, O_PATH, 0);
    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    char parent[PATH_MAX], name[PATH_MAX], target[PATH_MAX];
    if (!split(path, parent, name)) {
        return -1;
    }
    int folder = open_folder(parent, links);
    if (folder < 0) {
        return -1;
    }
    int made = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    int problem = errno;
    bool linked = made < 0 && problem == EEXIST && follow(folder, parent, name, target);
    close(folder);
    if (linked) {
        if (links == LINKS_MAX) {
            errno = ELOOP;
            return -1;
        }
        return open_file(target, links + 1);
    }
    if (made < 0 && problem != EEXIST) {
        errno = problem;
        return -1;
    }
    if (made >= 0) {
        close(made);
    }
    return look_up(path, O_PATH, 0);
}

/* Opens the place of a mount; makes a folder or an empty file if there is nothing. */
static int open_place(const char *path, bool folder) {
    int fd = look_up(path, O_PATH, 0);
    return fd >= 0 || errno != ENOENT ? fd : folder ? open_folder(path, 0) : open_file(path, 0);
}

static uint64_t attributes_of(int64_t flags) {
    uint64_t attributes = 0;
    attributes |= (flags & (MOUNT_READONLY | MOUNT_READONLY_BELOW)) != 0 ? MOUNT_ATTR_RDONLY : 0;
    attributes |= (flags & MOUNT_NO_SUID) != 0 ? MOUNT_ATTR_NOSUID : 0;
    attributes |= (flags & MOUNT_NO_DEVICES) != 0 ? MOUNT_ATTR_NODEV : 0;
    attributes |= (flags & MOUNT_NO_EXEC) != 0 ? MOUNT_ATTR_NOEXEC : 0;
    return attributes;
}

static int open_source(const struct mount_spec *mount) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | ((mount->flags & MOUNT_RECURSIVE) != 0 ? AT_RECURSIVE : 0);
    int tree = open_tree(AT_FDCWD, mount->source, flags);
    if (tree < 0) {
        child_fail_errno("mount %s: open %s", mount->path, mount->source);
    }
    return tree;
}

static void set_attributes(const struct mount_spec *mount, int tree) {
    struct mount_attr propagation = {.propagation = (mount->flags & MOUNT_SHARED) != 0 ? MS_SHARED
                    : (mount->flags & MOUNT_FOLLOWS) != 0                                ? MS_SLAVE
                                                                                         : MS_PRIVATE};
    if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &propagation, sizeof propagation) != 0) {
        child_fail_errno("mount %s: set its propagation", mount->path);
    }
    /* Of what is mounted below, something may be of a kind that cannot: its files are nobody's then. */
    if ((mount->flags & MOUNT_MAPPED) != 0 && !users_map(tree, true) && !users_map(tree, false)) {
        child_fail_errno("mount %s: the users of a pod with hostUsers: false cannot be mapped on the file system of %s:"
                         " use another kind of volume, or hostUsers: true", mount->path, mount->source);
    }
    struct mount_attr attributes = {.attr_set = attributes_of(mount->flags)};
    unsigned below = (mount->flags & MOUNT_READONLY_BELOW) != 0 ? AT_RECURSIVE : 0;
    if (attributes.attr_set != 0
            && mount_setattr(tree, "", AT_EMPTY_PATH | below, &attributes, sizeof attributes) != 0) {
        child_fail_errno("mount %s: set its options", mount->path);
    }
}

/* A file system that the kernel makes. What it says when it refuses is better than its error number. */
static int make_file_system(const struct mount_spec *mount) {
    int context = fsopen(mount->type, FSOPEN_CLOEXEC);
    if (context < 0) {
        child_fail_errno("mount %s: file system %s", mount->path, mount->type);
    }
    bool right = fsconfig(context, FSCONFIG_SET_STRING, "source", mount->source, 0) == 0;
    char options[1024];
    snprintf(options, sizeof options, "%s", mount->options == NULL ? "" : mount->options);
    char *rest = NULL;
    for (char *option = strtok_r(options, ",", &rest); right && option != NULL; option = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(option, '=');
        if (value != NULL) {
            *value++ = 0;
        }
        right = fsconfig(context, value == NULL ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, option, value, 0) == 0;
    }
    right = right && fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
    int tree = right ? fsmount(context, FSMOUNT_CLOEXEC, (unsigned) attributes_of(mount->flags)) : -1;
    if (tree < 0) {
        int problem = errno;
        char message[256];
        ssize_t length = read(context, message, sizeof message - 1);
        if (length > 2) {
            message[length] = 0;
            child_fail("mount %s: file system %s: %s: %s", mount->path, mount->type, strerror(problem), message + 2);
        }
        errno = problem;
        child_fail_errno("mount %s: file system %s", mount->path, mount->type);
    }
    close(context);
    return tree;
}

static void put_in_place(const char *path, int tree) {
    struct stat about;
    bool folder = fstatat(tree, "", &about, AT_EMPTY_PATH) != 0 || S_ISDIR(about.st_mode);
    int place = open_place(path, folder);
    if (place < 0) {
        child_fail_errno("mount %s: its place in the image", path);
    }
    if (move_mount(tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
        child_fail_errno("mount %s", path);
    }
    close(place);
    close(tree);
}

static void open_root(const struct spec *spec) {
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) {
        child_fail_errno("keep mounts apart from the node's");
    }
    int tree = open_tree(AT_FDCWD, spec->root, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    struct mount_attr attributes = {.propagation = MS_PRIVATE};
    if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0
            || move_mount(tree, "", AT_FDCWD, spec->root, MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        child_fail_errno("mount the root %s", spec->root);
    }
    root = tree;
}

static const struct {
    const char *path, *target;
} links[] = {
        {"/dev/fd", "/proc/self/fd"},
        {"/dev/stdin", "/proc/self/fd/0"},
        {"/dev/stdout", "/proc/self/fd/1"},
        {"/dev/stderr", "/proc/self/fd/2"},
        {"/dev/ptmx", "pts/ptmx"},
};

static void make_device(const struct device_spec *device, const char *path) {
    char folder[PATH_MAX], name[PATH_MAX];
    int parent = split(path, folder, name) ? open_folder(folder, 0) : -1;
    if (parent < 0) {
        child_fail_errno("device %s", device->path);
    }
    mode_t mode = (mode_t) device->mode & (S_IFMT | 0777);
    if (mknodat(parent, name, mode, (dev_t) device->number) != 0 || fchmodat(parent, name, mode & 0777, 0) != 0
            || fchownat(parent, name, (uid_t) device->user, (gid_t) device->group, AT_SYMLINK_NOFOLLOW) != 0) {
        child_fail_errno("device %s", device->path);
    }
    close(parent);
}

static void make_links(const struct spec *spec) {
    for (size_t i = 0; (spec->flags & FLAG_DEVICE_LINKS) != 0 && i < sizeof links / sizeof *links; i++) {
        char folder[PATH_MAX], name[PATH_MAX];
        int parent = split(links[i].path, folder, name) ? open_folder(folder, 0) : -1;
        if (parent < 0 || (symlinkat(links[i].target, parent, name) != 0 && errno != EEXIST)) {
            child_fail_errno("link %s", links[i].path);
        }
        close(parent);
    }
}

static bool is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* Makes the device nodes that belong into a tree at a path, and lets them be of the pod's users. */
static void make_devices_in(const struct spec *spec, const char *path, int tree) {
    int before = root;
    root = tree;
    for (size_t i = 0; i < spec->device_count; i++) {
        if (is_below(spec->devices[i].path, path)) {
            make_device(&spec->devices[i], spec->devices[i].path + strlen(path));
        }
    }
    root = before;
    if (!users_map(tree, false)) {
        child_fail_errno("mount %s: file systems in memory cannot map users (Linux 6.3 or later is needed)", path);
    }
}

static void hide(const struct spec *spec, const char *null_source) {
    for (size_t i = 0; i < spec->masked.count; i++) {
        const char *path = spec->masked.at[i];
        struct stat about;
        int place = look_up(path, O_PATH, 0);
        if (place < 0 || fstatat(place, "", &about, AT_EMPTY_PATH) != 0) {
            continue;
        }
        close(place);
        struct mount_spec empty = {path, "tmpfs", "tmpfs", "size=4k,nr_inodes=2", MOUNT_READONLY};
        struct mount_spec null = {path, null_source, NULL, NULL, MOUNT_BIND};
        put_in_place(path, S_ISDIR(about.st_mode) ? make_file_system(&empty) : open_source(&null));
    }
    for (size_t i = 0; i < spec->readonly.count; i++) {
        const char *path = spec->readonly.at[i];
        int place = look_up(path, O_PATH, 0);
        if (place < 0) {
            continue;
        }
        int tree = open_tree(place, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
        if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0
                || move_mount(tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
            child_fail_errno("make %s read-only", path);
        }
        close(tree);
        close(place);
    }
}

static void make_directory(const struct spec *spec) {
    if (spec->directory == NULL || spec->directory[0] != '/') {
        return;
    }
    int fd = open_place(spec->directory, true);
    /* Of a read-only volume; entering it says so. */
    if (fd >= 0) {
        close(fd);
    }
}

static void enter_root(const struct spec *spec) {
    int before = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (before < 0 || fchdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || fchdir(before) != 0) {
        child_fail_errno("change the root to %s", spec->root);
    }
    /* That the old root goes is not to be felt outside. */
    if (mount(NULL, ".", NULL, MS_REC | MS_SLAVE, NULL) != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
        child_fail_errno("leave the node's files");
    }
    close(before);
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if ((spec->flags & FLAG_READONLY_ROOT) != 0
            && mount_setattr(AT_FDCWD, "/", 0, &attributes, sizeof attributes) != 0) {
        child_fail_errno("make the root read-only");
    }
}

static const char DEVICES[] = "/dev";

static int make_tree(const struct mount_spec *mount) {
    if ((mount->flags & MOUNT_BIND) == 0) {
        return make_file_system(mount);
    }
    int tree = open_source(mount);
    set_attributes(mount, tree);
    return tree;
}

/*
 * What shall pass mounts on to the node is opened while it still belongs together with the node's. Of a pod with users of
 * its own, that is all of the node's; the kernel's views of the machine, which it gives to those users only where the node
 * sees them whole; and the folder of device nodes, which only the node's root may make.
 */
static bool is_early(const struct mount_spec *mount) {
    if ((mount->flags & MOUNT_BIND) != 0) {
        return pod_users >= 0 || (mount->flags & MOUNT_SHARED) != 0;
    }
    return pod_users >= 0
            && (strcmp(mount->type, "proc") == 0 || strcmp(mount->type, "sysfs") == 0
                    || strcmp(mount->path, DEVICES) == 0);
}

void mounts_make(const struct spec *spec) {
    int *trees = calloc(spec->mount_count + 1, sizeof *trees);
    if (trees == NULL) {
        child_fail("out of memory");
    }
    for (size_t i = 0; i < spec->mount_count; i++) {
        const struct mount_spec *mount = &spec->mounts[i];
        trees[i] = is_early(mount) ? make_tree(mount) : -1;
        if (trees[i] >= 0 && (mount->flags & MOUNT_BIND) == 0 && strcmp(mount->path, DEVICES) == 0) {
            make_devices_in(spec, mount->path, trees[i]);
        }
    }
    if (pod_users >= 0) {
        users_enter(CLONE_NEWNS | ((spec->flags & FLAG_CGROUP_NAMESPACE) != 0 ? CLONE_NEWCGROUP : 0));
    }
    open_root(spec);
    if (pod_users >= 0) {
        users_become_root();
    }
    for (size_t i = 0; i < spec->mount_count; i++) {
        put_in_place(spec->mounts[i].path, trees[i] >= 0 ? trees[i] : make_tree(&spec->mounts[i]));
    }
    free(trees);
    for (size_t i = 0; i < spec->device_count; i++) {
        if (pod_users < 0) {
            make_device(&spec->devices[i], spec->devices[i].path);
        } else if (!is_below(spec->devices[i].path, DEVICES)) {
            child_fail("device %s: a pod with hostUsers: false has devices only in /dev", spec->devices[i].path);
        }
    }
    make_links(spec);
    make_directory(spec);
    hide(spec, "/dev/null");
    enter_root(spec);
}
