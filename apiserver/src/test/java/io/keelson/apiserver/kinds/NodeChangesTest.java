package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a node may be changed once it is there, in the words of the original. */
final class NodeChangesTest {
    private static final Kind NODES = Kind.of("nodes");
    private static final String SOURCE = "{configMap: {namespace: a, name: b, kubeletConfigKey: k}}";

    private static String node(String spec) {
        return "{metadata: {name: a}, spec: {" + spec + "}}";
    }

    private static List<String> errors(String before, String after) {
        return NODES.errorsOfChange(node(before), node(after));
    }

    /** A node as it was stored when agents were configured by ConfigMaps. */
    private static ObjectNode configured(ObjectNode node, String part, String field, String value) {
        ((ObjectNode) node.path(part)).set(field, Kind.read(value));
        return node;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            podCIDRs: [10.1.0.0/24, 'fd00::/64'] | podCIDRs: [10.2.0.0/24, 'fd01::/64'] | 2
            podCIDRs: [10.1.0.0/24, 'fd00::/64'] | podCIDRs: [10.1.0.0/24, 'fd01::/64'] | 1
            podCIDRs: [10.1.0.0/24, 'fd00::/64'] | podCIDR: 10.1.0.0/24                 | 1
            podCIDR: 10.1.0.0/24                 | unschedulable: true                  | 1
            podCIDR: 10.1.0.0/24                 | podCIDRs: [10.1.0.0/24]              | 0
            unschedulable: true                  | podCIDRs: [10.1.0.0/24, 'fd00::/64'] | 0
            """)
    void rangesStayOnceThereAreSome(String before, String after, int complaints) {
        assertEquals(
                Collections.nCopies(
                        complaints,
                        "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid"),
                errors(before, after));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            providerID: a://1   | providerID: a://2
            providerID: a://1   | unschedulable: true
            """)
    void theProviderStaysOnceThereIsOne(String before, String after) {
        assertEquals(
                List.of("spec.providerID: Forbidden: node updates may not change providerID except from \"\" to valid"),
                errors(before, after));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            externalID: a       | externalID: b
            externalID: a       | unschedulable: true
            unschedulable: true | externalID: b
            """)
    void theExternalIdStays(String before, String after) {
        assertEquals(List.of("spec.externalID: Forbidden: may not be updated"), errors(before, after));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            unschedulable: true  | providerID: a://1
            unschedulable: true  | taints: [{key: a, effect: NoSchedule}]
            externalID: a        | externalID: a, unschedulable: true
            """)
    void theRestMayChange(String before, String after) {
        assertEquals(List.of(), errors(before, after));
    }

    @Test
    void aConfigurationIsKeptWhereThereIsOneAndNotBroughtIn() {
        String with = "{metadata: {name: a}, spec: {configSource: " + SOURCE + "}, status: {config: {active: " + SOURCE
                + "}}}";
        ObjectNode created = NODES.created(with);
        assertFalse(created.path("spec").has("configSource"), created::toString);
        assertFalse(created.path("status").has("config"), created::toString);
        ObjectNode changed = NODES.changed(node("unschedulable: true"), with);
        assertFalse(changed.path("spec").has("configSource"), changed::toString);
        ObjectNode old = configured(NODES.created(node("unschedulable: true")), "spec", "configSource", SOURCE);
        ObjectNode kept =
                configured(old, "status", "config", "{active: " + SOURCE + "}").deepCopy();
        NODES.resource().strategy().dropDisabled(kept, old);
        assertTrue(kept.path("spec").has("configSource"), kept::toString);
        assertTrue(kept.path("status").has("config"), kept::toString);
    }

    @Test
    void fieldsOfThePastAreWarnedOf() {
        ObjectNode old = configured(NODES.created(node("externalID: x")), "spec", "configSource", SOURCE);
        List<String> warnings = new ArrayList<>();
        NODES.resource().strategy().warn(old, old, warnings);
        String id = "spec.externalID: this field is deprecated, and is unused by Kubernetes";
        assertEquals(List.of("spec.configSource: the feature is removed", id), warnings);
        assertEquals(List.of(id), NODES.warningsOf(node("externalID: x, configSource: {}")));
        assertEquals(List.of(), NODES.warningsOf(node("providerID: x")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            kubeletConfigKey: k, name: b               | .namespace: Required value: namespace must be set
            kubeletConfigKey: k, namespace: a          | .name: Required value: name must be set
            name: b, namespace: a                      | .kubeletConfigKey: Required value: kubeletConfigKey must be set
            kubeletConfigKey: k, name: b, namespace: a, uid: u | .uid: Forbidden: uid must not be set in spec
            kubeletConfigKey: k, name: b, namespace: a, resourceVersion: r | .resourceVersion: Forbidden: \
            resourceVersion must not be set in spec
            """)
    void aConfigurationThatIsWantedIsAConfigMapByName(String map, String error) {
        assertEquals(
                List.of("spec.configSource.configMap" + error),
                NODES.errorsOfStatusChange(
                        node("unschedulable: true"),
                        old -> configured(old, "spec", "configSource", "{configMap: {" + map + "}}"),
                        _ -> {}));
    }

    @Test
    void aConfigurationThatIsToldIsAConfigMapAsItWas() {
        assertEquals(
                List.of(
                        "status.config.assigned.configMap.uid: Required value: uid must be set in status",
                        "status.config.assigned.configMap.resourceVersion: Required value: resourceVersion must be set in"
                                + " status"),
                NODES.errorsOfStatusChange(
                        node("unschedulable: true"),
                        old -> configured(old, "status", "config", "{assigned: " + SOURCE + "}"),
                        _ -> {}));
    }

    @Test
    void aConfigurationRefersToSomething() {
        assertEquals(
                List.of(
                        "spec.configSource: Invalid value: {}: exactly one reference subfield must be non-nil",
                        "status.config.active: Invalid value: {}: exactly one reference subfield must be non-nil"),
                NODES.errorsOfStatusChange(
                        node("unschedulable: true"),
                        old -> configured(
                                configured(old, "spec", "configSource", "{}"), "status", "config", "{active: {}}"),
                        _ -> {}));
    }
}
