package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ClusterZoneTest {
    private static final DnsName ZONE = DnsName.parse("cluster.local");

    private static Service service(String name, String type, String... addresses) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType(type)
                .withClusterIP(addresses.length == 0 ? "" : addresses[0])
                .withClusterIPs(addresses)
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(80)
                .endPort()
                .addNewPort()
                .withName("quic")
                .withProtocol("UDP")
                .withPort(443)
                .endPort()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice(String family, boolean ready, String hostname, String... addresses) {
        EndpointSliceBuilder slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .endMetadata()
                .withAddressType(family)
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(8080)
                .endPort();
        for (String address : addresses) {
            slice.addNewEndpoint()
                    .withAddresses(address)
                    .withHostname(hostname.isEmpty() ? null : hostname)
                    .withNewConditions()
                    .withReady(ready)
                    .endConditions()
                    .endEndpoint();
        }
        return slice.build();
    }

    private static Service external(String target) {
        return new ServiceBuilder(service("away", "ExternalName"))
                .editSpec()
                .withExternalName(target)
                .endSpec()
                .build();
    }

    private static KnownCluster cluster() {
        return new KnownCluster()
                .with(service("web", "ClusterIP", "10.96.0.7", "fd00::7"), slice("IPv4", true, "", "10.1.0.3"))
                .with(
                        service("pets", "ClusterIP", "None"),
                        slice("IPv4", true, "cat", "10.1.0.4"),
                        slice("IPv4", true, "", "10.1.0.5"),
                        slice("IPv6", true, "", "fd00:1::5"),
                        slice("IPv4", false, "dog", "10.1.0.6"))
                .with(service("empty", "ClusterIP", "None"))
                .with(external("www.example.com"));
    }

    private static ClusterZone zone(ClusterNames names, PodRecords pods) {
        return new ClusterZone(names, ZONE, pods, 5, List.of(new byte[] {10, 96, 0, 10}));
    }

    private static Answer answer(ClusterNames names, PodRecords pods, String name, int type) {
        return assertInstanceOf(
                        Lookup.Known.class, zone(names, pods).lookup(Question.of(DnsName.parse(name), type)), name)
                .answer();
    }

    private static Answer answer(String name, int type) {
        return answer(cluster(), PodRecords.INSECURE, name, type);
    }

    /** The data of records as people write it. */
    private static Set<String> data(List<ResourceRecord> records) {
        Set<String> data = new TreeSet<>();
        for (ResourceRecord record : records) {
            ByteBuffer octets = ByteBuffer.wrap(record.data());
            data.add(
                    switch (record.type()) {
                        case RecordType.A, RecordType.AAAA -> ServiceNames.text(record.data());
                        case RecordType.CNAME, RecordType.PTR, RecordType.NS ->
                            record.target().toString();
                        case RecordType.SRV -> {
                            String numbers =
                                    octets.getShort() + " " + octets.getShort() + " " + octets.getShort() + " ";
                            byte[] target = new byte[octets.remaining()];
                            octets.get(target);
                            yield numbers + DnsName.ofWire(target);
                        }
                        case RecordType.TXT ->
                            new String(record.data(), 1, record.data().length - 1, StandardCharsets.UTF_8);
                        default -> throw new AssertionError(record.type());
                    });
        }
        return data;
    }

    private static void assertNothing(int code, Answer answer) {
        assertEquals(code, answer.code());
        assertTrue(answer.authoritative());
        assertEquals(List.of(), answer.answers());
        ResourceRecord soa = answer.authorities().getFirst();
        assertEquals(RecordType.SOA, soa.type());
        assertEquals(ZONE, soa.name());
        assertEquals(5, soa.negativeSeconds());
    }

    @Test
    void aServiceHasItsClusterAddresses() {
        Answer answer = answer("web.shop.svc.cluster.local", RecordType.A);
        assertEquals(Set.of("10.96.0.7"), data(answer.answers()));
        assertTrue(answer.authoritative());
        assertEquals(5, answer.answers().getFirst().seconds());
        assertEquals(
                Set.of("fd00::7"),
                data(answer("web.shop.svc.cluster.local", RecordType.AAAA).answers()));
    }

    @Test
    void theCaseOfLettersIsNothingToTheAnswerAndKeptInIt() {
        DnsName asked = DnsName.parse("WeB.sHop.SVC.Cluster.LOCAL");
        Answer answer = answer(asked.toString(), RecordType.A);
        assertTrue(answer.answers().getFirst().name().sameCase(asked));
    }

    @Test
    void aHeadlessServiceHasItsReadyEndpoints() {
        assertEquals(
                Set.of("10.1.0.4", "10.1.0.5"),
                data(answer("pets.shop.svc.cluster.local", RecordType.A).answers()));
        assertEquals(
                Set.of("fd00:1::5"),
                data(answer("pets.shop.svc.cluster.local", RecordType.AAAA).answers()));
        assertNothing(ResponseCode.NXDOMAIN, answer("empty.shop.svc.cluster.local", RecordType.A));
    }

    @Test
    void anEndpointIsFoundByItsHostname() {
        assertEquals(
                Set.of("10.1.0.4"),
                data(answer("cat.pets.shop.svc.cluster.local", RecordType.A).answers()));
        assertEquals(
                Set.of("10.1.0.5"),
                data(answer("10-1-0-5.pets.shop.svc.cluster.local", RecordType.A)
                        .answers()));
        assertEquals(
                Set.of("fd00:1::5"),
                data(answer("fd00-1--5.pets.shop.svc.cluster.local", RecordType.AAAA)
                        .answers()));
        assertEquals(
                Set.of("10.1.0.3"),
                data(answer("10-1-0-3.web.shop.svc.cluster.local", RecordType.A).answers()));
        assertNothing(ResponseCode.NXDOMAIN, answer("dog.pets.shop.svc.cluster.local", RecordType.A));
    }

    @Test
    void aNamedPortIsToldAsService() {
        Answer answer = answer("_http._tcp.web.shop.svc.cluster.local", RecordType.SRV);
        assertEquals(Set.of("0 50 80 web.shop.svc.cluster.local."), data(answer.answers()));
        assertEquals(Set.of("10.96.0.7", "fd00::7"), data(answer.additionals()));
        assertNothing(ResponseCode.NXDOMAIN, answer("_http._udp.web.shop.svc.cluster.local", RecordType.SRV));
        assertNothing(ResponseCode.NXDOMAIN, answer("_smtp._tcp.web.shop.svc.cluster.local", RecordType.SRV));
        assertEquals(
                Set.of(
                        "0 33 8080 cat.pets.shop.svc.cluster.local.",
                        "0 33 8080 10-1-0-5.pets.shop.svc.cluster.local.",
                        "0 33 8080 fd00-1--5.pets.shop.svc.cluster.local."),
                data(answer("_http._tcp.pets.shop.svc.cluster.local", RecordType.SRV)
                        .answers()));
    }

    @Test
    void addressesLeadBackToNames() {
        assertEquals(
                Set.of("web.shop.svc.cluster.local."),
                data(answer("7.0.96.10.in-addr.arpa", RecordType.PTR).answers()));
        assertEquals(
                Set.of("web.shop.svc.cluster.local."),
                data(answer(
                                ReverseName.of(new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7})
                                        .toString(),
                                RecordType.PTR)
                        .answers()));
        assertEquals(
                Set.of("cat.pets.shop.svc.cluster.local."),
                data(answer("4.0.1.10.in-addr.arpa", RecordType.PTR).answers()));
        for (String other : List.of("5.0.1.10.in-addr.arpa", "8.8.8.8.in-addr.arpa", "1.10.in-addr.arpa")) {
            assertInstanceOf(
                    Lookup.Elsewhere.class,
                    zone(cluster(), PodRecords.INSECURE).lookup(Question.of(DnsName.parse(other), RecordType.PTR)));
        }
    }

    @Test
    void anExternalNameIsAnAlias() {
        DnsName name = DnsName.parse("away.shop.svc.cluster.local");
        Lookup.Alias alias = assertInstanceOf(
                Lookup.Alias.class, zone(cluster(), PodRecords.INSECURE).lookup(Question.of(name, RecordType.A)));
        assertEquals(Set.of("www.example.com."), data(alias.aliases()));
        assertEquals(DnsName.parse("www.example.com"), alias.target());
        assertEquals(
                Set.of("www.example.com."),
                data(answer(name.toString(), RecordType.CNAME).answers()));
        assertNothing(ResponseCode.NOERROR, answer(name.toString(), RecordType.SRV));
        assertNothing(ResponseCode.NXDOMAIN, answer("a." + name, RecordType.A));
    }

    @Test
    void anAliasIsFollowedWithinTheCluster() {
        KnownCluster cluster = cluster();
        KnownCluster toWeb = new KnownCluster()
                .with(service("web", "ClusterIP", "10.96.0.7"))
                .with(external("web.shop.svc.cluster.local"));
        Answer answer = answer(toWeb, PodRecords.INSECURE, "away.shop.svc.cluster.local", RecordType.A);
        assertEquals(Set.of("web.shop.svc.cluster.local.", "10.96.0.7"), data(answer.answers()));
        KnownCluster loop = new KnownCluster().with(external("away.shop.svc.cluster.local"));
        assertNothing(
                ResponseCode.NOERROR, answer(loop, PodRecords.INSECURE, "away.shop.svc.cluster.local", RecordType.A));
        assertNothing(
                ResponseCode.NXDOMAIN,
                answer(
                        cluster,
                        PodRecords.INSECURE,
                        "x.svc.cluster.local.y.shop.svc" + ".cluster.local",
                        RecordType.A));
    }

    @Test
    void podsHaveRecordsAsToldTo() {
        String name = "10-1-0-3.shop.pod.cluster.local";
        assertEquals(Set.of("10.1.0.3"), data(answer(name, RecordType.A).answers()));
        assertEquals(
                Set.of("fd00::3"),
                data(answer("fd00--3.shop.pod.cluster.local", RecordType.AAAA).answers()));
        assertNothing(ResponseCode.NXDOMAIN, answer("10-1-0.shop.pod.cluster.local", RecordType.A));
        assertNothing(ResponseCode.NXDOMAIN, answer(cluster(), PodRecords.DISABLED, name, RecordType.A));
        KnownCluster withPod = cluster().pods("shop 10.1.0.3");
        assertEquals(
                Set.of("10.1.0.3"),
                data(answer(withPod, PodRecords.VERIFIED, name, RecordType.A).answers()));
        assertNothing(
                ResponseCode.NXDOMAIN,
                answer(withPod, PodRecords.VERIFIED, "10-1-0-3.other.pod.cluster.local", RecordType.A));
    }

    @Test
    void namesWithoutRecordsOfTheirOwnAreToldFromThoseThatAreNot() {
        for (String empty :
                List.of("cluster.local", "svc.cluster.local", "pod.cluster.local", "shop.svc.cluster" + ".local")) {
            assertNothing(ResponseCode.NOERROR, answer(empty, RecordType.A));
        }
        assertNothing(ResponseCode.NOERROR, answer("web.shop.svc.cluster.local", RecordType.MX));
        for (String absent : List.of(
                "other.cluster.local",
                "other.shop.svc.cluster.local",
                "web.other.svc.cluster.local",
                "a.b.c.d.shop.svc.cluster.local",
                "*.shop.svc.cluster.local",
                "web.*.svc.cluster.local",
                "www.example.com.shop.svc.cluster.local")) {
            assertNothing(ResponseCode.NXDOMAIN, answer(absent, RecordType.A));
            assertNothing(ResponseCode.NXDOMAIN, answer(absent.toUpperCase(Locale.ROOT), RecordType.TXT));
        }
    }

    @Test
    void theSchemeAndTheServerAreTold() {
        Answer version = answer("dns-version.cluster.local", RecordType.TXT);
        assertEquals(Set.of("1.1.0"), data(version.answers()));
        assertEquals(28_800, version.answers().getFirst().seconds());
        Answer servers = answer("cluster.local", RecordType.NS);
        assertEquals(Set.of("ns.dns.cluster.local."), data(servers.answers()));
        assertEquals(Set.of("10.96.0.10"), data(servers.additionals()));
        assertEquals(
                Set.of("10.96.0.10"),
                data(answer("ns.dns.cluster.local", RecordType.A).answers()));
        assertEquals(
                RecordType.SOA,
                answer("cluster.local", RecordType.SOA).answers().getFirst().type());
        KnownCluster withService = cluster().with(service("kube-dns", "ClusterIP", "10.96.0.10"));
        assertEquals(
                Set.of("kube-dns.shop.svc.cluster.local."),
                data(answer(withService, PodRecords.INSECURE, "cluster.local", RecordType.NS)
                        .answers()));
    }

    @Test
    void beforeTheClusterIsKnownNothingIsSaidNotToBe() {
        KnownCluster early = cluster().incomplete();
        Answer unknown = answer(early, PodRecords.INSECURE, "other.shop.svc.cluster.local", RecordType.A);
        assertEquals(ResponseCode.SERVFAIL, unknown.code());
        assertTrue(String.valueOf(unknown.error()).contains("not been read"));
        assertEquals(
                Set.of("10.96.0.7"),
                data(answer(early, PodRecords.INSECURE, "web.shop.svc.cluster.local", RecordType.A)
                        .answers()));
    }

    @Test
    void theZoneIsNotGivenAway() {
        assertEquals(
                ResponseCode.REFUSED, answer("cluster.local", RecordType.AXFR).code());
    }
}
