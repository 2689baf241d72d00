package io.keelson.kvstore.hostile;

import io.grpc.ServiceDescriptor;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.ElectionGrpc;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.WatchGrpc;
import java.util.List;

/** A member's client port. */
record Target(String host, int port) {
    private static final List<ServiceDescriptor> SERVICES = List.of(
            KVGrpc.getServiceDescriptor(),
            WatchGrpc.getServiceDescriptor(),
            LeaseGrpc.getServiceDescriptor(),
            ClusterGrpc.getServiceDescriptor(),
            MaintenanceGrpc.getServiceDescriptor(),
            AuthGrpc.getServiceDescriptor(),
            ElectionGrpc.getServiceDescriptor(),
            LockGrpc.getServiceDescriptor());

    /** The paths of all methods. */
    static List<String> methods() {
        return SERVICES.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(method -> "/" + method.getFullMethodName())
                .toList();
    }
}
