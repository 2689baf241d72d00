package io.keelson.agent.embedded;

import io.keelson.agent.embedded.images.ImageConfig;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerEventType;
import io.keelson.agent.wire.cri.CreateContainerRequest;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.NamespaceMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates, starts, stops and removes containers, each step under the lock of the pod's sandbox. */
final class Containers {
    private static final Logger LOG = LoggerFactory.getLogger(Containers.class);
    private static final Duration KILL_TAKES = Duration.ofSeconds(30);
    private static final int SIGKILL = 9;

    private final RuntimeSettings settings;
    private final Inventory inventory;
    private final ContainerCgroups cgroups;
    private final ContainerSpec specs;
    private final ContainerStart starts;
    private final StepListener listener;

    /** Hears of every step, with the lock of the sandbox held. */
    interface StepListener {
        void stepped(Container container, ContainerEventType step);
    }

    Containers(
            RuntimeSettings settings,
            Inventory inventory,
            ContainerCgroups cgroups,
            ContainerSpec specs,
            ContainerStart starts,
            StepListener listener) {
        this.settings = settings;
        this.inventory = inventory;
        this.cgroups = cgroups;
        this.specs = specs;
        this.starts = starts;
        this.listener = listener;
    }

    /** Makes a container's root and cgroup, and writes down what it is to be. */
    Container create(CreateContainerRequest request) throws IOException, InterruptedException {
        Sandbox sandbox = inventory.sandbox(request.getPodSandboxId());
        ContainerConfig config = request.getConfig();
        if (!config.hasMetadata() || config.getMetadata().getName().isEmpty()) {
            throw RuntimeProblem.invalid("container config must include metadata with a name");
        }
        ImageConfig image = image(config.getImage().getImage());
        specs.check(config, image);
        sandbox.lock().lock();
        try {
            if (!sandbox.isReady()) {
                throw RuntimeProblem.refused("sandbox \"" + sandbox.id() + "\" is not running");
            }
            checkTarget(config);
            checkUsers(sandbox, config);
            reserveName(sandbox, config);
            String id = inventory.newId();
            String parent = sandbox.config().getLinux().getCgroupParent();
            Map<String, String> facts = new HashMap<>();
            facts.put("createdAt", Long.toString(Clocks.nanos(settings.time())));
            facts.put("imageId", image.imageId());
            facts.put("stopSignal", image.stopSignal());
            facts.put("cgroup", (parent.isEmpty() ? "/keelson" : parent) + "/" + id);
            try {
                return create(sandbox, id, config, image, facts);
            } catch (IOException | RuntimeException failure) {
                giveBack(sandbox, id, facts.getOrDefault("cgroup", ""), config);
                throw failure;
            }
        } finally {
            sandbox.lock().unlock();
        }
    }

    private Container create(
            Sandbox sandbox, String id, ContainerConfig config, ImageConfig image, Map<String, String> facts)
            throws IOException {
        // The folder is there before anything else of the container is: by it a later start finds what to take away.
        Files.createDirectories(sandbox.containersFolder().resolve(id));
        Path root = settings.images().snapshots().prepare(image.imageId(), id, sandbox.userNamespace());
        ContainerIdentity identity =
                ContainerIdentity.resolve(root, config.getLinux().getSecurityContext(), image.user());
        sandbox.users().ifPresent(identity::checkWithin);
        facts.put("root", root.toString());
        facts.put("user", Long.toString(identity.user()));
        facts.put("group", Long.toString(identity.group()));
        facts.put("groups", identity.groups().stream().map(String::valueOf).collect(Collectors.joining(",")));
        facts.put("home", identity.home());
        String cgroup = facts.getOrDefault("cgroup", "");
        cgroups.make(cgroup);
        cgroups.limit(cgroup, config.getLinux().getResources());
        ContainerDevices devices = ContainerDevices.of(config);
        cgroups.allowDevices(cgroup, devices.all(), devices.rules());
        Container container = new Container(id, sandbox, config, facts);
        container.create();
        inventory.add(container);
        listener.stepped(container, ContainerEventType.CONTAINER_CREATED_EVENT);
        return container;
    }

    private ImageConfig image(String reference) throws IOException {
        try {
            return settings.images().resolve(reference);
        } catch (ImageProblem problem) {
            if (problem.kind() == ImageProblem.Kind.NOT_FOUND) {
                throw RuntimeProblem.notFound("image \"" + reference + "\"");
            }
            throw problem;
        }
    }

    private void checkTarget(ContainerConfig config) {
        var namespaces = config.getLinux().getSecurityContext().getNamespaceOptions();
        if (namespaces.getPid() == NamespaceMode.TARGET) {
            Container target = inventory.container(namespaces.getTargetId());
            if (!target.run().isRunning()) {
                throw RuntimeProblem.refused("the target container \"" + target.id() + "\" is not running");
            }
        }
    }

    private static void checkUsers(Sandbox sandbox, ContainerConfig config) {
        if (!PodUsers.of(config.getLinux().getSecurityContext().getNamespaceOptions())
                .equals(sandbox.users())) {
            throw RuntimeProblem.invalid("user namespace config for the container is different from its sandbox's");
        }
    }

    private static void reserveName(Sandbox sandbox, ContainerConfig config) {
        for (Container other : sandbox.containers().values()) {
            if (other.config().getMetadata().equals(config.getMetadata())) {
                throw RuntimeProblem.refused(
                        "the name \"" + config.getMetadata().getName() + "\", attempt "
                                + config.getMetadata().getAttempt() + ", is reserved for \"" + other.id() + "\"");
            }
        }
    }

    /** Starts a container that was created; one that cannot be started has ended, with code 128. */
    void start(Container container) throws IOException {
        Sandbox sandbox = container.sandbox();
        sandbox.lock().lock();
        try {
            if (container.run().isRunning()) {
                return;
            }
            if (container.run().isExited()) {
                throw RuntimeProblem.refused("container \"" + container.id() + "\" is in CONTAINER_EXITED state");
            }
            if (!sandbox.isReady()) {
                throw RuntimeProblem.refused("sandbox container \"" + sandbox.id() + "\" is not running");
            }
            try {
                container.become(run(container));
            } catch (IOException | RuntimeException failure) {
                String why = String.valueOf(failure.getMessage());
                if (!(failure instanceof ShimRefusal)) {
                    // Whether it was started is not known; it must not run without being known.
                    cgroups.kill(container.cgroup());
                }
                container.become(Run.notStarted(Clocks.nanos(settings.time()), why));
                listener.stepped(container, ContainerEventType.CONTAINER_STOPPED_EVENT);
                throw RuntimeProblem.failed("failed to start container \"" + container.id() + "\": " + why, failure);
            }
            listener.stepped(container, ContainerEventType.CONTAINER_STARTED_EVENT);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        } finally {
            sandbox.lock().unlock();
        }
    }

    private Run run(Container container) throws IOException {
        String log = container.logPath();
        if (!log.isEmpty()) {
            Path folder = Path.of(log).getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
        }
        ImageConfig image = image(container.fact("imageId"));
        Path root = settings.images()
                .snapshots()
                .prepare(image.imageId(), container.id(), container.sandbox().userNamespace());
        return starts.start(container, image, root, sources(container));
    }

    private List<Path> sources(Container container) throws IOException {
        List<Path> sources = new ArrayList<>();
        List<Mount> mounts = container.config().getMountsList();
        for (int i = 0; i < mounts.size(); i++) {
            Mount mount = mounts.get(i);
            if (mount.hasImage()) {
                ImageConfig image = image(mount.getImage().getImage());
                Path root = settings.images()
                        .snapshots()
                        .view(
                                image.imageId(),
                                container.id() + "." + i,
                                container.sandbox().userNamespace());
                Path inside = RootPaths.resolve(root, mount.getImageSubPath());
                if (!Files.exists(inside)) {
                    throw RuntimeProblem.invalid(
                            "the image " + mount.getImage().getImage() + " has no " + mount.getImageSubPath());
                }
                sources.add(inside);
                continue;
            }
            Path source = Path.of(mount.getHostPath());
            if (!Files.exists(source)) {
                Files.createDirectories(source);
            }
            sources.add(source.toRealPath());
        }
        return sources;
    }

    /** A process more in a container that runs. */
    ShimConnection exec(Container container, List<String> command, long flags) throws IOException {
        requireRunning(container);
        if (command.isEmpty()) {
            throw RuntimeProblem.invalid("no command to run");
        }
        ImageConfig image = image(container.fact("imageId"));
        return starts.exec(container, image, command, flags);
    }

    static void requireRunning(Container container) {
        if (!container.run().isRunning()) {
            throw RuntimeProblem.refused("container \"" + container.id() + "\" is in "
                    + container.run().state().name() + " state");
        }
    }

    /** It ended, as its shim says; or it is known not to run any more. */
    void ended(Container container, Run run) {
        try {
            container.become(run);
        } catch (IOException unwritable) {
            // The shim's own file says the same after a restart.
            LOG.warn("the end of container {} cannot be written down: {}", container.id(), unwritable.getMessage());
        }
        container.sandbox().changed().signalAll();
        listener.stepped(container, ContainerEventType.CONTAINER_STOPPED_EVENT);
    }

    /**
     * Asks a container to end, and kills it when its time is over.
     *
     * @param seconds what it has; 0: none
     */
    void stop(Container container, long seconds) throws IOException, InterruptedException {
        if (!container.run().isRunning()) {
            return;
        }
        ShimClient shim = new ShimClient(container.sandbox().socket());
        if (seconds > 0) {
            shim.signal(
                    container.id(), Signals.stop(container.config().getStopSignal(), imageSignal(container)), false);
            if (awaitEnd(container, Duration.ofSeconds(Math.min(seconds, TimeUnit.DAYS.toSeconds(365))))) {
                return;
            }
        }
        try {
            shim.signal(container.id(), SIGKILL, true);
        } catch (IOException gone) {
            cgroups.kill(container.cgroup());
        }
        if (!awaitEnd(container, KILL_TAKES)) {
            throw new IOException("container \"" + container.id() + "\" does not end, though it was killed: one of its"
                    + " processes waits within the kernel, as for a file server that does not answer");
        }
    }

    private String imageSignal(Container container) {
        try {
            return image(container.fact("imageId")).stopSignal();
        } catch (IOException | RuntimeException gone) {
            return "";
        }
    }

    private static boolean awaitEnd(Container container, Duration limit) throws InterruptedException {
        Sandbox sandbox = container.sandbox();
        sandbox.lock().lockInterruptibly();
        try {
            long left = limit.toNanos();
            while (container.run().isRunning() && left > 0) {
                left = sandbox.changed().awaitNanos(left);
            }
            return !container.run().isRunning();
        } finally {
            sandbox.lock().unlock();
        }
    }

    /** Takes a container away, killing it if it runs. */
    void remove(Container container) throws IOException, InterruptedException {
        stop(container, 0);
        Sandbox sandbox = container.sandbox();
        sandbox.lock().lock();
        try {
            if (sandbox.isReady()) {
                try {
                    new ShimClient(sandbox.socket()).forget(container.id());
                } catch (IOException gone) {
                    LOG.debug("the shim of {} does not answer: {}", sandbox.id(), gone.getMessage());
                }
            }
            giveBack(sandbox, container.id(), container.cgroup(), container.config());
            inventory.remove(container);
            listener.stepped(container, ContainerEventType.CONTAINER_DELETED_EVENT);
        } finally {
            sandbox.lock().unlock();
        }
    }

    /** Takes away whatever there is of a container; its folder last, by which it is found. */
    void giveBack(Sandbox sandbox, String id, String cgroup, ContainerConfig config)
            throws IOException, InterruptedException {
        starts.forget(sandbox, id);
        if (!cgroup.isEmpty()) {
            cgroups.remove(cgroup);
        }
        for (int i = 0; i < config.getMountsCount(); i++) {
            if (config.getMounts(i).hasImage()) {
                settings.images().snapshots().remove(id + "." + i);
            }
        }
        settings.images().snapshots().remove(id);
        Records.delete(sandbox.containersFolder().resolve(id));
    }

    /** Sets other limits, at once if it runs. */
    void update(Container container, LinuxContainerResources wanted) throws IOException {
        Sandbox sandbox = container.sandbox();
        sandbox.lock().lock();
        try {
            if (container.run().isExited()) {
                throw RuntimeProblem.refused("container \"" + container.id() + "\" has ended");
            }
            cgroups.limit(container.cgroup(), wanted);
            container.become(container.resources().toBuilder().mergeFrom(wanted).build());
        } finally {
            sandbox.lock().unlock();
        }
    }

    void reopenLog(Container container) throws IOException {
        requireRunning(container);
        new ShimClient(container.sandbox().socket()).reopenLog(container.id());
    }
}
