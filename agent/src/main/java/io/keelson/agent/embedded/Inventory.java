package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.PodSandboxMetadata;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** All sandboxes and containers that there are, by id; the beginning of an id does where it is the only one. */
final class Inventory {
    private static final int ID_BYTES = 32;

    private final Map<PodSandboxMetadata, String> names = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentSkipListMap<String, Sandbox> sandboxes = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, Container> containers = new ConcurrentSkipListMap<>();

    String newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    Collection<Sandbox> sandboxes() {
        return sandboxes.values();
    }

    Collection<Container> containers() {
        return containers.values();
    }

    /**
     * Takes the name of a pod and its attempt for a sandbox that is to be made, lest one that was asked for twice is
     * made twice.
     *
     * @throws io.grpc.StatusRuntimeException if another one has it
     */
    void reserve(PodSandboxMetadata name, String id) {
        String other = names.putIfAbsent(name, id);
        if (other != null && !other.equals(id)) {
            throw RuntimeProblem.refused(
                    "failed to reserve sandbox name \"" + name.getName() + "_" + name.getNamespace() + "_"
                            + name.getUid() + "_" + name.getAttempt() + "\": it is reserved for \"" + other + "\"");
        }
    }

    void release(PodSandboxMetadata name, String id) {
        names.remove(name, id);
    }

    void add(Sandbox sandbox) {
        names.putIfAbsent(sandbox.config().getMetadata(), sandbox.id());
        sandboxes.put(sandbox.id(), sandbox);
        sandbox.containers().values().forEach(this::add);
    }

    void add(Container container) {
        containers.put(container.id(), container);
        container.sandbox().containers().put(container.id(), container);
    }

    void remove(Sandbox sandbox) {
        sandboxes.remove(sandbox.id());
        release(sandbox.config().getMetadata(), sandbox.id());
    }

    void remove(Container container) {
        containers.remove(container.id());
        container.sandbox().containers().remove(container.id());
    }

    @Nullable
    Sandbox findSandbox(String id) {
        return find(sandboxes, id);
    }

    @Nullable
    Container findContainer(String id) {
        return find(containers, id);
    }

    /** @throws io.grpc.StatusRuntimeException {@code NOT_FOUND} */
    Sandbox sandbox(String id) {
        Sandbox sandbox = findSandbox(id);
        if (sandbox == null) {
            throw RuntimeProblem.notFound("an error occurred when try to find sandbox \"" + id + "\"");
        }
        return sandbox;
    }

    /** @throws io.grpc.StatusRuntimeException {@code NOT_FOUND} */
    Container container(String id) {
        Container container = findContainer(id);
        if (container == null) {
            throw RuntimeProblem.notFound("an error occurred when try to find container \"" + id + "\"");
        }
        return container;
    }

    private static <T> @Nullable T find(ConcurrentSkipListMap<String, T> all, String id) {
        T exact = all.get(id);
        if (exact != null || id.isEmpty()) {
            return exact;
        }
        List<Map.Entry<String, T>> two =
                all.tailMap(id).entrySet().stream().limit(2).toList();
        boolean unique = !two.isEmpty()
                && two.getFirst().getKey().startsWith(id)
                && (two.size() == 1 || !two.getLast().getKey().startsWith(id));
        return unique ? two.getFirst().getValue() : null;
    }
}
