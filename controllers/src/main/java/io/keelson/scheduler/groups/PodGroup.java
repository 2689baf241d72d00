package io.keelson.scheduler.groups;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pods that are scheduled together, as far as the scheduler reads it; the client's library does not have the kind. */
@Group("scheduling.k8s.io")
@Version("v1alpha2")
@Kind("PodGroup")
@Singular("podgroup")
@Plural("podgroups")
public final class PodGroup extends CustomResource<PodGroup.Spec, PodGroup.Status> implements Namespaced {
    private static final long serialVersionUID = 1;

    /** What the group is. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Spec(@Nullable Policy schedulingPolicy) {}

    /** How it is scheduled; one of {@code basic}, which is each pod by itself, and this. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Policy(@Nullable Gang gang) {}

    /** @param minCount how many pods have to have nodes for any of them to be bound */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Gang(int minCount) {}

    /** What came of it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Status(@Nullable List<Condition> conditions) {}

    @Override
    protected @Nullable Spec initSpec() {
        return null;
    }

    @Override
    protected @Nullable Status initStatus() {
        return null;
    }

    /** How many pods have to have nodes for any of them to be bound; null if each is bound by itself. */
    public @Nullable Integer minCount() {
        Spec spec = getSpec();
        Policy policy = spec == null ? null : spec.schedulingPolicy();
        Gang gang = policy == null ? null : policy.gang();
        return gang == null ? null : gang.minCount();
    }
}
