package io.keelson.dist.up;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a cluster is to be.
 *
 * @param folder where all of it is kept
 * @param address where its API listens
 * @param port on which port; 0 for one that is free
 * @param isHighlyAvailable whether it has three members of the store and three API servers
 * @param nodes how many simulated nodes there are
 * @param history how long what was is kept at least; zero for as long as there is room
 * @param without what is left out
 * @param node this machine as a node; empty if it is none
 * @param kubeconfig where the administrator's is written
 * @param apiServerFlags further flags of the API server
 */
record ClusterPlan(
        Path folder,
        String address,
        int port,
        boolean isHighlyAvailable,
        int nodes,
        Duration history,
        Set<Part> without,
        Optional<NodePlace> node,
        Path kubeconfig,
        List<String> apiServerFlags) {
    ClusterPlan {
        without = Set.copyOf(without);
        apiServerFlags = List.copyOf(apiServerFlags);
    }

    boolean has(Part part) {
        return !without.contains(part)
                && switch (part) {
                    case NODES -> nodes > 0;
                    case AGENT, PROXY, DNS, METRICS_SERVER -> node.isPresent();
                    default -> true;
                };
    }

    Path pki() {
        return folder.resolve("pki");
    }

    Path manifests() {
        return folder.resolve("manifests");
    }

    Path log() {
        return folder.resolve("log");
    }
}
