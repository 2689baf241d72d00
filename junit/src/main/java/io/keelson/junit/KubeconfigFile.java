package io.keelson.junit;

import java.nio.file.Path;

/**
 * A kubeconfig with an administrator's rights, readable by its owner only; it goes with the run.
 *
 * @param url of the server in it
 */
public record KubeconfigFile(Path path, String url) {}
