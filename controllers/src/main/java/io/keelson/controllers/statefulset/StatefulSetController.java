package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.history.RevisionHistory;
import io.keelson.controllers.objects.Claimable;
import io.keelson.controllers.objects.Claims;
import io.keelson.controllers.objects.ExpectedPods;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.OwnerLookup;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each StatefulSet its pods and their claims. */
public final class StatefulSetController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(StatefulSetController.class);
    private static final String NAME = "statefulset-controller";
    /** A little more than what is waited for an expectation. */
    private static final Duration GIVEN_UP = Duration.ofMinutes(5).plusSeconds(1);

    private final KubernetesClient client;
    private final Time time;
    private final Cache<StatefulSet> sets;
    private final Claimable<Pod> pods;
    private final RevisionHistory revisions;
    private final SetHistory history;
    private final Expectations expectations;
    private final PlanWriter writer;

    private StatefulSetController(Context context, Setup setup) {
        client = context.client();
        time = context.time();
        expectations = new Expectations(time);
        sets = setup.watch(StatefulSet.class, change -> {
            ExpectedPods.ownerSeen(expectations, change);
            return List.of(Key.of(change.object()));
        });
        OwnerLookup<StatefulSet> owners = new OwnerLookup<>("StatefulSet", sets, StatefulSetController::selector);
        Cache<Pod> podCache = setup.watch(Pod.class, change -> {
            ExpectedPods.seen(expectations, change, owners::keyOf);
            return owners.concerned(change);
        });
        pods = new Claimable<>(podCache);
        revisions = new RevisionHistory(client, setup.watch(ControllerRevision.class, owners::concerned));
        history = new SetHistory(revisions);
        writer = new PlanWriter(
                client,
                context.events().from(NAME),
                setup.watch(PersistentVolumeClaim.class, this::waitingFor),
                new ExpectedPods(expectations, podCache));
    }

    /** The controller {@code statefulset-controller}. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, 5, StatefulSetController::new);
    }

    private static @Nullable LabelSelector selector(StatefulSet set) {
        return set.getSpec() == null ? null : set.getSpec().getSelector();
    }

    /** A claim that is gone or has other owners may be what a new pod waits for, or lack what it is to have. */
    private Collection<Key> waitingFor(Change<PersistentVolumeClaim> change) {
        PersistentVolumeClaim before = change.before();
        PersistentVolumeClaim now = change.now();
        if (before == null || (now != null && owners(before).equals(owners(now)))) {
            return List.of();
        }
        PersistentVolumeClaim claim = change.object();
        String namespace = OrEmpty.of(claim.getMetadata().getNamespace());
        Set<Key> keys = new LinkedHashSet<>();
        for (OwnerReference owner : owners(claim)) {
            if ("StatefulSet".equals(owner.getKind())) {
                keys.add(Key.of(namespace, owner.getName()));
            }
        }
        for (StatefulSet set : sets.in(namespace)) {
            if (set.getSpec() != null
                    && Storage.isClaimOf(set, claim.getMetadata().getName())) {
                keys.add(Key.of(set));
            }
        }
        return keys;
    }

    private static List<OwnerReference> owners(PersistentVolumeClaim claim) {
        return OrEmpty.of(claim.getMetadata().getOwnerReferences());
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        StatefulSet set = sets.get(key);
        if (set == null) {
            expectations.forget(key);
            return Outcome.done();
        }
        if (selector(set) == null || set.getSpec().getTemplate() == null) {
            // Somebody's own server: the original refuses both.
            return Outcome.done();
        }
        if (!expectations.met(key)) {
            // The change that meets it brings the key back; this is for one that never comes.
            return Outcome.after(GIVEN_UP);
        }
        Predicate<Map<String, String>> selected;
        try {
            selected = Selectors.of(selector(set));
        } catch (IllegalArgumentException e) {
            LOG.warn("{}: {}: {}", NAME, key, e.getMessage());
            return Outcome.done();
        }
        List<ControllerRevision> known = revisions.of(set, selected);
        List<Pod> owned =
                new Claims<Pod>(client, set, selected, pod -> Identity.ordinalOf(set, pod) >= 0).of(pods.by(set));
        if (set.getMetadata().getDeletionTimestamp() != null) {
            countOnly(set, owned);
            return Outcome.done();
        }
        SetHistory.Live live = history.live(set, known);
        Plan plan = Planner.plan(
                set, owned, live.current(), live.update(), name -> writer.claim(set, name), time.instant());
        write(set, owned, live, plan);
        history.prune(set, known, live, owned);
        return StatusCount.untilAvailable(set, owned, time.instant())
                .map(Outcome::after)
                .orElseGet(Outcome::done);
    }

    private void write(StatefulSet set, List<Pod> owned, SetHistory.Live live, Plan plan) throws InterruptedException {
        RuntimeException failure = null;
        try {
            writer.write(set, plan);
        } catch (RuntimeException e) {
            // What was seen is told all the same.
            failure = e;
        }
        try {
            writeStatus(
                    set,
                    StatusCount.of(
                            set,
                            owned,
                            live.current().name(),
                            live.update().name(),
                            live.collisions(),
                            failure == null ? plan.outdated() : List.of(),
                            time.instant()));
        } catch (RuntimeException e) {
            if (failure == null) {
                throw e;
            }
            failure.addSuppressed(e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** What there is to do for a set that is being deleted: its pods are the garbage collector's. */
    private void countOnly(StatefulSet set, List<Pod> owned) {
        StatefulSetStatus status = set.getStatus();
        if (status != null) {
            writeStatus(
                    set,
                    StatusCount.of(
                            set,
                            owned,
                            OrEmpty.of(status.getCurrentRevision()),
                            OrEmpty.of(status.getUpdateRevision()),
                            OrEmpty.of(status.getCollisionCount()),
                            List.of(),
                            time.instant()));
        }
    }

    private void writeStatus(StatefulSet set, StatefulSetStatus status) {
        if (StatusCount.differs(set, status)) {
            client.resource(new StatefulSetBuilder(set).withStatus(status).build())
                    .updateStatus();
        }
    }
}
