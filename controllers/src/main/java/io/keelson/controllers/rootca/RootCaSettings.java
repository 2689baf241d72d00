package io.keelson.controllers.rootca;

/**
 * What can be set. There is no default: which certificates they are, only who runs the cluster knows.
 *
 * @param rootCa PEM of {@code --root-ca-file}; empty for an empty one
 */
public record RootCaSettings(String rootCa) {}
