package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Claims;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.OwnWrites;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.SelectorIndex;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rolls Deployments out, back, and to their size. */
public final class DeploymentController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(DeploymentController.class);
    private static final String NAME = "deployment-controller";
    private static final String BY_SELECTOR = "deployments by selector";
    /** When to look again if somebody else was quicker to write: the change itself comes by the watch, and earlier. */
    private static final Duration OUTDATED = Duration.ofSeconds(1);

    private final Context context;
    private final Events events;
    private final Cache<Deployment> deployments;
    private final Cache<ReplicaSet> replicaSets;
    private final Cache<Pod> pods;
    private final OwnWrites ownWrites;

    private DeploymentController(Context context, Setup setup) {
        this.context = context;
        events = context.events().from(NAME);
        ownWrites = new OwnWrites(context.time());
        deployments = setup.watch(Deployment.class);
        deployments.index(
                BY_SELECTOR,
                deployment -> SelectorIndex.ofSelector(deployment.getMetadata().getNamespace(), selector(deployment)));
        replicaSets = setup.watch(ReplicaSet.class, this::replicaSetChanged);
        SelectorIndex.indexOrphans(replicaSets);
        pods = setup.watch(Pod.class, this::podChanged);
    }

    /** The controller {@code deployment-controller}. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, 5, DeploymentController::new);
    }

    private static @Nullable LabelSelector selector(Deployment deployment) {
        return deployment.getSpec() == null ? null : deployment.getSpec().getSelector();
    }

    private Collection<Key> replicaSetChanged(Change<ReplicaSet> change) {
        Set<Key> keys = new LinkedHashSet<>();
        addController(keys, change.before());
        addController(keys, change.now());
        ReplicaSet now = change.now();
        if (now != null && Owners.controllerOf(now) == null && mayBeAdopted(change.before(), now)) {
            addAdopters(keys, now);
        }
        return keys;
    }

    private static void addController(Set<Key> keys, @Nullable HasMetadata set) {
        OwnerReference controller = set == null ? null : Owners.controllerOf(set);
        if (set != null && controller != null && "Deployment".equals(controller.getKind())) {
            keys.add(Key.of(set.getMetadata().getNamespace(), controller.getName()));
        }
    }

    private static boolean mayBeAdopted(@Nullable ReplicaSet before, ReplicaSet now) {
        return before == null
                || Owners.controllerOf(before) != null
                || !OrEmpty.of(before.getMetadata().getLabels())
                        .equals(OrEmpty.of(now.getMetadata().getLabels()));
    }

    private void addAdopters(Set<Key> keys, ReplicaSet orphan) {
        Map<String, String> labels = OrEmpty.of(orphan.getMetadata().getLabels());
        for (String value : SelectorIndex.ofLabels(orphan.getMetadata().getNamespace(), labels)) {
            for (Deployment deployment : deployments.indexed(BY_SELECTOR, value)) {
                Predicate<Map<String, String>> selected = selected(deployment);
                if (selected != null && selected.test(labels)) {
                    keys.add(Key.of(deployment));
                }
            }
        }
    }

    /** The end of an old pod is what a Deployment waits for that has no old and new pods side by side. */
    private Collection<Key> podChanged(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        boolean ended = before != null && (now == null || (Pods.isTerminal(now) && !Pods.isTerminal(before)));
        OwnerReference owner = before == null || !ended ? null : Owners.controllerOf(before);
        if (before == null || owner == null || !"ReplicaSet".equals(owner.getKind())) {
            return List.of();
        }
        Set<Key> keys = new LinkedHashSet<>();
        addController(keys, replicaSets.get(Key.of(before.getMetadata().getNamespace(), owner.getName())));
        keys.removeIf(key -> !isRecreated(deployments.get(key)));
        return keys;
    }

    private static boolean isRecreated(@Nullable Deployment deployment) {
        return deployment != null
                && deployment.getSpec() != null
                && deployment.getSpec().getStrategy() != null
                && "Recreate".equals(deployment.getSpec().getStrategy().getType());
    }

    /** What a Deployment selects; null if its selector is none. */
    private static @Nullable Predicate<Map<String, String>> selected(Deployment deployment) {
        try {
            return Selectors.of(selector(deployment));
        } catch (IllegalArgumentException e) {
            LOG.warn("the selector of deployment {} is invalid: {}", Key.of(deployment), e.getMessage());
            return null;
        }
    }

    @Override
    public Outcome reconcile(Key key) {
        Deployment deployment = deployments.get(key);
        if (deployment == null) {
            ownWrites.forget(key);
            return Outcome.done();
        }
        LabelSelector selector = selector(deployment);
        Predicate<Map<String, String>> selected = selected(deployment);
        if (selector == null || selected == null) {
            return Outcome.done();
        }
        List<ReplicaSet> candidates = SelectorIndex.candidates(replicaSets, deployment, selector);
        List<HasMetadata> picture = new ArrayList<>(candidates);
        picture.add(deployment);
        if (!ownWrites.seen(key, picture)) {
            return Outcome.after(OwnWrites.GIVEN_UP);
        }
        DeploymentApi api = new DeploymentClient(context.client(), events, pods, ownWrites, key);
        try {
            if (OrEmpty.of(selector.getMatchLabels()).isEmpty()
                    && OrEmpty.of(selector.getMatchExpressions()).isEmpty()) {
                return refuseToSelectAll(api, deployment);
            }
            List<ReplicaSet> claimed =
                    new Claims<ReplicaSet>(context.client(), deployment, selected, set -> true).of(candidates);
            return Rollout.step(api, deployment, claimed, context.time().instant());
        } catch (KubernetesClientException e) {
            if (Refusals.isOutdated(e)) {
                return Outcome.after(OUTDATED);
            }
            throw e;
        }
    }

    private static Outcome refuseToSelectAll(DeploymentApi api, Deployment deployment) {
        api.warning(
                deployment, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
        Long observed =
                deployment.getStatus() == null ? null : deployment.getStatus().getObservedGeneration();
        if ((observed == null ? 0 : observed) < StatusCalculation.generation(deployment)) {
            api.updateStatus(new DeploymentBuilder(deployment)
                    .editOrNewStatus()
                    .withObservedGeneration(StatusCalculation.generation(deployment))
                    .endStatus()
                    .build());
        }
        return Outcome.done();
    }
}
