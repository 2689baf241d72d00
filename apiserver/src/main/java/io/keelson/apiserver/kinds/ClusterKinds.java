package io.keelson.apiserver.kinds;

import io.keelson.apiserver.kinds.cluster.LeaseStrategy;
import io.keelson.apiserver.kinds.cluster.PriorityClassStrategy;
import io.keelson.apiserver.kinds.cluster.RuntimeClassStrategy;
import io.keelson.apiserver.kinds.core.EventConversion;
import io.keelson.apiserver.kinds.core.EventStrategy;
import io.keelson.apiserver.kinds.devices.DeviceClassStrategy;
import io.keelson.apiserver.kinds.devices.ResourceClaimStrategy;
import io.keelson.apiserver.kinds.devices.ResourceClaimTemplateStrategy;
import io.keelson.apiserver.kinds.devices.ResourceSliceStrategy;
import io.keelson.apiserver.printing.ClusterColumns;
import io.keelson.apiserver.printing.PolicyColumns;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/** The kinds by which the parts of a cluster get on with each other. */
final class ClusterKinds {
    /**
     * What the form of the core group is called where events of {@code events.k8s.io} are converted: both groups have but
     * a version 1, and conversions go from version to version.
     */
    static final String CORE_FORM = "core";

    private static final ApiGroup EVENTS = new ApiGroup("events.k8s.io", "v1");
    private static final ApiGroup SCHEDULING = new ApiGroup("scheduling.k8s.io", "v1");
    private static final ApiGroup COORDINATION = new ApiGroup("coordination.k8s.io", "v1");
    private static final ApiGroup NODE = new ApiGroup("node.k8s.io", "v1");
    private static final ApiGroup RESOURCE = new ApiGroup("resource.k8s.io", "v1");

    private ClusterKinds() {}

    /** The events of the core group under their other name: stored in the same place and the same form. */
    static Resource events() {
        return EVENTS.kind("events", "Event", ConvertedColumns.of(ClusterColumns.EVENTS, EventConversion::toCoreGroup))
                .shortNames("ev")
                .storageVersion(CORE_FORM)
                .storedAs(CoreKinds.eventsAreStoredAs())
                .conversion((event, from, to) -> to.equals(CORE_FORM)
                        ? EventConversion.toCoreGroup(event)
                        : EventConversion.toEventsGroup(event))
                .strategy(EventStrategy.ofEventsGroup())
                .build();
    }

    static Resource priorityClasses() {
        return SCHEDULING
                .kind("priorityclasses", "PriorityClass", ClusterColumns.PRIORITY_CLASSES)
                .clusterScoped()
                .shortNames("pc")
                .strategy(new PriorityClassStrategy())
                .build();
    }

    static Resource leases() {
        return COORDINATION
                .kind("leases", "Lease", ClusterColumns.LEASES)
                .strategy(new LeaseStrategy())
                .build();
    }

    static Resource runtimeClasses() {
        return NODE.kind("runtimeclasses", "RuntimeClass", ClusterColumns.RUNTIME_CLASSES)
                .clusterScoped()
                .strategy(new RuntimeClassStrategy())
                .build();
    }

    static List<Resource> devices() {
        return List.of(
                RESOURCE.kind("deviceclasses", "DeviceClass", PolicyColumns.DEVICE_CLASSES)
                        .clusterScoped()
                        .strategy(new DeviceClassStrategy())
                        .build(),
                RESOURCE.kind("resourceclaims", "ResourceClaim", PolicyColumns.RESOURCE_CLAIMS)
                        .subresource(RESOURCE.status("ResourceClaim"))
                        .strategy(new ResourceClaimStrategy())
                        .build(),
                RESOURCE.kind("resourceclaimtemplates", "ResourceClaimTemplate", PolicyColumns.RESOURCE_CLAIM_TEMPLATES)
                        .strategy(new ResourceClaimTemplateStrategy())
                        .build(),
                RESOURCE.kind("resourceslices", "ResourceSlice", PolicyColumns.RESOURCE_SLICES)
                        .clusterScoped()
                        .strategy(new ResourceSliceStrategy())
                        .build());
    }
}
