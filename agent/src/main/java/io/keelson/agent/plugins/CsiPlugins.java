package io.keelson.agent.plugins;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.volumes.VolumeException;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.controllers.objects.Refusals;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Storage plugins: volumes can be had from one as soon as it is registered, and the API knows by what name it knows
 * this node, how many volumes it takes and where it is.
 */
public final class CsiPlugins implements PluginHandler {
    private static final Pattern VERSION = Pattern.compile("v?(\\d{1,5})(?:\\.(\\d{1,5}))?(?:\\.(\\d{1,5}))?.*");

    private final CsiDrivers drivers;
    private final CsiNodeObject node;
    /** By the name of the driver. */
    private final Map<String, Taken> taken = new HashMap<>();

    private record Taken(Path endpoint, Version version) {}

    private record Version(int major, int minor, int patch) implements Comparable<Version> {
        @Override
        public int compareTo(Version other) {
            int byMajor = Integer.compare(major, other.major);
            int byMinor = Integer.compare(minor, other.minor);
            return byMajor != 0 ? byMajor : byMinor != 0 ? byMinor : Integer.compare(patch, other.patch);
        }

        @Override
        public String toString() {
            return major + "." + minor + "." + patch;
        }
    }

    /** With where volumes are had from, and with what the API knows. */
    public CsiPlugins(CsiDrivers drivers, CsiNodeObject node) {
        this.drivers = drivers;
        this.node = node;
    }

    @Override
    public void register(Plugin plugin) throws PluginProblem, InterruptedException {
        Version version = highest(plugin.versions())
                .orElseThrow(() -> new PluginProblem("none of the versions " + plugin.versions() + " that CSI driver \""
                        + plugin.name() + "\" speaks is supported: it must speak 1.0.0 or newer of version 1"));
        boolean isNew = take(plugin, version);
        boolean done = false;
        try {
            drivers.register(plugin.name(), plugin.endpoint());
            node.add(plugin.name(), drivers.get(plugin.name()).info());
            done = true;
        } catch (IllegalArgumentException e) {
            throw new PluginProblem(String.valueOf(e.getMessage()), e);
        } catch (VolumeException e) {
            throw new PluginProblem(
                    "RegisterPlugin error -- plugin registration failed with err: failed to get node info: "
                            + e.message(),
                    e);
        } catch (KubernetesClientException e) {
            throw new PluginProblem(
                    "RegisterPlugin error -- plugin registration failed with err: error updating CSINode object with"
                            + " CSI driver node info: " + Refusals.message(e),
                    e);
        } finally {
            // One that volumes are had from already goes on: that the API is away now changes nothing of it.
            if (!done && isNew) {
                boolean _ = forget(plugin);
            }
        }
    }

    /** @return whether it was not here before */
    private synchronized boolean take(Plugin plugin, Version version) throws PluginProblem {
        Taken other = taken.get(plugin.name());
        boolean same = other != null && other.endpoint().equals(plugin.endpoint());
        if (other != null && !same && other.version().compareTo(version) > 0) {
            throw new PluginProblem("another CSI driver \"" + plugin.name()
                    + "\" is already registered with a higher supported version: " + other.version());
        }
        taken.put(plugin.name(), new Taken(plugin.endpoint(), version));
        return !same;
    }

    /** The highest one that can be spoken: all of version 1. */
    private static Optional<Version> highest(List<String> versions) {
        return versions.stream()
                .map(VERSION::matcher)
                .filter(Matcher::matches)
                .map(parts -> new Version(number(parts.group(1)), number(parts.group(2)), number(parts.group(3))))
                .filter(version -> version.major() == 1)
                .max(Version::compareTo);
    }

    private static int number(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    /** @return whether it was this one's */
    private boolean forget(Plugin plugin) {
        synchronized (this) {
            Taken known = taken.get(plugin.name());
            if (known == null || !known.endpoint().equals(plugin.endpoint())) {
                return false;
            }
            taken.remove(plugin.name());
        }
        drivers.unregister(plugin.name());
        return true;
    }

    @Override
    public void deregister(Plugin plugin) throws InterruptedException {
        if (forget(plugin)) {
            node.remove(plugin.name());
        }
    }
}
