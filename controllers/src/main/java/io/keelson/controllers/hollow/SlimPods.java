package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an informer keeps of pods so that it knows which changed: their names, uids and versions, and no more. */
final class SlimPods implements ItemStore<Pod> {
    private final Map<String, Slim> pods = new ConcurrentHashMap<>();

    private record Slim(String uid, String version) {}

    private static @Nullable Pod pod(String key, @Nullable Slim slim) {
        if (slim == null) {
            return null;
        }
        int slash = key.indexOf('/');
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(key.substring(0, slash))
                .withName(key.substring(slash + 1))
                .withUid(slim.uid())
                .withResourceVersion(slim.version())
                .endMetadata()
                .build();
    }

    @Override
    public String getKey(Pod pod) {
        return pod.getMetadata().getNamespace() + '/' + pod.getMetadata().getName();
    }

    @Override
    public @Nullable Pod put(String key, Pod pod) {
        String uid = pod.getMetadata().getUid();
        Slim before = pods.get(key);
        // The string that is held already: each version tells the same uid as another one.
        String held = before != null && before.uid().equals(uid) ? before.uid() : uid;
        return pod(key, pods.put(key, new Slim(held, pod.getMetadata().getResourceVersion())));
    }

    @Override
    public @Nullable Pod remove(String key) {
        return pod(key, pods.remove(key));
    }

    @Override
    public Stream<String> keySet() {
        return pods.keySet().stream();
    }

    @Override
    public Stream<Pod> values() {
        return pods.keySet().stream().map(this::get).filter(Objects::nonNull).map(Objects::requireNonNull);
    }

    @Override
    public int size() {
        return pods.size();
    }

    @Override
    public @Nullable Pod get(String key) {
        return pod(key, pods.get(key));
    }

    @Override
    public boolean isFullState() {
        return false;
    }
}
