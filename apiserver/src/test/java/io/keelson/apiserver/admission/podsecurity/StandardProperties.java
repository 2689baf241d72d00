package io.keelson.apiserver.admission.podsecurity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds for all pods: whatever is restricted enough is so for the baseline, too, in the same release. */
final class StandardProperties {
    private static final List<String> SNIPPETS = List.of(
            "{}",
            "{\"privileged\":true}",
            "{\"allowPrivilegeEscalation\":false}",
            "{\"runAsNonRoot\":true}",
            "{\"runAsUser\":0}",
            "{\"runAsUser\":7}",
            "{\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}",
            "{\"seccompProfile\":{\"type\":\"Unconfined\"}}",
            "{\"capabilities\":{\"drop\":[\"ALL\"]}}",
            "{\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"SYS_ADMIN\"]}}",
            "{\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"NET_BIND_SERVICE\"]}}",
            "{\"procMount\":\"Unmasked\"}",
            "{\"seLinuxOptions\":{\"type\":\"container_engine_t\"}}",
            "{\"appArmorProfile\":{\"type\":\"Unconfined\"}}",
            "{\"windowsOptions\":{\"hostProcess\":true}}");

    private static final List<String> SPECS = List.of(
            "{}",
            "{\"hostNetwork\":true}",
            "{\"hostUsers\":false}",
            "{\"volumes\":[{\"name\":\"v\",\"hostPath\":{}}]}",
            "{\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}]}");

    private static ObjectNode some(Random random, List<String> of, int count) {
        ObjectNode all = Json.object();
        for (int i = 0; i < count; i++) {
            all.setAll((ObjectNode) Json.parse(of.get(random.nextInt(of.size()))));
        }
        return all;
    }

    private static ObjectNode pod(Random random) {
        ObjectNode spec = some(random, SPECS, random.nextInt(3));
        for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
            ArrayNode containers = spec.putArray(list);
            for (int i = random.nextInt(3); i > 0; i--) {
                ObjectNode container = containers.addObject().put("name", list.charAt(0) + "-" + i);
                container.set("securityContext", some(random, SNIPPETS, random.nextInt(12)));
            }
        }
        spec.set("securityContext", some(random, SNIPPETS, random.nextInt(6)));
        ObjectNode pod = Json.object();
        pod.set("spec", spec);
        return pod;
    }

    @Property(tries = 3000)
    void levelsContainEachOther(@ForAll long seed, @ForAll @IntRange(max = 40) int minor) {
        PodView pod = PodView.of(pod(new Random(seed)));
        List<Finding> restricted = Checks.findings(new Standard(Level.RESTRICTED, minor), pod);
        List<Finding> baseline = Checks.findings(new Standard(Level.BASELINE, minor), pod);
        assertTrue(Checks.findings(new Standard(Level.PRIVILEGED, minor), pod).isEmpty());
        assertTrue(!restricted.isEmpty() || baseline.isEmpty(), () -> baseline.toString());
    }

    @Property(tries = 500)
    void theNewestReleaseIsTheLatest(@ForAll long seed) {
        PodView pod = PodView.of(pod(new Random(seed)));
        assertEquals(
                Checks.findings(new Standard(Level.RESTRICTED, Standard.LATEST), pod),
                Checks.findings(new Standard(Level.RESTRICTED, Checks.NEWEST), pod));
    }
}
