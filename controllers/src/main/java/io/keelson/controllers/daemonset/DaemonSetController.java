package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
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
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each node that a DaemonSet asks for a pod of it. */
public final class DaemonSetController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(DaemonSetController.class);
    private static final String NAME = "daemonset-controller";
    private static final Duration FORGET_EACH = Duration.ofMinutes(1);
    /** A little more than what is waited for an expectation. */
    private static final Duration GIVEN_UP = Duration.ofMinutes(5).plusSeconds(1);

    private final KubernetesClient client;
    private final Time time;
    private final Events events;
    private final Cache<DaemonSet> sets;
    private final Cache<Node> nodes;
    private final Claimable<Pod> pods;
    private final RevisionHistory revisions;
    private final SetHistory history;
    private final Expectations expectations;
    private final DaemonPodWriter writer;
    private final FailedPodBackoff backoff = new FailedPodBackoff();

    private DaemonSetController(Context context, Setup setup) {
        client = context.client();
        time = context.time();
        events = context.events().from(NAME);
        expectations = new Expectations(time);
        sets = setup.watch(DaemonSet.class, change -> {
            ExpectedPods.ownerSeen(expectations, change);
            return List.of(Key.of(change.object()));
        });
        OwnerLookup<DaemonSet> owners = new OwnerLookup<>("DaemonSet", sets, DaemonSetController::selector);
        Cache<Pod> podCache = setup.watch(Pod.class, change -> {
            ExpectedPods.seen(expectations, change, owners::keyOf);
            return owners.concerned(change);
        });
        pods = new Claimable<>(podCache);
        revisions = new RevisionHistory(client, setup.watch(ControllerRevision.class, owners::concerned));
        history = new SetHistory(client, revisions);
        nodes = setup.watch(Node.class, this::placed);
        writer = new DaemonPodWriter(client, events, new ExpectedPods(expectations, podCache));
        setup.every(FORGET_EACH, () -> backoff.forgetOld(time.instant()));
    }

    /** The controller {@code daemonset-controller}. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, 2, DaemonSetController::new);
    }

    private static @Nullable LabelSelector selector(DaemonSet set) {
        return set.getSpec() == null ? null : set.getSpec().getSelector();
    }

    private static boolean isComplete(DaemonSet set) {
        return selector(set) != null && set.getSpec().getTemplate() != null;
    }

    /** The sets for which a change of a node changes something; the heartbeat of a node does not. */
    private Collection<Key> placed(Change<Node> change) {
        Node before = change.before();
        Node now = change.now();
        List<Key> keys = new ArrayList<>();
        if (before != null && now != null && looksTheSame(before, now)) {
            return keys;
        }
        for (DaemonSet set : sets.all()) {
            if (!isComplete(set)) {
                continue;
            }
            Placement placement = new Placement(set);
            if (verdict(placement, before) != verdict(placement, now)) {
                keys.add(Key.of(set));
            }
        }
        return keys;
    }

    private static boolean looksTheSame(Node before, Node now) {
        return OrEmpty.of(before.getMetadata().getLabels())
                        .equals(OrEmpty.of(now.getMetadata().getLabels()))
                && taints(before).equals(taints(now));
    }

    private static List<Taint> taints(Node node) {
        return node.getSpec() == null ? List.of() : OrEmpty.of(node.getSpec().getTaints());
    }

    private static Placement.Verdict verdict(Placement placement, @Nullable Node node) {
        return node == null ? Placement.Verdict.GOES : placement.on(node);
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        DaemonSet set = sets.get(key);
        if (set == null) {
            expectations.forget(key);
            backoff.forget(key);
            return Outcome.done();
        }
        // What becomes of the pods and revisions of a set that is being deleted is the garbage collector's.
        if (!isComplete(set) || set.getMetadata().getDeletionTimestamp() != null) {
            return Outcome.done();
        }
        if (selectsAll(set)) {
            events.warning(
                    set, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
            return Outcome.done();
        }
        Predicate<Map<String, String>> selected;
        try {
            selected = Selectors.of(selector(set));
        } catch (IllegalArgumentException e) {
            LOG.warn("{}: {}: {}", NAME, key, e.getMessage());
            return Outcome.done();
        }
        List<ControllerRevision> known = revisions.of(set, selected);
        List<Pod> owned = new Claims<Pod>(client, set, selected, pod -> true).of(pods.by(set));
        SetHistory.Sorted sorted = history.sort(set, known, owned);
        if (sorted == null) {
            return Outcome.done();
        }
        Look look = new Look(
                set, sorted.hash(), new Placement(set).on(nodes.all()), DaemonPods.byNode(owned), time.instant());
        if (!expectations.met(key)) {
            writeStatus(look, false);
            // The change that meets it brings the key back; this is for one that never comes.
            return Outcome.after(GIVEN_UP);
        }
        Upkeep upkeep = Upkeep.of(look, node -> backoff.left(key, state(set), node, look.now()));
        act(key, look, upkeep);
        history.prune(set, sorted.old(), owned);
        return Stream.of(Optional.ofNullable(upkeep.again()), StatusCount.untilAvailable(look))
                .flatMap(Optional::stream)
                .min(Duration::compareTo)
                .map(Outcome::after)
                .orElseGet(Outcome::done);
    }

    private static boolean selectsAll(DaemonSet set) {
        LabelSelector selector = selector(set);
        return selector != null
                && OrEmpty.of(selector.getMatchLabels()).isEmpty()
                && OrEmpty.of(selector.getMatchExpressions()).isEmpty();
    }

    /** What a failure is remembered for: another set, or one that says something else, begins anew. */
    private static String state(DaemonSet set) {
        return set.getMetadata().getUid() + '/' + set.getMetadata().getGeneration();
    }

    private void act(Key key, Look look, Upkeep upkeep) throws InterruptedException {
        RuntimeException failure = null;
        try {
            tell(key, look, upkeep);
            writer.write(look, upkeep.creations(), upkeep.deletions());
            if (Limits.isRolling(look.set()) && expectations.met(key)) {
                Rollout rollout = Rollout.of(look);
                writer.write(look, rollout.creations(), rollout.deletions());
            }
        } catch (RuntimeException e) {
            // What was seen is told all the same.
            failure = e;
        }
        try {
            writeStatus(look, true);
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

    private void tell(Key key, Look look, Upkeep upkeep) {
        Set<String> failing = new HashSet<>();
        for (Pod pod : upkeep.failed()) {
            String node = OrEmpty.of(DaemonPods.nodeOf(pod));
            if (failing.add(node)) {
                backoff.deleted(key, state(look.set()), node, look.now());
            }
            events.warning(
                    look.set(),
                    "FailedDaemonPod",
                    "Found failed daemon pod " + Key.of(pod) + " on node " + node + ", will try to kill it");
        }
        for (Pod pod : upkeep.succeeded()) {
            events.normal(
                    look.set(),
                    "SucceededDaemonPod",
                    "Found succeeded daemon pod " + Key.of(pod) + " on node " + OrEmpty.of(DaemonPods.nodeOf(pod))
                            + ", will try to delete it");
        }
    }

    private void writeStatus(Look look, boolean processed) {
        StatusCount.of(look)
                .toWrite(look.set(), processed)
                .ifPresent(status -> client.resource(new DaemonSetBuilder(look.set())
                                .withStatus(status)
                                .build())
                        .updateStatus());
    }
}
