package io.keelson.agent.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ObjectFieldSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PodFieldsTest {
    private static final Map<String, Quantity> ALLOCATABLE = Map.of(
            "cpu", new Quantity("3500m"), "memory", new Quantity("4Gi"), "ephemeral-storage", new Quantity("10Gi"));

    private final Pod pod = new PodBuilder()
            .withNewMetadata()
            .withName("web-0")
            .withNamespace("shop")
            .withUid("u-1")
            .addToLabels("tier", "front")
            .addToLabels("app.kubernetes.io/name", "web")
            .addToAnnotations("note", "two\nlines \"quoted\" \\ \u00a0\u00e9")
            .endMetadata()
            .withNewSpec()
            .withNodeName("node-1")
            .withServiceAccountName("robot")
            .addToContainers(new ContainerBuilder()
                    .withName("app")
                    .withNewResources()
                    .addToRequests("cpu", new Quantity("250m"))
                    .addToLimits("cpu", new Quantity("1500m"))
                    .addToRequests("memory", new Quantity("64Mi"))
                    .addToRequests("hugepages-2Mi", new Quantity("4Mi"))
                    .endResources()
                    .build())
            .addToInitContainers(new ContainerBuilder().withName("setup").build())
            .endSpec()
            .build();

    private String field(String path) throws ReferenceException {
        return PodFields.value(
                pod,
                new ObjectFieldSelector("v1", path),
                List.of("fd00::5", "10.1.0.5"),
                List.of("192.0.2.1", "fd00::1"));
    }

    @Test
    void allSupportedFieldsHaveValues() throws ReferenceException {
        assertEquals("web-0", field("metadata.name"));
        assertEquals("shop", field("metadata.namespace"));
        assertEquals("u-1", field("metadata.uid"));
        assertEquals("front", field("metadata.labels['tier']"));
        assertEquals("web", field("metadata.labels['app.kubernetes.io/name']"));
        assertEquals("", field("metadata.labels['missing']"));
        assertEquals("node-1", field("spec.nodeName"));
        assertEquals("robot", field("spec.serviceAccountName"));
        assertEquals("192.0.2.1", field("status.hostIP"));
        assertEquals("192.0.2.1,fd00::1", field("status.hostIPs"));
        assertEquals("10.1.0.5", field("status.podIP"), "of the family that the node prefers");
        assertEquals("10.1.0.5,fd00::5", field("status.podIPs"));
    }

    @Test
    void labelsAndAnnotationsAreLinesInOrder() throws ReferenceException {
        assertEquals("app.kubernetes.io/name=\"web\"\ntier=\"front\"", field("metadata.labels"));
        assertEquals("note=\"two\\nlines \\\"quoted\\\" \\\\ \\u00a0\u00e9\"", field("metadata.annotations"));
    }

    @Test
    void otherFieldsAreRefused() {
        assertEquals(
                "field label not supported: spec.containers",
                assertThrows(ReferenceException.class, () -> field("spec.containers"))
                        .message());
        assertThrows(ReferenceException.class, () -> field("status.phase"));
        assertThrows(
                ReferenceException.class,
                () -> PodFields.value(pod, new ObjectFieldSelector("v2", "metadata.name"), List.of(), List.of()));
    }

    private String resource(String container, String resource, String divisor) throws ReferenceException {
        return ResourceFields.value(
                pod,
                pod.getSpec().getContainers().getFirst(),
                new ResourceFieldSelector(container, new Quantity(divisor), resource),
                ALLOCATABLE);
    }

    @Test
    void resourcesAreDividedAndRoundedUp() throws ReferenceException {
        assertEquals("2", resource("", "limits.cpu", "1"));
        assertEquals("1500", resource("", "limits.cpu", "1m"));
        assertEquals("1", resource("", "requests.cpu", "0"));
        assertEquals("67108864", resource("app", "requests.memory", "1"));
        assertEquals("64", resource("app", "requests.memory", "1Mi"));
        assertEquals("1", resource("app", "requests.memory", "1Gi"));
        assertEquals("2", resource("app", "requests.hugepages-2Mi", "2Mi"));
    }

    @Test
    void aLimitThatIsNotSetIsThePodsOrTheNodes() throws ReferenceException {
        assertEquals("4096", resource("app", "limits.memory", "1Mi"));
        assertEquals("4", resource("setup", "limits.cpu", "1"));
        assertEquals("0", resource("setup", "requests.cpu", "1"));
        pod.getSpec()
                .setResources(new io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder()
                        .addToLimits("memory", new Quantity("1Gi"))
                        .build());
        assertEquals("1024", resource("app", "limits.memory", "1Mi"));
    }

    @Test
    void whatIsNoResourceIsRefused() {
        assertEquals(
                "Unsupported container resource : limits.gpu",
                assertThrows(ReferenceException.class, () -> resource("", "limits.gpu", "1"))
                        .message());
        assertEquals(
                "container ghost not found",
                assertThrows(ReferenceException.class, () -> resource("ghost", "limits.cpu", "1"))
                        .message());
    }

    @Test
    void aQuantityOfEndlessDigitsTakesNoTime() throws ReferenceException {
        pod.getSpec()
                .getContainers()
                .getFirst()
                .getResources()
                .getRequests()
                .put("memory", new Quantity("1e999999999"));
        assertEquals("9223372036854775807", resource("app", "requests.memory", "1"));
    }
}
