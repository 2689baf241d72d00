package io.keelson.agent.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The network of a node: by CNI plugins while there is a configuration of these, else the built-in one. A network add-on may come
 * while pods run; those that are there keep what they have, and are taken off the network that they are on.
 *
 * @param plugins by plugins
 * @param builtIn without
 */
public record NodeNetwork(CniNetwork plugins, BridgeNetwork builtIn) implements PodNetwork, AutoCloseable {
    /**
     * Opens it; nothing of the machine is changed before the first sandbox.
     *
     * @param podRanges the node's {@code spec.podCIDRs}, as they are now; empty while it has none
     * @throws IOException if what it has written down cannot be read
     */
    public static NodeNetwork open(NetworkSettings settings, Supplier<List<String>> podRanges)
            throws IOException, InterruptedException {
        List<String> prefix = new NetworkNamespace(settings.bridge().namespace()).prefix();
        return new NodeNetwork(
                new CniNetwork(
                        settings.configurations(),
                        settings.plugins(),
                        settings.results(),
                        podRanges,
                        prefix,
                        settings.pluginTime()),
                new BridgeNetwork(settings.bridge(), podRanges));
    }

    /** Whether new sandboxes get the built-in network. */
    public boolean isBuiltIn() {
        return !plugins.isConfigured();
    }

    private PodNetwork current() {
        return isBuiltIn() ? builtIn : plugins;
    }

    private PodNetwork of(SandboxAttachment sandbox) {
        return builtIn.has(sandbox.id()) ? builtIn : current();
    }

    @Override
    public Optional<String> problem() {
        return current().problem();
    }

    @Override
    public PodAddresses add(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        return of(sandbox).add(sandbox);
    }

    @Override
    public void check(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        of(sandbox).check(sandbox);
    }

    @Override
    public void remove(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        if (builtIn.has(sandbox.id())) {
            builtIn.remove(sandbox);
        } else {
            plugins.remove(sandbox);
        }
    }

    @Override
    public void collect(Set<String> sandboxes) throws NetworkProblem, InterruptedException {
        builtIn.collect(sandboxes);
        plugins.collect(sandboxes);
    }

    /** Sandboxes stay on the network. */
    @Override
    public void close() throws IOException {
        builtIn.close();
    }
}
