package io.keelson.dist.up;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a cluster is made of, in the order in which it is started. Each but the first can be left out. */
enum Part {
    /** The store and the API server on it. */
    APISERVER,
    CONTROLLER_MANAGER,
    SCHEDULER,
    CLOUD_CONTROLLER_MANAGER,
    /** Nodes without machines, if any are asked for. */
    NODES,
    /** What runs pods on this machine. */
    AGENT,
    /** What leads packets to Services on this machine. */
    PROXY,
    /** The names of Services. */
    DNS,
    /** What nodes and pods use, for {@code kubectl top} and for scaling by it. */
    METRICS_SERVER,
    /** What lies in the folder of manifests. */
    MANIFESTS;

    /** Its name for users, which is that of its command. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * A part by its name.
     *
     * @throws IllegalArgumentException if there is none of this name, or it cannot be left out
     */
    static Part toLeaveOut(String title) {
        List<Part> can =
                Arrays.stream(values()).filter(part -> part != APISERVER).toList();
        return can.stream()
                .filter(part -> part.title().equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--disable: there is no part " + title
                        + " that could be left out; there are "
                        + can.stream().map(Part::title).collect(Collectors.joining(", "))));
    }
}
