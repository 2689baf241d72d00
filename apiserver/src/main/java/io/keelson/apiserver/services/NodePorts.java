package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.ObjectStore.Outcome;
import io.keelson.apiserver.store.StoredValue;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports on every node, for all Services together: one value in the store, a {@code RangeAllocation} as a kube-apiserver
 * keeps it, which is replaced only if nobody else has changed it. Any thread.
 */
final class NodePorts {
    private static final Logger log = LoggerFactory.getLogger(NodePorts.class);

    private static final int ATTEMPTS_MAX = 64;

    private final ObjectStore store;
    private final String key;
    private final PortRange range;
    private final RandomGenerator random = new SecureRandom();

    /** One change of this process at a time: they would only make each other's attempts fail. */
    private final Semaphore turn = new Semaphore(1, true);

    private final AtomicReference<@Nullable StoredValue> last = new AtomicReference<>();

    /** @param prefix what all keys begin with, {@code /registry} */
    NodePorts(ObjectStore store, String prefix, PortRange range) {
        this.store = store;
        this.key = prefix + "/ranges/servicenodeports";
        this.range = range;
    }

    PortRange range() {
        return range;
    }

    /** Takes a certain port. */
    void take(int port) throws CannotAllocateException, InterruptedException {
        if (!range.contains(port)) {
            throw CannotAllocateException.portOutside(range);
        }
        if (!change(ports -> ports.take(port) ? port : 0)) {
            throw CannotAllocateException.portTaken();
        }
    }

    /** Takes any port. */
    int takeAny() throws CannotAllocateException, InterruptedException {
        int[] taken = new int[1];
        boolean done = change(ports -> {
            taken[0] = ports.takeAny(random);
            return taken[0];
        });
        if (!done) {
            throw CannotAllocateException.full();
        }
        return taken[0];
    }

    /** Gives a port back; what goes wrong is left to repair. */
    void giveBack(int port) throws InterruptedException {
        try {
            boolean _ = change(ports -> {
                if (!ports.has(port)) {
                    return 0;
                }
                ports.giveBack(port);
                return port;
            });
        } catch (ApiException e) {
            log.warn("the node port {} could not be given back: {}", port, e.message());
        }
    }

    /** How many are taken; nothing while there is nothing in the store. */
    List<AllocationMetrics.Room> rooms() throws InterruptedException {
        Stored stored = read();
        return stored == null
                ? List.of()
                : List.of(new AllocationMetrics.Room(
                        "", stored.ports().count(), stored.ports().range().size()));
    }

    boolean has(int port) throws InterruptedException {
        StoredValue value = store.get(key);
        return value != null && decode(value).has(port);
    }

    /** What is stored, for repair. */
    @Nullable
    Stored read() throws InterruptedException {
        StoredValue value = store.get(key);
        return value == null ? null : new Stored(decode(value), value.revision());
    }

    /** The ports that are taken, and when that was written. */
    record Stored(PortSet ports, long revision) {}

    /**
     * Replaces what is stored.
     *
     * @param expectedRevision 0 if there is nothing
     * @return false if it is another by now
     */
    boolean replace(PortSet ports, long expectedRevision) throws InterruptedException {
        byte[] bytes = encode(ports);
        return expectedRevision == 0
                ? store.create(key, bytes, 0) != 0
                : store.update(key, bytes, expectedRevision, 0) instanceof Outcome.Done;
    }

    /** What is done with the ports. */
    @FunctionalInterface
    private interface Change {
        /** @return 0 if nothing was changed */
        int apply(PortSet ports);
    }

    private boolean change(Change change) throws InterruptedException {
        turn.acquire();
        try {
            StoredValue known = last.get();
            StoredValue now = known == null ? store.get(key) : known;
            boolean fresh = known == null;
            for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
                PortSet ports = now == null ? new PortSet(range) : ofOurRange(decode(now));
                if (change.apply(ports) == 0) {
                    if (fresh) {
                        return false;
                    }
                    // It may be possible by now.
                    now = store.get(key);
                    fresh = true;
                    continue;
                }
                byte[] bytes = encode(ports);
                if (now == null) {
                    long revision = store.create(key, bytes, 0);
                    if (revision != 0) {
                        last.set(new StoredValue(key, bytes, revision));
                        return true;
                    }
                    now = store.get(key);
                } else {
                    switch (store.update(key, bytes, now.revision(), 0)) {
                        case Outcome.Done done -> {
                            last.set(new StoredValue(key, bytes, done.revision()));
                            return true;
                        }
                        case Outcome.Changed changed -> now = changed.now();
                    }
                }
                fresh = true;
            }
            throw ApiException.internal(
                    "the ports of nodes are changed by others all the time (" + ATTEMPTS_MAX + " attempts)", null);
        } catch (RuntimeException | InterruptedException e) {
            // Whether it was written is not known.
            last.set(null);
            throw e;
        } finally {
            turn.release();
        }
    }

    private PortSet decode(StoredValue value) {
        byte[] bytes = value.bytes();
        try {
            ObjectNode object =
                    KubernetesProtobuf.isProtobuf(bytes) ? KubernetesProtobuf.decode(bytes) : Json.parseObject(bytes);
            PortRange stored = PortRange.parse(object.path("range").asText(""));
            return PortSet.of(
                    stored, Base64.getDecoder().decode(object.path("data").asText("")));
        } catch (MalformedException | IllegalArgumentException e) {
            throw ApiException.internal("unable to decode the node ports under " + key + ": " + e.getMessage(), e);
        }
    }

    /** A server with another range in its flags may have started since, and has made it the one that counts. */
    private PortSet ofOurRange(PortSet ports) {
        if (!ports.range().equals(range)) {
            throw ApiException.internal("the provided range does not match the current range", null);
        }
        return ports;
    }

    private static byte[] encode(PortSet ports) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "RangeAllocation");
        object.putObject("metadata");
        object.put("range", ports.range().toString());
        object.put("data", BinaryNode.valueOf(ports.bytes()).asText());
        return KubernetesProtobuf.encode(object);
    }
}
