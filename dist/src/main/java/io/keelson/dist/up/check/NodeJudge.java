package io.keelson.dist.up.check;

import io.keelson.agent.network.NetworkSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a node uses of the machine's programs and services. */
final class NodeJudge {
    private static final Duration CLOCKS_APART_MAX = Duration.ofMinutes(2);

    /** Programs that may be asked for. */
    static final Set<String> PROGRAMS = Set.of("setsid", "nft", "mount", "blkid", "mkfs.ext4", "mount.nfs");

    private NodeJudge() {}

    static List<Finding> judge(Facts.Node node) {
        List<Finding> findings = new ArrayList<>();
        findings.add(runtime(node));
        findings.add(plugins(node));
        findings.add(
                node.programs().contains("setsid")
                        ? Finding.ok("setsid", "there")
                        : Finding.missing(
                                "setsid",
                                "not on the path",
                                "it starts the cluster's process; apt-get install util-linux, or keelson up --foreground"));
        findings.add(rules(node));
        findings.add(disks(node));
        findings.add(
                node.programs().contains("mount.nfs")
                        ? Finding.ok("mount.nfs", "there")
                        : Finding.limited(
                                "mount.nfs", "not on the path", "only for NFS volumes; apt-get install nfs-common"));
        findings.add(clock(node));
        findings.add(
                node.remains().isEmpty()
                        ? Finding.ok("earlier runs", "nothing is left of them")
                        : Finding.limited(
                                "earlier runs",
                                "left: " + String.join(", ", node.remains()),
                                "the next start goes on with them; keelson uninstall removes them"));
        return findings;
    }

    private static Finding runtime(Facts.Node node) {
        String chosen = node.runtime()
                .runtime()
                .map(endpoint -> "the one at " + endpoint)
                .orElse("the embedded one, as no other answers");
        return node.runtime().passedOver().isEmpty()
                ? Finding.ok("container runtime", chosen)
                : Finding.limited(
                        "container runtime",
                        chosen,
                        String.join("; ", node.runtime().passedOver()));
    }

    private static Finding plugins(Facts.Node node) {
        if (node.plugins().isEmpty()) {
            return Finding.ok("network of pods", "the built-in one, as no plugins are configured");
        }
        return node.missingPlugins().isEmpty()
                ? Finding.ok("network of pods", "plugins, by " + node.plugins().get())
                : Finding.missing(
                        "network of pods",
                        node.plugins().get() + " names plugins that are not in "
                                + NetworkSettings.PLUGINS.stream()
                                        .map(Path::toString)
                                        .collect(Collectors.joining(" or "))
                                + ": " + String.join(", ", node.missingPlugins()),
                        "install them (containernetworking-plugins), or remove the file: pods get the built-in network then");
    }

    private static Finding rules(Facts.Node node) {
        if (node.programs().contains("nft")) {
            return Finding.ok("nft", "there");
        }
        return node.plugins().isEmpty()
                ? Finding.missing(
                        "nft", "not on the path", "the built-in network of pods needs it; apt-get install nftables")
                : Finding.limited("nft", "not on the path", "only the built-in network of pods needs it");
    }

    private static Finding disks(Facts.Node node) {
        List<String> missing = List.of("mount", "blkid", "mkfs.ext4").stream()
                .filter(program -> !node.programs().contains(program))
                .toList();
        return missing.isEmpty()
                ? Finding.ok("programs for disks", "mount, blkid, mkfs.ext4 are there")
                : Finding.limited(
                        "programs for disks",
                        String.join(", ", missing) + " not on the path",
                        "only for volumes that are disks; apt-get install mount util-linux e2fsprogs");
    }

    private static Finding clock(Facts.Node node) {
        Instant now = node.now().truncatedTo(ChronoUnit.SECONDS);
        if (node.now().isBefore(node.notBefore())) {
            return Finding.missing(
                    "clock",
                    "says " + now + ", but it is at least " + node.notBefore(),
                    "certificates are not valid yet: set it");
        }
        boolean isApart = node.hardware()
                .map(hardware -> Duration.between(hardware, node.now()).abs().compareTo(CLOCKS_APART_MAX) > 0)
                .orElse(false);
        if (isApart) {
            return Finding.limited(
                    "clock",
                    "says " + now + ", and that of the hardware "
                            + node.hardware().get(),
                    "set the wrong one: a clock that jumps lets leases and certificates end early");
        }
        return node.synchronised().orElse(true)
                ? Finding.ok("clock", "says " + now)
                : Finding.limited(
                        "clock", "says " + now + ", and nothing keeps it right", "start systemd-timesyncd or chrony");
    }
}
