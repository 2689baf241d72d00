package io.keelson.apiserver.kinds;

import io.keelson.apiserver.resource.Resource;
import java.util.ArrayList;
import java.util.List;

/** Everything that Kubernetes 1.36 serves unless it is told otherwise. */
public final class BuiltInKinds {
    private BuiltInKinds() {}

    /** All of them, group by group, the groups in the order of their importance. */
    public static List<Resource> resources() {
        List<Resource> all = new ArrayList<>(CoreKinds.list());
        all.add(ExtensionKinds.apiServices());
        all.addAll(WorkloadKinds.apps());
        all.add(ClusterKinds.events());
        all.addAll(AccessKinds.authentication());
        all.addAll(AccessKinds.authorization());
        all.add(WorkloadKinds.autoscalers());
        all.addAll(WorkloadKinds.batch());
        all.add(AccessKinds.signingRequests());
        all.addAll(NetworkKinds.networking());
        all.add(WorkloadKinds.disruptionBudgets());
        all.addAll(AccessKinds.roles());
        all.addAll(StorageKinds.list());
        all.addAll(ExtensionKinds.admission());
        all.add(ExtensionKinds.definitions());
        all.add(ClusterKinds.priorityClasses());
        all.add(ClusterKinds.leases());
        all.add(ClusterKinds.runtimeClasses());
        all.add(NetworkKinds.endpointSlices());
        all.addAll(AccessKinds.flows());
        all.addAll(ClusterKinds.devices());
        return List.copyOf(all);
    }

    /** What Kubernetes 1.36 serves beside these if it is told to. */
    public static List<OnDemandKind> onDemand() {
        return OnDemandKinds.list();
    }
}
