package io.keelson.agent.pods.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodTraits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
    private static final String WEB = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web}
        spec:
          containers:
          - {name: a, image: busybox, resources: {limits: {cpu: 1}}, livenessProbe: {tcpSocket: {port: 80}}}
        """;

    private final ManifestReader reader = new ManifestReader("Node-1");

    private Pod read(String text) throws IOException {
        return reader.read(text.getBytes(StandardCharsets.UTF_8), "/etc/manifests/web.yaml", Instant.EPOCH);
    }

    @Test
    void aStaticPodIsNamedAfterItsNodeAndKnownByWhatItSays() throws IOException {
        Pod pod = read(WEB);
        assertEquals("web-node-1", pod.getMetadata().getName());
        assertEquals("default", pod.getMetadata().getNamespace());
        assertEquals(32, pod.getMetadata().getUid().length());
        assertEquals(pod.getMetadata().getUid(), PodTraits.annotation(pod, PodTraits.HASH));
        assertTrue(PodTraits.isStatic(pod));
        assertEquals("Node-1", pod.getSpec().getNodeName());
        assertEquals(pod.getMetadata().getUid(), read(WEB).getMetadata().getUid());
        assertNotEquals(
                pod.getMetadata().getUid(),
                read(WEB.replace("busybox", "nginx")).getMetadata().getUid());
    }

    @Test
    void whatTheApiWouldFillInIsFilledIn() throws IOException {
        Pod pod = read(WEB);
        assertEquals("Always", pod.getSpec().getRestartPolicy());
        assertEquals(30, pod.getSpec().getTerminationGracePeriodSeconds());
        var container = pod.getSpec().getContainers().getFirst();
        assertEquals("Always", container.getImagePullPolicy());
        assertEquals(3, container.getLivenessProbe().getFailureThreshold());
        assertEquals("1", String.valueOf(container.getResources().getRequests().get("cpu")));
    }

    @Test
    void jsonIsAManifestToo() throws IOException {
        assertEquals(
                "j-node-1",
                read("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"j\"},"
                                + "\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"x:1\"}]}}")
                        .getMetadata()
                        .getName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "just words",
                "{",
                "apiVersion: v1\nkind: Service\nmetadata: {name: a}",
                "apiVersion: v1\nkind: Pod",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: ../../etc}\nspec: {containers: [{name: a, image: x}]}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: 'a/b', image: x}]}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: 7}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: x}, {name: a, image: x}]}",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {serviceAccountName: s, containers: [{name: a, image: x}]}",
                "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]"
            })
    void whatIsNoManifestSaysSo(String text) {
        IOException refusal = assertThrows(IOException.class, () -> read(text));
        assertTrue(refusal.getMessage() != null && !refusal.getMessage().isEmpty());
    }

    @Test
    void whatIsNestedTooDeepOrTooLongIsRefused() {
        assertThrows(IOException.class, () -> read("[".repeat(100_000)));
        assertThrows(IOException.class, () -> reader.read(new byte[ManifestReader.MAX + 1], "x", Instant.EPOCH));
    }
}
