package io.keelson.dist.up;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What {@code keelson up} is to start: a cluster of its own, or this machine as a node of one that there is. */
sealed interface StartPlan permits ClusterPlan, JoinPlan {
    /** Where all of it is kept. */
    Path folder();

    /** By which file it is known how to reach the API. */
    Path kubeconfig();

    /** This machine as a node; empty if it is none. */
    Optional<NodePlace> node();

    /** Whether a part is wanted. */
    boolean has(Part part);

    /** What a process of its own is started with, as a user would type it. */
    List<String> arguments();

    /**
     * Starts all of it, and returns when pods that come run.
     *
     * @param steps is told of what is done
     * @throws IOException if something cannot start; its text says what and why. Nothing is left running then
     */
    Started start(Steps steps) throws IOException, InterruptedException;

    /** What it tells besides. */
    default Path log() {
        return folder().resolve("log");
    }

    /** What runs. */
    interface Started extends AutoCloseable {
        /** Where its API is. */
        String url();

        @Override
        void close();
    }
}
