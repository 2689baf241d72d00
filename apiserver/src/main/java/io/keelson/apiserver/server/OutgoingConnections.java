package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.egress.EgressProxy;
import io.keelson.apiserver.egress.EgressSelector;
import io.keelson.apiserver.egress.EgressType;
import io.keelson.apiserver.proxy.Backends;
import io.keelson.apiserver.proxy.TunnelledClients;
import java.io.IOException;
import java.nio.file.Path;

/**
 * How a server reaches others.
 *
 * @param egress through which proxies
 * @param backends nodes, pods and aggregated servers, to which it passes requests on
 * @param clients webhooks and whatever else it asks itself
 */
record OutgoingConnections(EgressSelector egress, Backends backends, EgressClients clients) {
    /** @throws IOException if the file that says through which proxies cannot be used */
    static OutgoingConnections open(ServerContext context) throws IOException {
        Path file = context.cluster().connections().egressConfig();
        EgressSelector egress =
                file == null ? EgressSelector.DIRECT : context.part(EgressSelector.read(file, context.metrics()));
        EgressProxy toCluster = egress.proxy(EgressType.CLUSTER);
        Backends backends = context.part(new Backends(toCluster));
        EgressClients clients = new EgressClients(
                controlPlane(context, egress), toCluster == null ? HttpClients.DIRECT : new TunnelledClients(backends));
        return new OutgoingConnections(egress, backends, clients);
    }

    /** How webhooks beside this server are connected to. */
    private static HttpClients controlPlane(ServerContext context, EgressSelector egress) {
        EgressProxy proxy = egress.proxy(EgressType.CONTROL_PLANE);
        return proxy == null ? HttpClients.DIRECT : new TunnelledClients(context.part(new Backends(proxy)));
    }
}
