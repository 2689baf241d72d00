package io.keelson.agent.dns;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the DNS of a cluster is served.
 *
 * @param listen where questions are taken by UDP and TCP; each an address of this machine, since an answer has to come from
 *     where the question went to
 * @param servedAt the addresses by which the cluster knows this server: that of a Service, where there is one; 4 or 16 octets
 * @param clusterDomain {@code cluster.local} for one
 * @param pods which pods have records
 * @param seconds how long answers about the cluster may be remembered
 * @param forwarding what becomes of all other questions
 * @param hostsFile a file as {@code /etc/hosts} that is asked first; null if there is none
 */
public record DnsSettings(
        List<InetSocketAddress> listen,
        List<byte[]> servedAt,
        String clusterDomain,
        PodRecords pods,
        int seconds,
        Forwarding forwarding,
        @Nullable Path hostsFile) {
    /** The longest name of a Service's endpoint takes the rest. */
    private static final int DOMAIN_OCTETS_MAX = 50;

    /** As CoreDNS has it unless told otherwise. */
    public static final int DEFAULT_SECONDS = 5;

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if they make no sense; the text says why
     */
    public DnsSettings {
        listen = List.copyOf(listen);
        servedAt = List.copyOf(servedAt);
        DnsName domain = DnsName.parse(clusterDomain);
        if (domain.length() > DOMAIN_OCTETS_MAX || domain.length() == 1) {
            throw new IllegalArgumentException("the domain of the cluster has from 1 to " + (DOMAIN_OCTETS_MAX - 2)
                    + " letters: \"" + clusterDomain + '"');
        }
        if (listen.isEmpty()
                || listen.stream()
                        .anyMatch(address ->
                                address.isUnresolved() || address.getAddress().isAnyLocalAddress())) {
            throw new IllegalArgumentException(
                    "the DNS listens on certain addresses of this machine, not on all or none: " + listen);
        }
        if (seconds < 0 || seconds > 3600) {
            throw new IllegalArgumentException("answers are remembered for 0 to 3600 seconds, not " + seconds);
        }
    }

    /**
     * What becomes of questions about other names.
     *
     * @param resolvConf a file as {@code /etc/resolv.conf}, looked at again when it changes
     * @param servers who is asked instead of those that the file names, if not empty
     * @param policy in which order
     * @param stubDomains zones that servers of their own are asked for
     * @param concurrentMax how many questions are forwarded at the same time
     * @param tryMax how long one server has
     * @param cacheSecondsMax how long answers are remembered at most; 0 if not at all
     */
    public record Forwarding(
            Path resolvConf,
            List<InetSocketAddress> servers,
            ForwardPolicy policy,
            Map<String, List<InetSocketAddress>> stubDomains,
            int concurrentMax,
            Duration tryMax,
            int cacheSecondsMax) {
        /** As kubeadm's configuration of CoreDNS has it. */
        public static final Forwarding DEFAULT = new Forwarding(
                Path.of("/etc/resolv.conf"),
                List.of(),
                ForwardPolicy.RANDOM,
                Map.of(),
                1000,
                Duration.ofSeconds(2),
                30);

        /**
         * Checks it.
         *
         * @throws IllegalArgumentException if it makes no sense; the text says why
         */
        public Forwarding {
            servers = List.copyOf(servers);
            stubDomains = Map.copyOf(stubDomains);
            stubDomains.keySet().forEach(DnsName::parse);
            if (concurrentMax < 1 || tryMax.toMillis() < 1 || cacheSecondsMax < 0) {
                throw new IllegalArgumentException("forwarding needs room for a question, and time");
            }
        }

        /** The same to these servers. */
        public Forwarding to(List<InetSocketAddress> others) {
            return new Forwarding(resolvConf, others, policy, stubDomains, concurrentMax, tryMax, cacheSecondsMax);
        }
    }

    /** How it is by default at these addresses. */
    public static DnsSettings of(List<InetSocketAddress> listen, String clusterDomain) {
        return new DnsSettings(
                listen,
                listen.stream()
                        .map(address -> address.getAddress().getAddress())
                        .toList(),
                clusterDomain,
                PodRecords.INSECURE,
                DEFAULT_SECONDS,
                Forwarding.DEFAULT,
                null);
    }

    /** The same with other forwarding. */
    public DnsSettings forwarding(Forwarding other) {
        return new DnsSettings(listen, servedAt, clusterDomain, pods, seconds, other, hostsFile);
    }

    /** The same with records of other pods. */
    public DnsSettings pods(PodRecords other) {
        return new DnsSettings(listen, servedAt, clusterDomain, other, seconds, forwarding, hostsFile);
    }
}
