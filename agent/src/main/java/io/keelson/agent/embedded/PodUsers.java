package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.UserNamespace;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whom on the node the users of a pod are that has a user namespace.
 *
 * @param users ranges of numbers inside and outside
 * @param groups the same of groups
 */
record PodUsers(List<IDMapping> users, List<IDMapping> groups) {
    /** More the kernel does not take. */
    private static final int RANGES_MAX = 340;

    private static final long IDS = 1L << 32;

    /**
     * As a sandbox is asked for.
     *
     * @return empty if the pod's users are the node's
     * @throws io.grpc.StatusRuntimeException if there cannot be such ones
     */
    static Optional<PodUsers> of(NamespaceOption namespaces) {
        UserNamespace asked = namespaces.getUsernsOptions();
        if (!namespaces.hasUsernsOptions() || asked.getMode() == NamespaceMode.NODE) {
            return Optional.empty();
        }
        if (asked.getMode() != NamespaceMode.POD) {
            throw RuntimeProblem.invalid("user namespace mode " + asked.getMode() + " is none of POD and NODE");
        }
        if (namespaces.getNetwork() == NamespaceMode.NODE
                || namespaces.getIpc() == NamespaceMode.NODE
                || namespaces.getPid() == NamespaceMode.NODE) {
            throw RuntimeProblem.invalid(
                    "a pod with a user namespace cannot have the node's network, IPC or processes");
        }
        check("uids", asked.getUidsList());
        check("gids", asked.getGidsList());
        return Optional.of(new PodUsers(asked.getUidsList(), asked.getGidsList()));
    }

    private static void check(String name, List<IDMapping> ranges) {
        if (ranges.isEmpty() || ranges.size() > RANGES_MAX) {
            throw RuntimeProblem.invalid("a user namespace needs 1 to " + RANGES_MAX + " ranges of " + name);
        }
        boolean hasRoot = false;
        for (IDMapping range : ranges) {
            long host = Integer.toUnsignedLong(range.getHostId());
            long inside = Integer.toUnsignedLong(range.getContainerId());
            long length = Integer.toUnsignedLong(range.getLength());
            if (length == 0 || host + length >= IDS || inside + length >= IDS) {
                throw RuntimeProblem.invalid("the " + name + " " + line(range) + " of a user namespace are no range");
            }
            if (host == 0) {
                throw RuntimeProblem.invalid(
                        "the " + name + " of a user namespace must not be those of the node's root");
            }
            hasRoot |= inside == 0;
        }
        if (!hasRoot) {
            throw RuntimeProblem.invalid("the " + name + " of a user namespace have nobody for root");
        }
    }

    /** As the kernel takes it. */
    String userMap() {
        return map(users);
    }

    /** The same of groups. */
    String groupMap() {
        return map(groups);
    }

    private static String map(List<IDMapping> ranges) {
        return ranges.stream().map(PodUsers::line).collect(Collectors.joining("\n", "", "\n"));
    }

    private static String line(IDMapping range) {
        return Integer.toUnsignedLong(range.getContainerId()) + " " + Integer.toUnsignedLong(range.getHostId()) + " "
                + Integer.toUnsignedLong(range.getLength());
    }

    /**
     * Who one of the pod's users is on the node.
     *
     * @throws io.grpc.StatusRuntimeException if the pod has no such user
     */
    long userOutside(long user) {
        return outside("user", users, user);
    }

    /** @throws io.grpc.StatusRuntimeException if the pod has no such group */
    void checkGroup(long group) {
        outside("group", groups, group);
    }

    private static long outside(String kind, List<IDMapping> ranges, long id) {
        for (IDMapping range : ranges) {
            long first = Integer.toUnsignedLong(range.getContainerId());
            if (id >= first && id - first < Integer.toUnsignedLong(range.getLength())) {
                return Integer.toUnsignedLong(range.getHostId()) + id - first;
            }
        }
        throw RuntimeProblem.invalid("the " + kind + " " + id + " is none of those of the pod's user namespace ("
                + ranges.stream().map(PodUsers::line).collect(Collectors.joining(", ")) + ")");
    }
}
