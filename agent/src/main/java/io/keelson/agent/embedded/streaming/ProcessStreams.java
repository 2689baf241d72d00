package io.keelson.agent.embedded.streaming;

import java.io.IOException;
import java.util.List;

/** Opens streams to what runs in pods. */
public interface ProcessStreams {
    /** Runs a command in a container. */
    ProcessStream exec(String containerId, List<String> command, boolean terminal, boolean input) throws IOException;

    /** Joins the streams of a container's first process. */
    ProcessStream attach(String containerId) throws IOException;

    /** Connects to a port of a pod's loopback interface. */
    ProcessStream dial(String sandboxId, int port) throws IOException;
}
