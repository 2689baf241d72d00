package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtherKindsTest {
    private static final Kind DEFINITIONS = Kind.of("customresourcedefinitions.apiextensions.k8s.io");

    private static final Kind REVISIONS = Kind.of("controllerrevisions.apps");
    private static final Kind TEMPLATES = Kind.of("podtemplates");
    private static final Kind API_SERVICES = Kind.of("apiservices.apiregistration.k8s.io");

    private static final String DEFINITION = """
            metadata: {name: boats.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: boats, kind: Boat}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
            """;

    private static String podTemplate(String spec) {
        return "{metadata: {name: a}, template: {spec: {" + spec + "}}}";
    }

    private static String apiService(String name, String spec, int group, int version) {
        return "{metadata: {name: " + name + "}, spec: {groupPriorityMinimum: " + group + ", versionPriority: "
                + version + ", " + spec + "}}";
    }

    /** Errors between semicolons; what a name has to look like is tested elsewhere, and has a word in angles here. */
    private static List<String> errors(String texts) {
        String whole = texts.replace("<subdomain>", Names.dnsSubdomain("").getFirst())
                .replace("<label>", Names.dnsLabel1035("").getFirst());
        return whole.isEmpty() ? List.of() : List.of(whole.split(" ; ", -1));
    }

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
        assertEquals(
                List.of("metadata.name: Invalid value: \"010.1.2.3\": must not have leading 0s"),
                addresses.errorsOf(address.formatted("010.1.2.3")));

        String range = "{metadata: {name: a}, spec: {cidrs: ['%s']}}";
        Kind ranges = Kind.of("servicecidrs.networking.k8s.io");
        assertEquals(List.of(), ranges.errorsOf(range.formatted("10.1.2.0/24")));
        String beyond = ": Invalid value: \"10.1.2.3/24\": must not have bits set beyond the prefix length";
        assertEquals(List.of("spec.cidrs[0]" + beyond), ranges.errorsOf(range.formatted("10.1.2.3/24")));
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

    private static String converted(String client) {
        return DEFINITION
                + "  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {" + client
                + "}}}\n";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://a.b/c | url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]
            https:///c | url: Invalid value: "": host must be specified; desired format: https://host[/path]
            https://u@a.b/c | url: Invalid value: "u": user information is not permitted in the URL
            https://a.b/c?d=e | url: Invalid value: "d=e": query parameters are not permitted in the URL
            """, quoteCharacter = '`')
    void aWebhookThatConvertsHasAnAddress(String url, String error) {
        assertEquals(List.of(), DEFINITIONS.errorsOf(converted("url: \"https://a.b/c\"")));
        assertEquals(
                List.of("spec.conversion.webhookClientConfig." + error),
                DEFINITIONS.errorsOf(converted("url: \"" + url + "\"")));
    }

    @ParameterizedTest
    @CsvSource({
        "/, ''",
        "/a/b.c/, ''",
        "/a//b, segment[1] may not be empty",
        "//, segment[0] may not be empty",
        "/a//, segment[1] may not be empty",
        "/A, segment[0]: <subdomain>",
    })
    void aPathOfAWebhookIsOfNames(String path, String error) {
        List<String> wanted = error.isEmpty()
                ? List.of()
                : errors("spec.conversion.webhookClientConfig.service.path: Invalid value: \"" + path + "\": " + error);
        assertEquals(
                wanted, DEFINITIONS.errorsOf(converted("service: {namespace: a, name: b, path: \"" + path + "\"}")));
        assertEquals(
                error.isEmpty()
                        ? List.of()
                        : errors("webhooks[0].clientConfig.service.path: Invalid value: \"" + path + "\": " + error),
                Kind.of("validatingwebhookconfigurations.admissionregistration.k8s.io")
                        .errorsOf("{metadata: {name: a}, webhooks: [{name: a.b.c, sideEffects: None,"
                                + " admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b, path: \""
                                + path + "\"}}}]}"));
    }

    /** What is wrong with a change of a definition that is in force, or not yet. */
    private static List<String> errorsOfNext(String before, String after, boolean established) {
        ObjectNode old = DEFINITIONS.created(before);
        if (established) {
            ((ObjectNode) old.path("status"))
                    .putArray("conditions")
                    .addObject()
                    .put("type", "Established")
                    .put("status", "True");
        }
        FieldErrors errors = new FieldErrors();
        DEFINITIONS.resource().strategy().validateUpdate(DEFINITIONS.created(after), old, errors);
        return errors.list().stream().map(FieldError::toString).toList();
    }

    @Test
    void authoritiesThatCannotBeReadAreNotTakenWhileAKindIsInForce() {
        String plain = converted("url: \"https://a.b/c\"");
        String broken = converted("url: \"https://a.b/c\", caBundle: Cg==");
        String other = converted("url: \"https://a.b/c\", caBundle: eHg=");
        assertEquals(List.of(), DEFINITIONS.errorsOf(broken));
        assertEquals(List.of(), errorsOfNext(plain, broken, false));
        assertEquals(
                List.of("spec.conversion.webhookClientConfig.caBundle: Invalid value: \"Cg==\": unable to load root"
                        + " certificates: unable to parse bytes as PEM block"),
                errorsOfNext(plain, broken, true));
        assertEquals(List.of(), errorsOfNext(broken, other, true));
        assertEquals(List.of(), errorsOfNext(broken, plain, true));
    }

    @ParameterizedTest
    @CsvSource({"'use b', -1", "'é b\u00a0', 4", "'a\u200b', 1", "'é\u0007', 2"})
    void whatTellsOfAnOldVersionIsPrintable(String text, int index) {
        String old = "served: true, deprecated: true, deprecationWarning: \"" + text.replace("\u0007", "\\a") + '"';
        List<String> errors = DEFINITIONS.errorsOf(DEFINITION.replace("served: true", old));
        assertEquals(index < 0 ? 0 : 1, errors.size(), errors::toString);
        assertTrue(
                index < 0 || errors.getFirst().endsWith("non-printable character found at index " + index),
                errors::toString);
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
                "status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions; v1 was previously a"
                        + " storage version, and must remain in spec.versions until a storage migration ensures no data remains"
                        + " persisted in v1 and removes v1 from status.storedVersions");
    }

    @Test
    void whatIsStoredInIsStatedByWhoeverMigrates() {
        assertEquals(
                List.of(),
                DEFINITIONS.errorsOfStatusChange(
                        DEFINITION, definition -> ((ObjectNode) definition.path("status")).putArray("storedVersions")));
    }

    @ParameterizedTest
    @CsvSource({
        "controllerrevisions.apps, false, true",
        "podtemplates, true, true",
        "customresourcedefinitions.apiextensions.k8s.io, true, false",
        "apiservices.apiregistration.k8s.io, false, false"
    })
    void areWrittenLikeThis(String kind, boolean countsGenerations, boolean updatesUnconditionally) {
        Strategy strategy = Kind.of(kind).resource().strategy();
        assertEquals(countsGenerations, strategy.countsGenerations());
        assertEquals(updatesUnconditionally, strategy.updatesUnconditionally());
        assertFalse(strategy.createsOnUpdate());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data: {spec: {replicas: 1}}, revision: 1 | ''
            data: {} | ''
            revision: 1 | data: Required value: data is mandatory
            data: null | data: Required value: data is mandatory
            data: 5 | data: Required value: data must be a valid JSON object
            data: [{a: b}] | data: Required value: data must be a valid JSON object
            data: {}, revision: -1 | revision: Invalid value: -1: must be greater than or equal to 0
            """)
    void aRevisionHasData(String fields, String error) {
        assertEquals(
                error.isEmpty() ? List.of() : List.of(error),
                REVISIONS.errorsOf("{metadata: {name: a}, " + fields + "}"));
    }

    @Test
    void theDataOfARevisionStaysAsItIs() {
        String before = "{metadata: {name: a}, data: {b: c}, revision: 1}";
        assertEquals(List.of(), REVISIONS.errorsOfChange(before, before.replace("revision: 1", "revision: 2")));
        assertEquals(
                List.of("data: Invalid value: {\"b\":\"d\"}: field is immutable"),
                REVISIONS.errorsOfChange(before, before.replace("b: c", "b: d")));
        assertEquals(
                List.of("revision: Invalid value: -1: must be greater than or equal to 0"),
                REVISIONS.errorsOfChange(before, before.replace("revision: 1", "revision: -1")));
        String old = "{metadata: {name: a}, data: [1]}";
        assertEquals(List.of(), REVISIONS.errorsOfChange(old, old));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            containers: [{name: c, image: i}] | ''
            restartPolicy: Never, containers: [{name: c, image: i}] | ''
            '' | template.spec.containers: Required value
            containers: [{image: i}] | template.spec.containers[0].name: Required value
            restartPolicy: Now, containers: [{name: c, image: i}] | template.spec.restartPolicy: Unsupported value: "Now": \
supported values: "Always", "OnFailure", "Never"
            ephemeralContainers: [{name: e, image: i}], containers: [{name: c, image: i}] | template.spec.ephemeralContainers: \
Forbidden: ephemeral containers not allowed in pod template
            """)
    void aTemplateStandsByItself(String spec, String error) {
        String before = podTemplate("containers: [{name: c, image: i}]");
        List<String> errors = error.isEmpty() ? List.of() : List.of(error);
        assertEquals(errors, TEMPLATES.errorsOf(podTemplate(spec)));
        assertEquals(errors, TEMPLATES.errorsOfChange(before, podTemplate(spec)));
    }

    @Test
    void aTemplateIsFilledInAndTellsWhatIsHardlyMeant() {
        String template = podTemplate("containers: [{name: c, image: i}], imagePullSecrets: [{}]");
        ObjectNode defaulted = TEMPLATES.defaulted(template);
        assertEquals("Always", defaulted.at("/template/spec/restartPolicy").asText());
        assertEquals(
                30, defaulted.at("/template/spec/terminationGracePeriodSeconds").asInt());
        String warning = "template.spec.imagePullSecrets[0].name: invalid empty name \"\"";
        assertEquals(List.of(warning), TEMPLATES.warningsOf(template));
        assertEquals(List.of(), TEMPLATES.warningsOfChange(template, template));
        assertEquals(
                List.of(warning), TEMPLATES.warningsOfChange(template, template.replace("image: i}", "image: j}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            v1.example.com | group: example.com, version: v1, service: {namespace: ns, name: s} | ''
            v1.example.com | group: example.com, version: v1, service: {namespace: ns, name: s, port: 8443}, caBundle: AAAA | ''
            v1.example.com | group: example.com, version: v1, service: {namespace: ns, name: s}, insecureSkipTLSVerify: true | ''
            v1. | version: v1 | ''
            v1beta1.example.com | group: example.com, version: v1beta1 | ''
            web | group: example.com, version: v1 | metadata.name: Invalid value: "web": must be \
`spec.version+"."+spec.group`: "v1.example.com"
            v2. | version: v2 | spec.group: Required value: only v1 may have an empty group and it better be legacy kube
            v1.a_b | group: a_b, version: v1 | spec.group: Invalid value: "a_b": <subdomain>
            V1.example.com | group: example.com, version: V1 | spec.version: Invalid value: "V1": <label>
            .example.com | group: example.com | spec.version: Invalid value: "": <label>
            v1.example.com | group: example.com, version: v1, caBundle: AAECAw== | spec.caBundle: Invalid value: "4 bytes": \
local APIServices may not have a caBundle
            v1.example.com | group: example.com, version: v1, insecureSkipTLSVerify: true | spec.insecureSkipTLSVerify: Invalid \
value: true: local APIServices may not have insecureSkipTLSVerify
            v1.example.com | group: example.com, version: v1, service: {} | spec.service.namespace: Required value ; \
spec.service.name: Required value
            v1.example.com | group: example.com, version: v1, service: {namespace: ns, name: s, port: 65536} | spec.service.port: \
Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive
            v1.example.com | group: example.com, version: v1, service: {namespace: ns, name: s}, caBundle: AAAA, \
insecureSkipTLSVerify: true | spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present
            """)
    void aVersionOfAGroupIsServedSomewhere(String name, String spec, String errors) {
        assertEquals(errors(errors), API_SERVICES.errorsOf(apiService(name, spec, 1, 1)));
        assertEquals(errors(errors), API_SERVICES.errorsOf(apiService(name, spec, 20_000, 1_000)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0     | 1    | spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000
            20001 | 1    | spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000
            1     | 0    | spec.versionPriority: Invalid value: 0: must be positive and less than 1000
            1     | 1001 | spec.versionPriority: Invalid value: 1001: must be positive and less than 1000
            """)
    void groupsAndVersionsHaveAnOrder(int group, int version, String error) {
        String spec = "group: example.com, version: v1";
        assertEquals(List.of(error), API_SERVICES.errorsOf(apiService("v1.example.com", spec, group, version)));
    }

    @Test
    void aServerOfAGroupIsAskedAtTheUsualPort() {
        String remote = apiService("v1.a.b", "group: a.b, version: v1, service: {namespace: ns, name: s}", 1, 1);
        assertEquals(
                443, API_SERVICES.defaulted(remote).at("/spec/service/port").asInt());
        String other = remote.replace("group: a.b", "group: c.d");
        assertEquals(
                List.of(
                        "metadata.name: Invalid value: \"v1.a.b\": must be `spec.version+\".\"+spec.group`: \"v1.c.d\""),
                API_SERVICES.errorsOfChange(remote, other));
        assertEquals(List.of(), API_SERVICES.errorsOfChange(remote, remote.replace("name: s", "name: t")));
    }

    @Test
    void whatIsServedHereIsThereAtOnce() {
        ObjectNode local = API_SERVICES.created(apiService("v1.a.b", "group: a.b, version: v1", 1, 1));
        assertEquals(
                "[{\"type\":\"Available\",\"status\":\"True\",\"lastTransitionTime\":\"2026-05-01T12:00:00Z\","
                        + "\"reason\":\"Local\",\"message\":\"Local APIServices are always available\"}]",
                local.at("/status/conditions").toString());
        String remote = apiService("v1.a.b", "group: a.b, version: v1, service: {namespace: ns, name: s}", 1, 1);
        String told = remote.replace("spec:", "status: {conditions: [{type: Available, status: 'True'}]}, spec:");
        assertTrue(API_SERVICES.created(told).path("status").isEmpty());
        assertTrue(API_SERVICES.changed(remote, told).path("status").isEmpty());
    }

    @Test
    void whetherAServerIsThereIsAllThatItsStatusSays() {
        String remote = apiService("v1.a.b", "group: a.b, version: v1, service: {namespace: ns, name: s}", 1, 1);
        ObjectNode written = API_SERVICES.statusChanged(remote, object -> {
            object.set("status", Kind.read("{conditions: [{type: Available, status: Unknown}]}"));
            ((ObjectNode) object.path("spec")).put("versionPriority", 9);
            ObjectMeta.metadata(object).putObject("labels").put("a", "b");
        });
        assertEquals("Unknown", written.at("/status/conditions/0/status").asText());
        assertEquals(1, written.at("/spec/versionPriority").asInt());
        assertFalse(ObjectMeta.metadata(written).has("labels"));
        assertEquals(
                List.of(
                        "status.conditions[1].status: Unsupported value: \"Maybe\": supported values: \"True\", \"False\","
                                + " \"Unknown\""),
                API_SERVICES.errorsOfStatusChange(
                        remote,
                        object -> object.set(
                                "status",
                                Kind.read(
                                        "{conditions: [{type: a, status: 'False'}, {type: Available, status: Maybe}]}"))));
    }
}
