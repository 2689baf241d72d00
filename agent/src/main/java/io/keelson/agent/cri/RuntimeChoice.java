package io.keelson.agent.cri;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which container runtime a node uses.
 *
 * @param runtime where the runtime service is; empty for the embedded runtime
 * @param images where the image service is; empty for the embedded runtime
 * @param passedOver sockets that are there, and why they were not chosen: to be told at the start
 */
public record RuntimeChoice(
        Optional<RuntimeEndpoint> runtime, Optional<RuntimeEndpoint> images, List<String> passedOver) {
    /** What stands for the runtime inside the agent, in {@code --container-runtime-endpoint}. */
    public static final String EMBEDDED = "embedded";

    /** Where runtimes listen that were installed as their makers do it, in the order in which they are looked for. */
    public static final List<RuntimeEndpoint> WELL_KNOWN = List.of(
            new RuntimeEndpoint("/run/containerd/containerd.sock"), new RuntimeEndpoint("/var/run/crio/crio.sock"));

    /** Keeps a copy. */
    public RuntimeChoice {
        passedOver = List.copyOf(passedOver);
    }

    /** Whether it is the one inside the agent. */
    public boolean embedded() {
        return runtime.isEmpty();
    }

    /**
     * Chooses: what is asked for; else the first well-known socket behind which somebody answers; else the embedded runtime.
     *
     * @param runtimeEndpoint {@code --container-runtime-endpoint}; empty if nobody asked
     * @param imageEndpoint {@code --image-service-endpoint}; empty for that of the runtime
     * @param wellKnown where to look if nobody asked
     * @param there whether the file of a socket is there
     * @param answers whether somebody accepts connections on a socket that is there
     * @throws IllegalArgumentException if what is asked for cannot be
     */
    public static RuntimeChoice choose(
            String runtimeEndpoint,
            String imageEndpoint,
            List<RuntimeEndpoint> wellKnown,
            Predicate<RuntimeEndpoint> there,
            Predicate<RuntimeEndpoint> answers) {
        if (runtimeEndpoint.equals(EMBEDDED)) {
            if (!imageEndpoint.isEmpty() && !imageEndpoint.equals(EMBEDDED)) {
                throw new IllegalArgumentException("the embedded runtime has images of its own: leave out "
                        + "--image-service-endpoint, or name the runtime with --container-runtime-endpoint");
            }
            return new RuntimeChoice(Optional.empty(), Optional.empty(), List.of());
        }
        if (!runtimeEndpoint.isEmpty()) {
            return at(RuntimeEndpoint.parse(runtimeEndpoint), imageEndpoint, List.of());
        }
        if (!imageEndpoint.isEmpty()) {
            throw new IllegalArgumentException(
                    "--image-service-endpoint is given without --container-runtime-endpoint: name the runtime, too");
        }
        List<String> passedOver = new ArrayList<>();
        for (RuntimeEndpoint endpoint : wellKnown) {
            if (!there.test(endpoint)) {
                continue;
            }
            if (answers.test(endpoint)) {
                return at(endpoint, "", passedOver);
            }
            passedOver.add(endpoint + " is there, but nobody answers: if its runtime is to be used, start it first");
        }
        return new RuntimeChoice(Optional.empty(), Optional.empty(), passedOver);
    }

    private static RuntimeChoice at(RuntimeEndpoint runtime, String imageEndpoint, List<String> passedOver) {
        RuntimeEndpoint images = imageEndpoint.isEmpty() ? runtime : RuntimeEndpoint.parse(imageEndpoint);
        return new RuntimeChoice(Optional.of(runtime), Optional.of(images), passedOver);
    }
}
