package io.keelson.agent.embedded.streaming;

import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.ExecRequest;

/** The streams of a process that a client asked for. With a terminal, there is only one output. */
record WantedStreams(boolean input, boolean output, boolean error, boolean terminal) {
    static WantedStreams of(ExecRequest request) {
        return new WantedStreams(
                request.getStdin(), request.getStdout(), request.getStderr() && !request.getTty(), request.getTty());
    }

    static WantedStreams of(AttachRequest request) {
        return new WantedStreams(
                request.getStdin(), request.getStdout(), request.getStderr() && !request.getTty(), request.getTty());
    }
}
