package io.keelson.agent.cri;

import io.keelson.agent.wire.cri.CgroupDriver;
import io.keelson.agent.wire.cri.RuntimeConfigResponse;
import io.keelson.agent.wire.cri.StatusResponse;
import io.keelson.agent.wire.cri.VersionResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who the runtime is, and what it can do.
 *
 * @param name {@code containerd}, {@code cri-o}, {@code keelson}
 * @param version its own
 * @param cgroupDriver how it names cgroups; empty if it does not say
 * @param handlers by name, the default one under the empty name; empty if the runtime does not tell of any
 * @param supplementalGroupsPolicy whether it can leave the image's groups away
 */
public record RuntimeProfile(
        String name,
        String version,
        Optional<CgroupDriver> cgroupDriver,
        Map<String, Handler> handlers,
        boolean supplementalGroupsPolicy) {
    private static final String EMBEDDED = "keelson";
    private static final Handler NONE = new Handler(false, false);

    /**
     * What pods of a runtime class can have.
     *
     * @param recursiveReadOnlyMounts whether all that is mounted below a read-only mount is read-only, too
     * @param userNamespaces whether users of pods can be others outside
     */
    public record Handler(boolean recursiveReadOnlyMounts, boolean userNamespaces) {}

    /** Keeps a copy. */
    public RuntimeProfile {
        handlers = Map.copyOf(handlers);
    }

    /** Reads what a runtime answered. */
    static RuntimeProfile of(VersionResponse version, StatusResponse status, Optional<RuntimeConfigResponse> config) {
        return new RuntimeProfile(
                version.getRuntimeName(),
                version.getRuntimeVersion(),
                config.filter(RuntimeConfigResponse::hasLinux)
                        .map(answer -> answer.getLinux().getCgroupDriver()),
                handlers(status),
                status.getFeatures().getSupplementalGroupsPolicy());
    }

    /** What each of a runtime's handlers can do. */
    static Map<String, Handler> handlers(StatusResponse status) {
        Map<String, Handler> handlers = new TreeMap<>();
        status.getRuntimeHandlersList()
                .forEach(handler -> handlers.put(
                        handler.getName(),
                        new Handler(
                                handler.getFeatures().getRecursiveReadOnlyMounts(),
                                handler.getFeatures().getUserNamespaces())));
        return Map.copyOf(handlers);
    }

    /**
     * Why pods of a handler cannot have users of their own ({@code hostUsers: false}), and what to do. A runtime that
     * has not heard of them gives pods the node's without a word.
     *
     * @param handlers what they can do now
     * @return empty if they can; also of the runtime of this house, which knows better why not, and says so itself
     */
    public Optional<String> userNamespaceProblem(Map<String, Handler> handlers, String handler) {
        if (name.equals(EMBEDDED) || handlers.getOrDefault(handler, NONE).userNamespaces()) {
            return Optional.empty();
        }
        String known = handlers.isEmpty() || handlers.containsKey(handler)
                ? "RuntimeClass handler \"" + handler + "\" does not support user namespaces"
                : "the handler \"" + handler + "\" is not known";
        return Optional.of(known + ": " + url() + " cannot run pods with hostUsers: false on this node; that takes"
                + " containerd 2.0 or CRI-O 1.25 with runc 1.2 or crun 1.9, and Linux 6.3; or set hostUsers: true");
    }

    /** What a node's {@code containerRuntimeVersion} says: {@code containerd://1.6.20}. */
    public String url() {
        return name + "://" + version;
    }

    /** What pods cannot have here, in words; empty if nothing. */
    public List<String> lacks() {
        List<String> lacks = new ArrayList<>();
        Handler usual = handlers.getOrDefault("", NONE);
        if (cgroupDriver.isEmpty()) {
            lacks.add("does not say its cgroup driver, so the one of the agent's configuration counts");
        }
        if (!usual.userNamespaces()) {
            lacks.add("has no user namespaces, so pods with hostUsers: false cannot run");
        }
        if (!usual.recursiveReadOnlyMounts()) {
            lacks.add("has no recursive read-only mounts, so recursiveReadOnly: Enabled cannot be had");
        }
        if (!supplementalGroupsPolicy) {
            lacks.add("has no policy of supplemental groups, so supplementalGroupsPolicy: Strict cannot be had");
        }
        return lacks;
    }
}
