package io.keelson.agent.embedded;

import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the sandboxes of pods, and takes them away. Whatever is left half done is finished by doing it again. */
final class Sandboxes {
    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

    private final RuntimeSettings settings;
    private final Inventory inventory;
    private final ContainerCgroups cgroups;
    private final ShimProgram program;
    private final ShimWatch watch;
    private final String userNamespaceProblem;
    private final Map<String, OciRuntime> handlers;

    /** @param userNamespaceProblem why pods can have no users of their own here; empty if they can */
    Sandboxes(
            RuntimeSettings settings,
            Inventory inventory,
            ContainerCgroups cgroups,
            ShimProgram program,
            ShimWatch watch,
            String userNamespaceProblem,
            Map<String, OciRuntime> handlers) {
        this.settings = settings;
        this.inventory = inventory;
        this.cgroups = cgroups;
        this.program = program;
        this.watch = watch;
        this.userNamespaceProblem = userNamespaceProblem;
        this.handlers = handlers;
    }

    /** Makes a sandbox, whole or not at all. */
    Sandbox run(RunPodSandboxRequest request) throws IOException, InterruptedException {
        check(request);
        String id = inventory.newId();
        inventory.reserve(request.getConfig().getMetadata(), id);
        Path folder = settings.root().resolve("sandboxes").resolve(id);
        Sandbox sandbox = new Sandbox(id, folder, settings.run(), request, Clocks.nanos(settings.time()));
        sandbox.lock().lock();
        try {
            sandbox.begin();
            PodFileWriter.write(sandbox);
            ShimProgram.Started started = program.start(folder, description(sandbox));
            List<String> addresses = sandbox.hasOwnNetwork()
                    ? settings.network().attach(id, request.getConfig(), sandbox.network())
                    : List.of();
            sandbox.made(started, addresses);
            inventory.add(sandbox);
        } catch (IOException | InterruptedException | RuntimeException failure) {
            try {
                destroy(sandbox);
            } catch (IOException | InterruptedException again) {
                failure.addSuppressed(again);
            }
            inventory.release(request.getConfig().getMetadata(), id);
            throw failure;
        } finally {
            sandbox.lock().unlock();
        }
        watch.begin(sandbox);
        return sandbox;
    }

    private void check(RunPodSandboxRequest request) {
        PodSandboxConfig config = request.getConfig();
        if (!config.hasMetadata() || config.getMetadata().getName().isEmpty()) {
            throw RuntimeProblem.invalid("sandbox config must include metadata with a name");
        }
        String handler = request.getRuntimeHandler();
        if (!handler.isEmpty() && !handlers.containsKey(handler)) {
            throw RuntimeProblem.invalid("failed to get sandbox runtime: no runtime for \"" + handler
                    + "\" is configured: this node has "
                    + (handlers.isEmpty() ? "none besides its own" : String.join(", ", handlers.keySet()))
                    + "; install " + handler + ", or start the agent with --runtime-handler " + handler + "=PATH");
        }
        NamespaceOption namespaces = config.getLinux().getSecurityContext().getNamespaceOptions();
        if (PodUsers.of(namespaces).isPresent() && !handler.isEmpty()) {
            throw RuntimeProblem.invalid("RuntimeClass handler \"" + handler + "\" does not support user namespaces:"
                    + " take the runtime class away, or set hostUsers to true");
        }
        if (PodUsers.of(namespaces).isPresent() && !userNamespaceProblem.isEmpty()) {
            throw RuntimeProblem.invalid("this node has no user namespaces for pods: " + userNamespaceProblem
                    + "; set hostUsers to true, or use another node");
        }
        for (String name : config.getLinux().getSysctlsMap().keySet()) {
            Sysctls.file(name, namespaces);
        }
        if (!config.getLinux().getCgroupParent().isEmpty()) {
            ContainerCgroups.checked(config.getLinux().getCgroupParent());
        }
    }

    private ShimFields description(Sandbox sandbox) throws IOException {
        NamespaceOption namespaces = sandbox.namespaces();
        long flags = 0;
        ShimFields pod = new ShimFields().text(ShimTag.SOCKET, sandbox.socket().toString());
        if (sandbox.hasOwnNetwork()) {
            flags |= ShimTag.NEW_NETWORK;
            pod.text(ShimTag.NETWORK, sandbox.network().toString());
        }
        flags |= namespaces.getIpc() == NamespaceMode.NODE ? 0 : ShimTag.NEW_IPC;
        flags |= namespaces.getPid() == NamespaceMode.POD ? ShimTag.NEW_PROCESSES : 0;
        if (sandbox.users().isPresent()) {
            flags |= ShimTag.NEW_USERS;
            pod.text(ShimTag.USERS, sandbox.userNamespace().orElseThrow().toString());
            pod.text(ShimTag.USER_MAP, sandbox.users().get().userMap());
            pod.text(ShimTag.GROUP_MAP, sandbox.users().get().groupMap());
        }
        if (sandbox.hasOwnNetwork() || !sandbox.config().getHostname().isEmpty()) {
            flags |= ShimTag.NEW_NAMES;
            pod.text(ShimTag.HOSTNAME, PodFileWriter.hostname(sandbox.config()));
        }
        sandbox.config()
                .getLinux()
                .getSysctlsMap()
                .forEach((name, value) -> pod.text(ShimTag.SYSCTL, Sysctls.file(name, namespaces) + "=" + value));
        if (!settings.shimCgroup().isEmpty()) {
            for (Path folder : cgroups.make(settings.shimCgroup())) {
                pod.text(ShimTag.CGROUP, folder.toString());
            }
        }
        return pod.number(ShimTag.FLAGS, flags);
    }

    /** Ends all containers, and gives the network back. Right when repeated. */
    void stop(Sandbox sandbox) throws IOException, InterruptedException {
        sandbox.lock().lock();
        try {
            if (sandbox.step() == Sandbox.Step.STOPPED) {
                return;
            }
            endShim(sandbox);
            for (Container container : sandbox.containers().values()) {
                cgroups.kill(container.cgroup());
            }
            watch.settle(sandbox);
            giveBack(sandbox);
            sandbox.become(Sandbox.Step.STOPPED);
        } finally {
            sandbox.lock().unlock();
        }
    }

    private void endShim(Sandbox sandbox) throws InterruptedException {
        try {
            new ShimClient(sandbox.socket()).shutDown();
        } catch (IOException gone) {
            LOG.debug("the shim of sandbox {} does not answer: {}", sandbox.id(), gone.getMessage());
            ShimProcess.kill(sandbox);
        }
    }

    private void giveBack(Sandbox sandbox) throws IOException, InterruptedException {
        if (sandbox.hasOwnNetwork()) {
            settings.network().detach(sandbox.id(), sandbox.config(), sandbox.network());
            unmount(sandbox.network());
            Files.deleteIfExists(sandbox.network());
        }
        unmount(sandbox.folder().resolve("shm"));
        if (sandbox.userNamespace().isPresent()) {
            unmount(sandbox.userNamespace().get());
        }
        Files.deleteIfExists(sandbox.socket());
    }

    private static void unmount(Path path) throws IOException {
        while (MountTable.isMounted(path)) {
            Libc.unmount(path.toString(), Libc.MNT_DETACH);
        }
    }

    /** Takes a sandbox away whose containers have been taken away. */
    void remove(Sandbox sandbox) throws IOException, InterruptedException {
        sandbox.lock().lock();
        try {
            stop(sandbox);
            Records.delete(sandbox.folder());
            inventory.remove(sandbox);
        } finally {
            sandbox.lock().unlock();
        }
    }

    /** Takes away whatever there is of a sandbox that never was one. */
    void destroy(Sandbox sandbox) throws IOException, InterruptedException {
        endShim(sandbox);
        giveBack(sandbox);
        Records.delete(sandbox.folder());
    }

    /** What sandboxes are told of in {@code info}. */
    static Map<String, String> facts(Sandbox sandbox) {
        return Map.of(
                "pid", Long.toString(sandbox.shimPid()),
                "netns", sandbox.hasOwnNetwork() ? sandbox.network().toString() : "",
                "socket", sandbox.socket().toString(),
                "folder", sandbox.folder().toString());
    }
}
