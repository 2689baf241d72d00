package io.keelson.dist.up.check;

import io.keelson.agent.cri.RuntimeChoice;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What was read of a machine, in rooms as the judges are. */
record Facts(Kernel kernel, Cgroups cgroups, Room room, Network network, Node node) {
    /**
     * The kernel, and what this process may.
     *
     * @param system {@code Linux}
     * @param release {@code 6.1.0-18-amd64}
     * @param hasShim whether this build has the program that starts containers for this kind of processor
     * @param user the number of the user; 0 is root
     * @param capabilities a bit for each that this process has
     * @param filters what the kernel can do to system calls; empty if it filters none
     * @param namespaces the kinds of namespaces: {@code net}, {@code pid}
     */
    record Kernel(
            String system,
            String release,
            String architecture,
            boolean hasShim,
            long user,
            long capabilities,
            Set<String> filters,
            Set<String> namespaces) {
        boolean isRoot() {
            return user == 0;
        }
    }

    /**
     * The cgroups.
     *
     * @param first the controllers of version 1 that are mounted
     * @param second the controllers of version 2
     * @param hasSecond whether version 2 is mounted at all
     * @param isWritable whether cgroups can be made
     */
    record Cgroups(Set<String> first, Set<String> second, boolean hasSecond, boolean isWritable) {}

    /**
     * How much there is.
     *
     * @param folder where the cluster is to be
     * @param fileSystem the kind of filesystem that it is on: {@code ext4}
     * @param overlay whether the kernel stacks folders
     * @param openFiles how many files a process may have open; as the other numbers -1 if that cannot be known
     * @param processes how many processes and threads the machine may have
     */
    record Room(
            Path folder,
            String fileSystem,
            Module overlay,
            long freeBytes,
            long totalBytes,
            long memoryBytes,
            long availableBytes,
            long openFiles,
            long inotifyInstances,
            long inotifyWatches,
            long processes) {}

    /** Whether the kernel has something. */
    enum Module {
        THERE,
        /** It can be loaded. */
        ON_DISK,
        NONE
    }

    /**
     * The network.
     *
     * @param tables why the kernel takes no rules with address translation, by family; an empty text if it does, nothing if
     *     it was not tried
     * @param switches files below {@code /proc/sys/net}, with their content; those that are not there are missing
     * @param ports that a cluster would use
     */
    record Network(Map<String, String> tables, Map<String, String> switches, List<Port> ports) {}

    /**
     * A port that a cluster would use.
     *
     * @param use by what
     * @param isNeeded whether nothing runs without
     * @param user who has it; empty if nobody has
     * @param isOurs whether that is the cluster of this folder
     */
    record Port(
            String use, String address, int number, String protocol, boolean isNeeded, String user, boolean isOurs) {
        /** The use of the one that everybody asks. */
        static final String API = "the API server";

        /** As {@code 127.0.0.1:6443/tcp}. */
        String place() {
            return address + ":" + number + "/" + protocol;
        }
    }

    /**
     * What a node uses.
     *
     * @param programs that are on the path, of those that may be asked for
     * @param runtime where containers would run
     * @param plugins the configuration of network plugins that is there
     * @param missingPlugins plugins that it names and that are not installed
     * @param now what the clock says
     * @param hardware what the clock of the hardware says
     * @param notBefore what the clock must have passed: this program was built then, or the cluster's certificates begin then
     * @param synchronised whether something keeps the clock right; nothing if that is not known
     * @param remains what an earlier run has left, while nothing runs
     */
    record Node(
            Set<String> programs,
            RuntimeChoice runtime,
            Optional<Path> plugins,
            Set<String> missingPlugins,
            Instant now,
            Optional<Instant> hardware,
            Instant notBefore,
            Optional<Boolean> synchronised,
            List<String> remains) {}
}
