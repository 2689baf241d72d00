package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ReplicationControllerBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerCondition;
import io.fabric8.kubernetes.api.model.ReplicationControllerConditionBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerSpec;
import io.fabric8.kubernetes.api.model.ReplicationControllerStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a ReplicationController says. Its events are told by another name than its controller has. */
final class ReplicationControllerKind implements ReplicatedKind<ReplicationController> {
    @Override
    public Class<ReplicationController> type() {
        return ReplicationController.class;
    }

    @Override
    public String name() {
        return "ReplicationController";
    }

    @Override
    public String component() {
        return "replication-controller";
    }

    @Override
    public int replicas(ReplicationController owner) {
        ReplicationControllerSpec spec = owner.getSpec();
        return spec == null || spec.getReplicas() == null ? 1 : Math.max(0, spec.getReplicas());
    }

    @Override
    public int minReadySeconds(ReplicationController owner) {
        return owner.getSpec() == null ? 0 : OrEmpty.of(owner.getSpec().getMinReadySeconds());
    }

    @Override
    public @Nullable LabelSelector selector(ReplicationController owner) {
        return owner.getSpec() == null
                ? null
                : new LabelSelectorBuilder()
                        .withMatchLabels(owner.getSpec().getSelector())
                        .build();
    }

    @Override
    public @Nullable PodTemplateSpec template(ReplicationController owner) {
        return owner.getSpec() == null ? null : owner.getSpec().getTemplate();
    }

    @Override
    public boolean tellsOfTerminating() {
        return false;
    }

    @Override
    public ReplicaStatus status(ReplicationController owner) {
        ReplicationControllerStatus status =
                owner.getStatus() == null ? new ReplicationControllerStatus() : owner.getStatus();
        List<ReplicaStatus.Condition> conditions = new ArrayList<>();
        for (ReplicationControllerCondition condition : OrEmpty.of(status.getConditions())) {
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
                null,
                status.getObservedGeneration() == null ? 0 : status.getObservedGeneration(),
                conditions);
    }

    @Override
    public ReplicationController withStatus(ReplicationController owner, ReplicaStatus status) {
        List<ReplicationControllerCondition> conditions = new ArrayList<>();
        for (ReplicaStatus.Condition condition : status.conditions()) {
            conditions.add(new ReplicationControllerConditionBuilder()
                    .withType(condition.type())
                    .withStatus(condition.status())
                    .withReason(condition.reason())
                    .withMessage(condition.message())
                    .withLastTransitionTime(condition.lastTransitionTime())
                    .build());
        }
        return new ReplicationControllerBuilder(owner)
                .editOrNewStatus()
                .withReplicas(status.replicas())
                .withFullyLabeledReplicas(count(status.fullyLabeled()))
                .withReadyReplicas(count(status.ready()))
                .withAvailableReplicas(count(status.available()))
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
