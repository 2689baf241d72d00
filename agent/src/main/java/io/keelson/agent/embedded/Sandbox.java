package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A pod's sandbox as this runtime knows it, kept in a folder: {@code request}, written once; {@code record}, written
 * anew with every step; the containers' folders; what the shim makes. Who changes something holds the lock.
 */
final class Sandbox {
    private final String id;
    private final Path folder;
    private final Path socket;
    private final RunPodSandboxRequest request;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Container> containers = new ConcurrentHashMap<>();
    private volatile Step step;
    private volatile List<String> addresses = List.of();
    private volatile long shimPid;
    private volatile long initPid;
    private volatile boolean shimGone;
    private final long createdAt;
    private final Optional<PodUsers> users;

    /** How far it has come. */
    enum Step {
        /** Being made; one that is found like this after a restart is taken away. */
        MAKING,
        READY,
        /** Its containers are gone, and its network. */
        STOPPED
    }

    Sandbox(String id, Path folder, Path run, RunPodSandboxRequest request, long createdAt) {
        this.id = id;
        this.folder = folder;
        this.socket = socket(run, id);
        this.request = request;
        this.createdAt = createdAt;
        this.users =
                PodUsers.of(request.getConfig().getLinux().getSecurityContext().getNamespaceOptions());
        this.step = Step.MAKING;
    }

    /** Where the shim of one listens. */
    static Path socket(Path run, String id) {
        return run.resolve(id.substring(0, Math.min(24, id.length())) + ".sock");
    }

    /** One from its folder; null if what it was to be was not written to its end. */
    static @Nullable Sandbox load(Path folder, Path run) {
        Map<String, String> record = Records.read(folder.resolve("record"));
        try {
            RunPodSandboxRequest request =
                    RunPodSandboxRequest.parseFrom(Files.readAllBytes(folder.resolve("request")));
            Sandbox sandbox = new Sandbox(
                    Objects.requireNonNull(folder.getFileName()).toString(),
                    folder,
                    run,
                    request,
                    Records.number(record, "createdAt"));
            sandbox.step = Step.valueOf(record.getOrDefault("step", Step.MAKING.name()));
            sandbox.shimPid = Records.number(record, "shimPid");
            sandbox.initPid = Records.number(record, "initPid");
            String addresses = record.getOrDefault("addresses", "");
            sandbox.addresses = addresses.isEmpty() ? List.of() : List.of(addresses.split(",", -1));
            return sandbox;
        } catch (IOException | IllegalArgumentException damaged) {
            return null;
        }
    }

    /** Begins the folder, before anything else of it is made. */
    void begin() throws IOException {
        Files.createDirectories(containersFolder());
        WholeFile.write(folder.resolve("request"), request.toByteArray());
        save();
    }

    void become(Step next) throws IOException {
        step = next;
        save();
    }

    void made(ShimProgram.Started started, List<String> given) throws IOException {
        shimPid = started.shim();
        initPid = started.init();
        addresses = List.copyOf(given);
        become(Step.READY);
    }

    private void save() throws IOException {
        Map<String, String> record = new TreeMap<>();
        record.put("createdAt", Long.toString(createdAt));
        record.put("step", step.name());
        record.put("shimPid", Long.toString(shimPid));
        record.put("initPid", Long.toString(initPid));
        record.put("addresses", String.join(",", addresses));
        Records.write(folder.resolve("record"), record);
    }

    String id() {
        return id;
    }

    Path folder() {
        return folder;
    }

    Path socket() {
        return socket;
    }

    Path containersFolder() {
        return folder.resolve("containers");
    }

    /** The pod's network namespace as a file; not there for a pod in the node's. */
    Path network() {
        return folder.resolve("netns");
    }

    /** The pod's user namespace as a file; absent for a pod whose users are the node's. */
    Optional<Path> userNamespace() {
        return users.isEmpty() ? Optional.empty() : Optional.of(folder.resolve("userns"));
    }

    /** Whom outside the pod's users are, if they are others. */
    Optional<PodUsers> users() {
        return users;
    }

    PodSandboxConfig config() {
        return request.getConfig();
    }

    String handler() {
        return request.getRuntimeHandler();
    }

    NamespaceOption namespaces() {
        return config().getLinux().getSecurityContext().getNamespaceOptions();
    }

    boolean hasOwnNetwork() {
        return namespaces().getNetwork() != NamespaceMode.NODE;
    }

    ReentrantLock lock() {
        return lock;
    }

    /** Signalled when one of the containers has ended. */
    Condition changed() {
        return changed;
    }

    Map<String, Container> containers() {
        return containers;
    }

    Step step() {
        return step;
    }

    boolean isReady() {
        return step == Step.READY && !shimGone;
    }

    /** Its shim has ended, though nobody stopped it. */
    void lose() {
        shimGone = true;
    }

    List<String> addresses() {
        return addresses;
    }

    long shimPid() {
        return shimPid;
    }

    /** The first process of the pod's process namespace; not positive if it has none. */
    long initPid() {
        return initPid;
    }

    long createdAt() {
        return createdAt;
    }
}
