package io.keelson.agent.embedded;

import io.keelson.agent.embedded.ContainerPlan.ProcessPlan;
import io.keelson.agent.embedded.images.ImageConfig;
import io.keelson.agent.wire.cri.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Has containers, and further processes in them, started by the pod's shim: by itself, or through the OCI runtime that
 * the pod's runtime class names. The shim has them then, whoever started them.
 */
final class ContainerStart {
    private final ContainerSpec specs;
    private final ShimSpec direct;
    private final OciConfig configs;
    private final Map<String, OciRuntime> handlers;

    /** @param handlers by name */
    ContainerStart(ContainerSpec specs, ShimSpec direct, OciConfig configs, Map<String, OciRuntime> handlers) {
        this.specs = specs;
        this.direct = direct;
        this.configs = configs;
        this.handlers = handlers;
    }

    /**
     * Starts a container.
     *
     * @throws ShimRefusal with what is wrong, if it was not started
     */
    Run start(Container container, ImageConfig image, Path root, List<Path> sources) throws IOException {
        Sandbox sandbox = container.sandbox();
        ContainerPlan plan = specs.start(container, image, root, sources);
        ShimClient shim = new ShimClient(sandbox.socket());
        if (sandbox.handler().isEmpty()) {
            return shim.start(direct.start(plan));
        }
        OciRuntime runtime = runtime(sandbox);
        for (Mount mount : container.config().getMountsList()) {
            if (mount.getRecursiveReadOnly() && !runtime.recursiveReadOnly()) {
                throw RuntimeProblem.invalid("mount " + mount.getContainerPath() + ": " + runtime.program()
                        + " has no recursive read-only mounts; update it, or take another runtime class");
            }
        }
        Files.write(folder(container).resolve("config.json"), configs.container(plan));
        return shim.start(direct.launch(
                plan, runtime.start(sandbox, container.id(), plan.process().terminal())));
    }

    /** Starts a process more in a container that runs; the connection is its stream. */
    ShimConnection exec(Container container, ImageConfig image, List<String> command, long flags) throws IOException {
        Sandbox sandbox = container.sandbox();
        boolean terminal = (flags & ShimTag.TERMINAL) != 0;
        ProcessPlan process = specs.process(container, image, command, terminal);
        ShimClient shim = new ShimClient(sandbox.socket());
        if (sandbox.handler().isEmpty()) {
            return shim.stream(ShimMessage.EXEC, direct.exec(container, process, flags));
        }
        String name = UUID.randomUUID().toString().substring(0, 6);
        Path file = folder(container).resolve(name + ".json");
        Files.write(file, configs.exec(process));
        try {
            OciRuntime.Call call = runtime(sandbox).exec(sandbox, container.id(), name, file, terminal);
            return shim.stream(ShimMessage.EXEC, ShimSpec.launch(container, call, flags));
        } finally {
            for (String end : List.of(".json", ".pid", ".log", ".tty")) {
                Files.deleteIfExists(folder(container).resolve(name + end));
            }
        }
    }

    /** Takes away what an OCI runtime knows of a container. */
    void forget(Sandbox sandbox, String container) throws IOException, InterruptedException {
        OciRuntime runtime = handlers.get(sandbox.handler());
        if (runtime != null) {
            runtime.delete(sandbox, container);
        }
    }

    private OciRuntime runtime(Sandbox sandbox) {
        OciRuntime runtime = handlers.get(sandbox.handler());
        if (runtime == null) {
            throw RuntimeProblem.refused("no runtime for \"" + sandbox.handler()
                    + "\" is configured any more: start the agent with --runtime-handler " + sandbox.handler()
                    + "=PATH");
        }
        return runtime;
    }

    private static Path folder(Container container) {
        return container.sandbox().containersFolder().resolve(container.id());
    }
}
