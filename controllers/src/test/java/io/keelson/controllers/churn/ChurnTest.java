package io.keelson.controllers.churn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * However users, machines and controllers come and go, in the end there is what is wanted and nothing else. Time passes by
 * hand. {@code -Dkeelson.churn.seed=N} and {@code -Dkeelson.churn.hours=N} have the shorter test do another run.
 */
@Tag("long")
class ChurnTest {
    private static final Logger LOG = LoggerFactory.getLogger(ChurnTest.class);
    private static final List<Integer> STEPS_SECONDS = List.of(1, 5, 10, 15, 30, 30);
    private static final Duration CALM_STEP = Duration.ofSeconds(10);
    /** Longer than it takes to give up a machine, to start again what crashed, and to end a Job. */
    private static final Duration CALM = Duration.ofMinutes(12);

    private static final Duration REST = Duration.ofMillis(300);

    @Test
    void aFewHoursEndInTheDesiredState() throws IOException, InterruptedException {
        live(Long.getLong("keelson.churn.seed", 1), Duration.ofHours(Integer.getInteger("keelson.churn.hours", 2)));
    }

    @ParameterizedTest
    @ValueSource(longs = {101, 102, 103})
    void aDayEndsInTheDesiredState(long seed) throws IOException, InterruptedException {
        live(seed, Duration.ofHours(24));
    }

    private static void live(long seed, Duration length) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Random random = new Random(seed);
        try (SimulatedCluster cluster = new SimulatedCluster();
                CronWitness witness = new CronWitness(cluster.client())) {
            Users users = new Users(cluster, witness, random.nextLong());
            users.begin();
            Instant end = cluster.now().plus(length);
            try {
                while (cluster.now().isBefore(end)) {
                    if (random.nextInt(4) == 0) {
                        users.act();
                    }
                    cluster.pass(Duration.ofSeconds(STEPS_SECONDS.get(random.nextInt(STEPS_SECONDS.size()))));
                }
                users.calmDown();
                calm(cluster);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", after\n" + String.join("\n", users.diary()), e);
            }
            List<String> problems = new ArrayList<>(Invariants.leaks(Invariants.objects(cluster.client())));
            problems.addAll(WorkloadInvariants.problems(cluster.client(), cluster.now()));
            problems.addAll(ServiceInvariants.problems(cluster.client()));
            problems.addAll(witness.problems(cluster.now()));
            assertNone("at rest", seed, problems, users);
            users.leave();
            calm(cluster);
            assertNone("when all have left", seed, Invariants.remains(Invariants.objects(cluster.client())), users);
            LOG.info(
                    "{} h of seed {} in {} s, {} writes",
                    length.toHours(),
                    seed,
                    Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                    cluster.writes() / 2);
        }
    }

    private static void calm(SimulatedCluster cluster) throws InterruptedException {
        for (Duration passed = Duration.ZERO; passed.compareTo(CALM) < 0; passed = passed.plus(CALM_STEP)) {
            cluster.pass(CALM_STEP);
        }
        cluster.rest(REST);
    }

    private static void assertNone(String when, long seed, List<String> problems, Users users) {
        assertEquals(
                List.of(),
                problems,
                () -> when + ", with seed " + seed + ":\n" + String.join("\n", problems) + "\nafter\n"
                        + String.join("\n", users.diary()) + '\n');
    }
}
