package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which fields take addresses only as all programs read them, and keep what was stored before. */
class AddressFieldsTest {
    private static final List<String> GOOD_ADDRESSES = List.of("10.1.2.3", "fd00::1", "FD00:0::1", "nothing", "");
    private static final List<String> GOOD_RANGES = List.of("10.1.2.0/24", "fd00::/64", "FD00:0::/64", "nothing", "");

    private static Arguments addresses(String kind, boolean status, String object, String path) {
        return Arguments.of(kind, status, object, path, true);
    }

    private static Arguments ranges(String kind, String object, String path) {
        return Arguments.of(kind, false, object, path, false);
    }

    private static Stream<Arguments> pods(String kind, String before, String after, String path) {
        return Stream.of(
                addresses(
                        kind,
                        false,
                        before + "{dnsConfig: {nameservers: [10.9.9.9, '%s']}}" + after,
                        path + "dnsConfig.nameservers[1]"),
                addresses(
                        kind,
                        false,
                        before + "{hostAliases: [{ip: '%s', hostnames: [a.b]}]}" + after,
                        path + "hostAliases[0].ip"));
    }

    /** Kind, whether it is the status, an object with one place for a value, its path, whether it is an address. */
    static Stream<Arguments> fields() {
        Stream<Arguments> own = Stream.of(
                addresses("pods", true, "{status: {podIPs: [{ip: '%s'}]}}", "status.podIPs[0]"),
                addresses("pods", true, "{status: {hostIPs: [{ip: 10.9.9.9}, {ip: '%s'}]}}", "status.hostIPs[1]"),
                addresses("services", false, "{spec: {clusterIPs: ['%s', None]}}", "spec.clusterIPs[0]"),
                addresses("services", false, "{spec: {externalIPs: [10.9.9.9, '%s']}}", "spec.externalIPs[1]"),
                ranges(
                        "services",
                        "{spec: {loadBalancerSourceRanges: [10.9.0.0/16, ' %s ']}}",
                        "spec.LoadBalancerSourceRanges[1]"),
                ranges(
                        "services",
                        "{metadata: {annotations: {service.beta.kubernetes.io/load-balancer-source-ranges:"
                                + " '10.9.0.0/16, %s'}}}",
                        "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]"),
                addresses(
                        "services",
                        true,
                        "{status: {loadBalancer: {ingress: [{ip: '%s'}]}}}",
                        "status.loadBalancer.ingress[0].ip"),
                addresses(
                        "ingresses.networking.k8s.io",
                        true,
                        "{status: {loadBalancer: {ingress: [{hostname: a.b}, {ip: '%s'}]}}}",
                        "status.loadBalancer.ingress[1].ip"),
                ranges(
                        "networkpolicies.networking.k8s.io",
                        "{spec: {ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: '%s'}}]}]}}",
                        "spec.ingress[0].from[1].ipBlock.cidr"),
                ranges(
                        "networkpolicies.networking.k8s.io",
                        "{spec: {egress: [{}, {to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.9.0.0/16, '%s']}}]}]}}",
                        "spec.egress[1].to[0].ipBlock.except[1]"),
                ranges("nodes", "{spec: {podCIDRs: ['%s']}}", "spec.podCIDRs[0]"),
                addresses("endpoints", false, "{subsets: [{addresses: [{ip: '%s'}]}]}", "subsets[0].addresses[0].ip"),
                addresses(
                        "endpoints",
                        false,
                        "{subsets: [{}, {notReadyAddresses: [{ip: '%s'}]}]}",
                        "subsets[1].notReadyAddresses[0].ip"),
                addresses(
                        "endpointslices.discovery.k8s.io",
                        false,
                        "{addressType: IPv4, endpoints: [{addresses: ['%s']}]}",
                        "endpoints[0].addresses[0]"));
        return Stream.of(
                        own,
                        pods("pods", "{spec: ", "}", "spec."),
                        pods("podtemplates", "{template: {spec: ", "}}", "template.spec."),
                        pods(
                                "cronjobs.batch",
                                "{spec: {jobTemplate: {spec: {template: {spec: ",
                                "}}}}}",
                                "spec.jobTemplate.spec.template.spec."),
                        Stream.of(
                                        "replicationcontrollers",
                                        "deployments.apps",
                                        "replicasets.apps",
                                        "statefulsets.apps",
                                        "daemonsets.apps",
                                        "jobs.batch")
                                .flatMap(kind -> pods(kind, "{spec: {template: {spec: ", "}}}", "spec.template.spec.")))
                .flatMap(all -> all);
    }

    private static List<String> errors(String kind, boolean status, String object, @Nullable String old) {
        FieldErrors errors = new FieldErrors();
        ObjectNode before = old == null ? null : Kind.read(old);
        AddressFields.judge(Kind.of(kind).resource().name(), status, Kind.read(object), before, errors);
        return errors.list().stream().map(FieldError::toString).toList();
    }

    private static List<String> bad(boolean address) {
        return address
                ? List.of("010.1.2.3", "::ffff:10.1.2.3", "10.1.2.003")
                : List.of("010.1.2.0/24", "::ffff:10.1.2.0/24", "10.1.2.3/24", "10.1.2.0/024");
    }

    private static String why(String value) {
        return switch (value) {
            case "010.1.2.3", "10.1.2.003" -> "must not have leading 0s";
            case "::ffff:10.1.2.3" -> "must not be an IPv4-mapped IPv6 address";
            case "010.1.2.0/24", "10.1.2.0/024" -> "must not have leading 0s in IP or prefix length";
            case "::ffff:10.1.2.0/24" -> "must not have an IPv4-mapped IPv6 address";
            case "10.1.2.3/24" -> "must not have bits set beyond the prefix length";
            default -> throw new AssertionError(value);
        };
    }

    @ParameterizedTest
    @MethodSource("fields")
    void whatIsNewIsRefusedAndWhatIsStoredStays(
            String kind, boolean status, String object, String path, boolean address) {
        String good = object.formatted(address ? "10.1.2.4" : "10.1.3.0/24");
        String stored = object.formatted(address ? "011.1.2.3" : "011.1.2.0/24");
        for (String value : bad(address)) {
            List<String> refused = List.of(path + ": Invalid value: \"" + value + "\": " + why(value));
            String written = object.formatted(value);
            assertEquals(refused, errors(kind, status, written, null), "new");
            assertEquals(refused, errors(kind, status, written, good), "instead of a good one");
            assertEquals(refused, errors(kind, status, written, stored), "instead of another bad one");
            assertEquals(List.of(), errors(kind, status, written, written), "as it was");
            assertEquals(List.of(), errors(kind, status, good, written), "no more");
            assertEquals(List.of(), errors(kind, !status, written, null), "not what is written");
        }
        for (String value : address ? GOOD_ADDRESSES : GOOD_RANGES) {
            assertEquals(List.of(), errors(kind, status, object.formatted(value), null), value);
        }
    }

    @Test
    void whatWasThereMayMoveAndGetCompany() {
        String before = "{spec: {externalIPs: [010.1.2.3, 10.1.2.4]}}";
        assertEquals(List.of(), errors("services", false, "{spec: {externalIPs: [10.1.2.5, 010.1.2.3]}}", before));
        assertEquals(
                List.of("spec.clusterIPs[0]: Invalid value: \"010.1.2.3\": must not have leading 0s"),
                errors("services", false, "{spec: {clusterIPs: [010.1.2.3]}}", before));
    }

    @Test
    void endpointsStayOnlyAllTogether() {
        String slice = "{metadata: {labels: {a: '%s'}}, addressType: IPv4, endpoints: [{addresses: [010.1.2.3]}%s]}";
        String before = slice.formatted("b", "");
        String kind = "endpointslices.discovery.k8s.io";
        assertEquals(List.of(), errors(kind, false, slice.formatted("c", ""), before));
        assertEquals(
                List.of("endpoints[0].addresses[0]: Invalid value: \"010.1.2.3\": must not have leading 0s"),
                errors(kind, false, slice.formatted("b", ", {addresses: [10.1.2.4]}"), before));
        String subset = "{subsets: [{addresses: [{ip: 010.1.2.3}]}%s]}";
        assertEquals(
                List.of("subsets[0].addresses[0].ip: Invalid value: \"010.1.2.3\": must not have leading 0s"),
                errors("endpoints", false, subset.formatted(", {addresses: [{ip: 10.1.2.4}]}"), subset.formatted("")));
    }

    @Test
    void namesAreNoAddresses() {
        assertEquals(
                List.of(),
                errors(
                        "endpointslices.discovery.k8s.io",
                        false,
                        "{addressType: FQDN, endpoints: [{addresses: [010.1.2.3]}]}",
                        null));
    }

    /** The rules that go for what is stored take all of it. */
    @Test
    void strategiesTakeWhatIsStored() {
        String service = "{metadata: {name: a}, spec: {ports: [{port: 80}], internalTrafficPolicy: Cluster,"
                + " externalIPs: [010.1.2.3, '::ffff:10.1.2.3']}}";
        assertEquals(List.of(), Kind.of("services").errorsOf(service));
        assertNotEquals(List.of(), errors("services", false, service, null));
    }
}
