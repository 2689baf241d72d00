package io.keelson.controllers.storagemigration;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.storagemigration.v1beta1.StorageVersionMigration;
import io.fabric8.kubernetes.api.model.storagemigration.v1beta1.StorageVersionMigrationBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** How far a migration is, as its status says. */
enum MigrationProgress {
    /** Objects are being written. */
    RUNNING("Running", "StorageVersionMigrationInProgress"),
    /** All objects are stored in today's version. */
    SUCCEEDED("Succeeded", "StorageVersionMigrationSucceeded"),
    /** It cannot be done. */
    FAILED("Failed", "StorageVersionMigrationFailed");

    private static final String TRUE = "True";

    private final String type;
    private final String reason;

    MigrationProgress(String type, String reason) {
        this.type = type;
        this.reason = reason;
    }

    /** Whether a migration says so. */
    boolean isOf(StorageVersionMigration migration) {
        return migration.getStatus() != null
                && OrEmpty.of(migration.getStatus().getConditions()).stream()
                        .anyMatch(condition -> type.equals(condition.getType()) && TRUE.equals(condition.getStatus()));
    }

    /** Whether a migration has come to an end, good or bad. */
    static boolean isOver(StorageVersionMigration migration) {
        return SUCCEEDED.isOf(migration) || FAILED.isOf(migration);
    }

    /** At which resource version a migration begins; empty if that is not known yet. */
    static String resourceVersion(StorageVersionMigration migration) {
        return migration.getStatus() == null
                ? ""
                : OrEmpty.of(migration.getStatus().getResourceVersion());
    }

    /** A migration that begins at a resource version. */
    static StorageVersionMigration begun(StorageVersionMigration migration, String resourceVersion) {
        return new StorageVersionMigrationBuilder(migration)
                .editOrNewStatus()
                .withResourceVersion(resourceVersion)
                .endStatus()
                .build();
    }

    /**
     * A migration that says so; one that is over does not run any more.
     *
     * @param message for users; may be empty
     */
    StorageVersionMigration of(StorageVersionMigration migration, String message, Instant now) {
        if (isOf(migration)) {
            return migration;
        }
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        List<Condition> conditions = new ArrayList<>();
        if (migration.getStatus() != null) {
            for (Condition condition : OrEmpty.of(migration.getStatus().getConditions())) {
                if (type.equals(condition.getType())) {
                    continue;
                }
                boolean ends = this != RUNNING
                        && RUNNING.type.equals(condition.getType())
                        && TRUE.equals(condition.getStatus());
                conditions.add(
                        ends
                                ? new ConditionBuilder(condition)
                                        .withStatus("False")
                                        .withLastTransitionTime(time)
                                        .build()
                                : condition);
            }
        }
        conditions.add(new ConditionBuilder()
                .withType(type)
                .withStatus(TRUE)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(time)
                .build());
        return new StorageVersionMigrationBuilder(migration)
                .editOrNewStatus()
                .withConditions(conditions)
                .endStatus()
                .build();
    }
}
