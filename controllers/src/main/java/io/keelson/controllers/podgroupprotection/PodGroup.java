package io.keelson.controllers.podgroupprotection;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pods that are scheduled together, in whole, as it is written back; the client's library does not have the kind. */
@Group("scheduling.k8s.io")
@Version("v1alpha2")
@Kind("PodGroup")
@Singular("podgroup")
@Plural("podgroups")
public final class PodGroup extends CustomResource<Map<String, Object>, Map<String, Object>> implements Namespaced {
    private static final long serialVersionUID = 1;

    @Override
    protected @Nullable Map<String, Object> initSpec() {
        return null;
    }

    @Override
    protected @Nullable Map<String, Object> initStatus() {
        return null;
    }
}
