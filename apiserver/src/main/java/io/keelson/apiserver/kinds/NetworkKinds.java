package io.keelson.apiserver.kinds;

import io.keelson.apiserver.kinds.networking.EndpointSliceStrategy;
import io.keelson.apiserver.kinds.networking.IngressClassStrategy;
import io.keelson.apiserver.kinds.networking.IngressStrategy;
import io.keelson.apiserver.kinds.networking.IpAddressStrategy;
import io.keelson.apiserver.kinds.networking.NetworkPolicyStrategy;
import io.keelson.apiserver.kinds.networking.ServiceCidrStrategy;
import io.keelson.apiserver.printing.NetworkColumns;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/** The kinds of the network that are not in the core group. */
final class NetworkKinds {
    private static final ApiGroup NETWORKING = new ApiGroup("networking.k8s.io", "v1");
    private static final ApiGroup DISCOVERY = new ApiGroup("discovery.k8s.io", "v1");

    private NetworkKinds() {}

    static List<Resource> networking() {
        return List.of(
                NETWORKING
                        .kind("ingressclasses", "IngressClass", NetworkColumns.INGRESS_CLASSES)
                        .clusterScoped()
                        .strategy(new IngressClassStrategy())
                        .build(),
                NETWORKING
                        .kind("ingresses", "Ingress", NetworkColumns.INGRESSES)
                        .shortNames("ing")
                        .storagePath("ingress")
                        .subresource(NETWORKING.status("Ingress"))
                        .strategy(new IngressStrategy())
                        .build(),
                NETWORKING
                        .kind("ipaddresses", "IPAddress", NetworkColumns.IP_ADDRESSES)
                        .clusterScoped()
                        .shortNames("ip")
                        .strategy(new IpAddressStrategy())
                        .build(),
                NETWORKING
                        .kind("networkpolicies", "NetworkPolicy", NetworkColumns.NETWORK_POLICIES)
                        .shortNames("netpol")
                        .strategy(new NetworkPolicyStrategy())
                        .build(),
                NETWORKING
                        .kind("servicecidrs", "ServiceCIDR", NetworkColumns.SERVICE_CIDRS)
                        .clusterScoped()
                        .subresource(NETWORKING.status("ServiceCIDR"))
                        .strategy(new ServiceCidrStrategy())
                        .build());
    }

    static Resource endpointSlices() {
        return DISCOVERY
                .kind("endpointslices", "EndpointSlice", NetworkColumns.ENDPOINT_SLICES)
                .strategy(new EndpointSliceStrategy())
                .build();
    }
}
