package io.keelson.agent.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.network.CniPlugins.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The network that the machine's CNI plugins make, as libcni has them make it: in the order of the configuration, each told what
 * those before it made; off again in the other order. The configuration is looked at each time, since whoever installs a network
 * puts it there, and changes it, while pods run.
 */
public final class CniNetwork implements PodNetwork {
    private final Path configurations;
    private final CniPlugins plugins;
    private final CniCache cache;
    private final Supplier<List<String>> podRanges;

    /**
     * A network by plugins.
     *
     * @param configurations {@code /etc/cni/net.d} for one
     * @param plugins folders with plugins, as {@code /opt/cni/bin}
     * @param results {@code /var/lib/cni/results} for one
     * @param podRanges the node's {@code spec.podCIDRs}, as they are now; for plugins that want to be told
     * @param prefix what plugins are started with; empty but for tests, which have a namespace in the machine's place
     * @param time how long each plugin may take
     */
    public CniNetwork(
            Path configurations,
            List<Path> plugins,
            Path results,
            Supplier<List<String>> podRanges,
            List<String> prefix,
            Duration time) {
        this.configurations = configurations;
        this.podRanges = podRanges;
        this.plugins = new CniPlugins(plugins, prefix, time);
        cache = new CniCache(results);
    }

    /** Whether there is a configuration. */
    boolean isConfigured() {
        try {
            return CniConfiguration.first(configurations).isPresent();
        } catch (IOException e) {
            // There is something, and it is told what is wrong with it.
            return true;
        }
    }

    private CniConfiguration configuration() throws NetworkProblem {
        try {
            return CniConfiguration.first(configurations)
                    .orElseThrow(() -> new NetworkProblem("cni config uninitialized: no network config found in "
                            + configurations + "; a network add-on puts one there"));
        } catch (IOException e) {
            throw new NetworkProblem("cni config uninitialized: " + e, e);
        }
    }

    @Override
    public Optional<String> problem() {
        try {
            CniConfiguration now = configuration();
            if (now.version().isAtLeast(CniVersion.V1_1_0)) {
                for (ObjectNode plugin : now.plugins()) {
                    var _ = plugins.run(Command.STATUS, null, List.of(), settings(now, plugin, none(), null));
                }
            }
            return Optional.empty();
        } catch (NetworkProblem | IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    private static ObjectNode none() {
        return CniConfiguration.JSON.createObjectNode();
    }

    @Override
    public PodAddresses add(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        CniConfiguration now = configuration();
        ObjectNode capabilities = CniCapabilities.of(sandbox, podRanges.get());
        boolean isDone = false;
        try {
            CniResult result = null;
            for (ObjectNode plugin : now.plugins()) {
                ObjectNode said = plugins.run(
                        Command.ADD, sandbox, arguments(sandbox), settings(now, plugin, capabilities, result));
                if (said == null) {
                    throw new IOException(
                            "plugin type=\"" + plugin.path("type").asText() + "\" said nothing of what it added");
                }
                result = new CniResult(said);
            }
            if (result == null) {
                throw new IOException("no plugins in list");
            }
            PodAddresses addresses = result.addresses();
            cache.put(now, sandbox, arguments(sandbox), capabilities, result);
            isDone = true;
            return addresses;
        } catch (IOException e) {
            throw new NetworkProblem(String.valueOf(e.getMessage()), e);
        } finally {
            if (!isDone) {
                undo(now, sandbox, capabilities);
            }
        }
    }

    private void undo(CniConfiguration by, SandboxAttachment sandbox, ObjectNode capabilities)
            throws InterruptedException {
        try {
            delete(by, sandbox, capabilities, null);
        } catch (IOException e) {
            // The sandbox is taken off the network once more when it is removed.
            return;
        }
    }

    /** What plugins know the pod by. */
    private static List<List<String>> arguments(SandboxAttachment sandbox) {
        return List.of(
                List.of("IgnoreUnknown", "1"),
                List.of("K8S_POD_NAMESPACE", sandbox.podNamespace()),
                List.of("K8S_POD_NAME", sandbox.podName()),
                List.of("K8S_POD_INFRA_CONTAINER_ID", sandbox.id()),
                List.of("K8S_POD_UID", sandbox.podUid()));
    }

    /** What a plugin reads: its settings, those of all, what it says that it can use, and what was made before it. */
    private static ObjectNode settings(
            CniConfiguration whole, ObjectNode plugin, ObjectNode capabilities, @Nullable CniResult before) {
        ObjectNode settings = plugin.deepCopy();
        settings.put("name", whole.name());
        settings.put("cniVersion", whole.version().toString());
        ObjectNode used = none();
        capabilities.properties().forEach(each -> {
            if (plugin.path("capabilities").path(each.getKey()).asBoolean(false)) {
                used.set(each.getKey(), each.getValue());
            }
        });
        settings.remove("capabilities");
        if (!used.isEmpty()) {
            settings.set("runtimeConfig", used);
        }
        if (before != null) {
            settings.set("prevResult", before.json());
        }
        return settings;
    }

    @Override
    public void check(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        try {
            List<CniCache.Entry> entries = cache.of(sandbox.id());
            if (entries.isEmpty()) {
                throw new NetworkProblem("the sandbox " + sandbox.id() + " is not on the network");
            }
            for (CniCache.Entry entry : entries) {
                CniConfiguration by = entry.configuration();
                if (by == null || by.disableCheck() || !by.version().isAtLeast(CniVersion.V0_4_0)) {
                    continue;
                }
                for (ObjectNode plugin : by.plugins()) {
                    var _ = plugins.run(
                            Command.CHECK,
                            sandbox,
                            arguments(sandbox),
                            settings(by, plugin, entry.capabilities(), entry.result()));
                }
            }
        } catch (IOException e) {
            throw new NetworkProblem(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void remove(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        try {
            List<CniCache.Entry> entries = cache.of(sandbox.id());
            for (CniCache.Entry entry : entries) {
                CniConfiguration by = entry.configuration() == null ? configuration() : entry.configuration();
                delete(by, withNetns(sandbox, entry), entry.capabilities(), entry.result());
                cache.remove(entry);
            }
            Optional<CniConfiguration> now = CniConfiguration.first(configurations);
            if (entries.isEmpty() && now.isPresent()) {
                // It may have died between the first plugin and the cache.
                delete(now.get(), sandbox, CniCapabilities.of(sandbox.withoutAnnotations(), podRanges.get()), null);
            }
        } catch (IOException e) {
            throw new NetworkProblem(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * With the namespace that it had, if it is still there: plugins take away what is in it. What stands for a process is another
     * one's by now.
     */
    private static SandboxAttachment withNetns(SandboxAttachment sandbox, CniCache.Entry entry) {
        boolean isKept = sandbox.netns() == null
                && !entry.netns().isEmpty()
                && !entry.netns().startsWith("/proc/");
        return isKept && Files.exists(Path.of(entry.netns())) ? sandbox.netns(Path.of(entry.netns())) : sandbox;
    }

    private void delete(
            CniConfiguration by, SandboxAttachment sandbox, ObjectNode capabilities, @Nullable CniResult result)
            throws IOException, InterruptedException {
        CniResult told = by.version().isAtLeast(CniVersion.V0_4_0) ? result : null;
        for (ObjectNode plugin : by.plugins().reversed()) {
            var _ = plugins.run(Command.DEL, sandbox, arguments(sandbox), settings(by, plugin, capabilities, told));
        }
    }

    @Override
    public void collect(Set<String> sandboxes) throws NetworkProblem, InterruptedException {
        try {
            Set<String> gone = new HashSet<>();
            for (CniCache.Entry entry : cache.all()) {
                if (!sandboxes.contains(entry.sandbox())) {
                    gone.add(entry.sandbox());
                }
            }
            for (String sandbox : gone) {
                remove(SandboxAttachment.of(sandbox, null));
            }
            Optional<CniConfiguration> now = CniConfiguration.first(configurations);
            if (now.isPresent()
                    && now.get().version().isAtLeast(CniVersion.V1_1_0)
                    && !now.get().disableGc()) {
                collect(now.get(), sandboxes);
            }
        } catch (IOException e) {
            throw new NetworkProblem(String.valueOf(e.getMessage()), e);
        }
    }

    /** Every plugin is asked, though one before it failed. */
    private void collect(CniConfiguration now, Set<String> sandboxes) throws IOException, InterruptedException {
        List<String> problems = new ArrayList<>();
        for (ObjectNode plugin : now.plugins()) {
            ObjectNode settings = settings(now, plugin, none(), null);
            ArrayNode valid = settings.putArray("cni.dev/valid-attachments");
            sandboxes.stream().sorted().forEach(sandbox -> {
                ObjectNode one = valid.addObject();
                one.put("containerID", sandbox);
                one.put("ifname", SandboxAttachment.INTERFACE);
            });
            try {
                var _ = plugins.run(Command.GC, null, List.of(), settings);
            } catch (IOException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        if (!problems.isEmpty()) {
            throw new IOException(String.join("; ", problems));
        }
    }

    /** The versions that a plugin speaks. */
    List<String> versions(String type) throws NetworkProblem, InterruptedException {
        ObjectNode settings =
                none().put("cniVersion", CniVersion.V1_0_0.toString()).put("type", type);
        try {
            ObjectNode said = plugins.run(Command.VERSION, null, List.of(), settings);
            List<String> versions = new ArrayList<>();
            for (JsonNode version : said == null ? none() : said.path("supportedVersions")) {
                versions.add(version.asText());
            }
            return versions;
        } catch (IOException e) {
            throw new NetworkProblem(String.valueOf(e.getMessage()), e);
        }
    }
}
