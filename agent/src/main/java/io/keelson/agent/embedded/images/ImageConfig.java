package io.keelson.agent.embedded.images;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an image says on how its containers run.
 *
 * @param imageId {@code sha256:…}, the digest of the image's configuration
 * @param entrypoint the program and its first arguments; empty if the image has none
 * @param command the arguments that follow, or all of it where the entrypoint is empty
 * @param environment {@code NAME=value} each, in the image's order
 * @param user {@code user[:group]}, by name or number; empty for root
 * @param workingFolder absolute; {@code /} if the image says nothing
 * @param volumes absolute paths that the image's author wants on a volume
 * @param stopSignal as {@code SIGTERM} or {@code 15}; empty if the image says nothing
 * @param labels by name
 */
public record ImageConfig(
        String imageId,
        List<String> entrypoint,
        List<String> command,
        List<String> environment,
        String user,
        String workingFolder,
        Set<String> volumes,
        String stopSignal,
        Map<String, String> labels) {}
