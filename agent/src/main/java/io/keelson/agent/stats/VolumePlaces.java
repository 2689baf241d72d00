package io.keelson.agent.stats;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.volumes.DiskUsage;
import io.keelson.agent.volumes.NodeVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where volumes of pods are. */
public interface VolumePlaces {
    /** Where one is; null if it is not there, or has no files. */
    @Nullable
    Path path(Pod pod, String volume);

    /**
     * What those take that are on the node's own disk, by their names. Counts all files.
     *
     * @throws IOException if they cannot be counted
     */
    Map<String, DiskUsage> usage(Pod pod) throws IOException;

    /** Those of a node. */
    static VolumePlaces of(NodeVolumes volumes) {
        return new VolumePlaces() {
            @Override
            public @Nullable Path path(Pod pod, String volume) {
                return volumes.path(pod, volume);
            }

            @Override
            public Map<String, DiskUsage> usage(Pod pod) throws IOException {
                return volumes.usage(pod);
            }
        };
    }
}
