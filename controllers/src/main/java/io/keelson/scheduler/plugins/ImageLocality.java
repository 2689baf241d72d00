package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Container;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node is better if it has a pod's images, by their size, from 23 MB on to 1,000 MB for each container. An image counts for
 * as much of its size as the part of nodes that have it, so that one node that has a large image does not draw all pods.
 */
public final class ImageLocality implements Score {
    private static final long MB = 1024 * 1024;
    private static final long LEAST = 23 * MB;
    private static final long MOST_PER_CONTAINER = 1000 * MB;

    @Override
    public String name() {
        return "ImageLocality";
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        List<String> images = new ArrayList<>();
        for (Container container : OrEmpty.of(pod.pod().getSpec().getInitContainers())) {
            images.add(normalized(container.getImage()));
        }
        for (Container container : OrEmpty.of(pod.pod().getSpec().getContainers())) {
            images.add(normalized(container.getImage()));
        }
        double[] spread = new double[images.size()];
        boolean anywhere = false;
        for (int i = 0; i < spread.length; i++) {
            int having = cluster.nodesWithImage(images.get(i));
            spread[i] = (double) having / cluster.nodes().size();
            anywhere |= having > 0;
        }
        if (!anywhere) {
            return null;
        }
        long most = MOST_PER_CONTAINER * images.size();
        return node -> {
            long sum = 0;
            for (int i = 0; i < spread.length; i++) {
                long size = node.imageSize(images.get(i));
                if (size > 0) {
                    sum += (long) (size * spread[i]);
                }
            }
            long counted = Math.max(LEAST, Math.min(sum, most));
            return BEST * (counted - LEAST) / (most - LEAST);
        };
    }

    /** A name as nodes list it: with a tag, which is {@code latest} if it says none. */
    static String normalized(@Nullable String image) {
        String name = OrEmpty.of(image);
        return name.lastIndexOf(':') <= name.lastIndexOf('/') ? name + ":latest" : name;
    }
}
