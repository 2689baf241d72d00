package io.keelson.apiserver.admission.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodResizeValidatorTest {
    private static final String LINUX = "{metadata: {name: linux, labels: {kubernetes.io/os: linux}},"
            + " status: {allocatable: {cpu: '2', memory: 1Gi}}}";

    private final AdmissionPlugin plugin = new PodResizeValidator(new TestObjects()
            .with("nodes", LINUX)
            .with("nodes", LINUX.replace("name: linux", "name: empty").replaceAll(", status: .*", "}"))
            .with("nodes", LINUX.replace("name: linux", "name: windows").replace("os: linux", "os: windows")));

    private static String pod(String node, String rest) {
        return "{metadata: {name: web}, spec: {nodeName: '" + node + "', " + rest + "}}";
    }

    private static String requesting(String requests) {
        return "containers: [{name: a, resources: {requests: {" + requests + "}}}]";
    }

    private static TestWrite resize(String node, String rest) {
        return TestWrite.update("pods", "resize", pod(node, rest), pod(node, "containers: [{name: a}]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            containers: [{resources: {requests: {cpu: 2001m}}}] | cpu, requested: 2001, allocatable: 2000
            containers: [{resources: {requests: {memory: 1025Mi, cpu: 2}}}] | \
memory, requested: 1074790400, allocatable: 1073741824
            containers: [{resources: {requests: {cpu: 3, memory: 2Gi}}}] | cpu, requested: 3000, allocatable: 2000; \
memory, requested: 2147483648, allocatable: 1073741824
            containers: [{resources: {requests: {cpu: 1}}}, {resources: {requests: {cpu: 1500m}}}] | \
cpu, requested: 2500, allocatable: 2000
            containers: [{resources: {requests: {cpu: 1}}}], \
initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 1500m}}}] | cpu, requested: 2500, allocatable: 2000
            containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{resources: {requests: {cpu: 3}}}] | \
cpu, requested: 3000, allocatable: 2000
            containers: [{resources: {requests: {cpu: 1}}}], resources: {requests: {cpu: 4}} | \
cpu, requested: 4000, allocatable: 2000
            containers: [{resources: {requests: {cpu: 2}}}], overhead: {cpu: 1m} | cpu, requested: 2001, allocatable: 2000
            """)
    void nobodyGetsMoreThanTheNodeHas(String pod, String exceeded) {
        assertEquals(
                "Node didn't have enough allocatable resources: " + exceeded,
                resize("linux", pod).refusedBy(plugin));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            containers: [{resources: {requests: {cpu: 2, memory: 1Gi}}}]
            containers: [{resources: {limits: {cpu: 9}}}]
            containers: [{resources: {requests: {ephemeral-storage: 9Ti}}}]
            containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{resources: {requests: {cpu: 2}}}]
            containers: [{resources: {requests: {cpu: 9}}}], resources: {requests: {cpu: 1}}
            """)
    void whatTheNodeCouldHoldIsFine(String pod) throws Exception {
        resize("linux", pod).through(plugin);
    }

    @Test
    void aNodeThatSaysNothingHasNothing() throws Exception {
        assertEquals(
                "Node didn't have enough allocatable resources: cpu, requested: 1, allocatable: 0",
                resize("empty", requesting("cpu: 1m")).refusedBy(plugin));
        resize("empty", requesting("example.com/gpu: 1")).through(plugin);
    }

    private StatusCause cause(String node, String requests) {
        ApiException refused = assertThrows(
                ApiException.class, () -> resize(node, requesting(requests)).through(plugin));
        assertEquals(403, refused.code());
        assertEquals(1, refused.details().causes().size());
        return refused.details().causes().getFirst();
    }

    @Test
    void onlyNodesOfLinuxResize() {
        assertEquals(
                "pod resize is only supported on linux nodes, node \"windows\" is \"windows\"",
                resize("windows", requesting("cpu: 1")).refusedBy(plugin));
    }

    @Test
    void programsCanTellWhyItIsRefused() {
        assertEquals(new StatusCause("UnsupportedPlatform", "", ""), cause("windows", "cpu: 1"));
        assertEquals(new StatusCause("NodeCapacity", "", ""), cause("linux", "cpu: 3"));
        assertEquals(new StatusCause("NodeCapacity", "", ""), cause("windows", "cpu: 3"));
    }

    @Test
    void theNodeHasToBeThere() {
        assertEquals(
                "node \"gone\" not found", resize("gone", requesting("cpu: 1")).refusedBy(plugin));
    }

    @Test
    void nothingElseIsAskedAbout() throws Exception {
        String large = requesting("cpu: 9");
        resize("", large).through(plugin);
        TestWrite.update("pods", "resize", pod("linux", large), pod("linux", large))
                .through(plugin);
        for (String part : List.of("", "status", "ephemeralcontainers")) {
            TestWrite.update("pods", part, pod("linux", large), pod("linux", requesting("cpu: 1")))
                    .through(plugin);
        }
        TestWrite.create("pods", pod("linux", large)).through(plugin);
    }
}
