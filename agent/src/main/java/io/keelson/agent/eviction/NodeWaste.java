package io.keelson.agent.eviction;

import io.keelson.agent.image.ContainerCollector;
import io.keelson.agent.image.ImageCollector;
import java.io.IOException;

/** What a node can give up before it ends pods. */
public interface NodeWaste {
    /** Removes containers, sandboxes and logs of what has ended. */
    void removeContainers() throws IOException;

    /** Removes images that nobody uses. */
    void removeImages() throws IOException;

    /** What collectors of garbage find. */
    static NodeWaste of(ContainerCollector containers, ImageCollector images) {
        return new NodeWaste() {
            @Override
            public void removeContainers() throws IOException {
                containers.removeEnded();
            }

            @Override
            public void removeImages() throws IOException {
                var _ = images.removeUnused();
            }
        };
    }
}
