package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One Deployment, its ReplicaSets and how many pods they have, with a ReplicaSet controller and a kubelet that do one thing
 * when they are told to. No two of them see more of each other than what is written in the objects.
 */
final class ModelCluster implements DeploymentApi {
    final List<String> events = new ArrayList<>();
    /** Ready pods and others, by ReplicaSet. */
    final Map<String, int[]> pods = new HashMap<>();

    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    Deployment deployment;
    int writes;

    @Nullable
    KubernetesClientException refusal;

    private final Map<String, ReplicaSet> sets = new HashMap<>();
    private int made;

    ModelCluster(int replicas, String strategy, IntOrString surge, IntOrString unavailable) {
        DeploymentBuilder built = new DeploymentBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .withUid("deployment")
                .withGeneration(1L)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withRevisionHistoryLimit(2)
                .withProgressDeadlineSeconds(600)
                .withNewSelector()
                .addToMatchLabels("app", "web")
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withImage("image-0")
                .endContainer()
                .endSpec()
                .endTemplate()
                .withNewStrategy()
                .withType(strategy)
                .endStrategy()
                .endSpec();
        if (strategy.equals("RollingUpdate")) {
            built.editSpec()
                    .editStrategy()
                    .withNewRollingUpdate()
                    .withMaxSurge(surge)
                    .withMaxUnavailable(unavailable)
                    .endRollingUpdate()
                    .endStrategy()
                    .endSpec();
        }
        deployment = built.build();
    }

    static ModelCluster rolling(int replicas) {
        return new ModelCluster(replicas, "RollingUpdate", new IntOrString("25%"), new IntOrString("25%"));
    }

    /** Changes what is wanted. */
    void want(UnaryOperator<DeploymentBuilder> change) {
        deployment = change.apply(new DeploymentBuilder(deployment))
                .editMetadata()
                .withGeneration(deployment.getMetadata().getGeneration() + 1)
                .endMetadata()
                .build();
    }

    void wantImage(String image) {
        want(built -> built.editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage(image)
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec());
    }

    /** A ReplicaSet that is there from before, of some image, with pods of which the controller has told. */
    ReplicaSet existing(String image, int wanted, int ready, int others) {
        Deployment of = deployment;
        wantImage(image);
        ReplicaSet set = create(NewReplicaSet.of(deployment, Fenceposts.of(deployment), made + 1, wanted, null));
        deployment = of;
        pods.put(set.getMetadata().getUid(), new int[] {ready, others});
        tell(set, set.getMetadata().getGeneration());
        return set;
    }

    /** The ReplicaSet controller looks at one ReplicaSet: pods that are not ready go first. */
    void replicate(ReplicaSet seen) {
        ReplicaSet set = sets.get(seen.getMetadata().getName());
        if (set == null) {
            return;
        }
        int[] count = count(set);
        int surplus = count[0] + count[1] - Family.replicas(set);
        if (surplus < 0) {
            count[1] -= surplus;
        } else {
            int unready = Math.min(surplus, count[1]);
            count[1] -= unready;
            count[0] -= surplus - unready;
        }
        tell(set, set.getMetadata().getGeneration());
    }

    private void tell(ReplicaSet set, Long observed) {
        int[] count = count(set);
        sets.put(
                set.getMetadata().getName(),
                new ReplicaSetBuilder(set)
                        .editOrNewStatus()
                        .withReplicas(count[0] + count[1])
                        .withReadyReplicas(count[0])
                        .withAvailableReplicas(count[0])
                        .withTerminatingReplicas(0)
                        .withObservedGeneration(observed)
                        .endStatus()
                        .build());
    }

    /** The kubelet makes a pod ready. */
    void makeReady(ReplicaSet set) {
        int[] count = pods.get(set.getMetadata().getUid());
        if (count != null && count[1] > 0) {
            count[1]--;
            count[0]++;
        }
    }

    Outcome step() {
        return Rollout.step(this, deployment, sets(), now);
    }

    /** Everybody does all that is to be done, until nobody writes any more. */
    void settle() {
        for (int round = 0; round < 500; round++) {
            int before = writes;
            step();
            for (ReplicaSet set : sets()) {
                replicate(set);
                while (count(set)[1] > 0) {
                    makeReady(set);
                }
                replicate(set);
            }
            step();
            if (writes == before) {
                return;
            }
        }
        throw new AssertionError("no end: " + deployment + " " + sets());
    }

    private int[] count(ReplicaSet set) {
        int[] count = pods.get(set.getMetadata().getUid());
        if (count == null) {
            throw new AssertionError("not there: " + set);
        }
        return count;
    }

    List<ReplicaSet> sets() {
        return new ArrayList<>(sets.values());
    }

    Family family() {
        return Family.of(deployment, sets());
    }

    ReplicaSet newest() {
        ReplicaSet newest = family().newest();
        if (newest == null) {
            throw new AssertionError("there is none");
        }
        return newest;
    }

    int ready() {
        return pods.values().stream().mapToInt(count -> count[0]).sum();
    }

    String reason(String condition) {
        DeploymentCondition found = Conditions.find(deployment.getStatus(), condition);
        return found == null ? "" : found.getReason();
    }

    static KubernetesClientException refused(int code, String reason) {
        return new KubernetesClientException(
                reason,
                code,
                new StatusBuilder()
                        .withCode(code)
                        .withReason(reason)
                        .withMessage("refused: " + reason)
                        .build());
    }

    @Override
    public ReplicaSet create(ReplicaSet set) {
        if (refusal != null) {
            throw refusal;
        }
        if (sets.containsKey(set.getMetadata().getName())) {
            throw refused(409, "AlreadyExists");
        }
        writes++;
        made++;
        ReplicaSet created = new ReplicaSetBuilder(set)
                .editMetadata()
                .withUid("set-" + made)
                .withGeneration(1L)
                .withCreationTimestamp("2026-01-01T%02d:%02d:00Z".formatted(made / 60, made % 60))
                .endMetadata()
                .withNewStatus()
                .withReplicas(0)
                .endStatus()
                .build();
        pods.put("set-" + made, new int[2]);
        sets.put(set.getMetadata().getName(), created);
        return created;
    }

    @Override
    public @Nullable ReplicaSet read(ReplicaSet set) {
        return sets.get(set.getMetadata().getName());
    }

    @Override
    public ReplicaSet update(ReplicaSet set) {
        writes++;
        ReplicaSet before = sets.get(set.getMetadata().getName());
        boolean respecified = before == null || !before.getSpec().equals(set.getSpec());
        ReplicaSet updated = new ReplicaSetBuilder(set)
                .editMetadata()
                .withGeneration(set.getMetadata().getGeneration() + (respecified ? 1 : 0))
                .endMetadata()
                .build();
        sets.put(set.getMetadata().getName(), updated);
        return updated;
    }

    @Override
    public void delete(ReplicaSet set) {
        writes++;
        sets.remove(set.getMetadata().getName());
        int[] left = pods.remove(set.getMetadata().getUid());
        if (left != null && left[0] + left[1] > 0) {
            throw new AssertionError("it had pods: " + set);
        }
    }

    @Override
    public Deployment update(Deployment changed) {
        writes++;
        want(ignored -> new DeploymentBuilder(changed));
        return deployment;
    }

    @Override
    public Deployment updateStatus(Deployment changed) {
        writes++;
        deployment = changed;
        return changed;
    }

    @Override
    public boolean hasRunningPods(ReplicaSet set) {
        int[] count = pods.get(set.getMetadata().getUid());
        return count != null && count[0] + count[1] > 0;
    }

    @Override
    public void normal(Deployment about, String reason, String message) {
        tell(about, "Normal", reason, message);
    }

    @Override
    public void warning(Deployment about, String reason, String message) {
        tell(about, "Warning", reason, message);
    }

    private void tell(HasMetadata about, String type, String reason, String message) {
        events.add(type + ' ' + about.getMetadata().getName() + ' ' + reason + ": " + message);
    }
}
