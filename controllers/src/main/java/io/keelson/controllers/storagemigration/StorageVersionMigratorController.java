package io.keelson.controllers.storagemigration;

import io.fabric8.kubernetes.api.model.GroupResource;
import io.fabric8.kubernetes.api.model.storagemigration.v1beta1.StorageVersionMigration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.Discovery;
import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code storage-version-migrator-controller}. A key is a migration. */
public final class StorageVersionMigratorController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(StorageVersionMigratorController.class);
    private static final String NAME = "storage-version-migrator-controller";
    private static final int WORKERS = 5;

    /** So long a kind may take to be served that was defined just before somebody wished for its migration. */
    private static final Duration KIND_PATIENCE = Duration.ofMinutes(1);

    private static final Duration KIND_AGAIN = Duration.ofSeconds(5);
    private static final Duration STEP = Duration.ofSeconds(1);

    /** As many calls a second as kube-controller-manager makes by default. */
    private static final int WRITES_PER_STEP = 20;

    private final KubernetesClient client;
    private final MetadataClient metadata;
    private final Time time;
    private final Cache<StorageVersionMigration> migrations;

    /** How far migrations are, by their names; as many as run. */
    private final Map<Key, Step> steps = new ConcurrentHashMap<>();

    /** @param uid of the migration */
    private record Step(String uid, Walk walk) {}

    private StorageVersionMigratorController(Context context, Setup setup) {
        client = context.client();
        metadata = new MetadataClient(client);
        time = context.time();
        migrations = setup.watch(StorageVersionMigration.class);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, StorageVersionMigratorController::new);
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        StorageVersionMigration migration = migrations.get(key);
        if (migration == null
                || MigrationProgress.isOver(migration)
                || migration.getMetadata().getDeletionTimestamp() != null) {
            steps.remove(key);
            return Outcome.done();
        }
        try {
            return migrate(key, migration);
        } catch (KubernetesClientException e) {
            if (Refusals.isOutdated(e)) {
                // Its status was written meanwhile: that change comes by the watch.
                return Outcome.after(STEP);
            }
            throw e;
        }
    }

    private Outcome migrate(Key key, StorageVersionMigration migration) throws InterruptedException {
        Step step = steps.get(key);
        if (step == null || !step.uid().equals(migration.getMetadata().getUid())) {
            Discovery discovery = metadata.discover();
            Kind kind = kind(discovery, migration);
            if (kind == null) {
                return missing(migration, discovery);
            }
            if (!kind.offers("list", "patch")) {
                return fail(key, migration, "resource " + kind.groupResource() + " cannot be listed and patched");
            }
            String begin = MigrationProgress.resourceVersion(migration);
            if (begin.isEmpty()) {
                // The change of its status brings the key again.
                client.resource(MigrationProgress.begun(
                                migration, metadata.page(kind, "", 1).resourceVersion()))
                        .updateStatus();
                return Outcome.done();
            }
            step = new Step(migration.getMetadata().getUid(), new Walk(metadata, kind, begin, NAME));
            steps.put(key, step);
        }
        if (!MigrationProgress.RUNNING.isOf(migration)) {
            client.resource(MigrationProgress.RUNNING.of(migration, "", time.instant()))
                    .updateStatus();
            return Outcome.done();
        }
        return advance(key, migration, step.walk());
    }

    private Outcome advance(Key key, StorageVersionMigration migration, Walk walk) throws InterruptedException {
        boolean atEnd;
        try {
            atEnd = walk.advance(WRITES_PER_STEP);
        } catch (KubernetesClientException e) {
            if (Walk.isFinal(e)) {
                LOG.warn("{}: {}: {}", NAME, key, e.getMessage());
                return fail(key, migration, "migration encountered unhandled error");
            }
            throw e;
        }
        if (!atEnd) {
            return Outcome.after(STEP);
        }
        client.resource(MigrationProgress.SUCCEEDED.of(migration, "", time.instant()))
                .updateStatus();
        steps.remove(key);
        return Outcome.done();
    }

    private static @Nullable Kind kind(Discovery discovery, StorageVersionMigration migration) {
        GroupResource wanted =
                migration.getSpec() == null ? null : migration.getSpec().getResource();
        if (wanted == null || wanted.getResource() == null) {
            return null;
        }
        String group = OrEmpty.of(wanted.getGroup());
        return discovery.preferred().stream()
                .filter(kind -> kind.group().equals(group) && kind.resource().equals(wanted.getResource()))
                .findFirst()
                .orElse(null);
    }

    /** There is no such kind; but one that was made just now, or is served by somebody who is away, may come. */
    private Outcome missing(StorageVersionMigration migration, Discovery discovery) {
        GroupResource wanted =
                migration.getSpec() == null ? null : migration.getSpec().getResource();
        String group = wanted == null ? "" : OrEmpty.of(wanted.getGroup());
        boolean away = discovery.failures().keySet().stream().anyMatch(version -> version.startsWith(group + '/'));
        Duration age = Duration.between(created(migration), time.instant());
        if (away || age.compareTo(KIND_PATIENCE) < 0) {
            return Outcome.after(KIND_AGAIN);
        }
        return fail(Key.of(migration), migration, "resource not found");
    }

    private Instant created(StorageVersionMigration migration) {
        try {
            return Instant.parse(OrEmpty.of(migration.getMetadata().getCreationTimestamp()));
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    private Outcome fail(Key key, StorageVersionMigration migration, String message) {
        client.resource(MigrationProgress.FAILED.of(migration, message, time.instant()))
                .updateStatus();
        steps.remove(key);
        return Outcome.done();
    }
}
