package io.keelson.controllers.volumebinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Time;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BinderProperties {
    private static final List<String> MODES = List.of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany");

    private static String[] modes(Random random, int least) {
        List<String> some = new ArrayList<>(MODES);
        Collections.shuffle(some, random);
        return some.subList(0, least + random.nextInt(MODES.size() - least + 1)).toArray(String[]::new);
    }

    @Property(tries = 150)
    void whateverCrashesAndHoweverOldTheCacheIsEachClaimEndsWithOneVolumeOfItsOwn(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int claims, @ForAll @IntRange(max = 5) int volumes) {
        Random random = new Random(seed);
        World world = new World();
        VolumeOperations operations = new VolumeOperations(new ControllerMetrics(), Time.system());
        Binder binder = new Binder(world, BinderSettings.DEFAULT, world, operations);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < claims; i++) {
            world.put(Samples.claim("ns", "c" + i, 1 + random.nextInt(3) + "Gi", modes(random, 1)));
            names.add("ns/c" + i);
        }
        for (int i = 0; i < volumes; i++) {
            PersistentVolume volume = Samples.volume("v" + i, 1 + random.nextInt(3) + "Gi", modes(random, 1));
            if (random.nextInt(4) == 0) {
                volume = new PersistentVolumeBuilder(volume)
                        .editSpec()
                        .withNewClaimRef()
                        .withNamespace("ns")
                        .withName("c" + random.nextInt(claims))
                        .endClaimRef()
                        .endSpec()
                        .build();
            }
            world.put(volume);
            names.add("v" + i);
        }
        for (int step = 0; step < 60; step++) {
            world.see(names.get(random.nextInt(names.size())));
            world.writesLeft = random.nextInt(5);
            try {
                world.sync(binder, names.get(random.nextInt(names.size())));
            } catch (World.Crash e) {
                // The next process begins with what the API holds.
                world.seeAll();
                binder = new Binder(world, BinderSettings.DEFAULT, world, operations);
            }
        }
        world.writesLeft = Integer.MAX_VALUE;
        world.settle(binder);

        Map<String, String> volumeOf = new HashMap<>();
        for (PersistentVolumeClaim claim : world.claims.values()) {
            String volume = claim.getSpec().getVolumeName();
            boolean bound = "Bound".equals(claim.getStatus().getPhase());
            assertEquals(bound, volume != null, () -> "half bound: " + claim);
            if (bound) {
                assertNull(volumeOf.put(volume, claim.getMetadata().getName()), "two claims of one volume");
            }
        }
        for (PersistentVolume volume : world.volumes.values()) {
            String claim = volumeOf.get(volume.getMetadata().getName());
            if (claim != null) {
                assertEquals("uid-" + claim, volume.getSpec().getClaimRef().getUid());
                assertEquals("Bound", volume.getStatus().getPhase());
            } else {
                assertEquals("Available", volume.getStatus().getPhase());
                assertFalse(VolumeRules.isClaimed(volume), () -> "left behind: " + volume);
            }
        }
        for (PersistentVolumeClaim claim : world.claims.values()) {
            if (claim.getSpec().getVolumeName() == null) {
                assertTrue(
                        world.volumes.values().stream()
                                .noneMatch(volume -> volume.getSpec().getClaimRef() == null
                                        && VolumeMatch.mismatch(volume, claim) == null),
                        "one that would have fitted was left");
            }
        }
    }

    private static long gibibytes(Map<String, Quantity> sizes) {
        return Long.parseLong(Objects.requireNonNull(sizes.get("storage")).getAmount());
    }

    /** The rule as the documentation says it, step by step. */
    private static String reference(PersistentVolumeClaim claim, List<PersistentVolume> volumes) {
        String best = "";
        long bestSize = Long.MAX_VALUE;
        for (int modes = 1; modes <= MODES.size() && best.isEmpty(); modes++) {
            for (PersistentVolume volume : volumes) {
                long size = gibibytes(volume.getSpec().getCapacity());
                long wanted = gibibytes(claim.getSpec().getResources().getRequests());
                if (volume.getSpec().getAccessModes().size() == modes
                        && volume.getSpec()
                                .getAccessModes()
                                .containsAll(claim.getSpec().getAccessModes())
                        && size >= wanted
                        && size < bestSize) {
                    best = volume.getMetadata().getName();
                    bestSize = size;
                }
            }
        }
        return best;
    }

    @Property(tries = 300)
    void theBestVolumeHasTheFewestModesTooManyThenIsTheSmallest(@ForAll long seed) {
        Random random = new Random(seed);
        PersistentVolumeClaim claim = Samples.claim("ns", "c", 1 + random.nextInt(5) + "Gi", modes(random, 1));
        List<PersistentVolume> volumes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            volumes.add(Samples.volume("v" + i, 1 + random.nextInt(6) + "Gi", modes(random, 1)));
        }
        PersistentVolume best = VolumeMatch.best(claim, List.of(), volumes, null);
        assertEquals(
                reference(claim, volumes),
                best == null ? "" : best.getMetadata().getName());
    }
}
