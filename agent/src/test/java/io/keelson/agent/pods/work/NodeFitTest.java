package io.keelson.agent.pods.work;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeFitTest {
    private static final Node NODE = new NodeBuilder()
            .withNewMetadata()
            .withName("n")
            .addToLabels("kubernetes.io/os", "linux")
            .endMetadata()
            .withNewSpec()
            .addNewTaint()
            .withKey("out")
            .withEffect("NoExecute")
            .endTaint()
            .endSpec()
            .withNewStatus()
            .addToAllocatable("cpu", new Quantity("1"))
            .addToAllocatable("memory", new Quantity("1Gi"))
            .addToAllocatable("pods", new Quantity("2"))
            .addToAllocatable("example.com/gpu", new Quantity("0"))
            .endStatus()
            .build();

    private static Pod pod(String container, String rest) {
        return Samples.pod("containers: [{name: a, image: x" + (container.isEmpty() ? "" : ", " + container)
                + "}]\ntolerations: [{operator: Exists}]\n" + rest);
    }

    private static String refusal(Pod pod, Pod... others) {
        return new NodeFit(() -> NODE)
                .look(pod, List.of(others))
                .refusal()
                .map(found -> found.reason() + ": " + found.message())
                .orElse("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\" | \"\" | \"\"",
                "\"resources: {requests: {cpu: 2}}\" | \"\" | OutOfcpu: Node didn't have enough resource: cpu, requested: 2000, used: 0, capacity: 1000",
                "\"resources: {requests: {memory: 2Gi}}\" | \"\" | OutOfmemory: Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
                "\"resources: {requests: {example.com/gpu: 1}}\" | \"\" | OutOfexample.com/gpu: Node didn't have enough resource: example.com/gpu, requested: 1, used: 0, capacity: 0",
                "\"resources: {requests: {example.com/of-the-cluster: 1}}\" | \"\" | \"\"",
                "\"\" | \"nodeSelector: {a: b}\" | NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
                "\"\" | \"os: {name: windows}\" | PodOSNotSupported: Failed to admit pod as the OS field doesn't match node OS",
                "\"\" | \"nodeSelector: {kubernetes.io/os: windows}\" | PodOSSelectorNodeLabelDoesNotMatch: Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
            })
    void whatDoesNotFitIsRefusedAndSaysWhy(String container, String rest, String expected) {
        assertEquals(expected, refusal(pod(container, rest)));
    }

    @Test
    void othersCount() {
        Pod small = pod("resources: {requests: {cpu: 600m}}", "");
        assertEquals(
                "OutOfcpu: Node didn't have enough resource: cpu, requested: 600, used: 600, capacity: 1000",
                refusal(small, small));
        Pod none = pod("", "");
        assertEquals(
                "OutOfpods: Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2",
                refusal(none, none, none));
    }

    @ParameterizedTest
    @CsvSource({
        "'hostPort: 80', 'hostPort: 80', true",
        "'hostPort: 80', 'hostPort: 81', false",
        "'hostPort: 80, protocol: UDP', 'hostPort: 80', false",
        "'hostPort: 80, hostIP: 10.0.0.1', 'hostPort: 80, hostIP: 10.0.0.2', false",
        "'hostPort: 80, hostIP: 10.0.0.1', 'hostPort: 80', true"
    })
    void noTwoPodsGetOnePort(String one, String other, boolean clashes) {
        String format = "ports: [{containerPort: 1, %s}]";
        assertEquals(
                clashes
                        ? "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
                        : "",
                refusal(pod(format.formatted(one), ""), pod(format.formatted(other), "")));
    }

    @Test
    void whoDoesNotTolerateTheNodeIsRefused() {
        Refusal refusal = new NodeFit(() -> NODE)
                .look(Samples.pod("containers: [{name: a, image: x}]"), List.of())
                .refusal()
                .orElseThrow();
        assertEquals("TaintToleration", refusal.reason());
    }
}
