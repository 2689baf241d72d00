package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an informer keeps of pods so that it knows which changed: their names, uids and versions, and no more. */
final class SlimPods implements ItemStore<Pod> {
    private final Map<String, Slim> pods = new ConcurrentHashMap<>();

    private record Slim(String namespace, String name, String uid, String version) {
        static Slim of(Pod pod) {
            return new Slim(
                    pod.getMetadata().getNamespace().intern(),
                    pod.getMetadata().getName(),
                    pod.getMetadata().getUid(),
                    pod.getMetadata().getResourceVersion());
        }

        Pod pod() {
            return new PodBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName(name)
                    .withUid(uid)
                    .withResourceVersion(version)
                    .endMetadata()
                    .build();
        }
    }

    private static @Nullable Pod pod(@Nullable Slim slim) {
        return slim == null ? null : slim.pod();
    }

    @Override
    public String getKey(Pod pod) {
        return pod.getMetadata().getNamespace() + '/' + pod.getMetadata().getName();
    }

    @Override
    public @Nullable Pod put(String key, Pod pod) {
        return pod(pods.put(key, Slim.of(pod)));
    }

    @Override
    public @Nullable Pod remove(String key) {
        return pod(pods.remove(key));
    }

    @Override
    public Stream<String> keySet() {
        return pods.keySet().stream();
    }

    @Override
    public Stream<Pod> values() {
        return pods.values().stream().map(Slim::pod);
    }

    @Override
    public int size() {
        return pods.size();
    }

    @Override
    public @Nullable Pod get(String key) {
        return pod(pods.get(key));
    }

    @Override
    public boolean isFullState() {
        return false;
    }
}
