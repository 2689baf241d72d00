package io.keelson.controllers.storagemigration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.storagemigration.v1beta1.StorageVersionMigration;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class MigrationProgressTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00.5Z");
    private static final Instant LATER = NOW.plusSeconds(60);

    private static List<String> conditions(StorageVersionMigration migration) {
        return migration.getStatus().getConditions().stream()
                .map(each -> each.getType()
                        + '='
                        + each.getStatus()
                        + ' '
                        + each.getReason()
                        + ' '
                        + each.getLastTransitionTime()
                        + ' '
                        + each.getMessage())
                .toList();
    }

    @Test
    void aMigrationRunsAndSucceeds() {
        StorageVersionMigration running = MigrationProgress.RUNNING.of(new StorageVersionMigration(), "", NOW);
        assertEquals(
                List.of("Running=True StorageVersionMigrationInProgress 2026-05-01T12:00:00Z "), conditions(running));
        assertFalse(MigrationProgress.isOver(running));
        assertSame(running, MigrationProgress.RUNNING.of(running, "", LATER));
        StorageVersionMigration done = MigrationProgress.SUCCEEDED.of(running, "", LATER);
        assertEquals(
                List.of(
                        "Running=False StorageVersionMigrationInProgress 2026-05-01T12:01:00Z ",
                        "Succeeded=True StorageVersionMigrationSucceeded 2026-05-01T12:01:00Z "),
                conditions(done));
        assertTrue(MigrationProgress.isOver(done));
        assertTrue(MigrationProgress.RUNNING.isOf(running), "it is a copy");
    }

    @Test
    void aMigrationFailsWithoutHavingRun() {
        StorageVersionMigration failed =
                MigrationProgress.FAILED.of(new StorageVersionMigration(), "resource not found", NOW);
        assertEquals(
                List.of("Failed=True StorageVersionMigrationFailed 2026-05-01T12:00:00Z resource not found"),
                conditions(failed));
        assertTrue(MigrationProgress.isOver(failed));
    }

    @Test
    void theResourceVersionStaysBesideTheConditions() {
        StorageVersionMigration begun = MigrationProgress.begun(new StorageVersionMigration(), "17");
        assertEquals("17", MigrationProgress.resourceVersion(begun));
        assertEquals("17", MigrationProgress.resourceVersion(MigrationProgress.RUNNING.of(begun, "", NOW)));
        assertEquals("", MigrationProgress.resourceVersion(new StorageVersionMigration()));
    }

    @Property(tries = 300)
    void onlyWhatIsNewerThanTheBeginIsPassedOver(
            @ForAll @LongRange(min = 0) long version, @ForAll @LongRange(min = 0) long begin) {
        assertEquals(
                BigInteger.valueOf(version).compareTo(BigInteger.valueOf(begin)) <= 0,
                Walk.isOlder(Long.toString(version), Long.toString(begin)));
        assertTrue(Walk.isOlder(Long.toString(version), version + "0"));
        assertTrue(Walk.isOlder("x" + version, Long.toString(begin)), "nobody knows: it is written");
        assertTrue(Walk.isOlder(Long.toString(version), ""));
    }

    @Test
    void refusalsThatStayAreToldFromThoseThatPass() {
        for (int passing : List.of(0, 429, 500, 503, 504)) {
            assertFalse(Walk.isFinal(new KubernetesClientException("no", passing, null)), "" + passing);
        }
        for (int staying : List.of(400, 403, 405, 422)) {
            assertTrue(Walk.isFinal(new KubernetesClientException("no", staying, null)), "" + staying);
        }
    }
}
