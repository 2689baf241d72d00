package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Key;
import org.jspecify.annotations.Nullable;

/** What the API has told last, for threads that wait for it. Null is what is not there. */
interface LiveStorage {
    @Nullable
    Pod pod(Key key);

    @Nullable
    Node node(String name);

    @Nullable
    PersistentVolumeClaim claim(Key key);

    @Nullable
    PersistentVolume volume(String name);

    /** Seen through caches. */
    static LiveStorage of(
            Cache<Pod> pods, Cache<Node> nodes, Cache<PersistentVolumeClaim> claims, Cache<PersistentVolume> volumes) {
        return new LiveStorage() {
            @Override
            public @Nullable Pod pod(Key key) {
                return pods.get(key);
            }

            @Override
            public @Nullable Node node(String name) {
                return nodes.get("", name);
            }

            @Override
            public @Nullable PersistentVolumeClaim claim(Key key) {
                return claims.get(key);
            }

            @Override
            public @Nullable PersistentVolume volume(String name) {
                return volumes.get("", name);
            }
        };
    }
}
