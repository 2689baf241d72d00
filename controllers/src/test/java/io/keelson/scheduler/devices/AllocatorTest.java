package io.keelson.scheduler.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.devices.selectors.SelectorCache;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AllocatorTest {
    private static final Node NODE = new NodeBuilder()
            .withNewMetadata()
            .withName("n")
            .withLabels(Map.of("zone", "a"))
            .endMetadata()
            .build();

    private final DeviceInventory inventory = new DeviceInventory();
    private final DeviceUsage usage = new DeviceUsage();
    private final SelectorCache selectors = new SelectorCache();
    private final Map<String, DeviceClass> classes = Map.of("any", Serialization.unmarshal("""
                    metadata: {name: any}
                    spec: {config: [{opaque: {driver: d, parameters: {x: 1}}}]}
                    """, DeviceClass.class));

    private void slice(String name, String spec) {
        inventory.observe(new Change<>(null, Serialization.unmarshal("""
                metadata: {name: %s}
                spec: {driver: d, %s}
                """.formatted(name, spec), ResourceSlice.class)));
    }

    private static String devices(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{name: dev-" + i + "}")
                .collect(Collectors.joining(", ", "devices: [", "]"));
    }

    private ClaimPlan plan(String devices) throws UnallocatableException {
        ResourceClaim claim = Serialization.unmarshal("""
                metadata: {namespace: ns, name: c}
                spec: {devices: {%s}}
                """.formatted(devices), ResourceClaim.class);
        return ClaimPlan.of(claim, classes::get, selectors);
    }

    private Allocator.Outcome outcome(String devices) throws UnallocatableException {
        return Allocator.allocate(
                List.of(plan(devices)),
                inventory.poolsFor("n"),
                NODE,
                usage,
                new StepLimit(Duration.ofSeconds(10), System::nanoTime));
    }

    private AllocationResult allocation(String devices) throws UnallocatableException {
        Allocator.Outcome outcome = outcome(devices);
        return assertInstanceOf(Allocator.Outcome.Possible.class, outcome, () -> "is " + outcome)
                .allocations()
                .getFirst();
    }

    private List<String> names(String devices) throws UnallocatableException {
        return allocation(devices).getDevices().getResults().stream()
                .map(DeviceRequestAllocationResult::getDevice)
                .toList();
    }

    private String why(String devices) throws UnallocatableException {
        Allocator.Outcome outcome = outcome(devices);
        return assertInstanceOf(Allocator.Outcome.Impossible.class, outcome, () -> "is " + outcome)
                .reason();
    }

    private static final String POOL = "pool: {name: p, generation: 1, resourceSliceCount: 1}, ";
    private static final String ONE = "requests: [{name: r, exactly: {deviceClassName: any}}]";
    private static final String ALL = "requests: [{name: r, exactly: {deviceClassName: any, allocationMode: All}}]";

    @Test
    void onlySlicesOfTheNewestGenerationCountAndAllOfThemHaveToBeThere() throws UnallocatableException {
        slice("s1", "nodeName: n, pool: {name: p, generation: 1, resourceSliceCount: 1}, devices: [{name: old}]");
        assertEquals(List.of("old"), names(ONE));
        slice("s2", "nodeName: n, pool: {name: p, generation: 2, resourceSliceCount: 2}, devices: [{name: new}]");
        assertEquals("cannot allocate all claims", why(ONE));
        assertEquals("request r: asks for all devices, but resource pool d/p is currently being updated", why(ALL));
        slice("s3", "nodeName: n, pool: {name: p, generation: 2, resourceSliceCount: 2}, devices: [{name: newer}]");
        assertEquals(List.of("new"), names(ONE));
        assertEquals(List.of("new", "newer"), names(ALL));
    }

    @Test
    void aPoolWithADeviceTwiceIsInvalid() throws UnallocatableException {
        slice("s1", "nodeName: n, " + POOL + "devices: [{name: a}, {name: a}]");
        assertEquals(
                "request r: asks for all devices, but resource pool d/p is currently invalid: duplicate device name a",
                why(ALL));
        assertEquals("cannot allocate all claims", why(ONE));
    }

    @Test
    void whereADeviceIsSaysWhereItsClaimIs() throws UnallocatableException {
        slice("s1", "allNodes: true, " + POOL + devices(1));
        assertNull(allocation(ONE).getNodeSelector());
        slice("s1", """
                nodeSelector: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]},
                """ + POOL + devices(1));
        assertEquals(
                "zone",
                allocation(ONE)
                        .getNodeSelector()
                        .getNodeSelectorTerms()
                        .getFirst()
                        .getMatchExpressions()
                        .getFirst()
                        .getKey());
        slice(
                "s1",
                "perDeviceNodeSelection: true, " + POOL
                        + "devices: [{name: a, nodeName: other}, {name: b, nodeName: n}, {name: c, allNodes: true}]");
        assertEquals(List.of("b", "c"), names(ALL));
        assertEquals(
                List.of("n"),
                allocation(ALL)
                        .getNodeSelector()
                        .getNodeSelectorTerms()
                        .getFirst()
                        .getMatchFields()
                        .getFirst()
                        .getValues());
        slice("s1", "nodeName: other, " + POOL + devices(1));
        assertEquals("cannot allocate all claims", why(ONE));
    }

    @Test
    void theBestOfAListIsTakenThatThereIsWithItsConfiguration() throws UnallocatableException {
        slice("s1", "nodeName: n, " + POOL + devices(2));
        AllocationResult allocation = allocation("""
                requests: [{name: r, firstAvailable: [
                  {name: three, deviceClassName: any, count: 3}, {name: two, deviceClassName: any, count: 2}]}],
                config: [{requests: [r/three], opaque: {driver: d, parameters: {for: three}}},
                  {requests: [r/two], opaque: {driver: d, parameters: {for: two}}},
                  {opaque: {driver: d, parameters: {for: all}}}]
                """);
        assertEquals(
                List.of("r/two", "r/two"),
                allocation.getDevices().getResults().stream()
                        .map(DeviceRequestAllocationResult::getRequest)
                        .toList());
        assertEquals(
                List.of("FromClass [r/two]", "FromClaim [r/two]", "FromClaim []"),
                allocation.getDevices().getConfig().stream()
                        .map(config -> config.getSource() + " " + config.getRequests())
                        .toList());
    }

    @Test
    void partitionsOfADeviceShareItsCounters() throws UnallocatableException {
        slice("s1", "nodeName: n, " + POOL + """
                sharedCounters: [{name: gpu, counters: {memory: {value: 40Gi}}}],
                devices: [{name: whole, consumesCounters: [{counterSet: gpu, counters: {memory: {value: 40Gi}}}]},
                  {name: half-0, consumesCounters: [{counterSet: gpu, counters: {memory: {value: 20Gi}}}]},
                  {name: half-1, consumesCounters: [{counterSet: gpu, counters: {memory: {value: 20Gi}}}]}]
                """);
        assertEquals(
                List.of("half-0", "half-1"), names("requests: [{name: r, exactly: {deviceClassName: any, count: 2}}]"));
        usage.add(allocation(ONE));
        assertEquals("cannot allocate all claims", why(ONE));
    }

    @Test
    void aDeviceIsSharedUntilItsCapacityIsConsumed() throws UnallocatableException {
        slice("s1", "nodeName: n, " + POOL + """
                devices: [{name: nic, allowMultipleAllocations: true, capacity: {bandwidth: {value: 10G,
                  requestPolicy: {default: 1G, validRange: {min: 2G, step: 2G}}}}}]
                """);
        String three =
                "requests: [{name: r, exactly: {deviceClassName: any, capacity: {requests: {d/bandwidth: 3G}}}}]";
        for (int i = 0; i < 2; i++) {
            AllocationResult allocation = allocation(three);
            DeviceRequestAllocationResult result =
                    allocation.getDevices().getResults().getFirst();
            assertNotNull(result.getShareID());
            assertEquals(Map.of("bandwidth", new Quantity("4000000000")), result.getConsumedCapacity());
            usage.add(allocation);
        }
        assertEquals("cannot allocate all claims", why(three));
        assertEquals(List.of("nic"), names(ONE));
    }

    @Test
    void aClaimThatIsWrittenToTakeForEverEnds() throws UnallocatableException {
        StringBuilder spec = new StringBuilder("nodeName: n, " + POOL + "devices: [");
        for (int i = 0; i < 40; i++) {
            spec.append("{name: d")
                    .append(i)
                    .append(", attributes: {color: {string: c")
                    .append(i)
                    .append("}}}, ");
        }
        slice("s1", spec + "]");
        String hopeless = "requests: [{name: a, exactly: {deviceClassName: any, count: 15}}, "
                + "{name: b, exactly: {deviceClassName: any, count: 15}}, "
                + "{name: c, exactly: {deviceClassName: any, count: 2}}], "
                + "constraints: [{requests: [c], matchAttribute: d/color}]";
        assertEquals("timed out trying to allocate devices", why(hopeless));
        StepLimit spent = new StepLimit(1000, 500, Duration.ZERO, System::nanoTime);
        ClaimPlan plan = plan(hopeless);
        for (int i = 0; i < 3; i++) {
            assertInstanceOf(
                    Allocator.Outcome.Impossible.class,
                    Allocator.allocate(List.of(plan), inventory.poolsFor("n"), NODE, usage, spent));
        }
    }

    @Test
    void noClaimGetsMoreThan32Devices() throws UnallocatableException {
        slice("s1", "nodeName: n, " + POOL + devices(33));
        assertEquals("cannot allocate all claims", why(ALL));
        assertEquals(
                32,
                names("requests: [{name: r, exactly: {deviceClassName: any, count: 32}}]")
                        .size());
        assertEquals(
                "cannot allocate all claims",
                why("requests: [{name: r, exactly: {deviceClassName: any, count: 9223372036854775807}}]"));
    }

    @Test
    void whatIsWrongIsSaid() throws UnallocatableException {
        slice("s1", "nodeName: n, " + POOL + devices(1));
        String broken =
                "requests: [{name: r, exactly: {deviceClassName: any, selectors: [{cel: {expression: \"%s\"}}]}}]";
        String message = why(broken.formatted("device.attributes['d'].model == 'x'"));
        assertTrue(message.startsWith("claim ns/c, request r, selector #0: runtime error: "), message);
        message = String.valueOf(
                assertThrows(UnallocatableException.class, () -> outcome(broken.formatted("device.nope")))
                        .getMessage());
        assertTrue(message.startsWith("claim ns/c, request r, selector #0: compile error: "), message);
        assertEquals(
                "request r: device class nope does not exist",
                assertThrows(
                                UnallocatableException.class,
                                () -> outcome("requests: [{name: r, exactly: {deviceClassName: nope}}]"))
                        .getMessage());
        assertEquals(
                "request r: unsupported request type",
                assertThrows(UnallocatableException.class, () -> outcome("requests: [{name: r}]"))
                        .getMessage());
    }

    private static DeviceTaintRule rule(int version, String spec) {
        DeviceTaintRule rule = Serialization.unmarshal("""
                metadata: {name: rule, resourceVersion: "%d"}
                spec: {%s}
                """.formatted(version, spec), DeviceTaintRule.class);
        return rule;
    }

    @Test
    void aRuleOfAdministratorsTaintsTheDevicesThatItSelectsAndNoOthers() throws UnallocatableException {
        slice("s1", "nodeName: n, " + POOL + devices(3));
        String taint = "taint: {key: broken, effect: NoSchedule}, deviceSelector: ";
        String two = "requests: [{name: r, exactly: {deviceClassName: any, count: 2}}]";
        assertEquals(List.of("dev-0", "dev-1"), names(two));
        DeviceTaintRule one = rule(5, taint + "{driver: d, device: dev-1}");
        inventory.observeRule(new Change<>(null, one));
        assertEquals(List.of("dev-0", "dev-2"), names(two));
        assertEquals(
                List.of("dev-0", "dev-1"),
                names("requests: [{name: r, exactly: {deviceClassName: any, count: 2, "
                        + "tolerations: [{key: broken, operator: Exists}]}}]"));
        inventory.observeRule(new Change<>(null, rule(4, taint + "{driver: other}")));
        assertEquals(List.of("dev-0", "dev-2"), names(two), "an older version is not believed");
        for (String nothing : List.of("{driver: other}", "{pool: other}", "{device: other}")) {
            inventory.observeRule(new Change<>(null, rule(6, taint + nothing)));
            assertEquals(List.of("dev-0", "dev-1"), names(two), nothing);
        }
        inventory.observeRule(new Change<>(null, rule(7, taint + "{}")));
        assertEquals("cannot allocate all claims", why(two));
        inventory.observeRule(new Change<>(null, rule(8, "taint: {key: broken, effect: NoSchedule}")));
        assertEquals(List.of("dev-0", "dev-1"), names(two), "without a selector none is meant");
        inventory.observeRule(new Change<>(null, rule(9, "taint: {key: seen, effect: None}, deviceSelector: {}")));
        assertEquals(List.of("dev-0", "dev-1"), names(two), "some taints only inform");
        inventory.observeRule(new Change<>(null, rule(10, taint + "{}")));
        inventory.observeRule(new Change<>(rule(10, taint + "{}"), null));
        assertEquals(List.of("dev-0", "dev-1"), names(two));
    }
}
