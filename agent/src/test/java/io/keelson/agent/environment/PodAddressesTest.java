package io.keelson.agent.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodDNSConfigBuilder;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.DNSConfig;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PodAddressesTest {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Events events = new Events() {
        @Override
        public void normal(HasMetadata about, String reason, String message) {
            told.add(reason + ": " + message);
        }

        @Override
        public void warning(HasMetadata about, String reason, String message) {
            told.add(reason + ": " + message);
        }

        @Override
        public Events from(String component) {
            return this;
        }
    };
    private final Node node = new NodeBuilder()
            .withNewMetadata()
            .withName("node-1")
            .endMetadata()
            .withNewStatus()
            .addNewAddress("192.0.2.1", "InternalIP")
            .endStatus()
            .build();

    @TempDir
    private Path folder;

    private Path resolver;
    private Path hosts;

    @BeforeEach
    void writeTheNodesFiles() throws IOException {
        resolver = Files.writeString(folder.resolve("resolv.conf"), """
                # mine
                search old.example
                nameserver 192.0.2.53
                search corp.example. svc.cluster.local
                options timeout:1
                options edns0 rotate
                """);
        hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost\n192.0.2.1 node-1\n");
    }

    private PodAddresses addresses(List<String> clusterDns) {
        return new PodAddresses(
                new PodAddresses.Settings(clusterDns, "cluster.local", resolver, hosts), () -> node, events);
    }

    private static PodBuilder pod(String policy) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .withUid("u-1")
                .endMetadata()
                .withNewSpec()
                .withDnsPolicy(policy)
                .endSpec();
    }

    private DNSConfig dns(Pod pod) throws PodProblem {
        return addresses(List.of("10.0.0.10")).dns(pod);
    }

    @Test
    void theClustersServerComesFirstWithItsSearchPaths() throws PodProblem {
        DNSConfig dns = dns(pod("ClusterFirst").build());
        assertEquals(List.of("10.0.0.10"), dns.getServersList());
        assertEquals(
                List.of("shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example"),
                dns.getSearchesList());
        assertEquals(List.of("ndots:5"), dns.getOptionsList());
    }

    @Test
    void aPodOnTheNodesNetworkAsksAsTheNodeDoesUnlessItSaysOtherwise() throws PodProblem {
        DNSConfig asNode = dns(
                pod("ClusterFirst").editSpec().withHostNetwork(true).endSpec().build());
        assertEquals(List.of("192.0.2.53"), asNode.getServersList());
        assertEquals(List.of("corp.example", "svc.cluster.local"), asNode.getSearchesList());
        assertEquals(List.of("edns0", "rotate"), asNode.getOptionsList());
        assertEquals(asNode, dns(pod("Default").build()));
        assertEquals(
                List.of("10.0.0.10"),
                dns(pod("ClusterFirstWithHostNet")
                                .editSpec()
                                .withHostNetwork(true)
                                .endSpec()
                                .build())
                        .getServersList());
    }

    @Test
    void aPodsOwnSettingsAreMergedIn() throws PodProblem {
        Pod pod = pod("ClusterFirst")
                .editSpec()
                .withDnsConfig(new PodDNSConfigBuilder()
                        .withNameservers("192.0.2.54", "10.0.0.10")
                        .withSearches("more.example", "cluster.local")
                        .addNewOption("ndots", "2")
                        .addNewOption("edns0", null)
                        .build())
                .endSpec()
                .build();
        DNSConfig dns = dns(pod);
        assertEquals(List.of("10.0.0.10", "192.0.2.54"), dns.getServersList());
        assertEquals("more.example", dns.getSearches(dns.getSearchesCount() - 1));
        assertEquals(5, dns.getSearchesCount());
        assertEquals(List.of("ndots:2", "edns0"), dns.getOptionsList());
        Pod none = pod("None")
                .editSpec()
                .withDnsConfig(pod.getSpec().getDnsConfig())
                .endSpec()
                .build();
        assertEquals(List.of("192.0.2.54", "10.0.0.10"), dns(none).getServersList());
        assertEquals(List.of("more.example", "cluster.local"), dns(none).getSearchesList());
    }

    @Test
    void whatIsTooMuchIsLeftOutAndTold() throws PodProblem {
        Pod pod = pod("None")
                .editSpec()
                .withDnsConfig(new PodDNSConfigBuilder()
                        .withNameservers("1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4")
                        .withSearches(
                                IntStream.range(0, 40).mapToObj(i -> "s" + i).toList())
                        .build())
                .endSpec()
                .build();
        DNSConfig dns = dns(pod);
        assertEquals(3, dns.getServersCount());
        assertEquals(32, dns.getSearchesCount());
        assertEquals(
                "DNSConfigForming: Nameserver limits were exceeded, some nameservers have been omitted, the applied"
                        + " nameserver line is: 1.1.1.1 1.1.1.2 1.1.1.3",
                told.getFirst());
        assertTrue(told.get(1).startsWith("DNSConfigForming: Search Line limits were exceeded"), told.get(1));
    }

    @Test
    void aSearchLineHasAtMost2048Characters() throws PodProblem {
        List<String> searches = new ArrayList<>(Collections.nCopies(1, "x".repeat(254)));
        IntStream.range(0, 20).forEach(i -> searches.add("y".repeat(199 - i)));
        Pod pod = pod("None")
                .editSpec()
                .withDnsConfig(new PodDNSConfigBuilder().withSearches(searches).build())
                .endSpec()
                .build();
        DNSConfig dns = dns(pod);
        assertTrue(String.join(" ", dns.getSearchesList()).length() <= 2048);
        assertEquals(10, dns.getSearchesCount(), "as many as fit, without the one that a resolver dies of");
        assertEquals(searches.subList(1, 11), dns.getSearchesList());
    }

    @Test
    void withoutAClusterServerTheNodesIsAskedAndItIsTold() throws PodProblem {
        DNSConfig dns = addresses(List.of()).dns(pod("ClusterFirst").build());
        assertEquals(List.of("192.0.2.53"), dns.getServersList());
        assertEquals(2, told.size());
        assertTrue(
                told.get(1).startsWith("MissingClusterDNS: pod: \"web_shop(u-1)\". kubelet does not have"),
                told.get(1));
    }

    @Test
    void aNodeWithoutAConfigurationForPodsNamesNobody() throws PodProblem {
        PodAddresses addresses = new PodAddresses(
                new PodAddresses.Settings(List.of(), "cluster.local", Path.of(""), hosts), () -> node, events);
        DNSConfig dns = addresses.dns(pod("Default").build());
        assertEquals(List.of("127.0.0.1"), dns.getServersList());
        assertEquals(List.of("."), dns.getSearchesList());
    }

    @Test
    void anUnreadableConfigurationIsSaid() throws IOException, PodProblem {
        Files.writeString(resolver, "nameserver\n");
        PodProblem problem =
                assertThrows(PodProblem.class, () -> dns(pod("Default").build()));
        assertTrue(problem.message().contains("nameserver list is empty"), problem.message());
        Files.delete(resolver);
        assertThrows(PodProblem.class, () -> dns(pod("ClusterFirst").build()));
        dns(pod("None").build());
    }

    @Test
    void aNodesOwnTooLongConfigurationIsTold() throws IOException {
        addresses(List.of()).checkResolverConfig();
        assertEquals(List.of(), told);
        Files.writeString(resolver, "search " + "a ".repeat(30));
        addresses(List.of()).checkResolverConfig();
        assertTrue(
                told.getFirst().endsWith("contains search line consisting of more than 29 domains!"), told.getFirst());
    }

    @Test
    void aNodesOwnConfigurationIsLookedAtTwiceAMinute() throws Exception {
        Files.writeString(resolver, "search " + "a ".repeat(30));
        ManualTime time = new ManualTime(Instant.EPOCH);
        try (Repeating _ = addresses(List.of()).watchResolverConfig(time)) {
            TestCluster.await("a first look", () -> told.size() == 1);
            TestCluster.await("another one when its time has come", () -> {
                time.advance(Duration.ofSeconds(30));
                return told.size() > 1;
            });
        }
    }

    @Test
    void aPodIsCalledByItsNameOrWhatItAsksFor() throws PodProblem {
        PodAddresses addresses = addresses(List.of());
        assertEquals("web", addresses.hostname(pod("Default").build()));
        Pod named = pod("Default")
                .editSpec()
                .withHostname("front")
                .withSubdomain("shop-front")
                .endSpec()
                .build();
        assertEquals("front", addresses.hostname(named));
        named.getSpec().setSetHostnameAsFQDN(true);
        assertEquals("front.shop-front.shop.svc.cluster.local", addresses.hostname(named));
        named.getSpec().setHostnameOverride("db.example.com");
        assertEquals("db.example.com", addresses.hostname(named));
        named.getSpec().setHostNetwork(true);
        assertEquals("", addresses.hostname(named));
    }

    @Test
    void aLongNameIsCutAndAFullNameThatIsTooLongRefused() throws PodProblem {
        PodAddresses addresses = addresses(List.of());
        Pod pod = pod("Default")
                .editMetadata()
                .withName("a".repeat(62) + "-.b")
                .endMetadata()
                .build();
        assertEquals("a".repeat(62), addresses.hostname(pod));
        pod.getMetadata().setName("a".repeat(30));
        pod.getSpec().setSubdomain("b".repeat(30));
        pod.getSpec().setSetHostnameAsFQDN(true);
        assertTrue(assertThrows(PodProblem.class, () -> addresses.hostname(pod))
                .message()
                .endsWith("is too long (64 characters is the max, 84 characters requested)"));
    }

    @Test
    void whatIsNoNameIsRefused() {
        for (String hostile : List.of("UPPER", "a b", "-a", "a".repeat(64), "..", "a\nb")) {
            assertThrows(
                    PodProblem.class,
                    () -> addresses(List.of())
                            .hostname(pod("Default")
                                    .editSpec()
                                    .withHostname(hostile)
                                    .endSpec()
                                    .build()),
                    hostile);
        }
    }

    @Test
    void hostsAreTheKubeletsFile() throws PodProblem {
        Pod pod = pod("Default")
                .editSpec()
                .withSubdomain("sub")
                .withHostAliases(new HostAlias(List.of("a", "b.example"), "192.0.2.7"))
                .endSpec()
                .build();
        assertEquals("""
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::0\tip6-localnet
                fe00::0\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters
                10.1.0.5\tweb.sub.shop.svc.cluster.local\tweb
                fd00::5\tweb.sub.shop.svc.cluster.local\tweb

                # Entries added by HostAliases.
                192.0.2.7\ta\tb.example
                """, addresses(List.of()).hostsFile(pod, List.of("10.1.0.5", "fd00::5")));
        pod.getSpec().setHostNetwork(true);
        assertEquals("""
                # Kubernetes-managed hosts file (host network).
                127.0.0.1 localhost
                192.0.2.1 node-1

                # Entries added by HostAliases.
                192.0.2.7\ta\tb.example
                """, addresses(List.of()).hostsFile(pod, List.of("192.0.2.1")));
    }
}
