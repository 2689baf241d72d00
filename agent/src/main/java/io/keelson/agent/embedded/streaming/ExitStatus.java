package io.keelson.agent.embedded.streaming;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** How a process ended, as a {@code Status} of the Kubernetes API in JSON: the last thing that a client hears. */
final class ExitStatus {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ExitStatus() {}

    static byte[] of(ProcessStream.Exit exit) {
        ObjectNode status = JSON.createObjectNode();
        status.putObject("metadata");
        if (exit.code() == 0) {
            return bytes(status.put("status", "Success"));
        }
        status.put("status", "Failure")
                .put(
                        "message",
                        "command terminated with non-zero exit code: command terminated with exit code " + exit.code())
                .put("reason", "NonZeroExitCode");
        status.putObject("details")
                .putArray("causes")
                .addObject()
                .put("reason", "ExitCode")
                .put("message", Integer.toString(exit.code()));
        return bytes(status);
    }

    static byte[] failure(String why) {
        ObjectNode status = JSON.createObjectNode();
        status.putObject("metadata");
        return bytes(status.put("status", "Failure")
                .put("message", "error executing command in container: " + why)
                .put("reason", "InternalError")
                .put("code", 500));
    }

    private static byte[] bytes(ObjectNode status) {
        try {
            return JSON.writeValueAsBytes(status);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
