package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One object that pods refer to, watched for as long as one of them is here. The watch begins behind a first read,
 * which does not wait for it.
 *
 * @param <T> its kind
 */
final class FollowedObject<T extends HasMetadata> {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedObject.class);

    private final Resource<T> resource;
    private final Consumer<String> changed;
    private final Set<String> pods = new HashSet<>();
    private @Nullable SharedIndexInformer<T> informer;
    private boolean filled;
    private boolean ended;
    /** As read last; null if there was none. */
    private @Nullable T seen;

    /** @param changed is told the uids of the pods that refer to it when it changes; must be quick */
    FollowedObject(Resource<T> resource, Consumer<String> changed) {
        this.resource = resource;
        this.changed = changed;
    }

    synchronized void add(String podUid) {
        pods.add(podUid);
    }

    /** Whether nobody refers to it any more. */
    synchronized boolean remove(String podUid) {
        pods.remove(podUid);
        return pods.isEmpty();
    }

    /** Whether {@link #seen} follows the API, or what it holds never changes. */
    synchronized boolean isFilled() {
        return filled;
    }

    synchronized @Nullable T seen() {
        return seen;
    }

    /**
     * Takes what was read, and follows it from then on.
     *
     * @param immutable whether it never changes, so that nothing need be watched
     */
    void follow(@Nullable T read, boolean immutable) {
        SharedIndexInformer<T> watch;
        synchronized (this) {
            if (ended || filled || informer != null) {
                return;
            }
            seen = read;
            if (immutable) {
                filled = true;
                return;
            }
            watch = resource.runnableInformer(0);
            informer = watch;
        }
        watch.exceptionHandler((running, problem) -> {
            LOG.debug("watching an object that pods refer to: {}", problem.getMessage());
            return !hasEnded();
        });
        watch.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                see(object);
            }

            @Override
            public void onUpdate(T before, T now) {
                see(now);
            }

            @Override
            public void onDelete(T object, boolean lastStateUnknown) {
                see(null);
            }
        });
        try {
            var _ = watch.start().whenComplete((done, problem) -> {
                if (problem == null) {
                    fill(watch);
                }
            });
        } catch (IllegalStateException e) {
            LOG.debug("nobody refers any more to what was to be watched: {}", e.getMessage());
        }
        if (hasEnded()) {
            watch.stop();
        }
    }

    private synchronized boolean hasEnded() {
        return ended;
    }

    /** The first list may find that the object is gone, of which no change tells. */
    private void fill(SharedIndexInformer<T> watch) {
        List<T> listed = watch.getStore().list();
        if (listed.isEmpty()) {
            see(null);
        }
        synchronized (this) {
            filled = true;
        }
    }

    private void see(@Nullable T object) {
        List<String> tell;
        synchronized (this) {
            if (version(object).equals(version(seen))) {
                return;
            }
            seen = object;
            tell = ended ? List.of() : List.copyOf(pods);
        }
        tell.forEach(changed);
    }

    private static String version(@Nullable HasMetadata object) {
        return object == null
                ? ""
                : object.getMetadata().getUid() + '/' + object.getMetadata().getResourceVersion();
    }

    /** Ends the watch. */
    void end() {
        SharedIndexInformer<T> watch;
        synchronized (this) {
            ended = true;
            watch = informer;
        }
        if (watch != null) {
            watch.stop();
        }
    }
}
