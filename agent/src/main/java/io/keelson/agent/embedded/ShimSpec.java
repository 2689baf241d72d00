package io.keelson.agent.embedded;

import io.keelson.agent.embedded.ContainerPlan.ProcessPlan;
import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Says to a shim what to start, as requests to it have it. */
final class ShimSpec {
    private final CgroupMounts mounts;
    private final SeccompFilters seccomp;

    ShimSpec(CgroupMounts mounts, SeccompFilters seccomp) {
        this.mounts = mounts;
        this.seccomp = seccomp;
    }

    /** A container that the shim starts itself. */
    ShimFields start(ContainerPlan plan) throws IOException {
        Container container = plan.container();
        ShimFields spec = new ShimFields().text(ShimTag.ID, container.id()).text(ShimTag.ROOT, plan.root());
        process(spec, container, plan.process());
        plan.mounts().forEach(mount -> spec.fields(ShimTag.MOUNT, mount.fields()));
        if (plan.ownDevices()) {
            plan.devices().nodes().forEach(node -> spec.fields(ShimTag.DEVICE, node.fields()));
        }
        if (mounts.isUnified() && !plan.devices().all()) {
            spec.text(
                    ShimTag.UNIFIED_CGROUP,
                    mounts.unified(container.cgroup()).orElseThrow().toString());
            spec.bytes(
                    ShimTag.DEVICE_FILTER, DeviceProgram.assemble(plan.devices().rules()));
        }
        spec.texts(ShimTag.MASKED, plan.masked());
        spec.texts(ShimTag.READONLY, plan.readonly());
        switch (plan.processes()) {
            case POD -> spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_POD);
            case NODE -> spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_NODE);
            case TARGET ->
                spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_TARGET).text(ShimTag.TARGET, plan.target());
            default -> spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_OWN);
        }
        long flags = streams(plan) | flags(plan.process());
        flags |= plan.readonlyRoot() ? ShimTag.READONLY_ROOT : 0;
        flags |= plan.ownCgroups() ? ShimTag.CGROUP_NAMESPACE : 0;
        flags |= plan.ownDevices() ? ShimTag.DEVICE_LINKS : 0;
        log(spec, plan);
        return spec.number(ShimTag.FLAGS, flags);
    }

    /** A further process that the shim starts itself. */
    ShimFields exec(Container container, ProcessPlan process, long flags) throws IOException {
        ShimFields spec = new ShimFields().text(ShimTag.ID, container.id());
        process(spec, container, process);
        return spec.number(ShimTag.FLAGS, flags | flags(process));
    }

    /** A container that an OCI runtime starts, and the shim has. */
    ShimFields launch(ContainerPlan plan, OciRuntime.Call call) {
        ShimFields spec = new ShimFields().text(ShimTag.ID, plan.container().id());
        cgroups(spec, plan.container());
        // Who is not alone with its processes leaves some behind.
        spec.number(
                ShimTag.PROCESSES,
                switch (plan.processes()) {
                    case POD -> ShimTag.PROCESSES_POD;
                    case NODE -> ShimTag.PROCESSES_NODE;
                    case TARGET -> ShimTag.PROCESSES_TARGET;
                    default -> ShimTag.PROCESSES_OWN;
                });
        log(spec, plan);
        return call.addTo(spec).number(ShimTag.FLAGS, streams(plan));
    }

    /** A further process that an OCI runtime starts, and the shim has. */
    static ShimFields launch(Container container, OciRuntime.Call call, long flags) {
        return call.addTo(new ShimFields().text(ShimTag.ID, container.id())).number(ShimTag.FLAGS, flags);
    }

    private static long streams(ContainerPlan plan) {
        long flags = plan.process().terminal() ? ShimTag.TERMINAL : 0;
        flags |= plan.input() ? ShimTag.INPUT : 0;
        return flags | (plan.input() && plan.inputOnce() ? ShimTag.INPUT_ONCE : 0);
    }

    private static long flags(ProcessPlan process) {
        return process.noNewPrivileges() ? ShimTag.NO_NEW_PRIVILEGES : 0;
    }

    private static void log(ShimFields spec, ContainerPlan plan) {
        if (!plan.log().isEmpty()) {
            spec.text(ShimTag.LOG, plan.log());
        }
    }

    private void cgroups(ShimFields spec, Container container) {
        for (Path cgroup : mounts.folders(container.cgroup())) {
            spec.text(ShimTag.CGROUP, cgroup.toString());
        }
        new ContainerCgroups(mounts)
                .memoryEvents(container.cgroup())
                .ifPresent(events -> spec.text(ShimTag.MEMORY_EVENTS, events.toString()));
    }

    private void process(ShimFields spec, Container container, ProcessPlan process) throws IOException {
        spec.texts(ShimTag.ARGUMENT, process.command());
        List<byte[]> environment = process.environment();
        environment.forEach(variable -> spec.text(ShimTag.ENVIRONMENT, variable));
        spec.text(ShimTag.DIRECTORY, process.folder());
        spec.number(ShimTag.USER, process.user());
        container.sandbox().users().ifPresent(users -> spec.number(ShimTag.OWNER, users.userOutside(process.user())));
        spec.number(ShimTag.GROUP, process.group());
        process.groups().forEach(group -> spec.number(ShimTag.OTHER_GROUP, group));
        spec.bytes(ShimTag.CAPABILITIES, process.capabilities().toBytes());
        LinuxContainerSecurityContext context = container.config().getLinux().getSecurityContext();
        byte[] filter = seccomp.filter(context, process.capabilities());
        if (filter.length > 0) {
            spec.bytes(ShimTag.SECCOMP, filter);
        }
        if (!process.apparmor().isEmpty()) {
            spec.text(ShimTag.APPARMOR, "exec " + process.apparmor());
        }
        cgroups(spec, container);
        spec.number(ShimTag.OOM_SCORE, process.oomScore());
    }
}
