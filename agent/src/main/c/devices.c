#include "shim.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Cgroups of version 2 have no list of devices: the kernel runs a program instead. It goes with the cgroup. */
void devices_limit(const struct spec *spec) {
    if (spec->device_filter == NULL || spec->unified_cgroup == NULL) {
        return;
    }
    /* The kernel wants the instructions aligned. */
    void *instructions = malloc(spec->device_filter_length);
    if (instructions == NULL) {
        child_fail("out of memory");
    }
    memcpy(instructions, spec->device_filter, spec->device_filter_length);
    union bpf_attr load;
    memset(&load, 0, sizeof load);
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = (uint64_t) (uintptr_t) instructions;
    load.insn_cnt = (uint32_t) (spec->device_filter_length / 8);
    load.license = (uint64_t) (uintptr_t) "";
    int program = (int) syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
    if (program < 0) {
        child_fail_errno("limit devices: load the filter");
    }
    int cgroup = open(spec->unified_cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    union bpf_attr attach;
    memset(&attach, 0, sizeof attach);
    attach.target_fd = (uint32_t) cgroup;
    attach.attach_bpf_fd = (uint32_t) program;
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    if (cgroup < 0 || syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach) != 0) {
        child_fail_errno("limit devices of %s", spec->unified_cgroup);
    }
    close(cgroup);
    close(program);
    free(instructions);
}
