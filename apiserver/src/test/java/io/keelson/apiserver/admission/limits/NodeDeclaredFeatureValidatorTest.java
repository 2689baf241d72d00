package io.keelson.apiserver.admission.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeDeclaredFeatureValidatorTest {
    private final AdmissionPlugin plugin = new NodeDeclaredFeatureValidator(new TestObjects()
            .with("nodes", "{metadata: {name: old}}")
            .with(
                    "nodes",
                    "{metadata: {name: new}, status: {declaredFeatures: [InPlacePodLevelResourcesVerticalScaling,"
                            + " InPlacePodVerticalScalingInitContainers]}}")
            .with(
                    "nodes",
                    "{metadata: {name: half}, status: {declaredFeatures: [InPlacePodVerticalScalingInitContainers]}}"));

    private static String pod(String node, String quality, String rest) {
        return "{metadata: {name: web}, spec: {nodeName: '" + node + "', " + rest + "}, status: {qosClass: " + quality
                + "}}";
    }

    private static TestWrite resize(String node, String quality, String before, String after) {
        return TestWrite.update("pods", "resize", pod(node, quality, after), pod(node, quality, before));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Burstable | containers: [] | containers: [], resources: {requests: {cpu: 2}} | \
InPlacePodLevelResourcesVerticalScaling
            Burstable | initContainers: [{resources: {requests: {cpu: 1}}}] | \
initContainers: [{resources: {requests: {cpu: 2}}}] | InPlacePodVerticalScalingInitContainers
            Guaranteed | containers: [{}], initContainers: [{}] | resources: {limits: {cpu: 2}}, \
containers: [{resources: {requests: {cpu: 2}}}], initContainers: [{resources: {limits: {memory: 2}}}] | \
InPlacePodLevelResourcesVerticalScaling, InPlacePodVerticalScalingInitContainers
            """)
    void theNodeHasToKnowHow(String quality, String before, String after, String features) throws Exception {
        assertEquals(
                "pod update requires features " + features + " which are not available on node \"old\"",
                resize("old", quality, before, after).refusedBy(plugin));
        assertEquals(
                "node \"gone\" not found",
                resize("gone", quality, before, after).refusedBy(plugin));
        resize("new", quality, before, after).through(plugin);
        resize("", quality, before, after).through(plugin);
        TestWrite.update("pods", "status", pod("old", quality, after), pod("old", quality, before))
                .through(plugin);
        assertEquals(
                "pod update requires features " + features + " which are not available on node \"old\"",
                TestWrite.update("pods", "", pod("old", quality, after), pod("old", quality, before))
                        .refusedBy(plugin));
    }

    @Test
    void onlyWhatIsNotDeclaredIsNamed() {
        assertEquals(
                "pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node"
                        + " \"half\"",
                resize(
                                "half",
                                "Guaranteed",
                                "initContainers: [{}]",
                                "initContainers: [{resources: {requests: {cpu: 2}}}], resources: {limits: {cpu: 2}}")
                        .refusedBy(plugin));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Burstable | containers: [{resources: {requests: {cpu: 1}}}] | containers: [{resources: {requests: {cpu: 2}}}]
            Guaranteed | containers: [{resources: {requests: {cpu: 1}}}] | containers: [{resources: {requests: {cpu: 2}}}]
            Guaranteed | containers: [{resources: {requests: {cpu: 1}}}] | containers: [{resources: {requests: {cpu: 1000m}}}]
            Guaranteed | containers: [{resources: {requests: {memory: 1}}}] | \
containers: [{resources: {requests: {memory: 2}}}]
            Guaranteed | initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 1}}}] | \
initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 2}}}]
            Burstable | tolerations: [] | tolerations: [{key: a}]
            """)
    void whatEveryNodeCanDoNeedsNoFeature(String quality, String before, String after) throws Exception {
        resize("gone", quality, before, after).through(plugin);
    }
}
