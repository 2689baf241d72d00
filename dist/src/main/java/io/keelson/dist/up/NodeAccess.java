package io.keelson.dist.up;

import java.nio.file.Path;
import java.util.Optional;

/**
 * By which files the parts of a node are known to the API.
 *
 * @param agent its kubeconfig, which is there or is written by the agent when it has got a certificate
 * @param bootstrap one by which the agent may ask for that certificate; empty if there is no need to
 * @param proxy the kubeconfig of the service proxy
 * @param dns that of the cluster's DNS
 */
record NodeAccess(Path agent, Optional<Path> bootstrap, Path proxy, Path dns) {
    private static final String KUBECONFIG = ".kubeconfig";

    /** What a part's kubeconfig in the folder of a cluster is called. */
    static Path file(Path folder, String part) {
        return folder.resolve(part + KUBECONFIG);
    }

    /**
     * A node that has joined: everything on it is known as the node, by the certificate that it was given and renews itself.
     *
     * @param folder where it is kept
     */
    static NodeAccess joined(Path folder) {
        Path own = file(folder, Part.AGENT.title());
        return new NodeAccess(own, Optional.of(file(folder, "bootstrap")), own, own);
    }
}
