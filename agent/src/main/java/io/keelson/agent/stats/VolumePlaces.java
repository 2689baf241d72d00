package io.keelson.agent.stats;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.volumes.DiskUsage;
import io.keelson.agent.volumes.NodeVolumes;
import io.keelson.agent.volumes.PluginUsage;
import io.keelson.agent.volumes.VolumeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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

    /**
     * What the storage plugin of one says that is used of it; empty if it has none, or that does not tell.
     *
     * @throws VolumeException if the plugin cannot say
     */
    Optional<PluginUsage> told(Pod pod, String volume) throws VolumeException, InterruptedException;

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

            @Override
            public Optional<PluginUsage> told(Pod pod, String volume) throws VolumeException, InterruptedException {
                return volumes.told(pod, volume);
            }
        };
    }
}
