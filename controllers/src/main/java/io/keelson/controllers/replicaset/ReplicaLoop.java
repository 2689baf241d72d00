package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Claims;
import io.keelson.controllers.objects.ExpectedPods;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.OwnWrites;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.SelectorIndex;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps as many pods as an owner asks for, for any kind of owner. */
final class ReplicaLoop<T extends HasMetadata> implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLoop.class);
    /** When to look again if somebody else was quicker to write: the change itself comes by the watch, and earlier. */
    private static final Duration OUTDATED = Duration.ofSeconds(1);

    private final Context context;
    private final ReplicatedKind<T> kind;
    private final Cache<T> owners;
    private final Cache<Pod> pods;
    private final Expectations expectations;
    private final OwnWrites ownWrites;
    private final PodCreation creation;
    private final ExpectedPods expected;
    private final Histogram ageRatios;

    ReplicaLoop(Context context, Setup setup, ReplicatedKind<T> kind) {
        this.context = context;
        this.kind = kind;
        expectations = new Expectations(context.time());
        ownWrites = new OwnWrites(context.time());
        owners = setup.watch(kind.type(), this::ownerChanged);
        pods = setup.watch(Pod.class, new PodWatch<>(kind, owners, expectations)::changed);
        SelectorIndex.indexOrphans(pods);
        creation = new PodCreation(context.client(), context.events().from(kind.component()));
        expected = new ExpectedPods(expectations, pods);
        ageRatios = setup.metrics()
                .histogram(
                        "replicaset_controller_sorting_deletion_age_ratio",
                        "How old pods were that went as there were too many, by the age of the youngest; of those that"
                                + " were ready",
                        0.25,
                        2,
                        6);
    }

    private Collection<Key> ownerChanged(Change<T> change) {
        T before = change.before();
        T now = change.now();
        if (before != null && !isSame(before, now)) {
            expectations.forget(expecting(before));
        }
        return List.of(Key.of(change.object()));
    }

    private static boolean isSame(HasMetadata one, @Nullable HasMetadata other) {
        return other != null
                && one.getMetadata().getUid().equals(other.getMetadata().getUid());
    }

    private static Key expecting(HasMetadata owner) {
        return PodWatch.expecting(
                owner.getMetadata().getNamespace(), owner.getMetadata().getUid());
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        T owner = owners.get(key);
        if (owner == null) {
            ownWrites.forget(key);
            return Outcome.done();
        }
        if (!ownWrites.seen(key, List.of(owner))) {
            return Outcome.after(OwnWrites.GIVEN_UP);
        }
        Predicate<Map<String, String>> selected = selected(owner);
        if (selected == null) {
            return Outcome.done();
        }
        try {
            return reconcile(key, owner, selected);
        } finally {
            if (!isSame(owner, owners.get(key))) {
                // It went while it was worked on: nothing takes any more what it expects.
                expectations.forget(expecting(owner));
            }
        }
    }

    private @Nullable Predicate<Map<String, String>> selected(T owner) {
        LabelSelector selector = kind.selector(owner);
        if (selector == null
                || (OrEmpty.of(selector.getMatchLabels()).isEmpty()
                        && OrEmpty.of(selector.getMatchExpressions()).isEmpty())) {
            LOG.warn("{} {} selects all pods and gets none", kind.name(), Key.of(owner));
            return null;
        }
        try {
            return Selectors.of(selector);
        } catch (IllegalArgumentException e) {
            LOG.warn("the selector of {} {} is invalid: {}", kind.name(), Key.of(owner), e.getMessage());
            return null;
        }
    }

    private Outcome reconcile(Key key, T owner, Predicate<Map<String, String>> selected) throws InterruptedException {
        boolean mayChangePods = expectations.met(expecting(owner));
        List<Pod> active = new ArrayList<>();
        int terminating = 0;
        for (Pod pod : SelectorIndex.candidates(pods, owner, kind.selector(owner))) {
            if (Pods.isActive(pod)) {
                active.add(pod);
            } else if (!Pods.isTerminal(pod)
                    && Owners.isControlledBy(pod, owner)
                    && selected.test(OrEmpty.of(pod.getMetadata().getLabels()))) {
                terminating++;
            }
        }
        List<Pod> claimed = new Claims<Pod>(context.client(), owner, selected, pod -> true).of(active);
        Instant now = context.time().instant();
        RuntimeException failure = null;
        if (mayChangePods && owner.getMetadata().getDeletionTimestamp() == null) {
            PodChanges changes = PodChanges.of(kind.replicas(owner), claimed, () -> relatives(owner), now);
            if (changes.delete().size() < claimed.size()) {
                DeletionOrder.ageRatios(changes.delete(), claimed, now).forEach(ageRatios::observe);
            }
            failure = change(owner, changes);
        }
        Long generation = owner.getMetadata().getGeneration();
        StatusCalculation calculation = new StatusCalculation(
                kind.replicas(owner),
                kind.minReadySeconds(owner),
                kind.template(owner),
                generation == null ? 0 : generation);
        ReplicaStatus before = kind.status(owner);
        ReplicaStatus status =
                calculation.status(before, claimed, kind.tellsOfTerminating() ? terminating : null, failure, now);
        boolean outdated = !status.equals(before) && !write(key, owner, status);
        if (failure != null) {
            throw failure;
        }
        if (outdated) {
            return Outcome.after(OUTDATED);
        }
        Duration untilAvailable = calculation.untilAvailable(claimed, now);
        return untilAvailable == null ? Outcome.done() : Outcome.after(untilAvailable);
    }

    /** Creates and deletes pods; why not all of it could be done, null if it could. */
    private @Nullable RuntimeException change(T owner, PodChanges changes) throws InterruptedException {
        PodTemplateSpec template = kind.template(owner);
        try {
            if (changes.create() > 0 && template != null) {
                expected.create(
                        expecting(owner),
                        changes.create(),
                        number -> creation.create(PodCreation.fromTemplate(template, owner), owner));
            } else if (!changes.delete().isEmpty()) {
                expected.delete(expecting(owner), changes.delete(), pod -> creation.delete(pod, owner));
            }
            return null;
        } catch (KubernetesClientException e) {
            // In a namespace that ends all creations are refused from now on: no failure, and no use in asking again.
            return PodCreation.namespaceEnds(e) ? null : e;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** The pods of all owners of this kind that have the same owner, as the ReplicaSets of a Deployment have. */
    private Collection<Pod> relatives(T owner) {
        OwnerReference above = Owners.controllerOf(owner);
        List<T> siblings = above == null ? List.of(owner) : owners.ownedBy(above.getUid());
        List<Pod> related = new ArrayList<>();
        for (T sibling : siblings) {
            related.addAll(pods.ownedBy(sibling.getMetadata().getUid()));
        }
        return related;
    }

    /** Writes a status; false if the owner is not any more what it was computed from. */
    private boolean write(Key key, T owner, ReplicaStatus status) {
        try {
            T written =
                    context.client().resource(kind.withStatus(owner, status)).updateStatus();
            ownWrites.changed(key, written);
            return true;
        } catch (KubernetesClientException e) {
            if (Refusals.isOutdated(e)) {
                return false;
            }
            throw e;
        }
    }
}
