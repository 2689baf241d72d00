package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategy;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One step of a Deployment towards what it is to be. What the step finds out for the Deployment's status and annotations is
 * gathered in a draft, and written once at its end.
 */
final class Rollout {
    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);
    private static final String SCALED = "ScalingReplicaSet";

    private final DeploymentApi api;
    private final Deployment deployment;
    private final Fenceposts posts;
    private final Instant now;
    private final DeploymentStatus before;
    private final DeploymentStatus draft;
    private final Map<String, String> annotations;
    private Family family;
    private boolean created;

    private Rollout(DeploymentApi api, Deployment deployment, List<ReplicaSet> sets, Instant now) {
        this.api = api;
        this.deployment = deployment;
        this.now = now;
        posts = Fenceposts.of(deployment);
        before = deployment.getStatus() == null ? new DeploymentStatus() : deployment.getStatus();
        draft = new DeploymentStatusBuilder(before).build();
        annotations = new HashMap<>(Annotations.of(deployment));
        family = Family.of(deployment, sets);
    }

    /**
     * Takes a step.
     *
     * @param sets the Deployment's ReplicaSets
     */
    static Outcome step(DeploymentApi api, Deployment deployment, List<ReplicaSet> sets, Instant now) {
        Rollout rollout = new Rollout(api, deployment, sets, now);
        try {
            return rollout.step();
        } catch (KubernetesClientException e) {
            rollout.keepWhatIsCreated(e);
            throw e;
        }
    }

    private Outcome step() {
        if (deployment.getMetadata().getDeletionTimestamp() != null) {
            return counted();
        }
        Conditions.pauseOrResume(deployment, draft, now);
        renewNewest();
        OptionalLong rollbackTo = Annotations.number(OrEmpty.of(annotations.get(Annotations.ROLLBACK_TO)));
        if (OrEmpty.of(deployment.getSpec().getPaused())) {
            resize(Scaling.of(deployment, posts, family));
            if (rollbackTo.isEmpty()) {
                cleanUp();
            }
            return counted();
        }
        if (rollbackTo.isPresent()) {
            return ensureNewest() ? rollBack(rollbackTo.getAsLong()) : Outcome.done();
        }
        if (Scaling.isDue(posts, family) && resize(Scaling.of(deployment, posts, family))) {
            return counted();
        }
        DeploymentStrategy strategy = deployment.getSpec().getStrategy();
        return switch (strategy == null ? "" : OrEmpty.of(strategy.getType())) {
            case "Recreate" -> recreate();
            case "RollingUpdate" -> roll();
            default -> {
                LOG.warn(
                        "deployment {}/{} has an unexpected strategy",
                        deployment.getMetadata().getNamespace(),
                        deployment.getMetadata().getName());
                yield counted();
            }
        };
    }

    private Outcome roll() {
        ReplicaSet newest = ensureNewest() ? family.newest() : null;
        if (newest == null) {
            return Outcome.done();
        }
        int wanted = Family.replicas(newest);
        int size = RollingUpdate.newest(posts, wanted, Family.replicas(family.old()));
        if (size != wanted && resize(List.of(new Resize(newest, size)))) {
            return told();
        }
        if (!resize(RollingUpdate.old(posts, family))) {
            cleanUpIfComplete();
        }
        return told();
    }

    private Outcome recreate() {
        List<Resize> away =
                family.activeOld().stream().map(set -> new Resize(set, 0)).toList();
        if (resize(away) || family.old().stream().anyMatch(this::mayStillRun)) {
            return told();
        }
        ReplicaSet newest = ensureNewest() ? family.newest() : null;
        if (newest == null) {
            return Outcome.done();
        }
        if (Family.replicas(newest) != posts.replicas()) {
            resize(List.of(new Resize(newest, posts.replicas())));
        }
        cleanUpIfComplete();
        return told();
    }

    /** What its status says counts once it is of the size that the ReplicaSet has now. */
    private boolean mayStillRun(ReplicaSet old) {
        Long generation = old.getMetadata().getGeneration();
        Long observed = old.getStatus() == null ? null : old.getStatus().getObservedGeneration();
        return (generation == null ? 0 : generation) > (observed == null ? 0 : observed)
                || Family.counted(old, ReplicaSetStatus::getReplicas) > 0
                || api.hasRunningPods(old);
    }

    private void cleanUpIfComplete() {
        if (Progress.isComplete(deployment, posts, before)) {
            cleanUp();
        }
    }

    private void cleanUp() {
        History.superfluous(deployment, family.old()).forEach(api::delete);
    }

    /** Gives the ReplicaSet of the template, if there is one, what the Deployment says of it besides its size. */
    private void renewNewest() {
        ReplicaSet newest = family.newest();
        if (newest == null) {
            return;
        }
        Map<String, String> renewed = Annotations.ofNewest(
                Annotations.of(deployment), Annotations.of(newest), Annotations.latestRevision(family.old()) + 1);
        int minReadySeconds = OrEmpty.of(deployment.getSpec().getMinReadySeconds());
        if (!renewed.equals(Annotations.of(newest))
                || OrEmpty.of(newest.getSpec().getMinReadySeconds()) != minReadySeconds) {
            newest = api.update(new ReplicaSetBuilder(newest)
                    .editMetadata()
                    .withAnnotations(renewed)
                    .endMetadata()
                    .editSpec()
                    .withMinReadySeconds(minReadySeconds)
                    .endSpec()
                    .build());
            family = family.with(newest);
        }
        takeRevisionOf(newest);
        if (Conditions.hasProgressDeadline(deployment) && Conditions.find(draft, Conditions.PROGRESSING) == null) {
            progressing(
                    "True",
                    Conditions.FOUND,
                    "Found new replica set \"" + newest.getMetadata().getName() + '"');
        }
    }

    private void takeRevisionOf(ReplicaSet newest) {
        String revision = Annotations.of(newest).get(Annotations.REVISION);
        if (revision != null) {
            annotations.put(Annotations.REVISION, revision);
        }
    }

    private void progressing(String status, String reason, String message) {
        if (Conditions.hasProgressDeadline(deployment)) {
            Conditions.set(draft, Conditions.of(Conditions.PROGRESSING, status, reason, message, now));
        }
    }

    /** Makes the ReplicaSet of the template if there is none; false if it has to be tried again under another name. */
    private boolean ensureNewest() {
        if (family.newest() != null) {
            return true;
        }
        int replicas = Fenceposts.isRollingUpdate(deployment)
                ? RollingUpdate.newest(posts, 0, Family.replicas(family.old()))
                : posts.replicas();
        long revision = Annotations.latestRevision(family.old()) + 1;
        ReplicaSet wanted = NewReplicaSet.of(deployment, posts, revision, replicas, draft.getCollisionCount());
        String name = wanted.getMetadata().getName();
        ReplicaSet newest;
        try {
            newest = api.create(wanted);
            created = true;
        } catch (KubernetesClientException e) {
            if (!Refusals.isAlreadyExists(e)) {
                tellThatNoneIsCreated(name, e);
                throw e;
            }
            ReplicaSet found = api.read(wanted);
            if (found == null) {
                throw e;
            }
            if (!isOfTemplate(found)) {
                draft.setCollisionCount(OrEmpty.of(draft.getCollisionCount()) + 1);
                write(draft);
                return false;
            }
            newest = found;
        }
        family = family.withNewest(newest);
        if (created) {
            if (replicas > 0) {
                api.normal(deployment, SCALED, "Scaled up replica set %s from 0 to %d".formatted(name, replicas));
            }
            progressing("True", Conditions.CREATED, "Created new replica set \"" + name + '"');
        }
        takeRevisionOf(newest);
        return true;
    }

    /** Whether a ReplicaSet that the cache does not show yet is what was to be made. */
    private boolean isOfTemplate(ReplicaSet found) {
        return Owners.isControlledBy(found, deployment) && Family.isOfTemplate(found, deployment);
    }

    private void tellThatNoneIsCreated(String name, KubernetesClientException refusal) {
        if (PodCreation.namespaceEnds(refusal)) {
            return;
        }
        String message = "Failed to create new replica set \"" + name + "\": " + Refusals.message(refusal);
        progressing("False", Conditions.NOT_CREATED, message);
        api.warning(deployment, Conditions.NOT_CREATED, message);
        tryToWrite(refusal);
    }

    /** What was created must show in the status even if the step fails later: from then on the deadline runs. */
    private void keepWhatIsCreated(KubernetesClientException failure) {
        if (created) {
            created = false;
            tryToWrite(failure);
        }
    }

    private void tryToWrite(KubernetesClientException failure) {
        try {
            write(draft);
        } catch (KubernetesClientException e) {
            failure.addSuppressed(e);
        }
    }

    private Outcome rollBack(long wanted) {
        Rollback rollback = Rollback.of(deployment, family.all(), wanted);
        if (!rollback.done()) {
            api.warning(deployment, rollback.reason(), rollback.message());
        }
        api.update(rollback.deployment());
        if (rollback.done()) {
            api.normal(deployment, rollback.reason(), rollback.message());
        }
        return Outcome.done();
    }

    /** Gives ReplicaSets their sizes; whether there was anything to write. */
    private boolean resize(List<Resize> resizes) {
        boolean wrote = false;
        for (Resize resize : resizes) {
            ReplicaSet set = resize.set();
            int from = Family.replicas(set);
            Map<String, String> sized = Annotations.sized(Annotations.of(set), posts);
            if (from == resize.replicas() && sized.equals(Annotations.of(set))) {
                continue;
            }
            family = family.with(api.update(new ReplicaSetBuilder(set)
                    .editMetadata()
                    .withAnnotations(sized)
                    .endMetadata()
                    .editSpec()
                    .withReplicas(resize.replicas())
                    .endSpec()
                    .build()));
            wrote = true;
            if (from != resize.replicas()) {
                String direction = resize.replicas() > from ? "up" : "down";
                String name = set.getMetadata().getName();
                api.normal(
                        deployment,
                        SCALED,
                        "Scaled %s replica set %s from %d to %d".formatted(direction, name, from, resize.replicas()));
            }
        }
        return wrote;
    }

    /** Writes the counts. No deadline runs: it is paused or goes, or the change of a ReplicaSet brings the next step. */
    private Outcome counted() {
        write(StatusCalculation.of(deployment, posts, family, draft, now));
        return Outcome.done();
    }

    /** Writes the counts, and how the rollout gets on. */
    private Outcome told() {
        DeploymentStatus status = StatusCalculation.of(deployment, posts, family, draft, now);
        Progress.tell(deployment, posts, family, before, status, now);
        write(status);
        Duration untilDeadline = Progress.untilDeadline(deployment, posts, status, now);
        return untilDeadline == null ? Outcome.done() : Outcome.after(untilDeadline);
    }

    private void write(DeploymentStatus status) {
        if (!StatusCalculation.isSame(status, before) || !annotations.equals(Annotations.of(deployment))) {
            created = false;
            api.updateStatus(new DeploymentBuilder(deployment)
                    .editMetadata()
                    .withAnnotations(annotations)
                    .endMetadata()
                    .withStatus(status)
                    .build());
        }
    }
}
