package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Names;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoreKindsTest {
    private static final Kind SERVICES = Kind.of("services");
    private static final Kind CONFIG_MAPS = Kind.of("configmaps");
    private static final Kind SECRETS = Kind.of("secrets");
    private static final Kind NAMESPACES = Kind.of("namespaces");
    private static final Kind NODES = Kind.of("nodes");
    private static final Kind CLAIMS = Kind.of("persistentvolumeclaims");
    private static final Kind VOLUMES = Kind.of("persistentvolumes");
    private static final Kind QUOTAS = Kind.of("resourcequotas");
    private static final Kind EVENTS = Kind.of("events");
    private static final Kind ENDPOINTS = Kind.of("endpoints");
    private static final Kind ACCOUNTS = Kind.of("serviceaccounts");

    private static String service(String spec) {
        return "metadata: {name: web}\nspec: " + spec;
    }

    private static void contains(List<String> errors, String error) {
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/type, ClusterIP",
        "/spec/sessionAffinity, None",
        "/spec/internalTrafficPolicy, Cluster",
        "/spec/ports/0/protocol, TCP",
        "/spec/ports/0/targetPort, 80",
    })
    void aServiceIsFilledIn(String pointer, String value) {
        assertEquals(
                value,
                SERVICES.defaulted(service("{ports: [{port: 80}]}")).at(pointer).asText());
    }

    @Test
    void aBalancedServiceAlsoHasAnExternalPolicyAndNodePorts() {
        ObjectNode service = SERVICES.defaulted(service("{type: LoadBalancer, ports: [{port: 80}]}"));
        assertEquals("Cluster", service.at("/spec/externalTrafficPolicy").asText());
        assertTrue(service.at("/spec/allocateLoadBalancerNodePorts").asBoolean());
    }

    @Test
    void affinityToClientsLastsThreeHours() {
        ObjectNode service = SERVICES.defaulted(service("{sessionAffinity: ClientIP, ports: [{port: 80}]}"));
        assertEquals(
                10_800,
                service.at("/spec/sessionAffinityConfig/clientIP/timeoutSeconds")
                        .asInt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ports: []} | spec.ports: Required value",
                "{ports: [{port: 0}]} | spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "{ports: [{port: 80}, {port: 81}]} | spec.ports[0].name: Required value",
                "{ports: [{port: 80, name: a}, {port: 80, name: b}]} | spec.ports[1]: Duplicate value: {\"protocol\":\"TCP\",\"port\":80,\"targetPort\":0}",
                "{ports: [{port: 80}], type: Magic} | spec.type: Unsupported value: \"Magic\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"",
                "{ports: [{port: 80, nodePort: 30000}]} | spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
                "{type: ExternalName} | spec.externalName: Required value",
                "{ports: [{port: 80}], clusterIP: x} | spec.clusterIPs[0]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "{ports: [{port: 80}], sessionAffinity: Some} | spec.sessionAffinity: Unsupported value: \"Some\": supported values: \"ClientIP\", \"None\"",
            })
    void saysWhatIsWrongWithAService(String spec, String error) {
        contains(SERVICES.errorsOf(service(spec)), error);
    }

    @Test
    void anAddressOnceGivenStays() {
        String before = service("{clusterIP: 10.0.0.5, clusterIPs: [10.0.0.5], ports: [{port: 80}]}");
        List<String> errors = SERVICES.errorsOfChange(before, before.replace("10.0.0.5", "10.0.0.6"));
        assertTrue(errors.stream().anyMatch(error -> error.contains("may not change once set")), errors::toString);
    }

    @Test
    void aMapHasWellFormedKeysOnlyOnce() {
        contains(
                CONFIG_MAPS.errorsOf("metadata: {name: a}\ndata: {'a b': x}"),
                "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', "
                        + "'_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
                        + "'[-._a-zA-Z0-9]+')");
        contains(
                CONFIG_MAPS.errorsOf("metadata: {name: a}\ndata: {b: x}\nbinaryData: {b: eA==}"),
                "data[b]: Invalid value: \"b\": duplicate of key present in binaryData");
    }

    @Test
    void aMapHasAMebibyteAtMost() {
        contains(
                CONFIG_MAPS.errorsOf("metadata: {name: a}\ndata: {b: " + "x".repeat((1 << 20) + 1) + "}"),
                "[]: Too long: may not be more than 1048576 bytes");
    }

    @Test
    void anImmutableMapStaysAsItIs() {
        String before = "metadata: {name: a}\nimmutable: true\ndata: {b: x}";
        contains(
                CONFIG_MAPS.errorsOfChange(before, "metadata: {name: a}\ndata: {b: x}"),
                "immutable: Forbidden: field is immutable when `immutable` is set");
        contains(
                CONFIG_MAPS.errorsOfChange(before, before.replace("x", "y")),
                "data: Forbidden: field is immutable when `immutable` is set");
    }

    @Test
    void aSecretIsOfATypeThatStays() {
        assertEquals(
                "Opaque", SECRETS.defaulted("metadata: {name: a}").path("type").asText());
        contains(
                SECRETS.errorsOfChange("{metadata: {name: a}, type: one}", "{metadata: {name: a}, type: two}"),
                "type: Invalid value: \"two\": field is immutable");
        assertEquals(
                "Opaque",
                SECRETS.resource()
                        .strategy()
                        .selectableFields(SECRETS.created("metadata: {name: a}"))
                        .get("type"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{metadata: {name: a}, type: kubernetes.io/dockerconfigjson} | data[.dockerconfigjson]: Required value",
                "{metadata: {name: a}, type: kubernetes.io/tls} | data[tls.crt]: Required value",
                "{metadata: {name: a}, type: kubernetes.io/ssh-auth} | data[ssh-privatekey]: Required value",
                "{metadata: {name: a}, type: kubernetes.io/service-account-token} | metadata.annotations[kubernetes.io/service-account.name]: Required value",
            })
    void aSecretHasWhatItsTypeAsksFor(String secret, String error) {
        contains(SECRETS.errorsOf(secret), error);
    }

    @Test
    void textsOfASecretBecomeItsData() {
        ObjectNode secret = SECRETS.created("metadata: {name: a}\nstringData: {b: hello}");
        assertEquals("aGVsbG8=", secret.at("/data/b").asText());
        assertTrue(secret.path("stringData").isMissingNode());
    }

    @Test
    void aNamespaceIsActiveAndHeldByItsFinalizer() {
        ObjectNode namespace = NAMESPACES.created("metadata: {name: a}");
        assertEquals("Active", namespace.at("/status/phase").asText());
        assertEquals("kubernetes", namespace.at("/spec/finalizers/0").asText());
        assertEquals(
                "a",
                NAMESPACES
                        .defaulted("metadata: {name: a}")
                        .at("/metadata/labels/kubernetes.io~1metadata.name")
                        .asText());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            podCIDR: 10.1.0.0/24 | {"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24"]}
            podCIDRs: [10.1.0.0/24, 'fd00::/64'] | {"podCIDRs":["10.1.0.0/24","fd00::/64"],"podCIDR":"10.1.0.0/24"}
            podCIDR: 10.1.0.0/24, podCIDRs: [10.2.0.0/24] | {"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24"]}
            podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24, 'fd00::/64'] \
            | {"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24","fd00::/64"]}
            """)
    void theRangesOfANodeGoTogether(String spec, String expected) {
        assertEquals(
                Json.parseObject(expected.getBytes(StandardCharsets.UTF_8)),
                NODES.defaulted("{metadata: {name: a}, spec: {" + spec + "}}").path("spec"));
    }

    @Test
    void aNodeKeepsItsRange() {
        List<String> errors = NODES.errorsOfChange(
                "{metadata: {name: a}, spec: {podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24]}}",
                "{metadata: {name: a}, spec: {podCIDR: 10.2.0.0/24, podCIDRs: [10.2.0.0/24]}}");
        contains(errors, "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid");
    }

    private static final String NO_FEATURE =
            ": must start with an UpperCamelCase segment, with subsequent segments separated"
                    + " by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";

    /** What is wrong with them in a new node, and likewise in the status of one that is there. */
    private static List<String> errorsOfFeatures(String features) {
        ObjectNode node = Kind.read("{metadata: {name: a}, status: {declaredFeatures: [" + features + "]}}");
        List<String> errors = NODES.errorsOf(node.toString());
        assertEquals(
                errors,
                NODES.errorsOfStatusChange("{metadata: {name: a}}", old -> old.set("status", node.path("status"))));
        return errors;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "b | [0]: Invalid value: \"b\": invalid feature name \"b\"" + NO_FEATURE,
                "\"\" | [0]: Invalid value: \"\": invalid feature name \"\"" + NO_FEATURE,
                "B-c | [0]: Invalid value: \"B-c\": invalid feature name \"B-c\"" + NO_FEATURE,
                "B/ | [0]: Invalid value: \"B/\": invalid feature name \"B/\"" + NO_FEATURE,
                "B/1 | [0]: Invalid value: \"B/1\": invalid feature name \"B/1\"" + NO_FEATURE,
                "B, A | [1]: Invalid value: \"A\": list must be sorted alphabetically",
                "A, B, B | [2]: Duplicate value: \"B\"",
            })
    void aNodeDeclaresFeaturesByNameAndInOrder(String features, String error) {
        assertEquals(List.of("status.declaredFeatures" + error), errorsOfFeatures(features));
    }

    @Test
    void aNodeDeclaresWhatItHas() {
        assertEquals(List.of(), errorsOfFeatures("A, A/b1/C, A0, B"));
        assertEquals(List.of(), errorsOfFeatures("A".repeat(253)));
        String long254 = "A".repeat(254);
        assertEquals(
                List.of("status.declaredFeatures[0]: Invalid value: \"" + long254 + "\": invalid feature name \""
                        + long254 + "\": must be no more than 253 characters"),
                errorsOfFeatures(long254));
    }

    @Test
    void aClaimBeginsPendingAndKeepsWhatItAskedFor() {
        String claim = """
                metadata: {name: data}
                spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}
                """;
        assertEquals("Pending", CLAIMS.created(claim).at("/status/phase").asText());
        assertEquals("Filesystem", CLAIMS.created(claim).at("/spec/volumeMode").asText());
        assertEquals(List.of(), CLAIMS.errorsOf(claim));
        List<String> errors = CLAIMS.errorsOfChange(claim, claim.replace("fast", "slow"));
        assertTrue(
                errors.stream()
                        .anyMatch(error -> error.startsWith("spec: Forbidden: spec is immutable after creation except "
                                + "resources.requests and volumeAttributesClassName for bound claims")),
                errors::toString);
    }

    @Test
    void aClaimAsksForSomething() {
        contains(
                CLAIMS.errorsOf("metadata: {name: data}\nspec: {resources: {requests: {storage: 1Gi}}}"),
                "spec.accessModes: Required value: at least 1 access mode is required");
        contains(
                CLAIMS.errorsOf("metadata: {name: data}\nspec: {accessModes: [ReadWriteOnce]}"),
                "spec.resources[storage]: Required value");
    }

    @Test
    void aVolumeIsSomewhere() {
        assertEquals(
                "Retain",
                VOLUMES.created("metadata: {name: a}\nspec: {hostPath: {path: /a}}")
                        .at("/spec/persistentVolumeReclaimPolicy")
                        .asText());
        contains(
                VOLUMES.errorsOf("metadata: {name: a}\nspec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]}"),
                "spec: Required value: must specify a volume type");
    }

    @Test
    void aQuotaIsCountedInWholeThings() {
        contains(
                QUOTAS.errorsOf("metadata: {name: a}\nspec: {hard: {pods: 1.5}}"),
                "spec.hard[pods]: Invalid value: \"1500m\": must be an integer");
    }

    @Test
    void anEventIsWhereWhatItIsAboutIs() {
        contains(
                EVENTS.errorsOf("metadata: {name: a}\ninvolvedObject: {kind: Pod, name: a, namespace: elsewhere}"),
                "involvedObject.namespace: Invalid value: \"elsewhere\": does not match event.namespace");
    }

    private static String endpoints(String subsets) {
        return "{metadata: {name: web}, subsets: [" + subsets + "]}";
    }

    @ParameterizedTest
    @CsvSource({"endpoints, false, true", "serviceaccounts, false, false"})
    void someKindsCountNoGenerationsOrAreCreatedByUpdates(String kind, boolean counts, boolean creates) {
        Strategy strategy = Kind.of(kind).resource().strategy();
        assertEquals(counts, strategy.countsGenerations());
        assertEquals(creates, strategy.createsOnUpdate());
        assertTrue(strategy.updatesUnconditionally());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            '' | ''
            {addresses: [{ip: 10.0.0.1}]} | ''
            {addresses: [{ip: 10.0.0.1, hostname: a, nodeName: n.b}], notReadyAddresses: [{ip: "2001:db8::1"}], ports: [{name: \
a, port: 80, appProtocol: example.com/a}, {name: b, port: 65535, protocol: SCTP}]} | ''
            {ports: [{port: 80}]} | subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`
            {addresses: [{}]} | subsets[0].addresses[0].ip: Invalid value: "": must be a valid IP address, (e.g. 10.9.8.7 or \
2001:db8::ffff) ; subsets[0].addresses[0].ip: Invalid value: "": must be a valid IP address
            {notReadyAddresses: [{ip: 10.0.0.1}, {ip: 0.0.0.0}]} | subsets[0].notReadyAddresses[1].ip: Invalid value: \
"0.0.0.0": may not be unspecified (0.0.0.0)
            {addresses: [{ip: 127.1.2.3}]} | subsets[0].addresses[0].ip: Invalid value: "127.1.2.3": may not be in the loopback \
range (127.0.0.0/8, ::1/128)
            {addresses: [{ip: "fe80::1"}]} | subsets[0].addresses[0].ip: Invalid value: "fe80::1": may not be in the link-local \
range (169.254.0.0/16, fe80::/10)
            {addresses: [{ip: 224.0.0.1}]} | subsets[0].addresses[0].ip: Invalid value: "224.0.0.1": may not be in the \
link-local multicast range (224.0.0.0/24, ff02::/10)
            {addresses: [{ip: 10.0.0.1, hostname: A}]} | subsets[0].addresses[0].hostname: Invalid value: "A": <label>
            {addresses: [{ip: 10.0.0.1, nodeName: A}]} | subsets[0].addresses[0].nodeName: Invalid value: "A": <subdomain>
            {addresses: [{ip: 10.0.0.1}], ports: [{port: 80}, {port: 81, name: b}]} | subsets[0].ports[0].name: Required value
            {addresses: [{ip: 10.0.0.1}], ports: [{port: 80, name: A}]} | subsets[0].ports[0].name: Invalid value: "A": <label>
            {addresses: [{ip: 10.0.0.1}], ports: [{}]} | subsets[0].ports[0].port: Invalid value: 0: must be between 1 and \
65535, inclusive
            {addresses: [{ip: 10.0.0.1}], ports: [{port: 80, protocol: HTTP}]} | subsets[0].ports[0].protocol: Unsupported \
value: "HTTP": supported values: "SCTP", "TCP", "UDP"
            {addresses: [{ip: 10.0.0.1}], ports: [{port: 80, appProtocol: a b}]} | subsets[0].ports[0].appProtocol: Invalid \
value: "a b": <name part>
            """)
    void endpointsAreReachable(String subsets, String errors) {
        String whole = errors.replace("<label>", Names.dnsLabel("").getFirst())
                .replace("<subdomain>", Names.dnsSubdomain("").getFirst())
                .replace("<name part>", Names.qualifiedName("").getLast());
        assertEquals(
                whole.isEmpty() ? List.of() : List.of(whole.split(" ; ", -1)), ENDPOINTS.errorsOf(endpoints(subsets)));
    }

    @Test
    void endpointsThatWereSoBeforeMayStaySo() {
        String before = endpoints("{addresses: [{ip: 127.0.0.1}]}");
        assertEquals(
                List.of(),
                ENDPOINTS.errorsOfChange(before, before.replace("name: web}", "name: web, labels: {a: b}}")));
        contains(
                ENDPOINTS.errorsOfChange(before, before.replace("127.0.0.1", "127.0.0.2")),
                "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.2\": may not be in the loopback range (127.0.0.0/8,"
                        + " ::1/128)");
    }

    @Test
    void endpointsAreOfTheUsualProtocolAndTellOfOddAddresses() {
        assertEquals(
                "TCP",
                ENDPOINTS
                        .defaulted(endpoints("{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}"))
                        .at("/subsets/0/ports/0/protocol")
                        .asText());
        String odd =
                endpoints("{addresses: [{ip: 10.0.0.1}, {ip: 10.00.0.1}]}, {notReadyAddresses: [{ip: '2001:DB8::1'}]}");
        List<String> warnings = List.of(
                "subsets[0].addresses[1].ip: non-standard IP address \"10.00.0.1\" will be considered invalid in a future"
                        + " Kubernetes release: use \"10.0.0.1\"",
                "subsets[1].notReadyAddresses[0].ip: IPv6 address \"2001:DB8::1\" should be in RFC 5952 canonical format"
                        + " (\"2001:db8::1\")");
        assertEquals(warnings, ENDPOINTS.warningsOf(odd));
        assertEquals(warnings, ENDPOINTS.warningsOfChange(odd, odd));
    }

    @Test
    void anAccountKnowsItsSecretsByNameAlone() {
        String account = "{metadata: {name: a}, secrets: [{name: b, namespace: c, uid: d}, {kind: Secret}]}";
        assertEquals(List.of(), ACCOUNTS.errorsOf(account));
        assertEquals(
                "[{\"name\":\"b\"},{}]",
                ACCOUNTS.created(account).path("secrets").toString());
        assertEquals(
                "[{\"name\":\"b\"},{}]",
                ACCOUNTS.changed("{metadata: {name: a}}", account)
                        .path("secrets")
                        .toString());
    }

    @Test
    void secretsThatAnAccountMayMountAreAnOldIdea() {
        String plain = "{metadata: {name: a}}";
        String account = "{metadata: {name: a, annotations: {kubernetes.io/enforce-mountable-secrets: 'true'}}}";
        List<String> warnings =
                List.of("metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+;"
                        + " prefer separate namespaces to isolate access to mounted secrets");
        assertEquals(warnings, ACCOUNTS.warningsOf(account));
        assertEquals(warnings, ACCOUNTS.warningsOfChange(plain, account));
        assertEquals(List.of(), ACCOUNTS.warningsOfChange(account, account.replace("true", "false")));
        assertEquals(List.of(), ACCOUNTS.warningsOf(plain));
    }
}
