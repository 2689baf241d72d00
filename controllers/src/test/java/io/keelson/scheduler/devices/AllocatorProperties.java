package io.keelson.scheduler.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.CounterBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.CounterSetBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceAttributeBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCapacityBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClassBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceConstraint;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceConstraintBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceToleration;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTolerationBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSliceBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Whatever small cluster and claims there are, the allocator finds what trying every combination in order finds. */
class AllocatorProperties {
    private static final String DRIVER = "d";
    private static final PoolKey POOL = new PoolKey(DRIVER, "p");
    private static final DeviceClass CLASS = new DeviceClassBuilder()
            .withNewMetadata()
            .withName("c")
            .endMetadata()
            .build();
    private static final Node NODE =
            new NodeBuilder().withNewMetadata().withName("n").endMetadata().build();

    /** Devices of few kinds; numbers say what each has. */
    private static Device device(Random random, int number) {
        DeviceBuilder device = new DeviceBuilder().withName("dev-" + number);
        if (random.nextInt(4) > 0) {
            device.addToAttributes(
                    "color",
                    new DeviceAttributeBuilder()
                            .withString("c" + random.nextInt(3))
                            .build());
        }
        if (random.nextInt(4) == 0) {
            device.addNewTaint()
                    .withKey("k")
                    .withEffect(random.nextBoolean() ? "NoSchedule" : "None")
                    .endTaint();
        }
        if (random.nextInt(3) == 0) {
            device.withAllowMultipleAllocations(true)
                    .addToCapacity(
                            "mem",
                            new DeviceCapacityBuilder()
                                    .withValue(new Quantity("4"))
                                    .build());
        }
        if (random.nextInt(3) == 0) {
            device.addNewConsumesCounter()
                    .withCounterSet("s")
                    .addToCounters(
                            "m",
                            new CounterBuilder()
                                    .withValue(new Quantity(String.valueOf(1 + random.nextInt(3))))
                                    .build())
                    .endConsumesCounter();
        }
        return device.build();
    }

    private static DevicePool pool(Random random) {
        List<Device> devices = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            devices.add(device(random, i));
        }
        ResourceSlice slice = new ResourceSliceBuilder()
                .withNewMetadata()
                .withName("slice")
                .endMetadata()
                .withNewSpec()
                .withDriver(DRIVER)
                .withNodeName("n")
                .withNewPool(1L, "p", 1L)
                .withDevices(devices)
                .withSharedCounters(new CounterSetBuilder()
                        .withName("s")
                        .addToCounters(
                                "m",
                                new CounterBuilder()
                                        .withValue(new Quantity("4"))
                                        .build())
                        .build())
                .endSpec()
                .build();
        return DevicePool.of(POOL, List.of(slice), List.of());
    }

    private static RequestOption option(Random random, String request, String name) {
        List<DeviceToleration> tolerations = random.nextBoolean()
                ? List.of()
                : List.of(new DeviceTolerationBuilder().withOperator("Exists").build());
        Map<String, Quantity> capacity =
                random.nextInt(4) == 0 ? Map.of("mem", new Quantity(String.valueOf(1 + random.nextInt(3)))) : Map.of();
        return new RequestOption(
                request,
                name,
                CLASS,
                List.of(),
                random.nextInt(6) == 0,
                1 + random.nextInt(2),
                random.nextInt(6) == 0,
                tolerations,
                capacity);
    }

    private static ClaimPlan claim(Random random, int number) {
        List<List<RequestOption>> requests = new ArrayList<>();
        int count = 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            String request = "r" + i;
            requests.add(
                    random.nextInt(3) > 0
                            ? List.of(option(random, request, request))
                            : List.of(
                                    option(random, request, request + "/a"), option(random, request, request + "/b")));
        }
        List<DeviceConstraint> constraints = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            constraints.add(
                    random.nextBoolean()
                            ? new DeviceConstraintBuilder()
                                    .withMatchAttribute("d/color")
                                    .build()
                            : new DeviceConstraintBuilder()
                                    .withDistinctAttribute("d/color")
                                    .withRequests("r0")
                                    .build());
        }
        ResourceClaim claim = new ResourceClaimBuilder()
                .withNewMetadata()
                .withName("claim-" + number)
                .endMetadata()
                .build();
        return new ClaimPlan(claim, requests, constraints, List.of());
    }

    /** What some device already has given away. */
    private static DeviceUsage usage(Random random, DevicePool pool) {
        DeviceUsage usage = new DeviceUsage();
        for (PooledDevice device : pool.devices().values()) {
            if (random.nextInt(4) == 0) {
                Map<String, Quantity> consumed = device.isShareable() ? Map.of("mem", new Quantity("2")) : Map.of();
                RequestOption option = new RequestOption(
                        "r", "r", CLASS, List.of(), false, 1, random.nextInt(3) == 0, List.of(), Map.of());
                ClaimPlan plan = new ClaimPlan(new ResourceClaim(), List.of(), List.of(), List.of());
                AllocationResult allocation =
                        AllocationText.of(plan, List.of(new ChosenDevice(option, device, consumed)), NODE, () -> "id");
                usage.add(allocation);
            }
        }
        return usage;
    }

    private static List<List<String>> names(@Nullable List<List<ChosenDevice>> chosen) {
        assertNotNull(chosen);
        return chosen.stream()
                .map(claim -> claim.stream()
                        .map(each ->
                                each.option().name() + "=" + each.device().id().name())
                        .toList())
                .toList();
    }

    @Property(tries = 2000, seed = "20261130")
    void findsTheFirstOfAllCombinations(@ForAll long seed) {
        Random random = new Random(seed);
        DevicePool pool = pool(random);
        DeviceUsage usage = usage(random, pool);
        List<ClaimPlan> plans = new ArrayList<>();
        int claims = 1 + random.nextInt(2);
        for (int i = 0; i < claims; i++) {
            plans.add(claim(random, i));
        }
        List<List<ChosenDevice>> found = new AllocationSearch(
                        plans, List.of(pool), NODE, usage, new StepLimit(Duration.ZERO, System::nanoTime))
                .find();
        List<List<String>> expected = new EveryCombination(plans, pool, usage).first();
        if (expected == null) {
            assertNull(found);
        } else {
            assertEquals(expected, names(found));
        }
    }
}
