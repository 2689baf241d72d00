package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.controllers.testing.TestCluster;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reports {@code a1}, {@code a2} and so on on an object {@code a}, written when the test lets them be. */
class ConditionReportsTest {
    private final List<String> begun = Collections.synchronizedList(new ArrayList<>());
    private final List<String> ended = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore writes = new Semaphore(0);
    private final KubernetesClient client = new KubernetesClientBuilder().build();
    private final Reports reports = new Reports();

    private final class Reports extends ConditionReports<String, String> {
        private Reports() {
            super(client, () -> Instant.EPOCH, "test-report", 2);
        }

        @Override
        boolean write(String report) {
            begun.add(report);
            try {
                writes.acquire();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (report.endsWith("!")) {
                throw new IllegalStateException("not this one");
            }
            return true;
        }

        @Override
        String subject(String report) {
            return report + " is not told";
        }

        @Override
        void written(String key, String report, boolean well) {
            ended.add(report + (well ? " well" : " not"));
        }
    }

    @AfterEach
    void close() {
        reports.close();
        client.close();
    }

    private void submit(String... all) {
        for (String report : all) {
            reports.submit(report.substring(0, 1), report);
        }
    }

    private void awaitBegun(String... all) throws InterruptedException {
        TestCluster.await(List.of(all) + " are being written", () -> begun.equals(List.of(all)));
    }

    @Test
    void onAnObjectOneReportIsWrittenAtATimeAndOfThoseThatWaitTheLast() throws InterruptedException {
        submit("a1");
        awaitBegun("a1");
        submit("a2", "a3");
        assertTrue(reports.isBeingWritten("a"));
        assertEquals("a3", reports.waiting("a"));
        submit("b1");
        awaitBegun("a1", "b1");
        writes.release(3);
        TestCluster.await("all are written", () -> ended.size() == 3);
        assertEquals("a3", begun.getLast());
        assertNull(reports.waiting("a"));
    }

    @Test
    void noMoreAreWrittenAtATimeThanThereAreWriters() throws InterruptedException {
        submit("a1");
        awaitBegun("a1");
        submit("b1");
        awaitBegun("a1", "b1");
        submit("c1");
        assertEquals("c1", reports.waiting("c"));
        writes.release();
        awaitBegun("a1", "b1", "c1");
    }

    @Test
    void whatFailsIsNotTriedAgainAndTheNextIsWritten() throws InterruptedException {
        submit("a1!");
        awaitBegun("a1!");
        submit("a2");
        writes.release(2);
        TestCluster.await("both have ended", () -> ended.equals(List.of("a1! not", "a2 well")));
    }

    @Test
    void whatIsForgottenIsNotWrittenOrDoesNotCount() throws InterruptedException {
        submit("a1");
        awaitBegun("a1");
        submit("a2");
        reports.forget("a");
        assertNull(reports.waiting("a"));
        writes.release(2);
        TestCluster.await("it has ended", () -> ended.equals(List.of("a1 not")));
    }

    @Test
    void afterTheEndNothingIsWritten() throws InterruptedException {
        submit("a1");
        awaitBegun("a1");
        submit("a2");
        reports.close();
        submit("a3");
        assertNull(reports.waiting("a"));
        assertEquals(List.of("a1 not"), ended);
    }
}
