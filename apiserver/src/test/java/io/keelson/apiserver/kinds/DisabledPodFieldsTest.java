package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a pod is switched off cannot be brought in, and stays where somebody stored it who has it on. */
class DisabledPodFieldsTest {
    private static final String CERTIFICATE = "podCertificate: {signerName: example.com/a, keyType: ED25519}";
    private static final String OTHERS = "configMap: {name: a}";

    private static ObjectNode read(Kind kind, String object, String source) {
        String spec = "{containers: [{name: c, image: i}], volumes: [{name: n}, {name: v, projected: {sources: [{"
                + source + "}, {secret: {name: s}}]}}]}";
        return kind.defaulted("metadata: {name: a}\n" + object.formatted(spec));
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
        Strategy strategy = kind.resource().strategy();
        ObjectNode without = read(kind, object, OTHERS);
        ObjectNode with = read(kind, object, OTHERS + ", " + CERTIFICATE);
        assertNotEquals(without, with, "reading takes nothing away");

        ObjectNode created = with.deepCopy();
        strategy.dropDisabled(created, null);
        assertEquals(without, created);

        ObjectNode broughtIn = with.deepCopy();
        strategy.dropDisabled(broughtIn, without);
        assertEquals(without, broughtIn);

        ObjectNode kept = with.deepCopy();
        strategy.dropDisabled(kept, with);
        assertEquals(with, kept);
    }
}
