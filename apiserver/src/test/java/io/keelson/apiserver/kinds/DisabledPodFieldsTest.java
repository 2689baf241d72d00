package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a pod is switched off cannot be brought in, and stays where somebody stored it who has it on. */
class DisabledPodFieldsTest {
    private static final String CERTIFICATE = "podCertificate: {signerName: example.com/a, keyType: ED25519}";
    private static final String BUNDLE = "clusterTrustBundle: {name: b, path: p}";
    private static final String OTHERS = "configMap: {name: a}";
    private static final String ALL = OTHERS + ", " + CERTIFICATE + ", " + BUNDLE;
    private static final String GROUP = "schedulingGroup: {podGroupName: g}, ";

    private static ObjectNode read(Kind kind, String object, String group, String source) {
        String spec = "{containers: [{name: c, image: i}], " + group
                + "volumes: [{name: n}, {name: v, projected: {sources: [{" + source + "}, {secret: {name: s}}]}}]}";
        return kind.defaulted("metadata: {name: a}\n" + object.formatted(spec));
    }

    private static void drop(Kind kind, ObjectNode object, @Nullable ObjectNode old) {
        kind.resource().strategy().dropDisabled(object, old);
        SchedulingGroups.drop(kind.resource().name(), object, old);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pods                   | spec: %s",
                "podtemplates           | template: {spec: %s}",
                "replicationcontrollers | spec: {template: {spec: %s}}",
                "replicasets.apps       | spec: {template: {spec: %s}}",
                "deployments.apps       | spec: {template: {spec: %s}}",
                "statefulsets.apps      | spec: {template: {spec: %s}}",
                "daemonsets.apps        | spec: {template: {spec: %s}}",
                "jobs.batch             | spec: {template: {spec: %s}}",
                "cronjobs.batch         | spec: {jobTemplate: {spec: {template: {spec: %s}}}}",
            })
    void goFromAllThatDescribesPods(String name, String object) {
        Kind kind = Kind.of(name);
        ObjectNode without = read(kind, object, "", OTHERS);
        ObjectNode with = read(kind, object, GROUP, ALL);
        for (String field : List.of("podCertificate", "clusterTrustBundle", "schedulingGroup")) {
            assertNotNull(with.findValue(field), "reading takes nothing away");
        }

        ObjectNode created = with.deepCopy();
        drop(kind, created, null);
        assertEquals(without, created);

        ObjectNode broughtIn = with.deepCopy();
        drop(kind, broughtIn, without);
        assertEquals(without, broughtIn);

        ObjectNode kept = with.deepCopy();
        drop(kind, kept, with);
        assertEquals(with, kept);
    }

    private static void isAllThatStays(String group, String source) {
        Kind pods = Kind.of("pods");
        ObjectNode old = read(pods, "spec: %s", group, source);
        ObjectNode pod = read(pods, "spec: %s", GROUP, ALL);
        drop(pods, pod, old);
        assertEquals(old, pod);
    }

    @Test
    void areNotBroughtInByOneAnother() {
        isAllThatStays("", OTHERS + ", " + CERTIFICATE);
        isAllThatStays("", OTHERS + ", " + BUNDLE);
        isAllThatStays(GROUP, OTHERS);
    }
}
