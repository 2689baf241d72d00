package io.keelson.agent.pods.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.probe.ProbeResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Pods of any shape whose plans are carried out by a runtime of a few lines, in which containers end as a seed says.
 */
class PlannerProperties {
    /** What a plan does to the runtime; what is counted is how often each container ran. */
    private static final class World {
        private final Pod pod;
        private final Random random;
        private final List<String> log = new ArrayList<>();
        private Samples.Runs runs;
        private final List<RunOf> all = new ArrayList<>();
        private boolean hasSandbox;
        private boolean finished;

        private static final class RunOf {
            private final String name;
            private boolean runs = true;
            private int code;

            RunOf(String name) {
                this.name = name;
            }
        }

        World(Pod pod, long seed) {
            this.pod = pod;
            random = new Random(seed);
            runs = new Samples.Runs(pod);
        }

        RuntimePod picture() {
            runs = new Samples.Runs(pod);
            if (hasSandbox) {
                runs.sandbox(true);
            }
            for (RunOf run : all) {
                if (run.runs) {
                    runs.running(run.name);
                } else {
                    runs.exited(run.name, run.code);
                }
            }
            return runs.build();
        }

        Plan plan() {
            return Planner.of(new Situation(
                    pod,
                    picture(),
                    ProbeResults.NONE,
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    Set.of(),
                    Samples.NOW,
                    Samples.NOW,
                    Samples.NOW,
                    BackOff.LIMIT));
        }

        boolean step() {
            boolean did = false;
            for (Action action : plan().actions()) {
                switch (action) {
                    case Action.RunSandbox _ -> hasSandbox = true;
                    case Action.Start start -> {
                        all.add(new RunOf(start.container().name()));
                        log.add(start.container().name());
                    }
                    case Action.Finish _ -> finished = true;
                    default -> {}
                }
                did |= !(action instanceof Action.Remove);
            }
            return did && !finished;
        }

        void endOne() {
            List<RunOf> running = all.stream()
                    .filter(run -> run.runs
                            && PodContainers.find(pod, run.name).orElseThrow().sort() != Sort.SIDECAR)
                    .toList();
            if (!running.isEmpty()) {
                RunOf run = running.get(random.nextInt(running.size()));
                run.runs = false;
                run.code = random.nextInt(3) == 0 ? 1 : 0;
            }
        }

        long running(String name) {
            return all.stream().filter(run -> run.runs && run.name.equals(name)).count();
        }
    }

    private static Pod pod(String shape, String policy) {
        StringBuilder initial = new StringBuilder();
        for (int i = 0; i < shape.length(); i++) {
            initial.append(initial.isEmpty() ? "" : ", ")
                    .append("{name: i")
                    .append(i)
                    .append(", image: x")
                    .append(shape.charAt(i) == '1' ? ", restartPolicy: Always}" : "}");
        }
        return Samples.pod("restartPolicy: " + policy + "\ninitContainers: [" + initial
                + "]\ncontainers: [{name: a, image: x}, {name: b, image: x}]");
    }

    @Property(tries = 300, seed = "5")
    void containersStartInOrderNeverTwiceAtOnceAndThePodEndsOrRuns(
            @ForAll @IntRange(min = 0, max = 15) int sidecars,
            @ForAll @IntRange(min = 0, max = 3) int count,
            @ForAll @IntRange(min = 0, max = 2) int policy,
            @ForAll long seed) {
        String bits = Integer.toBinaryString(16 + sidecars).substring(1, 1 + count);
        Pod pod = pod(bits, List.of("Always", "OnFailure", "Never").get(policy));
        World world = new World(pod, seed);
        for (int steps = 0; steps < 60 && !world.finished; steps++) {
            int quiet = 0;
            while (world.step()) {
                assertTrue(++quiet < 20, "it comes to rest");
            }
            for (RuntimeContainer run : world.picture().containers()) {
                assertTrue(world.running(run.name()) <= 1, run.name() + " runs twice");
            }
            checkOrder(pod, world);
            world.endOne();
        }
        if (policy == 2) {
            long distinct = world.log.stream()
                    .filter(name -> PodContainers.find(pod, name).orElseThrow().sort() != Sort.SIDECAR)
                    .distinct()
                    .count();
            long all = world.log.stream()
                    .filter(name -> PodContainers.find(pod, name).orElseThrow().sort() != Sort.SIDECAR)
                    .count();
            assertEquals(distinct, all, "with Never nothing runs a second time");
        }
        if (policy == 0) {
            assertTrue(!world.finished, "with Always a pod never ends by itself");
        }
    }

    /** Each initial container's first start comes after those of all before it. */
    private static void checkOrder(Pod pod, World world) {
        int last = -1;
        for (var container : PodContainers.initial(pod)) {
            int first = world.log.indexOf(container.name());
            if (first >= 0) {
                assertTrue(first > last, container.name() + " came too early: " + world.log);
                last = first;
            }
        }
        int ordinary = world.log.indexOf("a");
        assertTrue(ordinary < 0 || ordinary > last, "a came too early: " + world.log);
    }

    @Property(tries = 100, seed = "6")
    void aPlanIsAFunction(@ForAll @IntRange(min = 0, max = 3) int count, @ForAll long seed) {
        World world = new World(pod("0101".substring(0, count), "Always"), seed);
        for (int steps = 0; steps < 10; steps++) {
            assertEquals(world.plan(), world.plan());
            if (!world.step()) {
                world.endOne();
            }
        }
    }
}
