package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtherKindsTest {
    private static final Kind DEFINITIONS = Kind.of("customresourcedefinitions.apiextensions.k8s.io");

    private static final String DEFINITION = """
            metadata: {name: boats.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: boats, kind: Boat}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
            """;

    private static void contains(List<String> errors, String error) {
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "storageclasses.storage.k8s.io | {provisioner: a} | /reclaimPolicy | Delete",
                "storageclasses.storage.k8s.io | {provisioner: a} | /volumeBindingMode | Immediate",
                "networkpolicies.networking.k8s.io | {spec: {podSelector: {}}} | /spec/policyTypes/0 | Ingress",
                "networkpolicies.networking.k8s.io | {spec: {podSelector: {}, egress: [{}]}} | /spec/policyTypes/1 | Egress",
                "rolebindings.rbac.authorization.k8s.io | {roleRef: {kind: Role, name: a}} | /roleRef/apiGroup | rbac.authorization.k8s.io",
                "rolebindings.rbac.authorization.k8s.io | {subjects: [{kind: User, name: a}]} | /subjects/0/apiGroup | rbac.authorization.k8s.io",
                "rolebindings.rbac.authorization.k8s.io | {subjects: [{kind: ServiceAccount, name: a}]} | /subjects/0/apiGroup | ''",
                "priorityclasses.scheduling.k8s.io | {value: 1} | /preemptionPolicy | PreemptLowerPriority",
                "validatingwebhookconfigurations.admissionregistration.k8s.io | {webhooks: [{name: a.b.c}]} | /webhooks/0/failurePolicy | Fail",
                "validatingwebhookconfigurations.admissionregistration.k8s.io | {webhooks: [{name: a.b.c}]} | /webhooks/0/timeoutSeconds | 10",
                "csidrivers.storage.k8s.io | {spec: {}} | /spec/volumeLifecycleModes/0 | Persistent",
            })
    void isFilledIn(String kind, String object, String pointer, String value) {
        assertEquals(value, Kind.of(kind).defaulted(object).at(pointer).asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "roles.rbac.authorization.k8s.io | {metadata: {name: a}, rules: [{resources: [pods]}]} | rules[0].verbs: Required value: verbs must contain at least one value",
                "roles.rbac.authorization.k8s.io | {metadata: {name: a}, rules: [{verbs: [get], nonResourceURLs: [/a]}]} | rules[0].nonResourceURLs: Invalid value: [\"/a\"]: namespaced rules cannot apply to non-resource URLs",
                "clusterrolebindings.rbac.authorization.k8s.io | {metadata: {name: a}, roleRef: {kind: ClusterRole, name: b}, subjects: [{kind: ServiceAccount, name: c}]} | subjects[0].namespace: Required value",
                "rolebindings.rbac.authorization.k8s.io | {metadata: {name: a}, roleRef: {kind: Thing, name: b}} | roleRef.kind: Unsupported value: \"Thing\": supported values: \"Role\", \"ClusterRole\"",
                "storageclasses.storage.k8s.io | {metadata: {name: a}} | provisioner: Required value",
                "csidrivers.storage.k8s.io | {metadata: {name: a}, spec: {nodeAllocatableUpdatePeriodSeconds: 9}} | spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds",
                "csidrivers.storage.k8s.io | {metadata: {name: a}, spec: {serviceAccountTokenInSecrets: true}} | spec.serviceAccountTokenInSecrets: Forbidden: may not be specified when `tokenRequests` is empty",
                "priorityclasses.scheduling.k8s.io | {metadata: {name: a}, value: 1000000001} | value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
                "leases.coordination.k8s.io | {metadata: {name: a}, spec: {leaseDurationSeconds: 0}} | spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
                "runtimeclasses.node.k8s.io | {metadata: {name: a}, handler: A} | handler: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "ingresses.networking.k8s.io | {metadata: {name: a}, spec: {}} | spec: Invalid value: []: either `defaultBackend` or `rules` must be specified",
                "endpointslices.discovery.k8s.io | {metadata: {name: a}, addressType: IPv4, endpoints: [{addresses: []}]} | endpoints[0].addresses: Required value: must contain at least 1 address",
                "certificatesigningrequests.certificates.k8s.io | {metadata: {name: a}, spec: {signerName: example.com/a, usages: [client auth], request: eA==}} | spec.request: Invalid value: \"eA==\": PEM block type must be CERTIFICATE REQUEST",
            })
    void saysWhatIsWrong(String kind, String object, String error) {
        contains(Kind.of(kind).errorsOf(object), error);
    }

    @Test
    void addressesAndRangesOfServicesAreNewInOneFormOnly() {
        String address = "{metadata: {name: '%s'}, spec: {parentRef: {resource: services, name: a}}}";
        Kind addresses = Kind.of("ipaddresses.networking.k8s.io");
        assertEquals(List.of(), addresses.errorsOf(address.formatted("fd00::1")));
        assertEquals(
                List.of("metadata.name: Invalid value: \"FD00:0::1\": must be in canonical form (\"fd00::1\")"),
                addresses.errorsOf(address.formatted("FD00:0::1")));
        String old = address.formatted("010.1.2.3");
        assertEquals(
                List.of("metadata.name: Invalid value: \"010.1.2.3\": must not have leading 0s"),
                addresses.errorsOf(old));
        assertEquals(List.of(), addresses.errorsOfChange(old, old));

        String range = "{metadata: {name: a}, spec: {cidrs: ['%s']}}";
        Kind ranges = Kind.of("servicecidrs.networking.k8s.io");
        assertEquals(List.of(), ranges.errorsOf(range.formatted("10.1.2.0/24")));
        old = range.formatted("10.1.2.3/24");
        String beyond = ": Invalid value: \"10.1.2.3/24\": must not have bits set beyond the prefix length";
        assertEquals(List.of("spec.cidrs[0]" + beyond), ranges.errorsOf(old));
        assertEquals(List.of(), ranges.errorsOfChange(old, old));
        String six = range.formatted("fd00::/64");
        assertEquals(
                List.of("spec.cidrs[1]" + beyond),
                ranges.errorsOfChange(six, range.formatted("fd00::/64', '10.1.2.3/24")));
        assertEquals(List.of(), ranges.errorsOfChange(six, range.formatted("fd00::/64', '10.1.2.0/24")));
    }

    @Test
    void driversOfStorageMayGetTokensInSecrets() {
        assertEquals(
                List.of(),
                Kind.of("csidrivers.storage.k8s.io")
                        .errorsOf("{metadata: {name: a}, spec: {nodeAllocatableUpdatePeriodSeconds: 10,"
                                + " serviceAccountTokenInSecrets: true, tokenRequests: [{audience: b}]}}"));
    }

    @Test
    void aReferenceToARoleStaysAsItIs() {
        String before = "{metadata: {name: a}, roleRef: {kind: Role, name: b}}";
        List<String> errors = Kind.of("rolebindings.rbac.authorization.k8s.io")
                .errorsOfChange(before, before.replace("name: b", "name: c"));
        assertTrue(errors.stream().anyMatch(error -> error.endsWith("cannot change roleRef")), errors::toString);
    }

    @Test
    void aDefinitionIsFilledInAndRemembersWhatIsStored() {
        assertEquals(List.of(), DEFINITIONS.errorsOf(DEFINITION));
        ObjectNode definition = DEFINITIONS.created(DEFINITION);
        assertEquals("boat", definition.at("/spec/names/singular").asText());
        assertEquals("BoatList", definition.at("/spec/names/listKind").asText());
        assertEquals("None", definition.at("/spec/conversion/strategy").asText());
        assertEquals("v1", definition.at("/status/storedVersions/0").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: boats.example.com | name: boats | metadata.name: Invalid value: \"boats\": must be spec.names.plural+\".\"+spec.group",
                "scope: Namespaced | scope: Here | spec.scope: Unsupported value: \"Here\": supported values: \"Cluster\", \"Namespaced\"",
                "group: example.com | group: example | spec.group: Invalid value: \"example\": should be a domain with at least one dot",
                "kind: Boat | kind: Boat, listKind: Boat | spec.names.listKind: Invalid value: \"Boat\": kind and listKind may not be the same",
                "schema: {openAPIV3Schema: {type: object}} | deprecated: false | spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required",
                "served: true | served: true, subresources: {scale: {specReplicasPath: .a, statusReplicasPath: .status.b}} | spec.versions[0].subresources.scale.specReplicasPath: Invalid value: \".a\": should be a json path under .spec",
                "scope: Namespaced | {scope: Namespaced, conversion: {strategy: Webhook}} | spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
            })
    void saysWhatIsWrongWithADefinition(String from, String to, String error) {
        String fields = to.startsWith("{") ? to.substring(1, to.length() - 1).replace(", conv", "\n  conv") : to;
        contains(DEFINITIONS.errorsOf(DEFINITION.replace(from, fields)), error);
    }

    @Test
    void groupsOfTheCommunityHaveToBeApproved() {
        contains(
                DEFINITIONS.errorsOf(DEFINITION.replace("example.com", "boats.k8s.io")),
                "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval "
                        + "annotation \"api-approved.kubernetes.io\", see "
                        + "https://github.com/kubernetes/enhancements/pull/1111");
    }

    @Test
    void aVersionThatMayBeStoredCannotGo() {
        String after = DEFINITION.replace("name: v1,", "name: v2,");
        contains(
                DEFINITIONS.errorsOfChange(DEFINITION, after),
                "status.storedVersions[0]: Invalid value: \"v1\": must appear in spec.versions");
    }
}
