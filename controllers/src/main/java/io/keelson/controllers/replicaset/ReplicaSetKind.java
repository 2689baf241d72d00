package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetSpec;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a ReplicaSet says. */
final class ReplicaSetKind implements ReplicatedKind<ReplicaSet> {
    @Override
    public Class<ReplicaSet> type() {
        return ReplicaSet.class;
    }

    @Override
    public String name() {
        return "ReplicaSet";
    }

    @Override
    public String component() {
        return "replicaset-controller";
    }

    @Override
    public int replicas(ReplicaSet owner) {
        ReplicaSetSpec spec = owner.getSpec();
        return spec == null || spec.getReplicas() == null ? 1 : Math.max(0, spec.getReplicas());
    }

    @Override
    public int minReadySeconds(ReplicaSet owner) {
        return owner.getSpec() == null ? 0 : OrEmpty.of(owner.getSpec().getMinReadySeconds());
    }

    @Override
    public @Nullable LabelSelector selector(ReplicaSet owner) {
        return owner.getSpec() == null ? null : owner.getSpec().getSelector();
    }

    @Override
    public @Nullable PodTemplateSpec template(ReplicaSet owner) {
        return owner.getSpec() == null ? null : owner.getSpec().getTemplate();
    }

    @Override
    public boolean tellsOfTerminating() {
        return true;
    }

    @Override
    public ReplicaStatus status(ReplicaSet owner) {
        ReplicaSetStatus status = owner.getStatus() == null ? new ReplicaSetStatus() : owner.getStatus();
        List<ReplicaStatus.Condition> conditions = new ArrayList<>();
        for (ReplicaSetCondition condition : OrEmpty.of(status.getConditions())) {
            conditions.add(new ReplicaStatus.Condition(
                    OrEmpty.of(condition.getType()),
                    OrEmpty.of(condition.getStatus()),
                    condition.getReason(),
                    condition.getMessage(),
                    condition.getLastTransitionTime()));
        }
        return new ReplicaStatus(
                OrEmpty.of(status.getReplicas()),
                OrEmpty.of(status.getFullyLabeledReplicas()),
                OrEmpty.of(status.getReadyReplicas()),
                OrEmpty.of(status.getAvailableReplicas()),
                status.getTerminatingReplicas(),
                status.getObservedGeneration() == null ? 0 : status.getObservedGeneration(),
                conditions);
    }

    @Override
    public ReplicaSet withStatus(ReplicaSet owner, ReplicaStatus status) {
        List<ReplicaSetCondition> conditions = new ArrayList<>();
        for (ReplicaStatus.Condition condition : status.conditions()) {
            conditions.add(new ReplicaSetConditionBuilder()
                    .withType(condition.type())
                    .withStatus(condition.status())
                    .withReason(condition.reason())
                    .withMessage(condition.message())
                    .withLastTransitionTime(condition.lastTransitionTime())
                    .build());
        }
        return new ReplicaSetBuilder(owner)
                .editOrNewStatus()
                .withReplicas(status.replicas())
                .withFullyLabeledReplicas(count(status.fullyLabeled()))
                .withReadyReplicas(count(status.ready()))
                .withAvailableReplicas(count(status.available()))
                .withTerminatingReplicas(status.terminating())
                .withObservedGeneration(status.observedGeneration())
                .withConditions(conditions)
                .endStatus()
                .build();
    }

    /** A count as the API has it: one of 0 is not there. */
    private static @Nullable Integer count(int number) {
        return number == 0 ? null : number;
    }
}
