package io.keelson.scheduler.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClassBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExtendedRequestsTest {
    private final DeviceClasses classes = new DeviceClasses();
    private final ResourceTable table = new ResourceTable();

    private static DeviceClass deviceClass(String name, String created, @Nullable String resource) {
        return new DeviceClassBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp(created)
                .endMetadata()
                .withNewSpec()
                .withExtendedResourceName(resource)
                .endSpec()
                .build();
    }

    private void told(@Nullable DeviceClass before, @Nullable DeviceClass now) {
        classes.observe(new Change<>(before, now));
    }

    /** @param spec in YAML */
    private ExtendedRequests requests(String spec) {
        Pod pod = Serialization.unmarshal("""
                metadata: {namespace: ns, name: p, uid: u}
                spec: {%s}
                """.formatted(spec), Pod.class);
        return ExtendedRequests.of(PodInfo.of(pod, table), classes::of);
    }

    private static String container(String name, String requests) {
        return "{name: %s, resources: {requests: {%s}}}".formatted(name, requests);
    }

    private static List<String> text(ExtendedRequests.Wanted wanted) {
        return wanted.requests().stream()
                .map(each -> each.getName()
                        + '='
                        + each.getExactly().getDeviceClassName()
                        + '*'
                        + each.getExactly().getCount())
                .toList();
    }

    private static List<String> mappings(ExtendedRequests.Wanted wanted) {
        return wanted.mappings().stream()
                .map(each -> each.getContainerName() + ' ' + each.getResourceName() + ' ' + each.getRequestName())
                .toList();
    }

    @Test
    void ofClassesThatSayTheSameNameTheYoungestCountsAndThenTheFirst() {
        DeviceClass old = deviceClass("a", "2026-01-01T00:00:00Z", "example.com/gpu");
        DeviceClass young = deviceClass("z", "2026-01-02T00:00:00Z", "example.com/gpu");
        told(null, young);
        told(null, old);
        told(null, deviceClass("y", "2026-01-02T00:00:00Z", "example.com/gpu"));
        assertEquals("y", classes.of("example.com/gpu"));
        told(deviceClass("y", "2026-01-02T00:00:00Z", "example.com/gpu"), null);
        assertEquals("z", classes.of("example.com/gpu"));
        told(young, deviceClass("z", "2026-01-02T00:00:00Z", "example.com/other"));
        assertEquals("a", classes.of("example.com/gpu"));
        assertEquals("z", classes.of("example.com/other"));
        told(old, null);
        assertNull(classes.of("example.com/gpu"));
    }

    @Test
    void aClassIsAlsoAskedForByItsOwnName() {
        told(null, deviceClass("gpu.example.com", "2026-01-01T00:00:00Z", null));
        assertEquals("gpu.example.com", classes.of("deviceclass.resource.kubernetes.io/gpu.example.com"));
        assertNull(classes.of("deviceclass.resource.kubernetes.io/other"));
        assertNull(classes.of("deviceclass.resource.kubernetes.io/"));
        assertNull(classes.of("gpu.example.com"));
    }

    @Test
    void eachContainerHasARequestForEachResourceThatDevicesStandFor() {
        told(null, deviceClass("gpu", "2026-01-01T00:00:00Z", "example.com/gpu"));
        told(null, deviceClass("nic", "2026-01-01T00:00:00Z", "example.com/nic"));
        ExtendedRequests requests = requests("containers: ["
                + container("one", "cpu: 1, example.com/gpu: 2, example.com/nic: 1, other.com/x: 1") + ", "
                + container("none", "cpu: 1, example.com/gpu: 0") + ", " + container("two", "example.com/gpu: 3")
                + "]");
        assertEquals(Map.of("example.com/gpu", "gpu", "example.com/nic", "nic"), requests.classes());
        ExtendedRequests.Wanted both = requests.of(Set.of("example.com/gpu", "example.com/nic"));
        assertEquals(
                List.of("container-0-request-1=gpu*2", "container-2-request-0=gpu*3", "container-0-request-2=nic*1"),
                text(both));
        assertEquals(
                List.of(
                        "one example.com/gpu container-0-request-1",
                        "two example.com/gpu container-2-request-0",
                        "one example.com/nic container-0-request-2"),
                mappings(both));
        assertEquals(List.of("container-0-request-2=nic*1"), text(requests.of(Set.of("example.com/nic"))));
    }

    @Test
    void initContainersThatEndMakeDoWithWhatOthersHaveAtOtherTimes() {
        told(null, deviceClass("gpu", "2026-01-01T00:00:00Z", "g/g"));
        ExtendedRequests.Wanted wanted = requests("initContainers: [" + container("i1", "g/g: 1") + ", {name: side,"
                        + " restartPolicy: Always, resources: {requests: {g/g: 1}}}, " + container("i2", "g/g: 4")
                        + "], containers: [" + container("main", "g/g: 2") + "]")
                .of(Set.of("g/g"));
        assertEquals(
                List.of("container-1-request-0=gpu*1", "container-3-request-0=gpu*2", "container-2-request-0=gpu*2"),
                text(wanted));
        assertEquals(
                List.of(
                        "side g/g container-1-request-0",
                        "main g/g container-3-request-0",
                        "i1 g/g container-1-request-0",
                        "i2 g/g container-3-request-0",
                        "i2 g/g container-2-request-0"),
                mappings(wanted));
    }

    @Test
    void whatMakesNoSenseAsksForNothing() {
        told(null, deviceClass("gpu", "2026-01-01T00:00:00Z", "g/g"));
        assertTrue(requests("containers: []").isEmpty());
        assertTrue(requests("containers: [" + container("c", "g/g: -3") + "]").isEmpty());
        assertTrue(requests("containers: [{name: c, resources: {}}]").isEmpty());
        assertEquals(
                List.of("container-0-request-0=gpu*9223372036854775807"),
                text(requests("containers: [" + container("c", "g/g: 999999999999999999999E") + "]")
                        .of(Set.of("g/g"))));
    }

    /** All together are as many as the pod counts for on a node that has the resource itself. */
    @Property(tries = 300, seed = "20261130")
    void thereAreEnoughDevicesForAllThatRunsAtOnceAndEachContainerHasItsOwn(@ForAll long seed) {
        told(null, deviceClass("gpu", "2026-01-01T00:00:00Z", "g/g"));
        Random random = new Random(seed);
        StringBuilder init = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            init.append("{name: i%d, %s resources: {requests: {g/g: %d}}}, "
                    .formatted(i, random.nextBoolean() ? "restartPolicy: Always," : "", random.nextInt(4)));
        }
        String main = container("main", "g/g: " + (1 + random.nextInt(4)));
        String spec = "initContainers: [" + init + "], containers: [" + main + "]";
        Pod pod =
                Serialization.unmarshal("metadata: {namespace: ns, name: p, uid: u}\nspec: {" + spec + "}", Pod.class);
        PodInfo info = PodInfo.of(pod, table);
        ExtendedRequests.Wanted wanted = ExtendedRequests.of(info, classes::of).of(Set.of("g/g"));
        long all = wanted.requests().stream()
                .mapToLong(each -> each.getExactly().getCount())
                .sum();
        assertEquals(info.requests().get(table.number("g/g")), all);
        pod.getSpec().getInitContainers().forEach(container -> {
            Quantity asked = container.getResources().getRequests().get("g/g");
            long wants = asked == null ? 0 : Long.parseLong(asked.getAmount());
            long has = wanted.requests().stream()
                    .filter(each -> wanted.mappings().stream()
                            .anyMatch(mapping -> mapping.getContainerName().equals(container.getName())
                                    && mapping.getRequestName().equals(each.getName())))
                    .mapToLong(each -> each.getExactly().getCount())
                    .sum();
            assertTrue(has >= wants, () -> container.getName() + " has " + has + " of " + wants);
        });
    }
}
