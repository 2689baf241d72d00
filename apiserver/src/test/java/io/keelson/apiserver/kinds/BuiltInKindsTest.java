package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.Column;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.validation.FieldErrors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BuiltInKindsTest {
    private static final List<Resource> RESOURCES = BuiltInKinds.resources();
    /** All of the stable versions that are objects and no options, no mere answers, and no parts of others. */
    private static final String SERVED = """
            /v1 Binding
            /v1 ComponentStatus
            /v1 ConfigMap
            /v1 Endpoints
            /v1 Event
            /v1 LimitRange
            /v1 Namespace
            /v1 Node
            /v1 PersistentVolume
            /v1 PersistentVolumeClaim
            /v1 Pod
            /v1 PodTemplate
            /v1 ReplicationController
            /v1 ResourceQuota
            /v1 Secret
            /v1 Service
            /v1 ServiceAccount
            admissionregistration.k8s.io/v1 MutatingAdmissionPolicy
            admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding
            admissionregistration.k8s.io/v1 MutatingWebhookConfiguration
            admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy
            admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding
            admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration
            apiextensions.k8s.io/v1 CustomResourceDefinition
            apiregistration.k8s.io/v1 APIService
            apps/v1 ControllerRevision
            apps/v1 DaemonSet
            apps/v1 Deployment
            apps/v1 ReplicaSet
            apps/v1 StatefulSet
            authentication.k8s.io/v1 SelfSubjectReview
            authentication.k8s.io/v1 TokenReview
            authorization.k8s.io/v1 LocalSubjectAccessReview
            authorization.k8s.io/v1 SelfSubjectAccessReview
            authorization.k8s.io/v1 SelfSubjectRulesReview
            authorization.k8s.io/v1 SubjectAccessReview
            autoscaling/v1 HorizontalPodAutoscaler
            autoscaling/v2 HorizontalPodAutoscaler
            batch/v1 CronJob
            batch/v1 Job
            certificates.k8s.io/v1 CertificateSigningRequest
            coordination.k8s.io/v1 Lease
            discovery.k8s.io/v1 EndpointSlice
            events.k8s.io/v1 Event
            flowcontrol.apiserver.k8s.io/v1 FlowSchema
            flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration
            networking.k8s.io/v1 IPAddress
            networking.k8s.io/v1 Ingress
            networking.k8s.io/v1 IngressClass
            networking.k8s.io/v1 NetworkPolicy
            networking.k8s.io/v1 ServiceCIDR
            node.k8s.io/v1 RuntimeClass
            policy/v1 PodDisruptionBudget
            rbac.authorization.k8s.io/v1 ClusterRole
            rbac.authorization.k8s.io/v1 ClusterRoleBinding
            rbac.authorization.k8s.io/v1 Role
            rbac.authorization.k8s.io/v1 RoleBinding
            resource.k8s.io/v1 DeviceClass
            resource.k8s.io/v1 ResourceClaim
            resource.k8s.io/v1 ResourceClaimTemplate
            resource.k8s.io/v1 ResourceSlice
            scheduling.k8s.io/v1 PriorityClass
            storage.k8s.io/v1 CSIDriver
            storage.k8s.io/v1 CSINode
            storage.k8s.io/v1 CSIStorageCapacity
            storage.k8s.io/v1 StorageClass
            storage.k8s.io/v1 VolumeAttachment
            storage.k8s.io/v1 VolumeAttributesClass
            """;

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

    private static List<Resource> resources() {
        return RESOURCES;
    }

    private static Resource resource(String name) {
        return RESOURCES.stream()
                .filter(resource -> resource.name().toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no " + name));
    }

    @ParameterizedTest
    @MethodSource("resources")
    void isWellFormed(Resource resource) {
        assertAll(
                () -> assertFalse(resource.versions().isEmpty()),
                () -> assertFalse(resource.verbs().isEmpty()),
                () -> assertFalse(resource.custom()),
                () -> assertEquals(
                        resource.name().resource(), resource.name().resource().toLowerCase(Locale.ROOT)),
                () -> assertEquals(resource.kind().kind().toLowerCase(Locale.ROOT), resource.singular()),
                () -> assertFalse(resource.storagePath().startsWith("/")),
                () -> assertTrue(resource.subresources().values().stream()
                        .noneMatch(part -> part.verbs().isEmpty())));
    }

    @ParameterizedTest
    @MethodSource("resources")
    void hasASchemaAndColumnsInEveryVersion(Resource resource) {
        for (ServedVersion version : resource.versions()) {
            assertTrue(version.schema().properties().containsKey("metadata"), version.version());
            assertFalse(version.columns().isEmpty());
            Set<String> names = new HashSet<>();
            version.columns().forEach(column -> assertTrue(names.add(column.name()), column.name()));
        }
    }

    @ParameterizedTest
    @MethodSource("resources")
    void hasASchemaOfWhatIsSentToItsSubresources(Resource resource) {
        for (Subresource part : resource.subresources().values()) {
            GroupVersionKind kind = part.kind();
            assertNotNull(BuiltInSchemas.find(kind.group(), kind.version(), kind.kind()), kind.toString());
        }
    }

    /** Objects that say nothing must not bring anybody down, neither to be printed nor to be judged. */
    @ParameterizedTest
    @MethodSource("resources")
    void copesWithAnEmptyObject(Resource resource) {
        ObjectNode object = Json.object();
        for (ServedVersion version : resource.versions()) {
            for (Column column : version.columns()) {
                assertNotNull(column.cell().of(object, NOW), column.name());
            }
        }
        Strategy strategy = resource.strategy();
        ObjectNode filled = Json.object();
        strategy.applyDefaults(filled);
        ObjectNode once = filled.deepCopy();
        strategy.applyDefaults(filled);
        assertEquals(once, filled, "defaults filled in twice");
        strategy.validate(object, new FieldErrors());
        strategy.validateUpdate(object, object.deepCopy(), new FieldErrors());
        assertNotNull(strategy.selectableFields(object));
    }

    @Test
    void everyKindOfTheDefaultVersionsIsServed() {
        Set<String> served = new TreeSet<>();
        for (Resource resource : RESOURCES) {
            for (ServedVersion version : resource.versions()) {
                served.add(resource.name().group() + "/" + version.version() + " "
                        + resource.kind().kind());
            }
        }
        assertEquals(SERVED, String.join("\n", served) + "\n");
    }

    @Test
    void namesKindsAndPlacesInTheStoreAreUnique() {
        Set<GroupResource> names = new HashSet<>();
        Map<String, Resource> places = new HashMap<>();
        Set<String> shortNames = new HashSet<>();
        for (Resource resource : RESOURCES) {
            assertTrue(names.add(resource.name()), resource.toString());
            boolean events = resource.name().resource().equals("events");
            if (!events) {
                assertEquals(null, places.put(resource.storagePath(), resource), resource.toString());
                resource.shortNames().forEach(name -> assertTrue(shortNames.add(name), name));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pods, pods",
        "services, services/specs",
        "endpoints, services/endpoints",
        "nodes, minions",
        "replicationcontrollers, controllers",
        "ingresses.networking.k8s.io, ingress",
        "events, events",
        "events.events.k8s.io, events",
        "leases.coordination.k8s.io, leases",
        "deployments.apps, deployments",
        "customresourcedefinitions.apiextensions.k8s.io, apiextensions.k8s.io/customresourcedefinitions",
        "apiservices.apiregistration.k8s.io, apiregistration.k8s.io/apiservices",
    })
    void isStoredWhereTheOriginalStoresIt(String resource, String path) {
        assertEquals(path, resource(resource).storagePath());
    }

    @ParameterizedTest
    @CsvSource({
        "pods, po",
        "services, svc",
        "deployments.apps, deploy",
        "horizontalpodautoscalers.autoscaling, hpa",
        "customresourcedefinitions.apiextensions.k8s.io, crd",
        "persistentvolumeclaims, pvc",
        "certificatesigningrequests.certificates.k8s.io, csr",
    })
    void hasTheShortNamesThatEverybodyTypes(String resource, String shortName) {
        assertTrue(resource(resource).shortNames().contains(shortName));
    }

    @Test
    void podsHaveTheSubresourcesOfTheOriginal() {
        Set<String> names = new TreeSet<>(resource("pods").subresources().keySet());
        assertEquals(
                Set.of(
                        "attach",
                        "binding",
                        "ephemeralcontainers",
                        "eviction",
                        "exec",
                        "log",
                        "portforward",
                        "proxy",
                        "resize",
                        "status"),
                names);
    }

    @Test
    void reviewsCanOnlyBeCreated() {
        for (Resource resource : RESOURCES) {
            if (resource.kind().kind().endsWith("Review")) {
                assertEquals(EnumSet.of(Verb.CREATE), resource.verbs(), resource.toString());
            }
        }
    }

    @Test
    void whatIsScaledTakesTheSameScale() {
        List<String> scaled = RESOURCES.stream()
                .filter(resource -> resource.subresource("scale") != null)
                .map(resource -> resource.name().resource())
                .sorted()
                .toList();
        assertEquals(List.of("deployments", "replicasets", "replicationcontrollers", "statefulsets"), scaled);
        Subresource scale = Objects.requireNonNull(resource("deployments.apps").subresource("scale"));
        assertEquals("autoscaling/v1, Kind=Scale", scale.kind().toString());
    }

    @Test
    void allMeansWhatRuns() {
        List<String> all = RESOURCES.stream()
                .filter(resource -> resource.categories().contains("all"))
                .map(resource -> resource.name().resource())
                .sorted()
                .toList();
        assertEquals(
                List.of(
                        "cronjobs",
                        "daemonsets",
                        "deployments",
                        "horizontalpodautoscalers",
                        "jobs",
                        "pods",
                        "replicasets",
                        "replicationcontrollers",
                        "services",
                        "statefulsets"),
                all);
    }

    @Test
    void autoscalersAreStoredInVersionTwoAndServedInBoth() {
        Resource resource = resource("horizontalpodautoscalers.autoscaling");
        assertEquals("v2", resource.storageVersion());
        assertEquals(
                List.of("v2", "v1"),
                resource.versions().stream().map(ServedVersion::version).toList());
        ObjectNode one = Json.parseObject("""
                {"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},
                 "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":5,
                         "targetCPUUtilizationPercentage":80}}
                """.getBytes(StandardCharsets.UTF_8));
        ServedVersion version = resource.versions().get(1);
        assertEquals("cpu: <unknown>/80%", cell(version, "Targets", one));
        assertEquals(80, one.path("spec").path("targetCPUUtilizationPercentage").asInt(), "the object stays as it is");
    }

    @Test
    void eventsOfBothGroupsAreOneAndTheSame() {
        Resource resource = resource("events.events.k8s.io");
        assertEquals("v1", resource.storedAs().toString());
        ObjectNode event = Json.parseObject("""
                {"metadata":{"name":"e","namespace":"default"},"note":"It is done.","reason":"Done","type":"Normal",
                 "regarding":{"kind":"Pod","name":"web"},"eventTime":"2026-05-01T11:59:30.000000Z"}
                """.getBytes(StandardCharsets.UTF_8));
        ServedVersion version = resource.versions().getFirst();
        assertEquals("It is done.", cell(version, "Message", event));
        assertEquals("pod/web", cell(version, "Object", event));
        ObjectNode stored = resource.conversion().convert(event.deepCopy(), "v1", resource.storageVersion());
        assertEquals("It is done.", stored.path("message").asText());
        ObjectNode back = resource.conversion().convert(stored, resource.storageVersion(), "v1");
        back.remove("apiVersion");
        assertEquals(event, back);
    }

    private static String cell(ServedVersion version, String column, ObjectNode object) {
        return version.columns().stream()
                .filter(each -> each.name().equals(column))
                .findFirst()
                .orElseThrow()
                .cell()
                .of(object, NOW)
                .asText();
    }
}
