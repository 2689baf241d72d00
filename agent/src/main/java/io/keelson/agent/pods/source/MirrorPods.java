package io.keelson.agent.pods.source;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.QueueMetrics;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one object in the API for each static pod, which shows it: creates those that are missing, replaces those that
 * show another manifest, deletes those whose pod is gone. Who deletes one in the API does not end the pod: it is
 * created again.
 */
public final class MirrorPods implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorPods.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final Supplier<@Nullable Node> node;
    private final WorkQueue<Key> queue;
    private final Map<Key, Pod> statics = new ConcurrentHashMap<>();
    private final Map<Key, Pod> mirrors = new ConcurrentHashMap<>();
    private @Nullable Thread thread;

    /**
     * Writes from the start on.
     *
     * @param node the node's object, to which they belong; null while it is not there
     */
    public MirrorPods(KubernetesClient client, Supplier<@Nullable Node> node, Time time) {
        this.client = client;
        this.node = node;
        queue = new WorkQueue<>(time, QueueMetrics.NONE);
    }

    /** Begins to write. To be called when all sources have told of what there is. */
    public void start() {
        thread = Thread.ofVirtual().name("mirrors").start(this::run);
    }

    /** A static pod is there. */
    public void set(Pod pod) {
        statics.put(Key.of(pod), pod);
        queue.add(Key.of(pod));
    }

    /** A static pod is gone, nothing of it runs any more. One of its name that is another one is left alone. */
    public void gone(Pod pod) {
        statics.computeIfPresent(Key.of(pod), (key, known) -> isSame(known, pod) ? null : known);
        queue.add(Key.of(pod));
    }

    private static boolean isSame(Pod one, Pod other) {
        return one.getMetadata().getUid().equals(other.getMetadata().getUid());
    }

    /** The API has one. */
    public void seen(Pod mirror) {
        mirrors.put(Key.of(mirror), mirror);
        queue.add(Key.of(mirror));
    }

    /** The API has it no more. */
    public void unseen(Pod mirror) {
        mirrors.computeIfPresent(Key.of(mirror), (key, known) -> isSame(known, mirror) ? null : known);
        queue.add(Key.of(mirror));
    }

    private void run() {
        try {
            while (true) {
                @Nullable Key key = queue.take();
                if (key == null) {
                    return;
                }
                try {
                    reconcile(key);
                } catch (RuntimeException e) {
                    LOG.warn("the mirror of static pod {} is tried again: {}", key, e.getMessage());
                    queue.addAfter(key, AGAIN);
                } finally {
                    queue.done(key);
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    private void reconcile(Key key) {
        Pod pod = statics.get(key);
        Pod mirror = mirrors.get(key);
        if (mirror != null) {
            boolean isCurrent = pod != null
                    && !Pods.isTerminating(mirror)
                    && PodTraits.annotation(mirror, PodTraits.MIRROR).equals(hash(pod));
            if (isCurrent) {
                return;
            }
            var _ = Deletion.of(client, mirror, 0L, null);
            // What the watch will tell: until then nothing is created in its place.
            return;
        }
        if (pod != null) {
            create(key, pod);
        }
    }

    private static String hash(Pod pod) {
        return PodTraits.annotation(pod, PodTraits.HASH);
    }

    private void create(Key key, Pod pod) {
        Node owner = node.get();
        if (owner == null) {
            queue.addAfter(key, AGAIN);
            return;
        }
        Pod mirror = new PodBuilder(pod)
                .editMetadata()
                .withUid(null)
                .withResourceVersion(null)
                .addToAnnotations(PodTraits.MIRROR, hash(pod))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(owner.getMetadata().getName())
                        .withUid(owner.getMetadata().getUid())
                        .withController(true)
                        .build())
                .endMetadata()
                .withStatus(null)
                .build();
        try {
            var _ = client.resource(mirror).create();
        } catch (KubernetesClientException e) {
            if (!Refusals.isAlreadyExists(e)) {
                throw e;
            }
            // The watch will tell of it; if it never does, somebody else's pod has the name.
            queue.addAfter(key, Duration.ofMinutes(1));
        }
    }

    @Override
    public void close() {
        queue.close();
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
