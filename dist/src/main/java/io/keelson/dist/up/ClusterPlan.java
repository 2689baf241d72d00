package io.keelson.dist.up;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
        List<String> apiServerFlags)
        implements StartPlan {
    ClusterPlan {
        without = Set.copyOf(without);
        apiServerFlags = List.copyOf(apiServerFlags);
    }

    @Override
    public boolean has(Part part) {
        return !without.contains(part)
                && switch (part) {
                    case NODES -> nodes > 0;
                    case AGENT, PROXY, DNS, METRICS_SERVER -> node.isPresent();
                    default -> true;
                };
    }

    @Override
    public List<String> arguments() {
        List<String> words = new ArrayList<>(List.of(
                "--bind-address=" + address,
                "--secure-port=" + port,
                "--write-kubeconfig=" + kubeconfig,
                "--nodes=" + nodes,
                "--history=" + history.toSeconds() + "s"));
        if (isHighlyAvailable) {
            words.add("--ha");
        }
        node.ifPresent(place -> words.addAll(place.arguments()));
        without.stream().sorted().forEach(part -> words.add("--disable=" + part.title()));
        apiServerFlags.forEach(flag -> words.add("--apiserver-arg=" + flag));
        return words;
    }

    @Override
    public Started start(Steps steps) throws IOException, InterruptedException {
        return Cluster.start(this, steps);
    }

    Path pki() {
        return folder.resolve("pki");
    }

    Path manifests() {
        return folder.resolve("manifests");
    }
}
