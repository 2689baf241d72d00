#include "shim.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The order of spec->capabilities. */
enum { BOUNDING, EFFECTIVE, PERMITTED, INHERITABLE, AMBIENT };

static void filter_calls(const struct spec *spec) {
    if (spec->seccomp == NULL) {
        return;
    }
    struct sock_fprog program = {
            .len = (unsigned short) (spec->seccomp_length / 8),
            .filter = (struct sock_filter *) (uintptr_t) spec->seccomp,
    };
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
        child_fail_errno("install the seccomp filter");
    }
}

static void limit_capabilities(const struct spec *spec) {
    for (int number = 0; number < 64; number++) {
        bool kept = (spec->capabilities[BOUNDING] >> number & 1) != 0;
        if (!kept && prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1 && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) {
            child_fail_errno("drop capability %d", number);
        }
    }
}

static void set_user(const struct spec *spec) {
    if (setgroups(spec->group_count, spec->groups) != 0) {
        child_fail_errno("set the groups");
    }
    if (setresgid((gid_t) spec->group, (gid_t) spec->group, (gid_t) spec->group) != 0) {
        child_fail_errno("become group %lld", (long long) spec->group);
    }
    if (setresuid((uid_t) spec->user, (uid_t) spec->user, (uid_t) spec->user) != 0) {
        child_fail_errno("become user %lld", (long long) spec->user);
    }
}

static void set_capabilities(const struct spec *spec) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    for (int half = 0; half < 2; half++) {
        sets[half].effective = (uint32_t) (spec->capabilities[EFFECTIVE] >> (32 * half));
        sets[half].permitted = (uint32_t) (spec->capabilities[PERMITTED] >> (32 * half));
        sets[half].inheritable = (uint32_t) (spec->capabilities[INHERITABLE] >> (32 * half));
    }
    if (syscall(SYS_capset, &header, sets) != 0) {
        child_fail_errno("set the capabilities");
    }
    for (int number = 0; number < 64; number++) {
        if ((spec->capabilities[AMBIENT] >> number & 1) != 0
                && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0) {
            child_fail_errno("raise ambient capability %d", number);
        }
    }
}

void identity_take(const struct spec *spec) {
    bool no_new_privileges = (spec->flags & FLAG_NO_NEW_PRIVILEGES) != 0;
    if (no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        child_fail_errno("set no_new_privs");
    }
    /* Without no_new_privs only a privileged process may install a filter. With it, it comes last and allows less. */
    if (!no_new_privileges) {
        filter_calls(spec);
    }
    if (spec->has_capabilities) {
        limit_capabilities(spec);
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) {
            child_fail_errno("keep capabilities over the change of the user");
        }
    }
    set_user(spec);
    if (spec->has_capabilities) {
        set_capabilities(spec);
    }
    if (no_new_privileges) {
        filter_calls(spec);
    }
}
