package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodTest {
    private static final Kind PODS = Kind.of("pods");

    private static String pod(String spec) {
        return "metadata: {name: web}\nspec:\n" + spec.indent(2);
    }

    /** A pod with one container, about which this much is said besides its name and image. */
    private static String container(String more) {
        return pod("containers:\n- name: main\n  image: nginx\n" + more.indent(2));
    }

    private static JsonNode at(JsonNode object, String pointer) {
        return object.at(pointer);
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/restartPolicy, Always",
        "/spec/dnsPolicy, ClusterFirst",
        "/spec/terminationGracePeriodSeconds, 30",
        "/spec/schedulerName, default-scheduler",
        "/spec/enableServiceLinks, true",
        "/spec/containers/0/terminationMessagePath, /dev/termination-log",
        "/spec/containers/0/terminationMessagePolicy, File",
        "/spec/containers/0/imagePullPolicy, Always",
    })
    void isFilledIn(String pointer, String value) {
        ObjectNode pod = PODS.defaulted(container(""));
        assertEquals(value, at(pod, pointer).asText());
        assertTrue(at(pod, "/spec/securityContext").isObject());
    }

    @ParameterizedTest
    @CsvSource({
        "nginx, Always",
        "nginx:latest, Always",
        "nginx:1.29, IfNotPresent",
        "registry:5000/nginx, Always",
        "registry:5000/nginx:1, IfNotPresent",
        "nginx@sha256:e4720093a3c1381245b53a5a51b417963b3c4472d3f47fc301930a4f3b17666a, IfNotPresent",
        "'nginx:latest@sha256:e4720093a3c1381245b53a5a51b417963b3c4472d3f47fc301930a4f3b17666a', Always",
    })
    void pullsImagesByTheirTag(String image, String policy) {
        ObjectNode pod = PODS.defaulted(pod("containers: [{name: main, image: '" + image + "'}]"));
        assertEquals(policy, at(pod, "/spec/containers/0/imagePullPolicy").asText());
    }

    @Test
    void asksForAsMuchAsItMayHave() {
        ObjectNode pod = PODS.defaulted(container("resources: {limits: {cpu: '2', memory: 1Gi}, requests: {cpu: 1}}"));
        assertEquals("1", at(pod, "/spec/containers/0/resources/requests/cpu").asText());
        assertEquals(
                "1Gi", at(pod, "/spec/containers/0/resources/requests/memory").asText());
    }

    @Test
    void probesAreFilledIn() {
        ObjectNode pod = PODS.defaulted(container("livenessProbe: {httpGet: {port: 80}}"));
        JsonNode probe = at(pod, "/spec/containers/0/livenessProbe");
        assertEquals("/", probe.at("/httpGet/path").asText());
        assertEquals("HTTP", probe.at("/httpGet/scheme").asText());
        assertEquals(1, probe.path("timeoutSeconds").asInt());
        assertEquals(10, probe.path("periodSeconds").asInt());
        assertEquals(1, probe.path("successThreshold").asInt());
        assertEquals(3, probe.path("failureThreshold").asInt());
    }

    @ParameterizedTest
    @CsvSource({
        "'', BestEffort",
        "'resources: {requests: {cpu: 100m}}', Burstable",
        "'resources: {limits: {cpu: 1}}', Burstable",
        "'resources: {limits: {cpu: 1, memory: 1Gi}}', Guaranteed",
        "'resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}', Burstable",
    })
    void beginsPendingWithTheQualityOfItsResources(String resources, String quality) {
        ObjectNode pod = PODS.created(container(resources));
        assertEquals("Pending", at(pod, "/status/phase").asText());
        assertEquals(quality, at(pod, "/status/qosClass").asText());
    }

    @Test
    void waitsAtItsGates() {
        ObjectNode pod = PODS.created(
                pod("containers: [{name: main, image: nginx}]\nschedulingGates: [{name: example.com/quota}]"));
        assertEquals("SchedulingGated", at(pod, "/status/conditions/0/reason").asText());
    }

    @Test
    void aPodWithOneContainerIsFine() {
        assertEquals(List.of(), PODS.errorsOf(container("")));
    }

    @Test
    void hasToHaveContainers() {
        assertEquals(List.of("spec.containers: Required value"), PODS.errorsOf(pod("containers: []")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ports: [{containerPort: 0}] | spec.containers[0].ports[0].containerPort: Required value",
                "ports: [{containerPort: 70000}] | spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
                "ports: [{containerPort: 80, protocol: HTTP}] | spec.containers[0].ports[0].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
                "ports: [{containerPort: 1, name: a}, {containerPort: 2, name: a}] | spec.containers[0].ports[1].name: Duplicate value: \"a\"",
                "env: [{name: ''}] | spec.containers[0].env[0].name: Required value",
                "env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}] | spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty",
                "env: [{name: A, valueFrom: {}}] | spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
                "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.priority}}}] | spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"spec.priority\": error converting fieldPath: field label not supported: spec.priority",
                "imagePullPolicy: Often | spec.containers[0].imagePullPolicy: Unsupported value: \"Often\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
                "volumeMounts: [{name: data, mountPath: /data}] | spec.containers[0].volumeMounts[0].name: Not found: \"data\"",
                "livenessProbe: {} | spec.containers[0].livenessProbe: Required value: must specify a handler type",
                "livenessProbe: {exec: {command: [a]}, successThreshold: 2} | spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
                "readinessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}} | spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
                "resources: {requests: {cpu: 2}, limits: {cpu: 1}} | spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
                "resources: {limits: {cpu: -1}} | spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0",
                "securityContext: {runAsUser: -1} | spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
                "securityContext: {privileged: true, allowPrivilegeEscalation: false} | spec.containers[0].securityContext: Invalid value: {\"privileged\":true,\"allowPrivilegeEscalation\":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
                "terminationMessagePolicy: Some | spec.containers[0].terminationMessagePolicy: Unsupported value: \"Some\": supported values: \"File\", \"FallbackToLogsOnError\"",
            })
    void saysWhatIsWrongWithAContainer(String more, String error) {
        List<String> errors = PODS.errorsOf(container(more));
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "containers: [{name: Main, image: a}] | spec.containers[0].name: Invalid value: \"Main\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "containers: [{name: a, image: a}, {name: a, image: a}] | spec.containers[1].name: Duplicate value: \"a\"",
                "containers: [{name: a}] | spec.containers[0].image: Required value",
                "{containers: [{name: a, image: a}], restartPolicy: Sometimes} | spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"",
                "{containers: [{name: a, image: a}], dnsPolicy: None} | spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
                "{containers: [{name: a, image: a}], activeDeadlineSeconds: 0} | spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
                "{containers: [{name: a, image: a}], volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}]} | spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
                "{containers: [{name: a, image: a}], volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]} | spec.volumes[1].name: Duplicate value: \"v\"",
                "{containers: [{name: a, image: a}], volumes: [{name: v, hostPath: {path: a/../b}}]} | spec.volumes[0].hostPath.path: Invalid value: \"a/../b\": must not contain '..'",
                "{containers: [{name: a, image: a}], tolerations: [{operator: Exists, key: a, value: b}]} | spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'",
                "{containers: [{name: a, image: a}], tolerations: [{value: b}]} | spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
                "{containers: [{name: a, image: a}], hostNetwork: true, shareProcessNamespace: true, hostPID: true} | spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
                "{containers: [{name: a, image: a}], topologySpreadConstraints: [{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]} | spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
                "{containers: [{name: a, image: a}], topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: Maybe}]} | spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"Maybe\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"",
                "{containers: [{name: a, image: a}], serviceAccountName: A_B} | spec.serviceAccountName: Invalid value: \"A_B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                "{containers: [{name: a, image: a}], affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, podAffinityTerm: {topologyKey: zone}}]}}} | spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100",
            })
    void saysWhatIsWrongWithAPod(String spec, String error) {
        List<String> errors = PODS.errorsOf(pod(spec));
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "containers: [{name: main, image: 'nginx:2'}]",
                "{containers: [{name: main, image: nginx}], tolerations: [{key: a, operator: Exists}]}",
                "{containers: [{name: main, image: nginx}], activeDeadlineSeconds: 5}",
            })
    void mayChangeInAFewWays(String spec) {
        // The policy of pulling was filled in when the pod was created, and is sent along with changes.
        String after = pod(spec).replace("name: main,", "name: main, imagePullPolicy: Always,");
        assertEquals(List.of(), PODS.errorsOfChange(container(""), after));
    }

    @Test
    void mayNotChangeOtherwise() {
        List<String> errors = PODS.errorsOfChange(container(""), container("command: [sleep]"));
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(
                errors.getFirst()
                        .startsWith(
                                "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"),
                errors::getFirst);
    }

    @Test
    void mayNotGetAnotherContainer() {
        assertEquals(
                List.of("spec.containers: Forbidden: pod updates may not add or remove containers"),
                PODS.errorsOfChange(
                        container(""), pod("containers: [{name: main, image: nginx}, {name: b, image: nginx}]")));
    }

    @Test
    void keepsItsStatusWhenItsSpecificationChanges() {
        ObjectNode pod = PODS.changed(
                container(""),
                "metadata: {name: web}\nstatus: {phase: Running}\nspec: {containers: [{name: main, image: nginx}]}");
        assertEquals("Pending", at(pod, "/status/phase").asText());
    }

    @Test
    void keepsItsSpecificationWhenItsStatusChanges() {
        List<String> errors = PODS.errorsOfStatusChange(container(""), pod -> {
            ((ObjectNode) pod.path("status")).put("phase", "Running");
            ((ObjectNode) pod.path("spec")).put("nodeName", "elsewhere");
        });
        assertEquals(List.of(), errors);
    }

    private static List<String> extended(String status) {
        return PODS.errorsOfStatusChange(
                container("resources: {limits: {example.com/gpu: 1}}"),
                pod -> ((ObjectNode) pod.path("status")).set("extendedResourceClaimStatus", Kind.read(status)));
    }

    @Test
    void saysWhichRequestStandsForWhichResource() {
        String mapping = "{containerName: main, resourceName: example.com/gpu, requestName: container-0-request-0}";
        String field = "status.extendedResourceClaimStatus.";
        assertEquals(List.of(), extended("{resourceClaimName: web-gpu, requestMappings: [" + mapping + "]}"));
        assertEquals(
                List.of(
                        field + "requestMappings: Required value: at least one request mapping is required",
                        field + "resourceClaimName: Required value"),
                extended("{requestMappings: []}"));
        assertEquals(
                List.of(field
                        + "requestMappings[0].containerName: Invalid value: \"side\": must match the name of an entry"
                        + " in spec.initContainers.name or spec.containers.name"),
                extended("{resourceClaimName: web-gpu, requestMappings: [" + mapping.replace("main", "side") + "]}"));
        assertEquals(
                List.of(field
                        + "requestMappings[0].resourceName: Invalid value: \"example.com/nic\": must match the extended"
                        + " resource name of an entry in spec.initContainers.resources.requests or"
                        + " spec.containers.resources.requests"),
                extended("{resourceClaimName: web-gpu, requestMappings: [" + mapping.replace("/gpu", "/nic") + "]}"));
        assertEquals(
                3,
                extended("{resourceClaimName: web-gpu, requestMappings: [" + mapping + ", " + mapping + "]}")
                        .size());
    }

    private static List<String> containerStatus(String more, String sort, String status) {
        String main = sort.equals("containers") ? "" : "containers: [{name: other, image: nginx}]\n";
        String pod = pod(more + main + sort
                + ": [{name: main, image: nginx, resources: {requests: {example.com/gpu: 1},"
                + " limits: {example.com/gpu: 1}, claims: [{name: whole}, {name: part, request: gpu}]}}]");
        String statuses = sort.substring(0, sort.length() - 1) + "Statuses";
        return PODS.errorsOfStatusChange(
                pod,
                old -> ((ObjectNode) old.path("status"))
                        .set(
                                statuses,
                                Kind.read("list: [{name: main, " + status + "}]")
                                        .path("list")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "user: {linux: {uid: 0, gid: 2147483647, supplementalGroups: [0, 2147483647]}} | ''",
                "user: {linux: {uid: -1, gid: 0}} | user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive",
                "user: {linux: {uid: 0, gid: 2147483648}} | user.linux.gid: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive",
                "user: {linux: {uid: 0, gid: 0, supplementalGroups: [1, -5]}} | user.linux.supplementalGroups[1]: Invalid value: -5: must be between 0 and 2147483647, inclusive",
                "allocatedResourcesStatus: [{name: example.com/gpu, resources: [{resourceID: a, health: Healthy}, {resourceID: b, health: Unhealthy}, {resourceID: c, health: Unknown}]}] | ''",
                "allocatedResourcesStatus: [{name: 'claim:whole'}, {name: 'claim:part/gpu'}] | ''",
                "allocatedResourcesStatus: [{name: example.com/gpu}, {name: example.com/nic}] | allocatedResourcesStatus[1].name: Invalid value: \"example.com/nic\": must match one of the container's resource requests",
                "allocatedResourcesStatus: [{name: 'claim:part'}] | allocatedResourcesStatus[0].name: Invalid value: \"claim:part\": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty",
                "allocatedResourcesStatus: [{name: 'claim:whole/gpu'}] | allocatedResourcesStatus[0].name: Invalid value: \"claim:whole/gpu\": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty",
                "allocatedResourcesStatus: [{name: example.com/gpu, resources: [{resourceID: a, health: Broken}]}] | allocatedResourcesStatus[0].resources[0].health: Unsupported value: \"Broken\": supported values: \"Healthy\", \"Unhealthy\", \"Unknown\"",
                "allocatedResourcesStatus: [{name: example.com/gpu, resources: [{resourceID: a}]}] | allocatedResourcesStatus[0].resources[0].health: Unsupported value: \"\": supported values: \"Healthy\", \"Unhealthy\", \"Unknown\"",
                "allocatedResourcesStatus: [{name: example.com/gpu, resources: [{resourceID: a, health: Healthy}, {resourceID: a, health: Healthy}]}] | allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: \"a\"",
            })
    void saysAsWhomItsContainersRunAndHowTheirDevicesAre(String status, String error) {
        String claims =
                "resourceClaims: [{name: whole, resourceClaimName: whole}, {name: part, resourceClaimName: part}]\n";
        for (String sort : List.of("containers", "initContainers")) {
            List<String> expected = error.isEmpty()
                    ? List.of()
                    : List.of("status." + sort.substring(0, sort.length() - 1) + "Statuses[0]." + error);
            assertEquals(expected, containerStatus(claims, sort, status));
        }
    }

    @Test
    void runsAsNoUserOfLinuxOnWindows() {
        for (String statuses : List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")) {
            List<String> errors = PODS.errorsOfStatusChange(
                    pod("os: {name: windows}\ncontainers: [{name: main, image: nginx}]"),
                    old -> ((ObjectNode) old.path("status"))
                            .set(
                                    statuses,
                                    Kind.read(
                                                    "list: [{name: main, user: {linux: {uid: 1, gid: 1}}}, {name: main, user: {}}]")
                                            .path("list")));
            assertEquals(
                    List.of("status." + statuses + "[0].user.linux: Forbidden: cannot be set for a windows pod"),
                    errors);
        }
    }

    @Test
    void saysOfContainersThatItDoesNotHaveHowTheirDevicesAre() {
        String field = "status.ephemeralContainerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID";
        assertEquals(
                List.of(field + ": Duplicate value: \"a\""),
                PODS.errorsOfStatusChange(
                        container(""),
                        old -> ((ObjectNode) old.path("status"))
                                .set(
                                        "ephemeralContainerStatuses",
                                        Kind.read(
                                                        "list: [{name: gone, allocatedResourcesStatus: [{name: example.com/nic,"
                                                                + " resources: [{resourceID: a, health: Healthy},"
                                                                + " {resourceID: a, health: Healthy}]}]}]")
                                                .path("list"))));
    }

    @Test
    void isFoundByItsNodeAndPhase() {
        ObjectNode pod = PODS.created(pod("{nodeName: one, containers: [{name: main, image: nginx}]}"));
        assertEquals("one", PODS.resource().strategy().selectableFields(pod).get("spec.nodeName"));
        assertEquals("", PODS.resource().strategy().selectableFields(pod).get("status.podIPs"));
        assertEquals("one", PODS.resource().strategy().selectableFields(pod).get("spec.host"));
        assertEquals("Pending", PODS.resource().strategy().selectableFields(pod).get("status.phase"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostnameOverride: Web | spec.hostnameOverride: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                "hostnameOverride: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345 | spec.hostnameOverride: Too long: may not be more than 64 bytes",
                "{hostnameOverride: web, hostNetwork: true} | spec.hostnameOverride: Forbidden: may not be specified when `hostNetwork` is true",
                "{hostnameOverride: web, setHostnameAsFQDN: true} | spec.hostnameOverride: Forbidden: may not be specified when `setHostnameAsFQDN` is true",
            })
    void doesNotCallItselfAnything(String more, String error) {
        String fields =
                more.startsWith("{") ? more.substring(1, more.length() - 1).replace(", ", "\n") : more;
        assertEquals(List.of(error), PODS.errorsOf(pod("containers: [{name: main, image: nginx}]\n" + fields)));
    }

    @Test
    void callsItselfSomethingElse() {
        String named = "containers: [{name: main, image: nginx}]\nhostnameOverride: web-1.example.com";
        assertEquals(List.of(), PODS.errorsOf(pod(named)));
    }

    /** Certificates for pods are switched off. */
    @Test
    void getsNoCertificate() {
        ObjectNode pod = PODS.created(pod("containers: [{name: main, image: nginx}]\nvolumes: [{name: v, projected:"
                + " {sources: [{podCertificate: {keyType: ED25519}, configMap: {name: a}}]}}]"));
        JsonNode source = at(pod, "/spec/volumes/0/projected/sources/0");
        assertEquals("{\"configMap\":{\"name\":\"a\"}}", source.toString());
    }

    @Test
    void hasTimeToEndOnlyWhereItRuns() {
        ObjectNode waiting = PODS.created(container(""));
        assertEquals(0, PODS.resource().strategy().gracePeriodSeconds(waiting, -1));
        ObjectNode running = PODS.created(pod("{nodeName: one, containers: [{name: main, image: nginx}]}"));
        assertEquals(30, PODS.resource().strategy().gracePeriodSeconds(running, -1));
        assertEquals(5, PODS.resource().strategy().gracePeriodSeconds(running, 5));
    }
}
