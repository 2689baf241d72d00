package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Names;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkKindsTest {
    private static final Kind CLASSES = Kind.of("ingressclasses.networking.k8s.io");
    private static final Kind ADDRESSES = Kind.of("ipaddresses.networking.k8s.io");
    private static final Kind RANGES = Kind.of("servicecidrs.networking.k8s.io");

    private static final String NO_FAMILIES =
            "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";

    private static String ingressClass(String spec) {
        return "{metadata: {name: a}, spec: {" + spec + "}}";
    }

    private static String address(String name, String parent) {
        return "{metadata: {name: '" + name + "'}, spec: {" + parent + "}}";
    }

    private static String range(String cidrs) {
        return "{metadata: {name: a}, spec: {cidrs: [" + cidrs + "]}}";
    }

    /** None, or one, in which what a name has to look like has a word in angles: that is tested elsewhere. */
    private static List<String> errors(String text) {
        return text.isEmpty()
                ? List.of()
                : List.of(text.replace("<subdomain>", Names.dnsSubdomain("").getFirst())
                        .replace("<label>", Names.dnsLabel("").getFirst()));
    }

    @ParameterizedTest
    @CsvSource({"ingressclasses, true", "ipaddresses, false", "servicecidrs, false"})
    void areWrittenLikeThis(String kind, boolean countsGenerations) {
        Strategy strategy = Kind.of(kind + ".networking.k8s.io").resource().strategy();
        assertEquals(countsGenerations, strategy.countsGenerations());
        assertTrue(strategy.updatesUnconditionally());
        assertFalse(strategy.createsOnUpdate());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            controller: example.com/ingress | ''
            controller: example.com/ingress/v2 | ''
            controller: example.com/ingress, parameters: {kind: Settings, name: s} | ''
            controller: example.com/ingress, parameters: {apiGroup: example.com, kind: Settings, name: s, scope: Namespace, \
namespace: default} | ''
            parameters: {kind: Settings, name: s} | spec.controller: Required value
            controller: example.com | spec.controller: Invalid value: "example.com": must be a domain-prefixed path (such as \
"acme.io/foo")
            controller: /ingress | spec.controller: Invalid value: "/ingress": must be a domain-prefixed path (such as \
"acme.io/foo")
            controller: example.com/ | spec.controller: Invalid value: "example.com/": must be a domain-prefixed path (such \
as "acme.io/foo")
            controller: Example/ingress | spec.controller: Invalid value: "Example": <subdomain>
            controller: example.com/in gress | spec.controller: Invalid value: "in gress": Invalid path (regex used for \
validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')
            controller: a/b, parameters: {name: s} | spec.parameters.kind: Required value: kind is required
            controller: a/b, parameters: {kind: Settings} | spec.parameters.name: Required value: name is required
            controller: a/b, parameters: {kind: a/b, name: s} | spec.parameters.kind: Invalid value: "a/b": may not contain '/'
            controller: a/b, parameters: {kind: Settings, name: ..} | spec.parameters.name: Invalid value: "..": may not \
be '..'
            controller: a/b, parameters: {apiGroup: a_b, kind: Settings, name: s} | spec.parameters.apiGroup: Invalid value: \
"a_b": <subdomain>
            controller: a/b, parameters: {kind: Settings, name: s, scope: World} | spec.parameters.scope: Unsupported value: \
"World": supported values: "Cluster", "Namespace"
            controller: a/b, parameters: {kind: Settings, name: s, scope: ''} | spec.parameters.scope: Unsupported value: \
"": supported values: "Cluster", "Namespace"
            controller: a/b, parameters: {kind: Settings, name: s, scope: Namespace} | spec.parameters.namespace: Required \
value: `parameters.scope` is set to 'Namespace'
            controller: a/b, parameters: {kind: Settings, name: s, scope: Namespace, namespace: A} | \
spec.parameters.namespace: Invalid value: "A": <label>
            controller: a/b, parameters: {kind: Settings, name: s, namespace: default} | spec.parameters.namespace: \
Forbidden: `parameters.scope` is set to 'Cluster'
            """)
    void aClassOfIngressesHasAController(String spec, String error) {
        assertEquals(errors(error), CLASSES.errorsOf(ingressClass(spec)));
    }

    @Test
    void theNameOfAControllerIsNotTooLong() {
        assertEquals(List.of(), CLASSES.errorsOf(ingressClass("controller: a/" + "b".repeat(248))));
        assertEquals(
                List.of("spec.controller: Too long: may not be more than 250 bytes"),
                CLASSES.errorsOf(ingressClass("controller: a/" + "b".repeat(249))));
    }

    @Test
    void parametersOfAClassAreThoseOfTheClusterUnlessItIsSaid() {
        assertEquals(
                "Cluster",
                CLASSES.defaulted(ingressClass("controller: a/b, parameters: {kind: Settings, name: s}"))
                        .at("/spec/parameters/scope")
                        .asText());
        assertFalse(
                CLASSES.defaulted(ingressClass("controller: a/b")).path("spec").has("parameters"));
    }

    @Test
    void aClassKeepsItsController() {
        String before = ingressClass("controller: a/b, parameters: {kind: Settings, name: s}");
        assertEquals(List.of(), CLASSES.errorsOfChange(before, ingressClass("controller: a/b")));
        assertEquals(
                List.of("spec.controller: Invalid value: \"a/c\": field is immutable"),
                CLASSES.errorsOfChange(before, before.replace("a/b", "a/c")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.1 | ''
            2001:db8::1 | ''
            web | metadata.name: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
            10.0.0.0/8 | metadata.name: Invalid value: "10.0.0.0/8": must be a valid IP address, (e.g. 10.9.8.7 or \
2001:db8::ffff)
            10.00.0.1 | metadata.name: Invalid value: "10.00.0.1": must not have leading 0s
            ::ffff:10.0.0.1 | metadata.name: Invalid value: "::ffff:10.0.0.1": must not be an IPv4-mapped IPv6 address
            2001:db8:0::1 | metadata.name: Invalid value: "2001:db8:0::1": must be in canonical form ("2001:db8::1")
            2001:0DB8::1 | metadata.name: Invalid value: "2001:0DB8::1": must be in canonical form ("2001:db8::1")
            """)
    void anAddressIsNamedAfterItself(String name, String error) {
        assertEquals(errors(error), ADDRESSES.errorsOf(address(name, "parentRef: {resource: services, name: web}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            parentRef: {resource: services, name: web, namespace: default} | ''
            parentRef: {group: example.com, resource: things, name: A b} | ''
            '' | spec.parentRef: Required value
            parentRef: {name: web} | spec.parentRef.resource: Required value
            parentRef: {resource: services} | spec.parentRef.name: Required value
            parentRef: {group: a_b, resource: services, name: web} | spec.parentRef.group: Invalid value: "a_b": <subdomain>
            parentRef: {resource: a/b, name: web} | spec.parentRef.resource: Invalid value: "a/b": may not contain '/'
            parentRef: {resource: services, name: a%b} | spec.parentRef.name: Invalid value: "a%b": may not contain '%'
            parentRef: {resource: services, name: web, namespace: ..} | spec.parentRef.namespace: Invalid value: "..": may \
not be '..'
            """)
    void anAddressIsTakenBySomething(String parent, String error) {
        assertEquals(errors(error), ADDRESSES.errorsOf(address("10.0.0.1", parent)));
    }

    @Test
    void anAddressStaysWithWhatHasTakenIt() {
        String before = address("10.0.0.1", "parentRef: {resource: services, name: web}");
        assertEquals(List.of(), ADDRESSES.errorsOfChange(before, before.replace("'}", "', labels: {a: b}}")));
        assertEquals(
                List.of(
                        "spec.parentRef: Invalid value: {\"resource\":\"services\",\"name\":\"other\"}: field is immutable"),
                ADDRESSES.errorsOfChange(before, before.replace("name: web", "name: other")));
        assertEquals(
                Map.of(
                        "spec.parentRef.group",
                        "",
                        "spec.parentRef.resource",
                        "services",
                        "spec.parentRef.namespace",
                        "",
                        "spec.parentRef.name",
                        "web"),
                ADDRESSES.resource().strategy().selectableFields(ADDRESSES.created(before)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.0/16 | ''
            2001:db8::/64 | ''
            10.0.0.0/16, "2001:db8::/64" | ''
            "2001:db8::/64", 10.0.0.0/16 | ''
            '' | spec.cidrs: Required value: at least one CIDR required
            10.0.0.0 | spec.cidrs[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or \
2001:db8::/64)
            10.0.0.0/33 | spec.cidrs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or \
2001:db8::/64)
            10.0.0.1/16 | spec.cidrs[0]: Invalid value: "10.0.0.1/16": must not have bits set beyond the prefix length
            10.0.0.0/016 | spec.cidrs[0]: Invalid value: "10.0.0.0/016": must not have leading 0s in IP or prefix length
            010.0.0.0/16 | spec.cidrs[0]: Invalid value: "010.0.0.0/16": must not have leading 0s in IP or prefix length
            "::ffff:10.0.0.0/16" | spec.cidrs[0]: Invalid value: "::ffff:10.0.0.0/16": must not have an IPv4-mapped IPv6 \
address
            "2001:DB8::/64" | spec.cidrs[0]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")
            """)
    void servicesGetAddressesOutOfARange(String cidrs, String error) {
        assertEquals(errors(error), RANGES.errorsOf(range(cidrs)));
    }

    @Test
    void thereIsOneRangeOfEachFamily() {
        assertEquals(
                List.of("spec.cidrs: Invalid value: {\"cidrs\":[\"10.0.0.0/16\",\"10.1.0.0/16\"]}: " + NO_FAMILIES),
                RANGES.errorsOf(range("10.0.0.0/16, 10.1.0.0/16")));
        assertEquals(
                List.of("spec.cidrs: Invalid value: {\"cidrs\":[\"10.0.0.0/16\",\"all\"]}: " + NO_FAMILIES),
                RANGES.errorsOf(range("10.0.0.0/16, all")));
        assertEquals(
                List.of(
                        "spec.cidrs: Invalid value: {\"cidrs\":[\"10.0.0.0/16\",\"2001:db8::/64\",\"10.1.0.0/16\"]}: may"
                                + " only hold up to 2 values"),
                RANGES.errorsOf(range("10.0.0.0/16, '2001:db8::/64', 10.1.0.0/16")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.0/16 | 10.0.0.0/16 | ''
            10.0.0.0/16 | 10.0.0.0/16, "2001:db8::/64" | ''
            10.0.0.0/16 | 10.1.0.0/16 | spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable
            10.0.0.0/16 | 10.1.0.0/16, "2001:db8::/64" | spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable
            10.0.0.0/16, "2001:db8::/64" | 10.0.0.0/16, "2001:db9::/64" | spec.cidrs[1]: Invalid value: "2001:db9::/64": \
field is immutable
            10.0.0.0/16, "2001:db8::/64" | 10.0.0.0/16 | spec.cidrs: Invalid value: ["10.0.0.0/16"]: field is immutable
            """)
    void aRangeStaysAndMayGetAnother(String before, String after, String error) {
        assertEquals(errors(error), RANGES.errorsOfChange(range(before), range(after)));
    }

    @Test
    void whetherARangeIsReadyIsSaidInItsStatus() {
        String range = range("10.0.0.0/16");
        String ready = range.replace("spec:", "status: {conditions: [{type: Ready, status: 'True'}]}, spec:");
        assertTrue(RANGES.created(ready).path("status").isEmpty());
        assertTrue(RANGES.changed(range, ready).path("status").isEmpty());
        ObjectNode written = RANGES.statusChanged(range, object -> {
            object.putObject("status").putArray("conditions").addObject().put("type", "Ready");
            object.putObject("spec").putArray("cidrs").add("10.1.0.0/16");
        });
        assertEquals("Ready", written.at("/status/conditions/0/type").asText());
        assertEquals("10.0.0.0/16", written.at("/spec/cidrs/0").asText());
        // The condition that the API server itself writes gives no reason, and comes back from who writes another one.
        assertEquals(
                List.of(),
                RANGES.errorsOfStatusChange(
                        range,
                        object -> object.putObject("status")
                                .putArray("conditions")
                                .addObject()
                                .put("type", "Ready")
                                .put("status", "True")
                                .put("reason", "")));
    }
}
